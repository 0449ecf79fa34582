import { concat, decodeLines } from '../bytes.js';
import { AbortError, RecordingError } from '../errors.js';
import { fileSystem, openRegularFile } from '../file-system.js';
import { isRecord, parseJson } from '../json.js';
import type { RecordedEvent } from './types.js';

const CHUNK_BYTES = 262_144;
/** Far above the limit of the recorder. */
const MAX_LINE_BYTES = 16_777_216;
const LINE_FEED = 0x0a;

/**
 * Yields the complete lines of a file of JSON Lines, those of a chunk at a time, with one chunk and one line in memory.
 *
 * @throws `RecordingError` if it cannot be read; `AbortError`.
 */
export async function* readLines(
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string[], void, undefined> {
  const refuse = (problem: string): RecordingError => new RecordingError('broken', path, problem);
  const handle = await openRegularFile(fileSystem('readRecording'), path, refuse).catch((error: unknown) => {
    throw error instanceof RecordingError ? error : unreadable(path, error);
  });
  try {
    let rest: Uint8Array[] = [];
    let restBytes = 0;
    let count = 0;
    const broken = (problem: string): RecordingError =>
      new RecordingError('broken', path, problem, { line: count + 1 });
    for (;;) {
      if (signal?.aborted === true) throw new AbortError(signal.reason);
      const { bytesRead, buffer } = await handle.read(new Uint8Array(CHUNK_BYTES), 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      const chunk = buffer.subarray(0, bytesRead);
      const end = chunk.lastIndexOf(LINE_FEED);
      if (end !== -1) {
        const { lines, isUtf8 } = decodeLines(concat([...rest, chunk.subarray(0, end)]));
        rest = [];
        restBytes = 0;
        count += lines.length;
        if (lines.length > 0) yield lines;
        if (!isUtf8) throw broken('is not UTF-8');
      }
      rest.push(chunk.subarray(end + 1));
      restBytes += bytesRead - end - 1;
      if (restBytes > MAX_LINE_BYTES) throw broken(`has more than ${MAX_LINE_BYTES} bytes`);
    }
  } catch (error) {
    if (error instanceof AbortError || error instanceof RecordingError) throw error;
    throw unreadable(path, error);
  } finally {
    await handle.close();
  }
}

/** Reads the object of a line. @param broken - creates the error that is thrown for anything else. */
export function parseObject(
  text: string,
  broken: (problem: string) => RecordingError,
): Readonly<Record<string, unknown>> {
  const value = parseJson(text, broken);
  if (!isRecord(value)) throw broken('expected an object');
  return value;
}

/** Returns whether a line of a recording has an event. */
export function isEventLine(line: unknown): line is { readonly event: RecordedEvent } {
  return isRecord(line) && isRecord(line['event']) && typeof line['event']['type'] === 'string';
}

function unreadable(path: string, error: unknown): RecordingError {
  const { code, message } = error as Error & { readonly code?: string };
  return new RecordingError('broken', path, `cannot be read (${code ?? message})`, { cause: error });
}
