import { RecordingError } from '../../errors.js';
import { isThenable } from '../../http/internal.js';
import { readJson, writeJson } from '../../json.js';
import { isEventLine } from '../lines.js';
import type { Redact } from '../types.js';
import { pseudonymizeEvent, type Pseudonymizer } from './pseudonyms.js';
import { eventWithoutSecrets } from './secrets.js';

/** Parts of an {@link EventSerializer}. */
export interface EventSerializerOptions {
  /** Path of the recording, for errors. */
  readonly path: string;
  readonly redact: Redact;
  readonly pseudonymOf: Pseudonymizer | undefined;
  readonly secrets: () => readonly string[];
  /** Secrets that the stream has now. */
  readonly streamSecrets: () => readonly string[];
  readonly maxBytes: number;
}

/** How many secrets of the stream are remembered: an event may still quote the token of an earlier connection. */
const MAX_SECRETS = 100;

/** Writes events as the JSON that may be recorded. */
export class EventSerializer {
  readonly #options: EventSerializerOptions;
  readonly #secretsOfStream = new Set<string>();

  constructor(options: EventSerializerOptions) {
    this.#options = options;
  }

  /**
   * Returns the JSON of an event; `undefined` if `redact` left it out.
   *
   * @throws {@link RecordingError} if it cannot be recorded; it quotes nothing of the event.
   */
  toJson(event: object): string | undefined {
    try {
      return this.#toJson(event);
    } catch (error) {
      if (error instanceof RecordingError) throw error;
      const what = error instanceof Error ? `an error (${error.name})` : typeof error;
      throw this.#failed(`redact or secrets threw ${what}`);
    }
  }

  #toJson(event: object): string | undefined {
    const { redact, pseudonymOf, secrets, maxBytes } = this.#options;
    const clean = eventWithoutSecrets(event, [...this.#streamSecrets(), ...secrets()]);
    if (clean === undefined) throw this.#failed('an event cannot be written as JSON without its secrets');
    // Before `redact`, which may change a personal id.
    const named = pseudonymOf === undefined ? clean : pseudonymizeEvent(clean, pseudonymOf);
    const redacted: unknown = redact(named);
    if (redacted === undefined) return undefined;
    if (isThenable(redacted)) {
      Promise.resolve(redacted).catch(() => undefined);
      throw this.#failed('redact returned a promise, but must return the event');
    }
    const text = writeJson(redacted);
    if (text === undefined) throw this.#failed('redact returned an event that cannot be written as JSON');
    // As it will be read: an object may decide how it is written, and a line has one level more.
    if (!isEventLine(readJson(`{"event":${text}}`)))
      throw this.#failed('redact returned something else than an event with a type, or one with too many levels');
    if (new TextEncoder().encode(text).length > maxBytes)
      throw this.#failed(`an event has more than ${maxBytes} bytes`);
    return text;
  }

  #streamSecrets(): ReadonlySet<string> {
    for (const secret of this.#options.streamSecrets()) this.#secretsOfStream.add(secret);
    const [oldest] = this.#secretsOfStream.size > MAX_SECRETS ? this.#secretsOfStream : [];
    if (oldest !== undefined) this.#secretsOfStream.delete(oldest);
    return this.#secretsOfStream;
  }

  #failed(problem: string): RecordingError {
    return new RecordingError('event_failed', this.#options.path, problem);
  }
}
