import { concat } from '../bytes.js';
import { AbortError, RecordingError } from '../errors.js';
import { fileSystem } from '../file-system.js';
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
  const handle = await fileSystem('readRecording')
    .open(path, 'r')
    .catch((error: unknown) => {
      throw unreadable(path, error);
    });
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    let rest: Uint8Array[] = [];
    let restBytes = 0;
    for (;;) {
      if (signal?.aborted === true) throw new AbortError(signal.reason);
      const { bytesRead, buffer } = await handle.read(new Uint8Array(CHUNK_BYTES), 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      const chunk = buffer.subarray(0, bytesRead);
      const end = chunk.lastIndexOf(LINE_FEED);
      if (end !== -1) {
        const { lines, error } = decodeLines(decoder, concat([...rest, chunk.subarray(0, end)]));
        rest = [];
        restBytes = 0;
        if (lines.length > 0) yield lines;
        if (error !== undefined) throw error;
      }
      rest.push(chunk.subarray(end + 1));
      restBytes += bytesRead - end - 1;
      if (restBytes > MAX_LINE_BYTES) throw new RangeError('a line is too long');
    }
  } catch (error) {
    if (error instanceof AbortError || error instanceof RecordingError) throw error;
    throw unreadable(path, error);
  } finally {
    await handle.close();
  }
}

/** Returns the lines up to the first that is not UTF-8, and the error of that one. */
function decodeLines(
  decoder: TextDecoder,
  bytes: Uint8Array,
): { readonly lines: string[]; readonly error?: TypeError } {
  try {
    return { lines: decoder.decode(bytes).split('\n') };
  } catch (cause) {
    const error = cause as TypeError;
    const lines: string[] = [];
    let start = 0;
    try {
      for (;;) {
        const end = bytes.indexOf(LINE_FEED, start);
        lines.push(decoder.decode(bytes.subarray(start, end === -1 ? bytes.length : end)));
        if (end === -1) return { lines, error };
        start = end + 1;
      }
    } catch {
      return { lines, error };
    }
  }
}

/** Reads the object of a line. @param broken - creates the error that is thrown for anything else. */
export function parseObject(
  text: string,
  broken: (problem: string) => RecordingError,
): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw broken((error as SyntaxError).message);
  }
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
