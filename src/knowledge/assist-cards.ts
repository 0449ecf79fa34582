import { checkCounts, checkKind, checkOptions } from '../options.js';
import { htmlToText } from './html-to-text.js';
import type { Article, AssistCard, AssistCardOptions } from './types.js';

/**
 * Creates a card from each article (protocol 8). Articles are sorted best first, so the order gives the priority.
 *
 * @throws `ConfigurationError` if `snippetLength` is not a positive integer.
 *
 * @example
 * ```ts
 * import { toAssistCards } from 'agent-assist-sdk/knowledge';
 *
 * const articles = [{ id: 'kb-7', title: 'Refunds', body: '<p>Money back within <b>14 days</b>.</p>' }];
 * const [card] = toAssistCards(articles, { interactionId: 'call-1' });
 * console.log(card?.priority, card?.snippet); // 1 'Money back within 14 days.'
 * ```
 */
export function toAssistCards(articles: readonly Article[], options: AssistCardOptions): AssistCard[] {
  checkOptions('toAssistCards', options, { interactionId: 'a string', snippetLength: true });
  checkKind('articles', articles, 'a list of objects', 'a list, e.g. the articles of a page');
  const { interactionId, snippetLength = 150 } = options;
  checkCounts({ snippetLength });
  return articles.map(({ id, title, score, url, body }, index) => ({
    id,
    title,
    priority: index + 1,
    score: score ?? 0,
    citation: url ?? '',
    snippet: snippetOf(body ?? '', snippetLength),
    interactionId,
  }));
}

/**
 * Returns the first characters of an article's body as plain text (protocol 8). A character is a grapheme cluster, so
 * an emoji or an accented letter is never split.
 *
 * @param body - text or HTML.
 * @param length - limit of characters.
 */
function snippetOf(body: string, length: number): string {
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
