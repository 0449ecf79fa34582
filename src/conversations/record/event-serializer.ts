import { RecordingError } from '../../errors.js';
import { isThenable } from '../../http/internal.js';
import { readJson, writeJson } from '../../json.js';
import { LinkedMap } from '../../linked-map.js';
import { isEventLine } from '../lines.js';
import type { Redact } from '../types.js';
import { pseudonymizeEvent, type Pseudonymizer } from './pseudonyms.js';
import { eventWithoutSecrets } from './secrets.js';

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

/**
 * Returns a function that writes an event as the JSON that may be recorded; `undefined` if `redact` left it out. It throws
 * a {@link RecordingError} if the event cannot be recorded, which quotes nothing of the event.
 */
export function eventSerializer(options: EventSerializerOptions): (event: object) => string | undefined {
  const { path, redact, pseudonymOf, secrets, streamSecrets, maxBytes } = options;
  const secretsOfStream = new LinkedMap<string, string>(MAX_SECRETS);
  const failed = (problem: string): RecordingError => new RecordingError('event_failed', path, problem);
  const serialize = (event: object): string | undefined => {
    for (const secret of streamSecrets()) secretsOfStream.set(secret, secret);
    const known = Array.from(secretsOfStream, ([secret]) => secret);
    const clean = eventWithoutSecrets(event, [...known, ...secrets()]);
    if (clean === undefined) throw failed('an event cannot be written as JSON without its secrets');
    // Before `redact`, which may change a personal id.
    const named = pseudonymOf === undefined ? clean : pseudonymizeEvent(clean, pseudonymOf);
    const redacted: unknown = redact(named);
    if (redacted === undefined) return undefined;
    if (isThenable(redacted)) {
      Promise.resolve(redacted).catch(() => undefined);
      throw failed('redact returned a promise, but must return the event');
    }
    const text = writeJson(redacted);
    if (text === undefined) throw failed('redact returned an event that cannot be written as JSON');
    // As it will be read: an object may decide how it is written, and a line has one level more.
    if (!isEventLine(readJson(`{"event":${text}}`)))
      throw failed('redact returned something other than an event with a type, or one nested too deeply');
    if (new TextEncoder().encode(text).length > maxBytes) throw failed(`an event has more than ${maxBytes} bytes`);
    return text;
  };
  return (event) => {
    try {
      return serialize(event);
    } catch (error) {
      if (error instanceof RecordingError) throw error;
      const what = error instanceof Error ? `an error (${error.name})` : typeof error;
      throw failed(`redact or secrets threw ${what}`);
    }
  };
}
