import { PaginationError } from '../errors.js';
import {
  checkedHttp,
  checkLastPage,
  followCursors,
  receivedItems,
  validateRequest,
  type ApiPromise,
  type CallOptions,
  type HttpClient,
  type Page,
  type PagedIterable,
} from '../http/internal.js';
import { checkKind } from '../options.js';
import { newestWords } from './newest-words.js';
import { knowledgePage, knowledgeQuery } from './schemas.js';
import type { Article, KnowledgePage, KnowledgeQuery, KnowledgeSource, SearchAllOptions } from './types.js';

/**
 * Searches the knowledge base (protocol 4). Needs the scope `knowledge:read`.
 *
 * @example
 * ```ts
 * import { HttpClient, KnowledgeClient, StaticTokenAuth, cxone } from 'agent-assist-sdk';
 *
 * const http = new HttpClient({ platform: cxone(), auth: new StaticTokenAuth({ token: 'token' }) });
 * const knowledge = new KnowledgeClient(http);
 * for await (const article of knowledge.searchAll({ q: 'refund of a cancelled order' }, { maxItems: 20 })) {
 *   console.log(article.title, article.url);
 * }
 * ```
 */
export class KnowledgeClient implements KnowledgeSource {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = checkedHttp(http);
  }

  /**
   * Fetches one page of articles, best first. If the question is longer than 6,000 bytes in a URL, only its newest
   * words are sent.
   *
   * @throws (as rejection) `RequestValidationError` for an invalid query, and what `HttpClient.request` throws.
   */
  search(query: KnowledgeQuery, options?: CallOptions): ApiPromise<KnowledgePage> {
    return this.#http.call(options, () => {
      const path = this.#http.path('knowledgeSearch', '/api/v2/knowledge/articles/search');
      const checked = validateRequest(knowledgeQuery, query, 'knowledge query');
      return {
        method: 'GET',
        path,
        query: { ...checked, q: newestWords(checked.q) },
        scopes: ['knowledge:read'],
        response: knowledgePage,
      };
    });
  }

  /**
   * Iterates over the articles of all pages from `query.page` on, best first. Fetches each page when it is needed. Ends
   * after a page that is short or empty (protocol 4), or at `maxItems`.
   *
   * @throws `ConfigurationError` if `query` or `options` is not an object or an option is unknown, and if `maxItems` is not a
   * positive integer; while iterating, `PaginationError` if a page
   * equals the previous one, or a short page says that more follow (`total`, `has_more` and the like); and what
   * `search` throws.
   */
  searchAll(query: KnowledgeQuery, options: SearchAllOptions = {}): PagedIterable<Article> {
    checkKind('query', query, 'an object', "an object, e.g. { q: 'refund' }");
    const { page: firstPage = 1, pageSize = 5 } = query;
    let latest = { page: 0, ids: '' };
    // Counted, since a server may send more items than requested.
    const before = new Map([[firstPage, { seen: 0, read: 0 }]]);
    const fetchPage = async (
      cursor: string | undefined,
      callOptions: CallOptions,
    ): Promise<{ readonly data: Page<Article> }> => {
      const page = Number(cursor ?? firstPage);
      const { data, omitted } = await this.search({ ...query, page }, callOptions).withResponse();
      const { articles: items } = data;
      // Without this, a server that ignores the page number would be called forever.
      const ids = JSON.stringify(items.map(({ id }) => id));
      if (latest.page === page - 1 && latest.ids === ids) {
        throw new PaginationError(
          `The server returned page ${page - 1} again as page ${page}, so the list would never end`,
        );
      }
      latest = { page, ids };
      const soFar = before.get(page) ?? { seen: 0, read: 0 };
      const received = receivedItems({ items }, omitted);
      const [seen, read] = [soFar.seen + items.length, soFar.read + received];
      before.set(page + 1, { seen, read });
      const isFull = seen >= (options.maxItems ?? Infinity);
      if (received >= pageSize && !isFull) return { data: { items, nextCursor: String(page + 1) } };
      // A server with smaller pages than requested would end the search too early.
      if (!isFull) checkLastPage(data, undefined, firstPage === 1 ? read : Infinity);
      return { data: { items } };
    };
    return followCursors('searchAll', {}, options, fetchPage);
  }
}
