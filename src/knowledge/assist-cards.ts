import { checkCounts } from '../options.js';
import type { Article } from './schemas.js';
import { snippetOf } from './snippet.js';

/** What an agent sees of an article (protocol 8). */
export interface AssistCard {
  /** Id of the article. */
  readonly id: string;
  /** Title of the article. */
  readonly title: string;
  /** Rank among the cards of its question, 1 being the best. */
  readonly priority: number;
  /** How well the article answers the question; 0 where the server gave no score. */
  readonly score: number;
  /** Where the article can be read; empty where it has no address. */
  readonly citation: string;
  /** The beginning of the article as plain text. */
  readonly snippet: string;
  /** The interaction that the card is for. */
  readonly interactionId: string;
}

/** Options of {@link toAssistCards}. */
export interface AssistCardOptions {
  /** The interaction that the cards are for. */
  readonly interactionId: string;
  /** Characters of a snippet, at most; a positive integer. Default 150. */
  readonly snippetLength?: number | undefined;
}

/**
 * Makes a card of each article (protocol 8). Articles come best first, so the order gives the priority.
 *
 * @throws `ConfigurationError` when `snippetLength` is not a positive integer.
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
