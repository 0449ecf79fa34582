import * as z from '../../schema.js';
import { decodeLines } from '../../bytes.js';
import { ClosedError, SuiteFileError } from '../../errors.js';
import { anyString, finiteNumber, oneOf } from '../../http/internal.js';
import { isRecord } from '../../json.js';
import type { JournalContent, JournalEntry, SuiteJournal } from '../run/journal.js';
import { simulationResult } from '../schemas.js';
import { fileSystem, isDeleted, readFully, syncFolder, type FileHandle } from '../../file-system.js';
import { fileError, parseJsonText } from './file-system.js';
import { checkKind } from '../../options.js';

const common = { id: anyString, hash: anyString };
const entrySchemas: ReadonlyMap<unknown, z.Schema<JournalEntry>> = new Map<unknown, z.Schema<JournalEntry>>([
  ['submitted', z.object({ type: oneOf(['submitted']), ...common, simulationId: anyString })],
  [
    'finished',
    z.object({
      type: oneOf(['finished']),
      ...common,
      simulationId: anyString,
      elapsedMs: finiteNumber,
      result: simulationResult,
    }),
  ],
  [
    'errored',
    z.object({ type: oneOf(['errored']), ...common, error: z.object({ name: anyString, message: anyString }) }),
  ],
]);
/** For the problems of an entry whose type is unknown. */
const anyEntry = z.object({ type: oneOf([...entrySchemas.keys()].map(String)) }) as z.Schema as z.Schema<JournalEntry>;

/**
 * A journal in a file, one JSON object per line. Appended entries survive a crash of the process or the machine. Only
 * one process may use it at a time. Created by {@link openJournal}.
 */
export class FileJournal implements SuiteJournal, AsyncDisposable {
  readonly #file: string;
  readonly #handle: FileHandle;
  #waiting = '';
  /** The write of the waiting lines, if there are any. */
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #closed = false;

  /** @internal */
  constructor(file: string, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  /**
   * Reads all entries. An incomplete last line, e.g. after the process was killed, is removed and reported in
   * `tornLine`.
   *
   * @throws `SuiteFileError` if any other line is not an entry.
   */
  async read(): Promise<JournalContent> {
    const { size } = await this.#handle.stat();
    const bytes = await readFully(this.#handle, 0, size);
    const whole = bytes.lastIndexOf(0x0a) + 1;
    const { lines, isUtf8 } = decodeLines(bytes.subarray(0, whole));
    if (!isUtf8) throw new SuiteFileError(this.#file, [{ line: lines.length + 1, path: '', message: 'is not UTF-8' }]);
    lines.pop();
    const entries = lines.map((line, index) =>
      parseJsonText(this.#file, line, schemaOf, { line: index + 1, column: 1 }),
    );
    if (whole === size) return { entries };
    await this.#handle.truncate(whole);
    return { entries, tornLine: lines.length + 1 };
  }

  /**
   * Writes an entry and waits until it is on disk. Entries are written in order; those that wait for the disk are
   * written together. After a failed write no more are written, since it may have left half a line.
   *
   * @throws (as rejection) `SuiteFileError` if the system could not write, or someone deleted the file; `ClosedError`.
   */
  async append(entry: JournalEntry): Promise<void> {
    checkKind('entry', entry, 'an object');
    if (this.#closed) throw new ClosedError('journal');
    if (this.#failure !== undefined) throw this.#failure;
    this.#waiting += `${JSON.stringify(entry)}\n`;
    this.#next ??= this.#last.then(() => this.#writeWaiting());
    this.#last = this.#next;
    await this.#next;
  }

  async #writeWaiting(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = '';
    this.#next = undefined;
    try {
      await this.#handle.appendFile(lines);
      await this.#handle.datasync();
      if (await isDeleted(this.#file, this.#handle, 'openJournal'))
        throw Object.assign(new Error('the file was deleted'), { code: 'ENOENT' });
    } catch (error) {
      this.#failure = fileError(this.#file, 'written', error);
      throw this.#failure;
    }
  }

  /** Writes pending entries, then closes the file. A second call does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last.catch(() => undefined);
    await this.#handle.close();
  }

  /** Calls {@link FileJournal.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Opens a journal for `runSuite`, or creates it if the file is missing.
 *
 * @throws `ConfigurationError` in runtimes without files; `SuiteFileError` if the file cannot be opened.
 *
 * @example
 * ```ts
 * import { runSuite, type RunSuiteOptions, type SuiteCase, type SuiteRun } from 'agent-assist-sdk/simulation';
 * import { openJournal } from 'agent-assist-sdk/simulation/suites';
 *
 * async function resumable(cases: readonly SuiteCase[], options: RunSuiteOptions): Promise<SuiteRun> {
 *   await using journal = await openJournal('.journal.jsonl');
 *   return await runSuite(cases, { ...options, journal });
 * }
 * ```
 */
export async function openJournal(file: string): Promise<FileJournal> {
  checkKind('file', file, 'a string', 'its name');
  const handle = await fileSystem('reading suites')
    .open(file, 'a+')
    .catch((error: unknown) => {
      throw fileError(file, 'opened', error);
    });
  await syncFolder(file, 'reading suites');
  return new FileJournal(file, handle);
}

function schemaOf(entry: unknown): z.Schema<JournalEntry> {
  return entrySchemas.get(isRecord(entry) ? entry['type'] : undefined) ?? anyEntry;
}
