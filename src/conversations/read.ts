import { ConfigurationError, RecordingError } from '../errors.js';
import { fileSystem } from '../file-system.js';
import { isIsoMoment } from '../http/internal.js';
import { checkKind, checkOptions } from '../options.js';
import { isEventLine, parseObject, readLines } from './lines.js';
import { spanFiles } from './record/span-files.js';
import type { ReadEvent, RecordedEvent } from './types.js';

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
  checkOptions('readRecording', options, { signal: 'an AbortSignal with addEventListener()' });
  let startedAt: number | undefined;
  let offsetMs = 0;
  for (const path of await filesOf(source)) {
    let parser: FileParser | undefined;
    for await (const lines of readLines(path, options.signal)) {
      parser ??= new FileParser(path, lines.shift() ?? '');
      startedAt ??= parser.startedAt;
      const events: ReadEvent[] = [];
      const { parsed, problem } = parser.parseAll(lines);
      for (const line of parsed) {
        // Files of two runs may overlap, if the system's time was set back between them.
        offsetMs = Math.max(offsetMs, parser.startedAt + line.offsetMs - startedAt);
        events.push({ offsetMs, receivedAt: startedAt + offsetMs, event: line.event });
      }
      yield events;
      if (problem !== undefined) throw problem;
    }
  }
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

interface EventLine {
  readonly offsetMs: number;
  readonly event: RecordedEvent;
}

class FileParser {
  readonly startedAt: number;
  readonly #path: string;
  #line = 1;
  #offsetMs = 0;

  constructor(path: string, header: string) {
    this.#path = path;
    const { type, version, startedAt } = this.#object(header);
    if (type !== 'recording' || typeof startedAt !== 'string' || !isIsoMoment(startedAt))
      throw this.#broken('is not the header of a recording');
    if (version !== 1) throw this.#broken('has a version that this release does not support');
    this.startedAt = Date.parse(startedAt);
  }

  /** Returns the lines up to the first that is not part of a recording, and what is wrong with that one. */
  parseAll(texts: readonly string[]): { readonly parsed: readonly EventLine[]; readonly problem?: RecordingError } {
    const parsed: EventLine[] = [];
    try {
      for (const text of texts) parsed.push(this.#parse(text));
    } catch (problem) {
      return { parsed, problem: problem as RecordingError };
    }
    return { parsed };
  }

  #parse(text: string): EventLine {
    this.#line += 1;
    const line = this.#object(text);
    const { offsetMs } = line;
    if (typeof offsetMs !== 'number' || !(offsetMs >= this.#offsetMs && this.startedAt + offsetMs <= MAX_TIME))
      throw this.#broken('offsetMs: expected a number that does not decrease, in the range of a date');
    if (!isEventLine(line)) throw this.#broken('event: expected an object with a type');
    this.#offsetMs = offsetMs;
    return { offsetMs, event: line.event };
  }

  #object(text: string): Readonly<Record<string, unknown>> {
    return parseObject(text, (problem) => this.#broken(problem));
  }

  #broken(problem: string): RecordingError {
    return new RecordingError('broken', this.#path, problem, { line: this.#line });
  }
}
