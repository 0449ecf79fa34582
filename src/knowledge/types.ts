import type { CallOptions } from '../http/internal.js';

/** An article of the knowledge base. Fields that this type does not name are kept (protocol 3). */
export interface Article {
  readonly id: string;
  readonly title: string;
  /** How well it answers the question; higher is better, the scale is the server's own. */
  readonly score?: number | null | undefined;
  /** Where a person can read it. */
  readonly url?: string | null | undefined;
  /** Its text, possibly HTML. */
  readonly body?: string | null | undefined;
  readonly [field: string]: unknown;
}

/** A question to the knowledge base (protocol 4). */
export interface KnowledgeQuery {
  /** What to look for. Not blank. At most 6,000 bytes as a URL encodes it are sent, the newest words. */
  readonly q: string;
  /**
   * Language of the articles.
   *
   * @defaultValue `en-US`
   */
  readonly language?: string | undefined;
  /**
   * The page to begin with, 1 being the first.
   *
   * @defaultValue 1
   */
  readonly page?: number | undefined;
  /**
   * Articles of a page, at least 1.
   *
   * @defaultValue 5
   */
  readonly pageSize?: number | undefined;
}

/** One page of articles, best first. */
export interface KnowledgePage {
  readonly articles: readonly Article[];
  readonly [field: string]: unknown;
}

/** Where articles come from, e.g. a `KnowledgeClient`. */
export interface KnowledgeSource {
  /** Answers one page of a question, within the call's time limits and until its `signal` is aborted. */
  search(query: KnowledgeQuery, options?: CallOptions): PromiseLike<KnowledgePage>;
}

/** Options of `KnowledgeClient.searchAll`: those of each call, and where to stop. */
export interface SearchAllOptions extends CallOptions {
  /**
   * Articles in all; the iteration ends with this one.
   *
   * @defaultValue all that the server has
   */
  readonly maxItems?: number | undefined;
}

/** What an agent sees of an article (protocol 8). */
export interface AssistCard {
  readonly id: string;
  readonly title: string;
  /** Rank among the cards of its question, 1 being the best. */
  readonly priority: number;
  /** How well the article answers the question; 0 where the server gave no score. */
  readonly score: number;
  /** Where the article can be read; empty where it has no address. */
  readonly citation: string;
  /** The beginning of the article as plain text. */
  readonly snippet: string;
  readonly interactionId: string;
}

/** Options of `toAssistCards`. */
export interface AssistCardOptions {
  /** The interaction that the cards are for. */
  readonly interactionId: string;
  /**
   * Characters of a snippet, at most; a positive integer.
   *
   * @defaultValue 150
   */
  readonly snippetLength?: number | undefined;
}
