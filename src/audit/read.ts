import { concat } from '../bytes.js';
import { AbortError, AuditTrailError } from '../errors.js';
import { errorCodeOf, fileSystem, openRegularFile } from '../file-system.js';
import { checkKind, checkOptions, signalKind, signalOf } from '../options.js';
import { csvHeader, csvRow } from './csv.js';
import { decodeLine, parseLine } from './entry.js';
import type { AuditTrailCallOptions, AuditTrailCsvOptions, AuditTrailEntry } from './types.js';

/** A line of a file, without its line feed. */
export interface Line {
  /** Absent if the line is not UTF-8. */
  readonly text: string | undefined;
  /** Whether a line feed ends it; only the last line may lack one. */
  readonly complete: boolean;
}

export const CHUNK_BYTES = 65_536;
export const LINE_FEED = 0x0a;

/** Options of reading a file. */
export interface ReadOptions extends AuditTrailCallOptions {
  /** Number of bytes to read. @defaultValue the whole file */
  readonly size?: number | undefined;
}

/** Describes a failed read, with the system's code. */
export function readFailed(path: string, error: unknown): AuditTrailError {
  if (error instanceof AuditTrailError) return error;
  const code = errorCodeOf(error);
  const reason = code === undefined ? '' : `: ${code}`;
  return new AuditTrailError('broken', path, `cannot be read${reason}`, { cause: error });
}

/**
 * Yields the lines of a file, with at most one line and one chunk in memory.
 *
 * @throws `AuditTrailError` if the file cannot be read.
 */
export async function* readLines(path: string, options: ReadOptions = {}): AsyncGenerator<Line, void, undefined> {
  const { size = Infinity, signal } = options;
  const fail = (error: unknown): never => {
    throw readFailed(path, error);
  };
  const refuse = (problem: string): AuditTrailError => new AuditTrailError('broken', path, problem);
  const handle = await openRegularFile(fileSystem('AuditTrail'), path, refuse).catch(fail);
  try {
    const buffer = new Uint8Array(CHUNK_BYTES);
    let rest: Uint8Array[] = [];
    let offset = 0;
    while (offset < size) {
      if (signal?.aborted === true) throw new AbortError(signal.reason);
      const { bytesRead } = await handle.read(buffer, 0, Math.min(CHUNK_BYTES, size - offset), offset).catch(fail);
      if (bytesRead === 0) break;
      offset += bytesRead;
      let chunk = buffer.subarray(0, bytesRead);
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED)) {
        yield { text: decodeLine(concat([...rest, chunk.subarray(0, end)])), complete: true };
        rest = [];
        chunk = chunk.subarray(end + 1);
      }
      // A copy, since the next read overwrites the buffer.
      if (chunk.length > 0) rest.push(chunk.slice());
    }
    if (rest.length > 0) yield { text: decodeLine(concat(rest)), complete: false };
  } finally {
    await handle.close();
  }
}

/**
 * Reads a trail's file without opening it for writing. The file may be read-only, or another process may write to it.
 * Entries are read but not verified; an incomplete last line is skipped.
 *
 * @param path - the trail's file.
 * @throws `ConfigurationError` for a path that is not a string and an invalid option; while iterating,
 * {@link AuditTrailError} if the file cannot be read, or at a line that is not an entry, `AbortError`, and
 * `ConfigurationError` in runtimes without files.
 *
 * @example
 * ```ts
 * import { readAuditTrail } from 'agent-assist-sdk/audit';
 *
 * for await (const { seq, at, record } of readAuditTrail('calibration.audit.jsonl')) console.log(seq, at, record);
 * ```
 */
export function readAuditTrail(
  path: string,
  options?: AuditTrailCallOptions,
): AsyncGenerator<AuditTrailEntry, void, undefined> {
  checkKind('path', path, 'a string');
  return readEntries(path, { signal: signalOf('readAuditTrail', options) });
}

/**
 * Reads a trail's file as CSV, line by line, like `AuditTrail.csv`, without opening the file for writing.
 *
 * @param path - the trail's file.
 * @throws like {@link readAuditTrail}.
 */
export function readAuditTrailCsv(
  path: string,
  options: AuditTrailCsvOptions = {},
): AsyncGenerator<string, void, undefined> {
  checkKind('path', path, 'a string');
  checkCsv(options);
  return readCsv(path, options, { signal: options.signal });
}

/** Like {@link readAuditTrail}, for a part of the file. */
export async function* readEntries(path: string, range: ReadOptions): AsyncGenerator<AuditTrailEntry, void, undefined> {
  let line = 0;
  for await (const { text, complete } of readLines(path, range)) {
    if (!complete) return;
    line += 1;
    const entry = parseLine(text);
    if (entry === undefined) throw new AuditTrailError('broken', path, `line ${line} is not an entry`);
    yield entry;
  }
}

/** @throws `ConfigurationError` for an unknown option, or one of a wrong type. */
export function checkCsv(options: AuditTrailCsvOptions): void {
  checkOptions('csv', options, { columns: 'a list of strings', bom: 'a boolean', signal: signalKind });
}

/** Like {@link readAuditTrailCsv}, for a part of the file. */
export async function* readCsv(
  path: string,
  options: AuditTrailCsvOptions,
  range: ReadOptions,
): AsyncGenerator<string, void, undefined> {
  const columns = options.columns ?? (await fieldsOf(path, range));
  yield (options.bom === true ? '\ufeff' : '') + csvHeader(columns);
  for await (const entry of readEntries(path, range)) yield csvRow(entry, columns);
}

async function fieldsOf(path: string, range: ReadOptions): Promise<string[]> {
  const names = new Set<string>();
  for await (const { record } of readEntries(path, range)) for (const name of Object.keys(record)) names.add(name);
  return [...names];
}
