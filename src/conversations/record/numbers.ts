import { readText, type Range, type TextView } from './text-view.js';

/** So many digits of a number may stay (PCI DSS 4, requirement 3.4: the first six or eight of a card). */
const KEPT_DIGITS = 6;

/** What people, machines and markup put between the digits of a number; not a sign of currency, nor what is marked. */
const BETWEEN = String.raw`[^\p{L}\p{Sc}\d\0]{0,4}`;
/** A sign of currency alone separates, too. */
const MANY_DIGITS = new RegExp(String.raw`\d(?:(?:${BETWEEN}|\p{Sc})\d){12,}`, 'gu');
/** Six digits in a row. */
const SOME_DIGITS = new RegExp(String.raw`\d(?:(?:${BETWEEN}|\p{Sc})\d){5}`, 'u');

const EDGE = String.raw`[^\p{L}\d]{0,4}`;
/** Digits at an edge of a text. */
const FIRST_DIGITS = new RegExp(String.raw`(?<=^${EDGE})\d(?:${BETWEEN}\d)*`, 'gu');
const LAST_DIGITS = new RegExp(String.raw`(?<!\d${BETWEEN})\d(?:${BETWEEN}\d)*(?=${EDGE}$)`, 'gu');

/** What says nothing, or not more than a sound of hesitation, e.g. `uh`, `hmm`. */
const SILENCE = /^[^\p{L}\d]*(?:[aeuäöh]{0,3}[hm]{1,4}[^\p{L}\d]*)?$/iu;

/** Dates (ISO 8601, or with slashes or dots) with or without a time, and times. */
const DATE = String.raw`(?:(?:19|20)\d\d-[01]\d-[0-3]\d|[0-3]?\d(?:\/[0-3]?\d\/|\.[01]?\d\.)(?:19|20)\d\d)(?!\d)`;
const CLOCK = String.raw`[012]?\d:[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?(?![\d:])`;
const TIME = String.raw`(?<![\d:])(?:${DATE}(?:[T\s]${CLOCK})?|${CLOCK})`;
/** A latitude and a longitude. */
const PLACE = String.raw`(?<![\d.])\d{1,3}\.\d{3,15}\s?,\s?-?\d{1,3}\.\d{3,15}(?![\d.])`;
const NO_CARD = new RegExp(`${TIME}|${PLACE}`, 'gu');
const A_DATE = new RegExp(DATE, 'u');

/** As {@link BETWEEN}, but colons belong to times, and the numbers of a list stand between commas and spaces. */
const IN_PHONE = String.raw`(?:(?!,\s)[^\p{L}\p{Sc}\d\0:;#%])`;
const THOUSANDS = String.raw`(?<!\d${IN_PHONE}{0,4})\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!${IN_PHONE}{0,4}\d)`;
const ALONE = String.raw`(?<![+\d.]|\d${IN_PHONE}{1,4})`;
const AMOUNT = String.raw`${ALONE}\d{1,9}(?:[.,]\d{1,4})?\s?\p{Sc}(?!\s?\d)|(?<=\p{Sc}\s?)\d{1,9}(?:[.,]\d{1,4})?(?!${IN_PHONE}{0,4}\d)`;
const YEARS = String.raw`${ALONE}(?:19|20)\d\d\s?[–/-]\s?(?:19|20)\d\d(?!${IN_PHONE}{0,4}\d)`;
const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const IP_ADDRESS = String.raw`${ALONE}(?:${OCTET}\.){3}${OCTET}(?!\d|\.\d|${IN_PHONE}{0,4}\d)`;
/** Times, places, amounts, spans of years, addresses of machines (IPv4), and fractions below one. */
const MEASURES = new RegExp(
  String.raw`${TIME}|${PLACE}|${THOUSANDS}|${AMOUNT}|${YEARS}|${IP_ADDRESS}|(?<![\d.])0\.\d+(?![\d.])`,
  'gu',
);
/** An id with hyphens, which stays, or what stands between digits. */
const SEPARATORS = new RegExp(String.raw`(?<![\p{L}\d])\p{L}[\p{L}\d]*-[\w-]*|(?<=\d)${IN_PHONE}{1,4}(?=\d)`, 'gu');
const DIGITS = String.raw`[+(]{0,2}\d(?:[ ().\/+~-]{0,4}\d)`;
/** A word that touches at least nine digits, unless it may be a part of an id in hex digits, or a unit. */
const HEX = String.raw`[A-Fa-f]+(?!\p{L})`;
const GLUED_WORDS = new RegExp(
  String.raw`(?<![\p{L}\d_-])(?!${HEX})\p{L}{2,20}(?=${DIGITS}{8,14}(?!\d))|(?<=\d[\d ().-]{7}\d)(?!${HEX}|[mnuµ]s)\p{L}{2,20}(?![\p{L}\d])`,
  'gu',
);
/** Seven to 15 digits and an extension, not a part of an id with hyphens. */
const PHONES = new RegExp(
  String.raw`(?<!\p{L}|\d|[\p{L}\d]-)${DIGITS}{6,14}(?:\s?e?xt?\.?\s?\d{1,6}(?![\p{L}\d]))?(?!(?!e?xt?\d)\p{L}|\d)`,
  'gu',
);

