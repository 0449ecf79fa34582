import { ConfigurationError, RecordingError } from '../../errors.js';
import { guarded, resolveLogger, systemClock, type Clock, type HttpClientOptions } from '../../http/internal.js';
import { checkClock, checkKind, checkOptions, checkTimeLimits } from '../../options.js';
import type { StreamGap } from '../../stream/events.js';
import type { Redact } from '../types.js';
import { eventSerializer } from './event-serializer.js';
import { redactPersonalData } from './personal-data.js';
import { pseudonymizer, type Pseudonymizer } from './pseudonyms.js';
import { SpanFiles, type PendingLine } from './span-files.js';

/** The stream that {@link recordStream} records. An `AssistStream` with any protocol fits. */
export interface RecordableStream {
  /** Names of the events to record. */
  readonly eventNames: readonly string[];
  /** Adds a listener. */
  on(name: never, listener: never): unknown;
  /** Removes a listener. */
  off(name: never, listener: never): unknown;
}

/** Options of {@link recordStream}. */
export interface RecordStreamOptions extends Pick<HttpClientOptions, 'clock' | 'logger'> {
  /** Removes personal data. @defaultValue {@link redactPersonalData}`()` */
  readonly redact?: Redact | undefined;
  /**
   * Replaces ids of interactions by the first 32 hex digits of the HMAC-SHA-256 of the id, the same in every event and
   * recording with this key, of at least 16 bytes. Fields such as `interactionId`, `contactId`, `session_id` and
   * `interaction: { id }` are found at any depth, and their values of four characters and more wherever else they stand in
   * the event, except in its `type`. The key is copied.
   *
   * @defaultValue ids are recorded unchanged
   */
  readonly pseudonymize?: { readonly key: string | Uint8Array } | undefined;
  /**
   * Returns secrets that no recording may contain, in addition to those that the stream knows. Called for each event.
   */
  readonly secrets?: (() => readonly string[]) | undefined;
  /** Time in ms that one file covers. @defaultValue 3,600,000: an hour */
  readonly spanMs?: number | undefined;
  /**
   * Limit of all files of this recording in bytes, at least 1,048,576. The oldest file is deleted to make room.
   *
   * @defaultValue 1,073,741,824: 1 GiB
   */
  readonly maxBytes?: number | undefined;
  /** Called if an event could not be recorded or written. Recording continues; writing is retried every 5 s. */
  readonly onError?: ((error: RecordingError) => unknown) | undefined;
}

/** Numbers of events of a {@link StreamRecorder}. */
export interface RecorderCounts {
  /** On disk. */
  readonly written: number;
  /** Left out by `redact`. */
  readonly omitted: number;
  /**
   * Lost events: they could not be redacted, too many events waited to be written, or someone deleted the current file.
   */
  readonly lost: number;
}

/** A crash loses what arrived within this time, and what is being written. */
const WRITE_INTERVAL_MS = 100;
const RETRY_MS = 5000;
/** So much is written without waiting for the interval. */
const BATCH_CHARACTERS = 1_048_576;
/** Limit of what waits to be written. */
const MAX_WAITING_CHARACTERS = 67_108_864;
const MIN_BYTES = 1_048_576;

/** Reason of a `GAP` that the recorder marks: too much waited, an event could not be recorded, or a file is lost. */
type GapReason = 'overflow' | 'event_failed' | 'file_lost';

