import { AbortError, ClosedError, QueueFullError, RequestValidationError } from '../errors.js';
import { abortable, systemClock, type Clock } from '../http/internal.js';
import { checkJsonDepth } from '../json.js';
import { checkCounts, checkOptions } from '../options.js';
import { canonicalRecord, formatLine } from './entry.js';
import { readCsv, readEntries, type ReadOptions } from './read.js';
import { openTrailFile, type OpenedTrailFile, type TrailFile } from './trail-file.js';
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
/** Bounds the memory of one write; the records that wait are written together and share one flush to the disk. */
const MAX_BATCH_CHARACTERS = 4_194_304;

/**
 * An append-only file of JSON Lines in which each record carries the hash of the one before, so that a record that was
 * changed, removed or inserted is found.
 *
 * - An append is done when its bytes were flushed to the disk: a crash at any moment loses no record that was
 *   acknowledged. What it may leave is a torn last line; `open` moves it to `<path>.torn` and says so in `recovered`.
 * - A chain alone cannot show that its end was cut off or that it was written again as a whole. Keep `head` elsewhere
 *   from time to time and verify against it.
 * - One writer at a time, by a lock beside the file (`<path>.lock`) that is held for each write and taken over two
 *   seconds after its process died. When someone else has written meanwhile, the append is refused with `conflict`, has
 *   no effect, and the trail takes no further records until it is opened again. The same holds after a failed write.
 * - The file is made readable for its owner only.
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
  readonly #file: TrailFile;
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #recovered: RecoveredTail | undefined;
  readonly #pending: PendingAppend[] = [];
  #head: AuditTrailHead;
  #writing: Promise<void> | undefined;
  #writingCount = 0;
  #failure: Error | undefined;
  #closing: Promise<void> | undefined;

  private constructor(path: string, opened: OpenedTrailFile, capacity: number, clock: Clock) {
    this.#path = path;
    this.#file = opened.file;
    this.#head = opened.head;
    this.#recovered = opened.recovered;
    this.#capacity = capacity;
    this.#clock = clock;
  }

  /**
   * Opens a trail, or begins one. Only its end is read; {@link AuditTrail.verify} reads it all.
   *
   * @throws (as rejection) `AuditTrailError` if the file cannot be opened for writing or its last record is not intact;
   * `ConfigurationError` for a bad option or where there are no files, as in a browser.
   */
  static async open(path: string, options: AuditTrailOptions = {}): Promise<AuditTrail> {
    checkOptions('AuditTrail.open', options, { capacity: true, clock: true });
    const { capacity = 1_000, clock = systemClock } = options;
    checkCounts({ capacity });
    return new AuditTrail(path, await openTrailFile(path), capacity, clock);
  }

  /** The end of the trail: the last acknowledged record. */
  get head(): AuditTrailHead {
    return this.#head;
  }

  /** The torn last line that a crash had left and `open` moved aside; `undefined` when there was none. */
  get recovered(): RecoveredTail | undefined {
    return this.#recovered;
  }

  /**
   * Adds a record. Records are written in the order of the calls; the record is copied at the call.
   *
   * @returns the entry, once it is on the disk.
   * @throws (as rejection) `RequestValidationError` for what is no object, what JSON cannot hold, more than 1 MiB, or
   * more than 200 levels deep;
   * `QueueFullError` if too many appends wait; `AuditTrailError` if the file was changed by someone else or the
   * system could not write; `ClosedError`; `AbortError`. A signal that is aborted later ends the wait, not the writing.
   */
  async append(record: AuditRecord, options: AuditTrailCallOptions = {}): Promise<AuditTrailEntry> {
    const { signal } = options;
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
    try {
      checkJsonDepth(copy);
    } catch (error) {
      throw new RequestValidationError('audit record', [{ path: '', message: `is ${(error as SyntaxError).message}` }]);
    }
    if (this.#pending.length + this.#writingCount >= this.#capacity)
      throw new QueueFullError('audit trail', this.#capacity);
    const { promise, resolve, reject } = Promise.withResolvers<AuditTrailEntry>();
    this.#pending.push({ recordJson, record: copy, at: new Date(this.#clock.now()).toISOString(), resolve, reject });
    this.#writing ??= this.#writePending();
    return abortable(promise, signal);
  }

  /**
   * Verifies what was acknowledged so far, as `verifyAuditTrail` does; the expected head is this trail's own by default.
   *
   * @throws (as rejection) `AuditTrailError` if the file cannot be read; `AbortError`.
   */
  async verify(options: VerifyTrailOptions = {}): Promise<AuditTrailVerification> {
    return verifyFile(this.#path, { expectedHead: options.expectedHead ?? this.#head }, this.#range(options));
  }

  /**
   * The entries that were acknowledged when the iteration began, in order. They are read and not verified.
   *
   * @throws (while iterating) `AuditTrailError` at a line that is no entry; `AbortError`.
   */
  records(options: AuditTrailCallOptions = {}): AsyncGenerator<AuditTrailEntry, void, undefined> {
    return readEntries(this.#path, this.#range(options));
  }

  /**
   * The trail as CSV (RFC 4180), line by line: `seq`, `at`, `hash`, `previousHash`, then the records' fields; what is
   * neither text, number nor boolean stands as JSON. A record's own `seq`, `at`, `hash` or `previousHash` is the column
   * `record.seq` and so on. What a spreadsheet would take for a formula gets an apostrophe before it, also inside a text
   * behind a semicolon, a tab, a pipe or a line break, where spreadsheets begin another cell; a number stays one.
   *
   * @throws (while iterating) as {@link AuditTrail.records}.
   */
  csv(options: AuditTrailCsvOptions = {}): AsyncGenerator<string, void, undefined> {
    return readCsv(this.#path, options, this.#range(options));
  }

  /** Writes what is waiting, then closes the file. Calling it again changes nothing. */
  async close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#writing;
      await this.#file.close();
    })();
    return this.#closing;
  }

  /** The same as {@link AuditTrail.close}, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #range({ signal }: AuditTrailCallOptions): ReadOptions {
    return { size: this.#file.size, signal };
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
    await this.#file.append(lines);
    this.#head = head;
    for (const acknowledge of written) acknowledge();
  }
}
