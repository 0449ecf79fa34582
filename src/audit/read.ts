import { AuditTrailError } from '../errors.js';
import { csvHeader, csvRow } from './csv.js';
import { parseLine, type AuditTrailEntry } from './entry.js';
import { readLines, type ReadOptions } from './file.js';

/** Options of what takes time. */
export interface AuditTrailCallOptions {
  /** Ends the wait with an `AbortError`. A record that was handed over is written all the same. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link AuditTrail.csv}. */
export interface AuditTrailCsvOptions extends AuditTrailCallOptions {
  /** Which fields of the records become columns. Default: all that occur, in the order of their first occurrence. */
  readonly columns?: readonly string[] | undefined;
  /** Begins with a byte order mark, without which Excel takes UTF-8 for another encoding. Default false. */
  readonly bom?: boolean | undefined;
}

/**
 * Reads a trail's file without opening it for writing; the file may be read-only, or written by another process at the
 * same time. The entries are read and not verified, an incomplete last line is left out.
 *
 * @param path - the trail's file.
 * @throws (while iterating) {@link AuditTrailError} when the file cannot be read, and at a line that is no entry;
 * `AbortError`; `ConfigurationError` where there are no files.
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
  options: AuditTrailCallOptions = {},
): AsyncGenerator<AuditTrailEntry, void, undefined> {
  return readEntries(path, { signal: options.signal });
}

/**
 * A trail's file as CSV, line by line, as `AuditTrail.csv` writes it, without opening the file for writing.
 *
 * @param path - the trail's file.
 * @throws (while iterating) as {@link readAuditTrail}.
 */
export function readAuditTrailCsv(
  path: string,
  options: AuditTrailCsvOptions = {},
): AsyncGenerator<string, void, undefined> {
  return readCsv(path, options, { signal: options.signal });
}

/** As {@link readAuditTrail}, for a part of the file. */
export async function* readEntries(path: string, range: ReadOptions): AsyncGenerator<AuditTrailEntry, void, undefined> {
  let line = 0;
  for await (const { bytes, complete } of readLines(path, range)) {
    if (!complete) return;
    line += 1;
    const entry = parseLine(bytes);
    if (entry === undefined) throw new AuditTrailError('broken', path, `line ${line} is no entry`);
    yield entry;
  }
}

/** As {@link readAuditTrailCsv}, for a part of the file. */
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
