import { ConfigurationError } from './errors.js';

/**
 * How a term is looked for: `contains` finds it anywhere, inside another word too (`refund` in `refunded`);
 * `whole-word` only where no letter, digit, combining mark or underscore of any script touches it. Scripts that put no
 * spaces between words (Chinese, Thai, …) need `contains`.
 */
export type TermMatch = 'contains' | 'whole-word';

/** Phrases that an agent must not be shown (protocol 8). */
export const PROHIBITED_PHRASES: readonly string[] = ['guarantee full refund', 'legal action', 'sue the company'];

/** Blank without being white space for JavaScript: NEL, the blank Braille cell and the Hangul fillers. */
const BLANK = /[\u0085\u115F\u1160\u2800\u3164\uFFA0]/gu;
const INVISIBLE = /\p{Default_Ignorable_Code_Point}|(?!\s)\p{Cc}/gu;
const SINGLE_QUOTE =
  /[`\u00B4\u02B9-\u02BD\u02C8\u02CA\u02CB\u2018-\u201B\u2032\u2035\u2039\u203A\u055A\u05F3\uA78B\uA78C\uFF07\uFF40]/gu;
const DOUBLE_QUOTE = /[\u00AB\u00BB\u02BA\u02EE\u201C-\u201F\u2033\u2036\u301D-\u301F\u05F4\uFF02]/gu;
const HYPHEN = /[\p{Dash}\u02D7\u2043]/gu;
/** Between words like a space or a hyphen: the middle dots, of which U+30FB stands for all. */
const MIDDLE_DOT = /[\u00B7\u2022\u2027\u2219\u22C5\u30FB\uFF65]/gu;
/** Strokes and lines across or under a letter, and what encloses it. */
const OVERLAY = /[\p{Me}\u0332-\u0338\u20D2\u20D3\u20D8-\u20DA\u20E5-\u20EB]/gu;
/** White letters on black circles and squares, and those of flags; NFKC knows only the black ones. */
const BOXED_LETTER = /[\u{1F150}-\u{1F169}\u{1F170}-\u{1F189}\u{1F1E6}-\u{1F1FF}]/gu;
/** ASCII whose folding is its upper case. */
const PLAIN = /^[\t-\r -_a-~]*$/;

function foldSigns(text: string): string {
  return text.replace(SINGLE_QUOTE, "'").replace(DOUBLE_QUOTE, '"').replace(HYPHEN, '-').replace(MIDDLE_DOT, '\u30FB');
}

function unboxed(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  const first = [0x1f1e6, 0x1f170, 0x1f150].find((start) => code >= start) ?? code;
  return String.fromCharCode(0x41 + code - first);
}

/**
 * Brings text to a form in which only differences that a reader sees are left: the same under any case (Unicode's full
 * case folding: `ß` = `SS`, `ς` = `Σ`, and the Turkish `İ` and `ı` as `i`; independent of a locale), width and
 * compatibility form (NFKC: `ｒｅｆｕｎｄ`, `ﬁ`), composed or decomposed, under any form of single quotes, double quotes and
 * hyphens, without characters that nobody sees (soft hyphens, zero-width characters, variation selectors, bidirectional
 * controls), without strokes through letters or signs around them, and with each run of white space as one space. Letters of other scripts that look alike, e.g. the Cyrillic
 * `а`, stay apart: they are other letters in their own languages.
 */
function foldText(text: string): string {
  if (PLAIN.test(text)) return text.toUpperCase().replace(/\s+/g, ' ');
  // Signs before and after: compatibility forms take some apart (`´`) and make others (`ŉ`).
  const seen = text.replace(BLANK, ' ').replace(INVISIBLE, '').replace(OVERLAY, '').replace(BOXED_LETTER, unboxed);
  const compatible = foldSigns(foldSigns(seen).normalize('NFKC'));
  return (
    compatible
      // Upper case after lower case is the full case folding.
      .toLowerCase()
      .replace(/i\u0307/g, 'i')
      .toUpperCase()
      .normalize('NFKC')
      .replace(/\s+/g, ' ')
  );
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function finder(folded: string, match: TermMatch): (foldedText: string, text: string) => boolean {
  const wordCharacter = '[\\p{L}\\p{M}\\p{N}_]';
  const [start, end] = match === 'contains' ? ['', ''] : [`(?<!${wordCharacter})`, `(?!${wordCharacter})`];
  const strict = new RegExp(`${start}${escapeForRegExp(folded)}${end}`, 'u');
  const loose = new RegExp(`${start}${escapeForRegExp(folded).replace(/[ \u30FB-]/g, '[ \u30FB-]?')}${end}`, 'u');
  return (foldedText, text) =>
    // A middle dot or an invisible character may stand in the place of a space.
    text.search(MIDDLE_DOT) !== -1 || text.search(INVISIBLE) !== -1
      ? loose.test(foldedText)
      : // Most texts have most terms nowhere, which is told much faster than where a word ends.
        foldedText.includes(folded) && strict.test(foldedText);
}

/**
 * A function that says which of `terms` a text has, as they were given and in their order. Compares as
 * {@link foldText} does.
 *
 * @throws {@link ConfigurationError} if a term has no visible character: it would be found in every text.
 */
export function termFinder(terms: readonly string[], match: TermMatch): (text: string) => string[] {
  const finders = terms.map((term, index) => {
    const folded = foldText(term).trim();
    if (folded === '') throw new ConfigurationError(`The term at index ${index} is blank`);
    return { term, isIn: finder(folded, match) };
  });
  return (text) => {
    const folded = foldText(text);
    return finders.filter(({ isIn }) => isIn(folded, text)).map(({ term }) => term);
  };
}

/**
 * What a person does not see: controls, format characters, halves of surrogate pairs, and all that a font may ignore, e.g.
 * variation selectors and tags. Kept where it shows: a joiner (U+200C, U+200D) between letters of the scripts that it
 * joins, U+200D between emoji, and a selector (U+FE0E, U+FE0F) behind an emoji or in a keycap.
 */
const JOINED =
  '[\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Deva}\\p{scx=Beng}\\p{scx=Guru}\\p{scx=Gujr}\\p{scx=Orya}\\p{scx=Taml}\\p{scx=Telu}\\p{scx=Knda}\\p{scx=Mlym}\\p{scx=Sinh}\\p{scx=Khmr}\\p{scx=Mymr}\\p{scx=Mong}]';
const JOINED_LETTER = `(?=[\\p{L}\\p{M}])${JOINED}`;
const VISIBLE = [
  `(?<=${JOINED_LETTER})[\\u200C\\u200D](?=${JOINED_LETTER})`,
  '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F])\\u200D(?=\\p{Extended_Pictographic})',
  '(?<=\\p{Extended_Pictographic})[\\uFE0E\\uFE0F]',
  '(?<=[\\d#*])\\uFE0F(?=\\u20E3)',
].join('|');
const UNSEEN = new RegExp(
  `(?!${VISIBLE})(?![\\t-\\r\\u0085\\u115F\\u1160\\u3164\\uFFA0])[\\p{Cf}\\p{Cc}\\p{Cs}\\p{Default_Ignorable_Code_Point}]`,
  'gu',
);
/** White space, and what looks like it: the blank Braille cell and the Hangul fillers. */
const BLANKS = /[\s\u0085\u115F\u1160\u2800\u3164\uFFA0]+/gu;

/** The text that a person sees, on one line: each run of blanks as one space, and without characters that show nothing. */
export function visibleText(text: string): string {
  const seen = text.replace(UNSEEN, '').replace(BLANKS, ' ');
  // What was taken out may have kept a joiner or a selector company.
  return seen === text ? text : visibleText(seen);
}
