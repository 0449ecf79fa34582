import { ConfigurationError, RecordingError } from '../errors.js';
import { fileSystem } from '../file-system.js';
import { isIsoMoment } from '../http/internal.js';
import { checkKind, checkOptions, signalKind } from '../options.js';
import { isEventLine, parseObject, readLines } from './lines.js';
import { spanFiles } from './record/span-files.js';
import type { ReadEvent } from './types.js';

/** The last moment of a `Date`, in ms since the epoch. */
const MAX_TIME = 8.64e15;

/** Options of {@link readRecording}. */
export interface ReadRecordingOptions {
  /** Aborts the reading with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a recording, event by event, with at most one chunk and one line in memory. The last line of a file is skipped
 * if a crash has torn it.
 *
 * @param source - the path given to `recordStream`, which stands for all its files; one file; or a list of files, in
 *   their order.
 * @throws (while iterating) `RecordingError` if there is no such file, or at a line that is not part of a recording;
 *   after the events before it; `AbortError`; `ConfigurationError` in runtimes without files, or for another source.
 *
 * @example
 * ```ts
 * import { readRecording } from 'agent-assist-sdk/conversations';
 *
 * for await (const { offsetMs, event } of readRecording('recordings/calls.jsonl')) console.log(offsetMs, event.type);
 * ```
 */
export async function* readRecording(
  source: string | readonly string[],
  options: ReadRecordingOptions = {},
): AsyncGenerator<ReadEvent, void, undefined> {
  for await (const events of readBatches(source, options)) yield* events;
}

/** Like {@link readRecording}, many events at a time: an `await` for each would cost more than its parsing. */
export async function* readBatches(
  source: string | readonly string[],
  options: ReadRecordingOptions = {},
): AsyncGenerator<readonly ReadEvent[], void, undefined> {
  checkOptions('readRecording', options, { signal: signalKind });
  let startedAt: number | undefined;
  let offsetMs = 0;
  for (const path of await filesOf(source)) {
    let [number, fileStart, lastMs] = [0, NaN, 0];
    const broken = (problem: string): RecordingError => new RecordingError('broken', path, problem, { line: number });
    for await (const lines of readLines(path, options.signal)) {
      const events: ReadEvent[] = [];
      let failure: Error | undefined;
      try {
        for (const text of lines) {
          number += 1;
          const line = parseObject(text, broken);
          if (number === 1) {
            fileStart = startOf(line, broken);
            startedAt ??= fileStart;
            continue;
          }
          const { offsetMs: ownMs } = line;
          if (typeof ownMs !== 'number' || !(ownMs >= lastMs && fileStart + ownMs <= MAX_TIME))
            throw broken('offsetMs: expected a number that does not decrease, in the range of a date');
          if (!isEventLine(line)) throw broken('event: expected an object with a type');
          lastMs = ownMs;
          const start = startedAt ?? fileStart;
          // Files of two runs may overlap, if the system's time was set back between them.
          offsetMs = Math.max(offsetMs, fileStart + ownMs - start);
          events.push({ offsetMs, receivedAt: start + offsetMs, event: line.event });
        }
      } catch (error) {
        failure = error as Error;
      }
      // Also those before a line that is not part of a recording.
      yield events;
      if (failure !== undefined) throw failure;
    }
  }
}

/** Returns when the recording of a file began, in ms since the epoch, from its first line. */
function startOf(
  { type, version, startedAt }: Readonly<Record<string, unknown>>,
  broken: (problem: string) => RecordingError,
): number {
  if (type !== 'recording' || typeof startedAt !== 'string' || !isIsoMoment(startedAt))
    throw broken('is not the header of a recording');
  if (version !== 1) throw broken('has a version that this release does not support');
  return Date.parse(startedAt);
}

async function filesOf(source: string | readonly string[]): Promise<readonly string[]> {
  if (typeof source !== 'string') {
    if (!Array.isArray(source))
      throw new ConfigurationError('source: expected the path of a recording, or a list of files');
    const paths: readonly unknown[] = source;
    for (const [index, path] of paths.entries()) checkKind(`source[${index}]`, path, 'a string', 'the path of a file');
    return paths as readonly string[];
  }
  const isFile = await fileSystem('readRecording')
    .stat(source)
    .then((stat) => stat.isFile())
    .catch(() => false);
  if (isFile) return [source];
  const files = await spanFiles(source).catch(() => []);
  if (files.length === 0)
    throw new RecordingError('broken', source, 'there is no such file, and no recording with that name');
  return files;
}
