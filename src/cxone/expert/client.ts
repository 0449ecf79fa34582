import { ConfigurationError } from '../../errors.js';
import {
  checkResult,
  HttpClient,
  checkedUrl,
  requestOptions,
  systemClock,
  validateRequest,
  type ApiPromise,
  type CallOptions,
} from '../../http/internal.js';
import type { KnowledgePage, KnowledgeQuery, KnowledgeSource } from '../../knowledge/index.js';
import { newestWords } from '../../knowledge/newest-words.js';
import { knowledgeQuery } from '../../knowledge/schemas.js';
import { checkOptions, required } from '../../options.js';
import { browserKeyAuth, serverKeyAuth } from './auth.js';
import type { ExpertClientOptions } from './types.js';
import { expertPage } from './schemas.js';

/**
 * Searches a CXone Expert site (MindTouch), the knowledge base behind Agent Copilot with a documented API. It is a
 * `KnowledgeSource`, so the insight loop, `toAssistCards` and everything else that accepts a `KnowledgeClient`'s
 * articles works with it.
 *
 * | `Article` | field of a hit |
 * |---|---|
 * | `id` | `id`, else `page.@guid` |
 * | `title` | `title`, else `page.title` |
 * | `score` | `rank`, on the scale of the site |
 * | `url` | `page.uri.ui`, else `uri` |
 * | `body` | `preview` |
 *
 * Other fields of a hit are kept. A hit without an id is left out.
 *
 * @example
 * ```ts
 * import { ExpertClient } from 'agent-assist-sdk/cxone';
 * import { toAssistCards } from 'agent-assist-sdk/knowledge';
 *
 * const expert = new ExpertClient({ site: 'https://help.example.com', browserKey: process.env['EXPERT_BROWSER_KEY'] ?? 'key' });
 * const { articles } = await expert.search({ q: 'refund of a cancelled order', pageSize: 3 });
 * const cards = toAssistCards(articles, { interactionId: '30001' });
 * ```
 */
export class ExpertClient implements KnowledgeSource {
  readonly #http: HttpClient;
  readonly #constraint: ExpertClientOptions['constraint'];

  /** @throws `ConfigurationError` for an option that is unknown, missing or invalid; it never quotes a key. */
  constructor(options: ExpertClientOptions) {
    checkOptions('ExpertClient', options, {
      ...requestOptions,
      site: 'anything',
      browserKey: 'a string',
      serverKey: 'an object; it has key, secret and user',
      constraint: true,
      allowInsecureRequests: 'a boolean',
      maxResponseBytes: true,
      headers: 'an object',
    });
    const { site, browserKey, serverKey, constraint, ...httpOptions } = options;
    const isFunction = typeof constraint === 'function';
    if (!isFunction && constraint !== undefined && typeof constraint !== 'string')
      throw new ConfigurationError('constraint: expected a string or a function');
    if (browserKey !== undefined && serverKey !== undefined)
      throw new ConfigurationError('browserKey: pass either browserKey or serverKey');
    this.#constraint = constraint;
    this.#http = new HttpClient({
      ...httpOptions,
      headers: { 'x-requested-with': 'XMLHttpRequest', ...httpOptions.headers },
      baseUrl: checkedUrl(required('site', site), 'site'),
      auth:
        serverKey === undefined ? browserKeyAuth(browserKey) : serverKeyAuth(serverKey, options.clock ?? systemClock),
    });
  }

  /**
   * Fetches one page of articles, best first. If the question is longer than 6,000 bytes in a URL, only its newest
   * words are sent.
   *
   * @throws (as rejection) `RequestValidationError` for an invalid query, and what `HttpClient.request` throws.
   */
  search(query: KnowledgeQuery, options?: CallOptions): ApiPromise<KnowledgePage> {
    return this.#http.call(options, () => {
      const checked = validateRequest(knowledgeQuery, query, 'knowledge query');
      const { q, page, pageSize } = checked;
      const constraint = typeof this.#constraint === 'function' ? this.#constraint(checked) : this.#constraint;
      if (constraint !== undefined) checkResult('constraint()', constraint, 'a string');
      return {
        method: 'GET',
        path: '/@api/deki/site/search',
        query: {
          q: newestWords(q),
          limit: pageSize,
          offset: (page - 1) * pageSize,
          constraint,
          sortby: '-score',
          // The default is XML.
          'dream.out.format': 'json',
        },
        response: expertPage,
      };
    });
  }
}
