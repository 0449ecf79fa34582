import { AbortError, ClosedError, QueueFullError, RequestValidationError } from '../errors.js';
import { abortable, systemClock, type Clock } from '../http/internal.js';
import { checkJsonDepth } from '../json.js';
import { checkCounts, checkKind, checkOptions, signalKind, signalOf } from '../options.js';
import { canonicalRecord, formatLine } from './entry.js';
import { checkCsv, readCsv, readEntries, type ReadOptions } from './read.js';
import { openTrailFile, type OpenedTrailFile } from './trail-file.js';
import type {
  AuditRecord,
  AuditTrailCallOptions,
  AuditTrailCsvOptions,
  AuditTrailEntry,
  AuditTrailHead,
  AuditTrailOptions,
  AuditTrailVerification,
  RecoveredTail,
  VerifyTrailOptions,
} from './types.js';
import { verifyFile } from './verify.js';

interface PendingAppend {
  readonly recordJson: string;
  readonly record: AuditRecord;
  readonly at: string;
  readonly resolve: (entry: AuditTrailEntry) => void;
  readonly reject: (error: Error) => void;
}

const MAX_RECORD_CHARACTERS = 1_048_576;
/** Limits the memory of one write. Waiting records are written together and share one flush to disk. */
const MAX_BATCH_CHARACTERS = 4_194_304;

/**
 * An append-only file of JSON Lines. Each record contains the hash of the previous record, which reveals changed,
 * removed and inserted records.
 *
 * - `append` resolves after its bytes were flushed to disk: a crash loses no acknowledged record. It may leave a torn
 *   last line; `open` moves it to `<path>.torn` and reports it in `recovered`.
 * - A chain alone cannot reveal that its end was cut off, or that it was completely rewritten. From time to time, store
 *   `head` elsewhere and verify against it.
 * - A lock beside the file (`<path>.lock`), held during each write, allows one writer at a time. The lock of a dead
 *   process is taken over after two seconds. If another writer wrote in between, `append` fails with `conflict` and has
 *   no effect, and the trail accepts no records until it is opened again. The same holds after a failed write.
 * - Only the owner may read the file.
 *
 * @example
 * ```ts
 * import { AuditTrail } from 'agent-assist-sdk/audit';
 *
 * await using trail = await AuditTrail.open('calibration.audit.jsonl');
 * if (trail.recovered !== undefined) console.warn('a crash cut record', trail.recovered.seq);
 * await trail.append({ action: 'calibration.applied', jobId: 'job_1', sensitivityLevel: 0.85 });
 * const result = await trail.verify();
 * console.log(result.ok, trail.head);
 * ```
 */
export class AuditTrail implements AsyncDisposable {
  readonly #path: string;
  readonly #opened: OpenedTrailFile;
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #pending: PendingAppend[] = [];
  #head: AuditTrailHead;
  #writing: Promise<void> | undefined;
  #writingCount = 0;
  #failure: Error | undefined;
  #closing: Promise<void> | undefined;

  private constructor(path: string, opened: OpenedTrailFile, capacity: number, clock: Clock) {
    this.#path = path;
    this.#opened = opened;
    this.#head = opened.head;
    this.#capacity = capacity;
    this.#clock = clock;
  }

  /**
   * Opens or creates a trail. Reads only its end; {@link AuditTrail.verify} reads all of it.
   *
   * @throws (as rejection) `AuditTrailError` if the file cannot be opened for writing or its last record is not intact;
   * `ConfigurationError` for an invalid option or in runtimes without files, e.g. a browser.
   */
  static async open(path: string, options: AuditTrailOptions = {}): Promise<AuditTrail> {
    checkKind('path', path, 'a string');
    checkOptions('AuditTrail.open', options, { capacity: true, clock: 'a clock with monotonic()' });
    const { capacity = 1_000, clock = systemClock } = options;
    checkCounts({ capacity });
    return new AuditTrail(path, await openTrailFile(path), capacity, clock);
  }

  /** The end of the trail: position and hash of the last acknowledged record. */
  get head(): AuditTrailHead {
    return this.#head;
  }

  /** The torn last line that a crash left and `open` moved aside; `undefined` without one. */
  get recovered(): RecoveredTail | undefined {
    return this.#opened.recovered;
  }

