import { syncResult } from '../../http/internal.js';
import { isRecord } from '../../json.js';
import { LinkedMap } from '../../linked-map.js';
import { checkKind, checkOptions } from '../../options.js';
import type { RecordedEvent, Redact } from '../types.js';
import { anyPhoneNumbers, digitsAtEnd, markEdges, markNumbers } from './numbers.js';
import { isPseudonym, pseudonymizer } from './pseudonyms.js';
import { BETWEEN_TEXTS, redactText, type TextView } from './text-view.js';
import { lastWord, mapTree, namesInteraction } from './tree.js';

/** Where a phone number stands in a text. The results of `findPhoneNumbersInText` of libphonenumber-js fit. */
export interface FoundPhoneNumber {
  /** Index of its first character. */
  readonly startsAt: number;
  /** Index after its last character. */
  readonly endsAt: number;
}

/** Options of {@link redactPersonalData}. */
export interface PersonalDataOptions {
  /**
   * Finds the phone numbers of a text, e.g. `(text) => findPhoneNumbersInText(text, 'DE')` of the package
   * `libphonenumber-js`; the country is that of numbers without a country code. It is only called for texts with at
   * least six digits in a row, separators aside, and receives the text as it is read, with spaces for unusual separators
   * and without dates, times and amounts.
   *
   * @defaultValue anything that may be a phone number: 7 to 15 digits (ITU-T E.164), except a date. This removes
   *   order numbers too
   */
  readonly findPhoneNumbers?: ((text: string) => readonly FoundPhoneNumber[]) | undefined;
}

const LOCAL = String.raw`[^\s\0${BETWEEN_TEXTS}@<>()[\]{}"'\x60,;:|\\/=&?]`;
/** Also as quoted-printable (RFC 2045). White space before it only belongs to a mention, e.g. `ask @bob.smith`. */
const SIGN = String.raw`(?:@{1,2}|=40)`;
const AT = String.raw`(?:${BETWEEN_TEXTS}?${SIGN}[\s${BETWEEN_TEXTS}]?|\s${SIGN}\s)`;
const DOMAIN = String.raw`[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_-]{0,62}\.){1,8}\p{L}[\p{L}\p{M}\p{N}-]{1,62}|(?:\d{1,3}\.){3}\d{1,3}`;
/** Of a domain that is hardly the name of a person, the last part is short. */
const AFTER_SPACE = String.raw`(?<!@[^\s@]{1,64})\s@[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62}\.){1,8}\p{L}{2,3}(?![\p{L}\p{N}_-]|\.\p{L})`;
const EMAIL = new RegExp(
  String.raw`(?:"[^"\n]{1,64}"|(?<![\p{L}\p{N}])'[^'\s@]{1,64}'(?=@)|(?<!${LOCAL}|[\p{L}\p{N}]')(?:${LOCAL}|(?<=[\p{L}\p{N}])'(?=[\p{L}\p{N}]))+)(?:${AT}(?:${DOMAIN})|${AFTER_SPACE})`,
  'gu',
);

/** Fields with what was said, which may end in the middle of a number. */
const SPEECH_FIELDS: ReadonlySet<string> = new Set(['text', 'transcript']);
/** What every encoding of an address or a number contains. */
const MAY_BE_PERSONAL = /[@\uff20\ufe6b&\p{N}]/u;
const mayHold = (reading: string): boolean => /[@\d]/.test(reading);
/** A number of a list, which may be a part of a longer one. */
const PIECE = /^[^\p{L}\d]{0,4}\d{1,18}(?: \d{1,9}){0,3}[^\p{L}\d]{0,4}$/u;
/** So deep below a list its words may stand. */
const WORD_DEPTH = 3;
/** Times in s and ms since the epoch, 2001 to 2049. */
const TIMES = [
  [1e9, 2.5e9],
  [1e12, 2.5e12],
] as const;
const TIME_FIELD = new RegExp(
  `${lastWord('at|ts|ms|millis|seconds|epoch|since|until|start|end|started|ended|sent|received|expires|iat|exp|nbf').source}|(?:[Tt]ime|[Dd]ate|[Ss]tamp)s?$`,
);
/** How many speakers' last digits are remembered. */
const MAX_SPEAKERS = 10_000;

