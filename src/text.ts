import { wordFinder } from './aho-corasick.js';
import { ConfigurationError } from './errors.js';
import { escapeForRegExp } from './regexp.js';

/**
 * How a term matches: `contains` anywhere, even inside another word (`refund` in `refunded`); `whole-word` only if no
 * letter, digit, combining mark or underscore of any script touches it. Scripts without spaces between words (Chinese,
 * Thai, …) need `contains`.
 */
export type TermMatch = 'contains' | 'whole-word';

/** Phrases that must not be suggested to an agent (protocol 8). */
export const PROHIBITED_PHRASES: readonly string[] = ['guarantee full refund', 'legal action', 'sue the company'];

/** Blank characters that are not white space in JavaScript: NEL, the blank Braille cell and the Hangul fillers. */
const BLANK = /[\u0085\u115F\u1160\u2800\u3164\uFFA0]/gu;
/** Code points that fonts may ignore (`Default_Ignorable_Code_Point`), marks of annotations, and controls. */
const INVISIBLE = /[\p{DI}\uFFF9-\uFFFB]|(?!\s)\p{Cc}/gu;
const SINGLE_QUOTE =
  /[`\u00B4\u02B9-\u02BD\u02C8\u02CA\u02CB\u2018-\u201B\u2032\u2035\u2039\u203A\u055A\u05F3\uA78B\uA78C\uFF07\uFF40]/gu;
const DOUBLE_QUOTE = /[\u00AB\u00BB\u02BA\u02EE\u201C-\u201F\u2033\u2036\u301D-\u301F\u05F4\uFF02]/gu;
const HYPHEN = /[\p{Dash}\u02D7\u2043]/gu;
/** Middle dots, which separate words like a space or a hyphen; U+30FB stands for all. */
const MIDDLE_DOT = /[\u00B7\u2022\u2027\u2219\u22C5\u30FB\uFF65]/gu;
/** Strokes and lines across, over or under a letter, and enclosing marks. */
const OVERLAY = /[\p{Me}\u0305\u0332-\u0338\u033F\u035E\u035F\u20D2\u20D3\u20D8-\u20DA\u20E5-\u20EB]/gu;
/** White letters on black circles and squares, and those of flags; NFKC maps only the black ones. */
const BOXED_LETTER = /[\u{1F150}-\u{1F169}\u{1F170}-\u{1F189}\u{1F1E6}-\u{1F1FF}]/gu;
/** ASCII whose case folding is its lower case. */
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
 * Normalizes text so that only visible differences remain. The result is the same under any case (Unicode's full case
 * folding: `ß` = `SS`, `ς` = `Σ`, and the Turkish `İ` and `ı` as `i`; independent of a locale), width and compatibility
 * form (NFKC: `ｒｅｆｕｎｄ`, `ﬁ`), composed or decomposed, and any form of single quotes, double quotes and hyphens.
 * Invisible characters (soft hyphens, zero-width characters, variation selectors, bidirectional controls), strokes
 * and lines through, over or under letters and enclosing marks are removed. Each run of white space becomes one space.
 * Lookalike letters of other scripts, e.g. the Cyrillic `а`, stay different: they are other letters in their own languages.
 */
function foldText(text: string): string {
  if (PLAIN.test(text)) return text.toUpperCase().replace(/\s+/g, ' ');
  // Marks before and after: compatibility forms decompose some (`´`) and create others (`ŉ`).
  const seen = text.replace(BLANK, ' ').replace(INVISIBLE, '').replace(OVERLAY, '').replace(BOXED_LETTER, unboxed);
  const compatible = foldSigns(foldSigns(seen).normalize('NFKC'));
  return (
    compatible
      // Upper case followed by lower case is the full case folding.
      .toLowerCase()
      .replace(/i\u0307/g, 'i')
      .toUpperCase()
      .normalize('NFKC')
      .replace(/\s+/g, ' ')
  );
}

/** Characters that may be absent from a text with invisible characters. */
const SEPARATOR = /[ \u30FB-]/g;

/** From this many terms on, a search for each costs more than one search for all. */
const MANY = 100;

interface FoldedText {
  readonly folded: string;
  /** A middle dot or an invisible character may replace a space. */
  readonly isLoose: boolean;
}

interface Term {
  readonly term: string;
  readonly folded: string;
  readonly isIn: (text: FoldedText) => boolean;
}

function toFoldedText(text: string): FoldedText {
  const isLoose = !PLAIN.test(text) && (text.search(MIDDLE_DOT) !== -1 || text.search(INVISIBLE) !== -1);
  return { folded: foldText(text), isLoose };
}

/** @throws {@link ConfigurationError} if the term has no visible character. */
function toTerm(term: string, index: number, match: TermMatch): Term {
  const folded = foldText(term).trim();
  if (folded === '') throw new ConfigurationError(`The term at index ${index} is blank`);
  const wordCharacter = '[\\p{L}\\p{M}\\p{N}_]';
  const [start, end] = match === 'contains' ? ['', ''] : [`(?<!${wordCharacter})`, `(?!${wordCharacter})`];
  const escaped = escapeForRegExp(folded);
  let strict: RegExp | undefined;
  let loose: RegExp | undefined;
  const isIn = (text: FoldedText): boolean => {
    if (text.isLoose) {
      loose ??= new RegExp(`${start}${escaped.replace(SEPARATOR, '[ \u30FB-]?')}${end}`, 'u');
      return loose.test(text.folded);
    }
    // Most texts lack most terms, which is found much faster than the end of a word.
    if (!text.folded.includes(folded)) return false;
    strict ??= new RegExp(`${start}${escaped}${end}`, 'u');
    return strict.test(text.folded);
  };
  return { term, folded, isIn };
}

function termsOf(candidates: readonly Term[], text: FoldedText): string[] {
  return candidates.filter(({ isIn }) => isIn(text)).map(({ term }) => term);
}

/**
 * Returns which of `terms` a text contains, in their order and original form. Compares like {@link foldText}.
 *
 * @throws {@link ConfigurationError} if a term has no visible character: it would match every text.
 */
export function findTerms(text: string, terms: readonly string[], match: TermMatch): string[] {
  return termsOf(
    terms.map((term, index) => toTerm(term, index, match)),
    toFoldedText(text),
  );
}

/** Returns {@link findTerms} for many texts. */
export function termFinder(terms: readonly string[], match: TermMatch): (text: string) => string[] {
  const known = terms.map((term, index) => toTerm(term, index, match));
  if (terms.length < MANY) return (text) => termsOf(known, toFoldedText(text));
  // A text that contains a term also contains it when both are without separators.
  const find = wordFinder(known.map(({ folded }) => folded.replace(SEPARATOR, '')));
  return (text) => {
    const seen = toFoldedText(text);
    const candidates = find(seen.folded.replace(SEPARATOR, '')).flatMap((index) => known[index] ?? []);
    return termsOf(candidates, seen);
  };
}

/**
 * Invisible characters: controls, format characters, lone surrogates, and what a font may ignore, e.g. variation
 * selectors and tags. Kept if visible: a joiner (U+200C, U+200D) between letters of the scripts that it joins, U+200D
 * between emoji, and a selector (U+FE0E, U+FE0F) after an emoji or in a keycap.
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
const UNSEEN = `(?!${VISIBLE})(?![\\t-\\r\\u0085\\u115F\\u1160\\u3164\\uFFA0])[\\p{Cf}\\p{Cc}\\p{Cs}\\p{Default_Ignorable_Code_Point}]`;
/** Compiled at first use: these classes take longer to build than the whole package to load. */
let unseen: RegExp | undefined;
/** White space and its lookalikes: the blank Braille cell and the Hangul fillers. */
const BLANKS = /[\s\u0085\u115F\u1160\u2800\u3164\uFFA0]+/gu;

/** Returns the visible text on one line: each run of blanks becomes one space, and invisible characters are removed. */
export function visibleText(text: string): string {
  unseen ??= new RegExp(UNSEEN, 'gu');
  let before = text;
  for (;;) {
    const seen = before.replace(unseen, '').replace(BLANKS, ' ');
    if (seen === before) return seen;
    // Removed characters may have made a joiner or a selector visible.
    before = seen;
  }
}
