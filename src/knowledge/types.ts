import type { CallOptions } from '../http/internal.js';

/** An article of the knowledge base. Unknown fields are kept (protocol 3). */
export interface Article {
  readonly id: string;
  readonly title: string;
  /** Relevance to the question; higher is better, on the server's own scale. */
  readonly score?: number | null | undefined;
  /** Link to the article. */
  readonly url?: string | null | undefined;
  /** Text of the article, possibly HTML. */
  readonly body?: string | null | undefined;
  readonly [field: string]: unknown;
}

/** A search of the knowledge base (protocol 4). */
export interface KnowledgeQuery {
  /** The question; not blank. Only the newest words are sent if it is longer than 6,000 bytes in a URL. */
  readonly q: string;
  /** Language of the articles. @defaultValue `en-US` */
  readonly language?: string | undefined;
  /** First page, counted from 1. @defaultValue 1 */
  readonly page?: number | undefined;
  /** Page size, at least 1. @defaultValue 5 */
  readonly pageSize?: number | undefined;
}

/** One page of articles, best first. */
export interface KnowledgePage {
  readonly articles: readonly Article[];
  readonly [field: string]: unknown;
}

/** Source of articles, e.g. a `KnowledgeClient`. */
export interface KnowledgeSource {
  /** Fetches one page of articles, within the call's time limits and until its `signal` is aborted. */
  search(query: KnowledgeQuery, options?: CallOptions): PromiseLike<KnowledgePage>;
}

/** Options of `KnowledgeClient.searchAll`: those of each call, and `maxItems`. */
export interface SearchAllOptions extends CallOptions {
  /** Limit of yielded articles. @defaultValue no limit */
  readonly maxItems?: number | undefined;
}

/** A card for an agent, made from an article (protocol 8). */
export interface AssistCard {
  readonly id: string;
  readonly title: string;
  /** Rank among the cards of its question; 1 is the best. */
  readonly priority: number;
  /** Relevance of the article; 0 without a score. */
  readonly score: number;
  /** Link to the article; empty without one. */
  readonly citation: string;
  /** The beginning of the article as plain text. */
  readonly snippet: string;
  readonly interactionId: string;
}

/** Options of `toAssistCards`. */
export interface AssistCardOptions {
  readonly interactionId: string;
  /** Limit of a snippet's characters; a positive integer. @defaultValue 150 */
  readonly snippetLength?: number | undefined;
}