/**
 * Returns a {@link Redact} that replaces card numbers with `[card]`, e-mail addresses with `[email]` and phone numbers
 * with `[phone]`, in every text, number and field name of an event. Where an interaction's id is one of them, it gets a
 * pseudonym that differs by id.
 *
 * Texts are read as a person reads them: invisible characters and HTML tags are skipped, character references,
 * percent-encoding and escapes are decoded, even if repeated, and JSON in a text and the words of a list are read as
 * such. A card number is 13 to 19 digits with a valid check digit (ISO/IEC 7812-1), in any script, with up to four
 * other characters between two digits. Fractions stay, and so do whole numbers that may be a time, in s or ms since the
 * epoch from 2001 to 2049, in fields that are named like a time, e.g. `startedAt`.
 *
 * A number may be cut into several pieces of speech: digits at an edge of what was said become `[number]` as soon as
 * more than six belong together, even across the fragments of a speaker. It does not find an address that is cut before
 * its `@`, a number that is cut into several fields or into a list of JSON numbers, names, postal addresses, or digits
 * that are spelled as words: add a hook for those.
 *
 * It remembers the last digits of each speaker; create one for each recorder.
 *
 * @throws `ConfigurationError` for an unknown option.
 *
 * @example
 * ```ts
 * import { findPhoneNumbersInText } from 'libphonenumber-js';
 * import { recordStream, redactPersonalData } from 'agent-assist-sdk/conversations';
 *
 * await using recorder = await recordStream(stream, 'recordings/acme.jsonl', {
 *   redact: redactPersonalData({ findPhoneNumbers: (text) => findPhoneNumbersInText(text, 'US') }),
 * });
 * ```
 */
export function redactPersonalData(options: PersonalDataOptions = {}): Redact {
  checkOptions('redactPersonalData', options, { findPhoneNumbers: 'a function' });
  const { findPhoneNumbers = anyPhoneNumbers } = options;
  const pseudonymOf = pseudonymizer(crypto.getRandomValues(new Uint8Array(32)));
  const withoutEdges = speechEdges();
  const marksNumbers = (view: TextView): void =>
    markNumbers(view, (text) => syncResult('findPhoneNumbers', findPhoneNumbers(text)));
  const mark = (view: TextView): void => {
    if (/@|=40/.test(view.text)) view.mark(EMAIL, '[email]');
    marksNumbers(view);
  };
  const clean = (text: string): string =>
    MAY_BE_PERSONAL.test(text) ? redactText(text, mayHold, mark, marksNumbers) : text;
  return (event) => {
    checkKind('event', event, 'an object');
    return withoutEdges(
      mapTree(event, {
        leaf: (value, field) => {
          if (typeof value === 'number' && isMeasure(value, field)) return value;
          const text = String(value);
          if (namesInteraction(field) && isPseudonym(text)) return value;
          const cleaned = clean(text);
          if (cleaned === text) return value;
          return namesInteraction(field) ? pseudonymOf(text) : cleaned;
        },
        field: clean,
        list: (items) => cleanList(items, clean),
      }) as RecordedEvent,
    );
  };
}

/** Fractions, and times in fields that are named like a time, are no numbers of people. */
const isMeasure = (value: number, field: string): boolean =>
  !Number.isInteger(value) || (TIMES.some(([min, max]) => value > min && value < max) && TIME_FIELD.test(field));

/** Where a text of a list stands. */
interface Word {
  readonly holder: Record<string, unknown>;
  readonly name: string;
  readonly text: string;
}