/** Finds whatever may be a phone number. */
export const anyPhoneNumbers = (text: string): readonly Range[] =>
  Array.from(text.matchAll(PHONES), ({ 0: { length }, index }) => ({ startsAt: index, endsAt: index + length }));

/** Marks card numbers, and the phone numbers that a function finds in the text as it is read. */
export function markNumbers(view: TextView, findPhones: (text: string) => readonly Range[]): void {
  if (!SOME_DIGITS.test(view.text)) return;
  view.mark(MANY_DIGITS, '[card]', holdsCard);
  const readable = view.text
    .replace(MEASURES, (measure) => '\0'.repeat(measure.length))
    .replace(SEPARATORS, (found) => (/^\p{L}/u.test(found) ? found : found.replaceAll(/[^ ().\/+~-]/g, ' ')))
    .replace(GLUED_WORDS, (word) => ' '.repeat(word.length));
  if (SOME_DIGITS.test(readable)) view.markRanges(findPhones(readable), '[phone]');
}

/**
 * Marks digits at the edges of a text, which may be a part of a longer number.
 *
 * @param said - how many digits the words before it ended with.
 */
export function markEdges(view: TextView, said: number): void {
  view.mark(FIRST_DIGITS, '[number]', (run) => said + digitsOf(run).length > KEPT_DIGITS);
  view.mark(LAST_DIGITS, '[number]', (run) => digitsOf(run).length > KEPT_DIGITS);
}

/** Returns how many digits a text ends with, with those that were said before it if it says nothing else. */
export function digitsAtEnd(text: string, said: number): number {
  // What follows a number that was replaced at the end may belong to it.
  if (/\[(?:number|card|phone)\]\P{L}*$/u.test(text)) return said + KEPT_DIGITS;
  const read = readText(text);
  const [run] = read.match(LAST_DIGITS) ?? [];
  if (run === undefined) return SILENCE.test(read) ? said : 0;
  const isWhole = !/[\p{L}\d]/u.test(read.slice(0, read.lastIndexOf(run)));
  return digitsOf(run).length + (isWhole ? said : 0);
}

const digitsOf = (text: string): readonly number[] => Array.from(text.matchAll(/\d/g), Number);

/** Returns whether digits between times and places are those of a card, or all digits together, which may look like times. */
function holdsCard(run: string): boolean {
  const parts = run.split(NO_CARD).map((part) => digitsOf(part));
  if (parts.some((digits) => digits.some((_, start) => lengthOfCard(digits, start) > 0))) return true;
  const all = digitsOf(run);
  return !A_DATE.test(run) && parts.some(({ length }) => length > 0) && lengthOfCard(all, 0) === all.length;
}

/** Returns how many digits from one on, 13 to 19, have a valid check digit (ISO/IEC 7812-1, annex B); else 0. */
function lengthOfCard(digits: readonly number[], start: number): number {
  for (let length = Math.min(19, digits.length - start); length >= 13; length -= 1) {
    // No card begins with 0, and with 1 only those of airlines; times in ms, µs and ns since the epoch do.
    const mayBegin = digits[start] !== 0 && (digits[start] !== 1 || length === 15);
    if (mayBegin && hasCheckDigit(digits.slice(start, start + length))) return length;
  }
  return 0;
}

function hasCheckDigit(digits: readonly number[]): boolean {
  const sum = digits.reduceRight((total, digit, index) => {
    const doubled = (digits.length - index) % 2 === 1 ? digit : 2 * digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}