  /**
   * Appends a record. Records are copied at the call and written in the order of the calls.
   *
   * @returns the entry, once it is on disk.
   * @throws (as rejection) `RequestValidationError` for a record that is not an object, that JSON cannot express, or
   * that has more than 1,048,576 characters of JSON or more than 200 levels; `QueueFullError` if too many appends wait; `AuditTrailError` if
   * another writer changed the file or the system could not write; `ClosedError`; `AbortError`. A signal aborted later
   * aborts the wait, not the write.
   */
  async append(record: AuditRecord, options?: AuditTrailCallOptions): Promise<AuditTrailEntry> {
    const signal = signalOf('append', options);
    if (signal?.aborted === true) throw new AbortError(signal.reason);
    if (this.#closing !== undefined) throw new ClosedError('audit trail');
    if (this.#failure !== undefined) throw this.#failure;
    const recordJson = canonicalRecord(record);
    if (recordJson.length > MAX_RECORD_CHARACTERS) {
      throw new RequestValidationError('audit record', [
        { path: '', message: `must be at most ${MAX_RECORD_CHARACTERS} characters of JSON` },
      ]);
    }
    const copy = JSON.parse(recordJson) as AuditRecord;
    const invalid = (problem: string): Error =>
      new RequestValidationError('audit record', [{ path: '', message: `is ${problem}` }]);
    checkJsonDepth(copy, invalid);
    if (this.#pending.length + this.#writingCount >= this.#capacity)
      throw new QueueFullError('audit trail', this.#capacity);
    const { promise, resolve, reject } = Promise.withResolvers<AuditTrailEntry>();
    this.#pending.push({ recordJson, record: copy, at: new Date(this.#clock.now()).toISOString(), resolve, reject });
    this.#writing ??= this.#writePending();
    return abortable(promise, signal);
  }

  /**
   * Verifies the acknowledged records like `verifyAuditTrail`; by default against this trail's own head.
   *
   * @throws (as rejection) `AuditTrailError` if the file cannot be read; `AbortError`.
   */
  async verify(options: VerifyTrailOptions = {}): Promise<AuditTrailVerification> {
    checkOptions('verify', options, { expectedHead: 'an object', signal: signalKind });
    return verifyFile(this.#path, { expectedHead: options.expectedHead ?? this.#head }, this.#range(options.signal));
  }

  /**
   * Yields the entries acknowledged when the iteration began, in order. They are read but not verified.
   *
   * @throws `ConfigurationError` for an invalid option; while iterating, `AuditTrailError` at a line that is not an
   * entry, and `AbortError`.
   */
  records(options?: AuditTrailCallOptions): AsyncGenerator<AuditTrailEntry, void, undefined> {
    return readEntries(this.#path, this.#range(signalOf('records', options)));
  }

  /**
   * Yields the trail as CSV (RFC 4180), line by line: `seq`, `at`, `hash`, `previousHash`, then the records' fields.
   * Values other than text, numbers and booleans are JSON. A record's own `seq`, `at`, `hash` or `previousHash` becomes
   * the column `record.seq` and so on. Text that a spreadsheet may read as a formula is prefixed with an apostrophe,
   * even within a cell after a semicolon, a tab, a pipe or a line break, where some spreadsheets begin another cell.
   * Numbers stay numbers.
   *
   * @throws like {@link AuditTrail.records}.
   */
  csv(options: AuditTrailCsvOptions = {}): AsyncGenerator<string, void, undefined> {
    checkCsv(options);
    return readCsv(this.#path, options, this.#range(options.signal));
  }

  /** Writes the waiting records, then closes the file. Idempotent. */
  async close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#writing;
      await this.#opened.file.close();
    })();
    return this.#closing;
  }

  /** Calls {@link AuditTrail.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #range(signal: AbortSignal | undefined): ReadOptions {
    return { size: this.#opened.file.size, signal };
  }

  async #writePending(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#takeBatch();
      this.#writingCount = batch.length;
      try {
        await this.#write(batch);
      } catch (error) {
        this.#failure = error as Error;
        for (const { reject } of [...batch, ...this.#pending.splice(0)]) reject(this.#failure);
      }
      this.#writingCount = 0;
    }
    this.#writing = undefined;
  }

  #takeBatch(): PendingAppend[] {
    let characters = 0;
    const end = this.#pending.findIndex(({ recordJson }, index) => {
      characters += recordJson.length;
      return index > 0 && characters > MAX_BATCH_CHARACTERS;
    });
    return this.#pending.splice(0, end === -1 ? this.#pending.length : end);
  }

  async #write(batch: readonly PendingAppend[]): Promise<void> {
    const written: (() => void)[] = [];
    let lines = '';
    let head = this.#head;
    for (const { recordJson, record, at, resolve } of batch) {
      const place = { seq: head.count + 1, at, previousHash: head.hash };
      const { line, hash } = await formatLine(place, recordJson);
      lines += `${line}\n`;
      head = { count: place.seq, hash };
      written.push(() => {
        resolve({ ...place, record, hash });
      });
    }
    await this.#opened.file.append(lines);
    this.#head = head;
    for (const acknowledge of written) acknowledge();
  }
}
