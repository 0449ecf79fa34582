import { ConfigurationError } from '../../errors.js';
import { builtinModule } from '../../file-system.js';
import { LinkedMap } from '../../linked-map.js';
import { escapeForRegExp } from '../../regexp.js';
import type { RecordedEvent } from '../types.js';
import { readText, redactText } from './text-view.js';
import { mapTree, namesInteraction } from './tree.js';

/** Shorter keys can be guessed. */
const MIN_KEY_BYTES = 16;
/** How many pseudonyms are kept, to compute them once. */
const KEPT = 10_000;
/** Shorter ids occur by chance in texts that do not name the interaction. */
const MIN_ID_LENGTH = 4;

/** Whether a text has the form of a pseudonym. */
export const isPseudonym = (text: string): boolean => /^[\da-f]{32}$/.test(text);

/** Returns the pseudonym of an id, always the same. Without the key, nobody can tell the id from it. */
export type Pseudonymizer = (id: string) => string;

/**
 * Returns 32 hex digits of the HMAC-SHA-256 (RFC 2104) of an id, as a function of the id.
 *
 * @throws {@link ConfigurationError} for a key of less than 16 bytes, or a runtime without files.
 */
export function pseudonymizer(key: string | Uint8Array): Pseudonymizer {
  const given = typeof key === 'string' ? new TextEncoder().encode(key) : key;
  if (!(given instanceof Uint8Array) || given.length < MIN_KEY_BYTES)
    throw new ConfigurationError(`pseudonymize.key: expected a secret of at least ${MIN_KEY_BYTES} bytes`);
  // The caller may wipe its own.
  const bytes = Uint8Array.from(given);
  const { createHmac } = builtinModule('node:crypto', 'recordStream');
  const known = new LinkedMap<string, string>(KEPT);
  return (id) => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const pseudonym = createHmac('sha256', bytes).update(id).digest('hex').slice(0, 32);
    known.set(id, pseudonym);
    return pseudonym;
  };
}

/** Returns a copy of an event in which the ids of interactions are pseudonyms, wherever they stand in it. */
export function pseudonymizeEvent(event: RecordedEvent, pseudonymOf: Pseudonymizer): RecordedEvent {
  const ids = new Set<string>();
  mapTree(event, {
    leaf: (value, field) => {
      if (namesInteraction(field) && value !== '') ids.add(String(value));
      return value;
    },
    field: (name) => name,
  });
  if (ids.size === 0) return event;
  const long = [...ids].filter((id) => id.length >= MIN_ID_LENGTH).sort((a, b) => b.length - a.length);
  const readings = new Map(long.map((id) => [readText(id), id]));
  const inLowerCase = new Map([...readings].map(([reading, id]) => [reading.toLowerCase(), id]));
  const pattern = [...readings.keys()].map(escapeForRegExp).join('|');
  // An id within a word is a part of another one.
  const quoted = new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern === '' ? '(?!)' : pattern})(?![\\p{L}\\p{N}])`, 'giu');
  const mayHold = (text: string): boolean => text.search(quoted) >= 0;
  const replace = (text: string): string =>
    redactText(text, mayHold, (view) => {
      for (const { 0: found, index } of view.text.matchAll(quoted)) {
        const id = readings.get(found) ?? inLowerCase.get(found.toLowerCase()) ?? found;
        view.markRanges([{ startsAt: index, endsAt: index + found.length }], pseudonymOf(id));
      }
    });
  const named = mapTree(event, {
    leaf: (value, field) => {
      if (ids.has(String(value)) && (namesInteraction(field) || long.includes(String(value))))
        return pseudonymOf(String(value));
      return typeof value === 'string' ? replace(value) : value;
    },
    field: replace,
  });
  // The kind of an event is no id.
  return { ...(named as RecordedEvent), type: event.type };
}