/** Records a stream until it is closed; see {@link recordStream}. */
export class StreamRecorder implements AsyncDisposable {
  readonly #stream: RecordableStream;
  readonly #files: SpanFiles;
  readonly #path: string;
  readonly #toJson: (event: object) => string | undefined;
  readonly #onError: (error: RecordingError) => void;
  readonly #clock: Clock;
  /** The system's time may be set while recording, but offsets never decrease. */
  readonly #startedAt: number;
  readonly #waiting: PendingLine[] = [];
  #waitingCharacters = 0;
  #written = 0;
  #omitted = 0;
  #lost = 0;
  /** Why events were lost since the last one that was accepted. */
  readonly #gaps = new Set<GapReason>();
  #timer: unknown;
  #isRetrying = false;
  #writing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(
    stream: RecordableStream,
    { path, files, pseudonymOf }: { path: string; files: SpanFiles; pseudonymOf: Pseudonymizer | undefined },
    options: RecordStreamOptions,
  ) {
    const { redact = redactPersonalData(), secrets = () => [], clock = systemClock } = options;
    this.#stream = stream;
    this.#path = path;
    this.#files = files;
    const streamSecrets = (): readonly string[] =>
      (stream as { readonly secrets?: () => readonly string[] }).secrets?.() ?? [];
    const maxBytes = files.maxLineBytes;
    this.#toJson = eventSerializer({ path, redact, pseudonymOf, secrets, streamSecrets, maxBytes });
    this.#clock = clock;
    this.#onError = guarded('onError', options.onError, resolveLogger(options.logger));
    this.#startedAt = clock.now() - clock.monotonic();
    for (const name of stream.eventNames) stream.on(name as never, this.#onEvent as never);
    stream.on('gap' as never, this.#onGap as never);
  }

  /** Numbers of events so far. */
  get counts(): RecorderCounts {
    return { written: this.#written, omitted: this.#omitted, lost: this.#lost };
  }

  /** The size of the recording's files in bytes. */
  get bytes(): number {
    return this.#files.bytes;
  }

  /**
   * Resolves when every event that has arrived is on disk.
   *
   * @throws (as rejection) `RecordingError` if the system cannot write; the events wait and are written later.
   */
  async flush(): Promise<void> {
    await this.#writing;
    await this.#write();
  }

  /**
   * Stops recording and writes what has arrived. Idempotent.
   *
   * @throws (as rejection) `RecordingError` if the system cannot write; the events that wait are lost.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Calls `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    for (const name of this.#stream.eventNames) this.#stream.off(name as never, this.#onEvent as never);
    this.#stream.off('gap' as never, this.#onGap as never);
    try {
      await this.flush();
    } finally {
      this.#clock.clearTimeout(this.#timer);
      this.#lost += this.#waiting.splice(0).filter(({ isEvent }) => isEvent).length;
      await this.#files.close().catch(() => undefined);
    }
  }

  readonly #onGap = (event: StreamGap): void => {
    // An iteration that dropped an event took nothing from the recorder.
    if (event.reason !== 'overflow') this.#onEvent(event);
  };

  readonly #onEvent = (event: object): void => {
    let json: string | undefined;
    try {
      json = this.#toJson(event);
    } catch (error) {
      this.#lose('event_failed', error as RecordingError);
      return;
    }
    if (json === undefined) {
      this.#omitted += 1;
    } else if (this.#waitingCharacters + json.length > MAX_WAITING_CHARACTERS) {
      this.#lose(
        'overflow',
        new RecordingError('event_failed', this.#path, 'too many events are waiting to be written'),
      );
    } else {
      this.#gaps.clear();
      this.#add({ receivedAt: this.#now(), json, isEvent: true });
    }
  };

  #now(): number {
    return Math.floor(this.#startedAt + this.#clock.monotonic());
  }

  #lose(reason: GapReason, error: RecordingError): void {
    this.#lost += 1;
    if (!this.#gaps.has(reason)) this.#add(gap(reason, this.#now()));
    this.#gaps.add(reason);
    this.#onError(error);
  }

  /** Marks that events are gone which were on disk. */
  #loseWritten(count: number, receivedAt: number): void {
    this.#written -= count;
    this.#lost += count;
    const mark = gap('file_lost', receivedAt);
    this.#waiting.unshift(mark);
    this.#waitingCharacters += mark.json.length;
    const problem = `its file was deleted or truncated by someone else, and ${count} events are lost`;
    this.#onError(new RecordingError('file_lost', this.#path, problem));
  }

  #add(line: PendingLine): void {
    this.#waiting.push(line);
    this.#waitingCharacters += line.json.length;
    if (this.#waitingCharacters >= BATCH_CHARACTERS && !this.#isRetrying) void this.#write().catch(() => undefined);
    else this.#writeIn(WRITE_INTERVAL_MS);
  }

  #writeIn(delayMs: number): void {
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = undefined;
      void this.#write().catch(() => undefined);
    }, delayMs);
  }

  /** Writes until nothing waits, and finds out whether the last file is still there. */
  #write(): Promise<void> {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writeWaiting().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeWaiting(): Promise<void> {
    try {
      do {
        const receivedAt = this.#waiting[0]?.receivedAt ?? this.#now();
        const lost = await this.#files.rotate(receivedAt);
        if (lost > 0) this.#loseWritten(lost, receivedAt);
        const count = await this.#files.append(this.#waiting);
        for (const { json, isEvent } of this.#waiting.splice(0, count)) {
          this.#waitingCharacters -= json.length;
          if (isEvent) this.#written += 1;
        }
      } while (this.#waiting.length > 0);
      this.#isRetrying = false;
    } catch (error) {
      this.#isRetrying = true;
      if (this.#closing === undefined) this.#writeIn(RETRY_MS);
      this.#onError(error as RecordingError);
      throw error;
    }
  }
}

