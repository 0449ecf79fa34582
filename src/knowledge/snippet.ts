import { htmlToText } from './html-to-text.js';

/**
 * The first characters of an article's body as plain text (protocol 8). A character is what a reader takes for one (a
 * grapheme cluster), so an emoji or a letter with its accents is never cut in two.
 *
 * @param body - text or HTML.
 * @param length - characters, at most.
 */
export function snippetOf(body: string, length: number): string {
  const text = htmlToText(body);
  // A character is at least one UTF-16 unit, so a text this short cannot have more characters.
  if (text.length <= length) return text;
  let characters = 0;
  for (const { index } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    if (characters === length) return text.slice(0, index).trimEnd();
    characters += 1;
  }
  return text;
}
