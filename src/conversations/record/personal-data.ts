import { isRecord } from '../../json.js';
import { checkKind, checkOptions } from '../../options.js';
import type { RecordedEvent, Redact } from '../types.js';
import { isPseudonym, pseudonymizer } from './pseudonyms.js';
import { mapTree, namesInteraction } from './tree.js';

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
   * least six digits in a row, separators aside.
   *
   * @defaultValue takes whatever may be a phone number for one: 7 to 15 digits (ITU-T E.164), except a date. This removes
   *   order numbers too
   */
  readonly findPhoneNumbers?: ((text: string) => readonly FoundPhoneNumber[]) | undefined;
}

/** The domain may be percent-encoded, or escaped as in HTML. */
const EMAIL =
  /(?:"[^"\n]{1,64}"|(?<![^\s@<>()[\]{}"'`,;:|\\/=&?])(?:[^\s@<>()[\]{}"'`,;:|\\/=&?]|(?<=[\p{L}\p{N}])'(?=[\p{L}\p{N}]))+)(?:@|%40|&#0*64;|&#x0*40;|&commat;)[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62}\.){1,8}[\p{L}\p{N}-]{2,63}/giu;

/** What people and transcription put between digits. No colon and no slash: they belong to times, dates and URLs. */
const BETWEEN = String.raw`[\s\p{Pd}.,_\u00ad\u200b-\u200d\u2060\ufeff]{0,3}`;
const MANY_DIGITS = new RegExp(String.raw`\p{Nd}(?:${BETWEEN}\p{Nd}){12,}`, 'gu');
const MAYBE_PHONE = /\p{Nd}(?:[^\p{L}\p{Nd}]{0,3}\p{Nd}){5,}/u;
/** Seven to 15 digits, not a date of ISO 8601, nor a part of a word or of an id with hyphens. */
const DIGITS_OF_PHONE =
  /(?<!\p{L}|\p{Nd}|[\p{L}\p{Nd}]-)(?!\p{Nd}{4}-\p{Nd}{2}-\p{Nd}{2}(?!\p{Nd}))[+(]{0,2}\p{Nd}(?:[\s().\/\p{Pd}]{0,3}\p{Nd}){6,14}(?!\p{L}|\p{Nd})/gu;
const ALL_DIGITS = /\p{Nd}/gu;
/** Digits at an edge of a text, with what stands between them and the edge. */
const FIRST_DIGITS = new RegExp(String.raw`^[^\p{L}\p{Nd}]{0,3}\p{Nd}(?:${BETWEEN}\p{Nd})*`, 'u');
const LAST_DIGITS = new RegExp(String.raw`\p{Nd}(?:${BETWEEN}\p{Nd})*[^\p{L}\p{Nd}]{0,3}$`, 'u');

/** Fields with what was said, which may end in the middle of a number. */
const SPEECH_FIELDS: ReadonlySet<string> = new Set(['text', 'transcript']);
/** So many digits of a number may stay (PCI DSS 4, requirement 3.4: the first six or eight of a card). */
const KEPT_DIGITS = 6;
/** How many speakers' last digits are remembered. */
const MAX_SPEAKERS = 10_000;

/**
 * Returns a {@link Redact} that replaces card numbers by `[card]`, e-mail addresses by `[email]` and phone numbers by
 * `[phone]`, in every text, number and field name of an event. Where an interaction's id is one of them, it gets a
 * pseudonym that differs by id.
 *
 * A card number is 13 to 19 digits with a valid check digit (ISO/IEC 7812-1), whatever script and separators. A number
 * may be cut into several pieces of speech: digits at an edge of what was said become `[number]` as soon as more than
 * six belong together, also across the fragments of a speaker. An address that is cut before its `@` is not found, nor
 * are names, postal addresses, and digits spelled as words: add a hook for those.
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
  checkOptions('redactPersonalData', options, { findPhoneNumbers: true });
  const { findPhoneNumbers = anyPhoneNumbers } = options;
  checkKind('findPhoneNumbers', findPhoneNumbers, 'function');
  const pseudonymOf = pseudonymizer(crypto.getRandomValues(new Uint8Array(32)));
  const speech = new SpeechEdges();
  const clean = (text: string): string => withoutPhones(withoutCards(text.replace(EMAIL, '[email]')), findPhoneNumbers);
  return (event) =>
    speech.clean(
      mapTree(event, {
        leaf: (value, field) => {
          if (typeof value === 'number' && isMeasure(value)) return value;
          const text = String(value);
          if (namesInteraction(field) && isPseudonym(text)) return value;
          const cleaned = clean(text);
          if (cleaned === text) return value;
          return namesInteraction(field) ? pseudonymOf(text) : cleaned;
        },
        field: clean,
      }) as RecordedEvent,
    );
}

/** Fractions, and times in ms since the epoch (2001 to 2049), are no numbers of people. */
const isMeasure = (value: number): boolean => !Number.isInteger(value) || (value > 1e12 && value < 2.5e12);

function withoutCards(text: string): string {
  return text.replace(MANY_DIGITS, (run) => (holdsCard(digitsOf(run)) ? '[card]' : run));
}

const anyPhoneNumbers = (text: string): readonly FoundPhoneNumber[] =>
  Array.from(text.matchAll(DIGITS_OF_PHONE), ({ 0: { length }, index }) => ({
    startsAt: index,
    endsAt: index + length,
  }));

function withoutPhones(text: string, find: NonNullable<PersonalDataOptions['findPhoneNumbers']>): string {
  if (!MAYBE_PHONE.test(text)) return text;
  // From the end, so that the earlier positions stay right.
  return find(text).reduceRight(
    (rest, { startsAt, endsAt }) => `${rest.slice(0, startsAt)}[phone]${rest.slice(endsAt)}`,
    text,
  );
}

/** Returns the values of all decimal digits, of any script: they stand in blocks of ten, apart after NFKC. */
function digitsOf(text: string): readonly number[] {
  return Array.from(text.matchAll(ALL_DIGITS), ([digit]) => {
    const code = digit.normalize('NFKC').codePointAt(0) ?? 0;
    let value = 0;
    while (/\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
    return value;
  });
}

/** Returns whether 13 to 19 of the digits in a row have a valid check digit (ISO/IEC 7812-1, annex B). */
function holdsCard(digits: readonly number[]): boolean {
  return digits.some((_, start) => {
    for (let length = 13; length <= 19 && start + length <= digits.length; length += 1) {
      if (mayBegin(digits[start], length) && hasCheckDigit(digits, start, length)) return true;
    }
    return false;
  });
}

/** No card begins with 0, and with 1 only those of airlines; times in ms, µs and ns since the epoch do. */
function mayBegin(digit: number | undefined, length: number): boolean {
  return digit !== 0 && (digit !== 1 || length === 15);
}

function hasCheckDigit(digits: readonly number[], start: number, length: number): boolean {
  let sum = 0;
  for (let index = 0; index < length; index += 1) {
    const digit = digits[start + length - 1 - index] ?? 0;
    const doubled = index % 2 === 0 ? digit : 2 * digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Removes digits at the edges of what was said, which may be a part of a longer number. */
class SpeechEdges {
  /** How many digits each speaker's last words ended with. */
  readonly #last = new Map<string, number>();

  clean(event: RecordedEvent): RecordedEvent {
    const payload = isRecord(event['payload']) ? event['payload'] : {};
    const text = event['text'] ?? payload['transcript'];
    if (typeof text !== 'string') return cleanEdges(event, undefined, 0);
    const context = isRecord(payload['context']) ? payload['context'] : {};
    const who = JSON.stringify([
      event['interactionId'] ?? payload['interactionId'],
      event['speaker'] ?? context['speaker'],
    ]);
    const said = this.#last.get(who) ?? 0;
    if (event['isFinal'] !== false) this.#remember(who, digitsAtEnd(text, said));
    return cleanEdges(event, text, said);
  }

  #remember(who: string, digits: number): void {
    this.#last.delete(who);
    if (digits > 0) this.#last.set(who, digits);
    const [oldest] = this.#last.size > MAX_SPEAKERS ? this.#last.keys() : [];
    if (oldest !== undefined) this.#last.delete(oldest);
  }
}

/**
 * @param text - what was said; an event may quote it in any field.
 * @param said - how many digits the speaker's words before ended with.
 */
function cleanEdges(event: RecordedEvent, text: string | undefined, said: number): RecordedEvent {
  return mapTree(event, {
    leaf: (value, field) =>
      typeof value === 'string' && (SPEECH_FIELDS.has(field) || value === text)
        ? value.replace(FIRST_DIGITS, (run) => masked(run, said)).replace(LAST_DIGITS, (run) => masked(run, 0))
        : value,
    field: (name) => name,
  }) as RecordedEvent;
}

const masked = (run: string, before: number): string =>
  before + countDigits(run) > KEPT_DIGITS ? run.replace(/\p{Nd}.*\p{Nd}|\p{Nd}/su, '[number]') : run;

function digitsAtEnd(text: string, said: number): number {
  const [run = ''] = LAST_DIGITS.exec(text) ?? [];
  const isWhole = run !== '' && !/[\p{L}\p{Nd}]/u.test(text.slice(0, text.length - run.length));
  // What follows a number that was replaced at the end may belong to it.
  if (/\[(?:number|card)\]\P{L}*$/u.test(text)) return said + KEPT_DIGITS;
  return countDigits(run) + (isWhole ? said : 0);
}

const countDigits = (text: string): number => text.match(ALL_DIGITS)?.length ?? 0;