function gap(reason: GapReason, receivedAt: number): PendingLine {
  return { receivedAt, json: JSON.stringify({ type: 'GAP', reason }), isEvent: false };
}

/**
 * Records a stream with any protocol: its events, events of unknown types, and gaps. Writes JSON Lines, one file per
 * span of time: `recordings/calls.jsonl` becomes `recordings/calls-20260131T093000.000Z.jsonl` and so on. Only their
 * owner may read the files. Use one path for one recorder.
 *
 * - Nothing is written before `redact` has seen it, and credentials are always removed: the stream's own tokens, fields
 *   that are named like a credential, `Authorization` values, JSON Web Tokens and long words that look like a token.
 * - A slow disk never slows the stream down. If it does not keep up, events are lost and counted.
 * - Where events are lost, a `GAP` is recorded, with the reason `overflow`, `event_failed` or `file_lost`.
 * - `counts.written` events are on disk. A crash loses at most the events of the last 100 ms and those that are being
 *   written; {@link readRecording} skips the line that it may have torn.
 *
 * @param path - names the files; an ending `.jsonl` is optional.
 * @throws (as rejection) `ConfigurationError` for an option that is unknown or out of range, or in runtimes
 *   without files; `RecordingError` if the folder cannot be created or read, or the path is that of a file.
 *
 * @example
 * ```ts
 * import { findPhoneNumbersInText } from 'libphonenumber-js';
 * import { recordStream, redactPersonalData } from 'agent-assist-sdk/conversations';
 *
 * await using recorder = await recordStream(stream, 'recordings/calls.jsonl', {
 *   redact: redactPersonalData({ findPhoneNumbers: (text) => findPhoneNumbersInText(text, 'US') }),
 *   pseudonymize: { key: process.env['RECORDING_KEY'] ?? '' },
 *   onError: (error) => console.error(error.message),
 * });
 * await stream.connect();
 * ```
 */
export async function recordStream(
  stream: RecordableStream,
  path: string,
  options: RecordStreamOptions = {},
): Promise<StreamRecorder> {
  checkKind('stream', stream, 'an AssistStream with on()');
  checkKind('stream.eventNames', stream.eventNames, 'a list of strings');
  checkKind('path', path, 'a string');
  checkOptions('recordStream', options, {
    redact: 'a function',
    pseudonymize: 'an object; it has a key',
    secrets: true,
    spanMs: true,
    maxBytes: true,
    onError: 'a function',
    clock: 'a clock with now()',
    logger: true,
  });
  const { pseudonymize, spanMs = 3_600_000, maxBytes = 1_073_741_824 } = options;
  checkTimeLimits({ spanMs });
  if (!(maxBytes >= MIN_BYTES)) throw new ConfigurationError(`maxBytes: expected at least ${MIN_BYTES}`);
  checkClock(options.clock);
  const pseudonymOf = pseudonymize === undefined ? undefined : pseudonymizer(pseudonymize.key);
  const files = await SpanFiles.open(path, { spanMs, maxBytes });
  return new StreamRecorder(stream, { path, files, pseudonymOf }, options);
}