/** Returns a list without numbers and addresses that are cut into several of its texts, or texts of one field of its items. */
function cleanList(items: readonly unknown[], clean: (text: string) => string): readonly unknown[] {
  const words = new Map<string, Word[]>();
  const copy = copyWords(items, '', 0, words) as readonly unknown[];
  for (const sameField of words.values()) {
    let run: Word[] = [];
    for (const word of sameField) {
      if (!belongTogether(run.at(-1)?.text, word.text)) {
        cleanRun(run, clean);
        run = [];
      }
      run.push(word);
    }
    cleanRun(run, clean);
  }
  return copy;
}

/** Returns a copy of what a list holds, and adds its texts by their field, e.g. those of each first alternative. */
function copyWords(value: unknown, field: string, depth: number, words: Map<string, Word[]>): unknown {
  if (depth > WORD_DEPTH || !(Array.isArray(value) || isRecord(value))) return value;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
  for (const [name, item] of Object.entries(copy)) {
    const isItem = Array.isArray(value) && (depth === 0 || !isRecord(item));
    const path = isItem ? field : `${field}/${name}`;
    if (typeof item !== 'string') copy[name] = copyWords(item, path, depth + 1, words);
    else if (item.includes(BETWEEN_TEXTS)) continue;
    else if (words.get(path)?.push({ holder: copy, name, text: item }) === undefined)
      words.set(path, [{ holder: copy, name, text: item }]);
  }
  return copy;
}

function cleanRun(run: readonly Word[], clean: (text: string) => string): void {
  if (run.length < 2) return;
  const texts = clean(run.map(({ text }) => text).join(BETWEEN_TEXTS)).split(BETWEEN_TEXTS);
  for (const [index, { holder, name }] of run.entries()) holder[name] = texts[index];
}

const belongTogether = (text: string | undefined, next: string): boolean =>
  text !== undefined &&
  ((PIECE.test(text) && PIECE.test(next) && mayBePieces(text, next)) || text.endsWith('@') || next.startsWith('@'));

/** Long numbers belong together only if both are no longer than a card: others are numbers of their own. */
function mayBePieces(...texts: readonly string[]): boolean {
  const counts = texts.map((text) => text.match(/\d/g)?.length ?? 0);
  return texts.every((text) => !/\d{10}/.test(text)) || counts.reduce((sum, count) => sum + count) <= 19;
}

/** Returns a function that removes digits at the edges of what was said, which may be a part of a longer number. */
function speechEdges(): (event: RecordedEvent) => RecordedEvent {
  /** How many digits each speaker's last words ended with. */
  const last = new LinkedMap<string, number>(MAX_SPEAKERS);
  return (event) => {
    const payload = isRecord(event['payload']) ? event['payload'] : {};
    const text = event['text'] ?? payload['transcript'];
    if (typeof text !== 'string') return cleanEdges(event, undefined, 0);
    const context = isRecord(payload['context']) ? payload['context'] : {};
    const who = JSON.stringify([
      event['interactionId'] ?? payload['interactionId'],
      event['speaker'] ?? context['speaker'],
    ]);
    const said = last.get(who) ?? 0;
    if (event['isFinal'] !== false) {
      const digits = digitsAtEnd(text, said);
      if (digits > 0) last.set(who, digits);
      else last.delete(who);
    }
    return cleanEdges(event, text, said);
  };
}

/**
 * @param text - what was said; an event may quote it in any field.
 * @param said - how many digits the speaker's words before ended with.
 */
function cleanEdges(event: RecordedEvent, text: string | undefined, said: number): RecordedEvent {
  return mapTree(event, {
    leaf: (value, field) =>
      typeof value === 'string' && (SPEECH_FIELDS.has(field) || value === text) && MAY_BE_PERSONAL.test(value)
        ? redactText(value, mayHold, (view) => markEdges(view, said))
        : value,
    field: (name) => name,
  }) as RecordedEvent;
}
