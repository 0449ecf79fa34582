import { ConfigurationError } from './errors.js';

/**
 * How a term is looked for: `contains` finds it anywhere, inside another word too (`refund` in `refunded`);
 * `whole-word` only where no letter, digit, combining mark or underscore of any script touches it. Scripts that put no
 * spaces between words (Chinese, Thai, …) need `contains`.
 */
export type TermMatch = 'contains' | 'whole-word';

const INVISIBLE = /\p{Default_Ignorable_Code_Point}+/gu;

/**
 * Brings text to a form in which only differences that a reader sees are left: the same under any case (Unicode's full
 * case folding: `ß` = `SS`, `ς` = `Σ`; independent of a locale), composed or decomposed, without soft hyphens and
 * zero-width characters, and with each run of whitespace as one space.
 */
function foldText(text: string): string {
  return (
    text
      .replace(INVISIBLE, '')
      .normalize('NFC')
      // Upper case after lower case is the full case folding, but for the dotless ı, which folding leaves apart from i.
      .replace(/[^ı]+/g, (part) => part.toLowerCase().toUpperCase())
      .normalize('NFC')
      .replace(/\s+/g, ' ')
  );
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function finder(folded: string, match: TermMatch): (foldedText: string) => boolean {
  const contains = (foldedText: string): boolean => foldedText.includes(folded);
  if (match === 'contains') return contains;
  const wordCharacter = '[\\p{L}\\p{M}\\p{N}_]';
  const pattern = new RegExp(`(?<!${wordCharacter})${escapeForRegExp(folded)}(?!${wordCharacter})`, 'u');
  // Most texts have most terms nowhere, which is told much faster than where a word ends.
  return (foldedText) => contains(foldedText) && pattern.test(foldedText);
}

/**
 * A function that says which of `terms` a text has, as they were given and in their order. Compares as
 * {@link foldText} does.
 *
 * @throws {@link ConfigurationError} when a term has no visible character: it would be found in every text.
 */
export function termFinder(terms: readonly string[], match: TermMatch): (text: string) => string[] {
  const finders = terms.map((term, index) => {
    const folded = foldText(term).trim();
    if (folded === '') throw new ConfigurationError(`The term at index ${index} is blank`);
    return { term, isIn: finder(folded, match) };
  });
  return (text) => {
    const folded = foldText(text);
    return finders.filter(({ isIn }) => isIn(folded)).map(({ term }) => term);
  };
}
