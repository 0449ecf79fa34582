import * as z from '../../schema.js';
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
  type HttpClientOptions,
} from '../../http/internal.js';
import { isRecord } from '../../json.js';
import type { Article, KnowledgePage, KnowledgeQuery, KnowledgeSource } from '../../knowledge/index.js';
import { newestWords } from '../../knowledge/newest-words.js';
import { knowledgeQuery } from '../../knowledge/schemas.js';
import { checkOptions, required } from '../../options.js';
import { browserKeyAuth, serverKeyAuth, type ExpertServerKey } from './auth.js';
import { fields, id, list, text, type Fields } from '../notifications/fields.js';

/** A question with its defaults, for {@link ExpertClientOptions.constraint}. */
export type ExpertQuery = Required<{ [K in keyof KnowledgeQuery]: NonNullable<KnowledgeQuery[K]> }>;

/** Options of {@link ExpertClient}: those of `HttpClient`, and either `browserKey` or `serverKey`. */
export interface ExpertClientOptions extends Omit<
  HttpClientOptions,
  'platform' | 'baseUrl' | 'auth' | 'paths' | 'headerNames'
> {
  /** URL of the Expert site, e.g. `https://help.example.com`. `undefined` is refused. */
  readonly site: string | URL | undefined;
  /** A browser key. It finds what anonymous readers may see. */
  readonly browserKey?: string | undefined;
  /** The key of a server token. It finds what its user may see. */
  readonly serverKey?: ExpertServerKey | undefined;
  /**
   * Constraint of the hits in Expert's syntax (Lucene), e.g. `type:wiki AND +(+namespace:main)`, or a function that
   * returns it for a question. A site can select languages by it: the `language` of a question is not sent otherwise.
   *
   * @defaultValue none
   */
  readonly constraint?: string | ((query: ExpertQuery) => string) | undefined;
}

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

/** A single hit is an object, and none is an empty text: the JSON is converted from XML. */
const hits: z.Schema = z.custom(
  (value) => (value ?? '') === '' || Array.isArray(value) || isRecord(value),
  'expected hits: a list, an object or an empty string',
);

const expertPage: z.Schema<KnowledgePage> = z.map(
  z.looseObject({ result: z.optional(hits) }),
  ({ result, ...rest }) => ({ ...rest, articles: list(result).flatMap(articleOf) }),
);

/** Returns the text of an element, which is an object if it has attributes. */
const textIn = (value: unknown): string | undefined => id(value) ?? text(fields(value)['#text']);

function articleOf(hit: Fields): Article | [] {
  const page = fields(hit['page']);
  const found = [hit['id'], page['@guid'], page['@id'], hit['uri']].map(textIn).find((value) => value !== undefined);
  if (found === undefined) return [];
  const rank = Number(textIn(hit['rank']) ?? NaN);
  return {
    ...hit,
    id: found,
    title: textIn(hit['title']) ?? textIn(page['title']) ?? '',
    score: Number.isFinite(rank) ? rank : undefined,
    url: textIn(page['uri.ui']) ?? textIn(hit['uri']),
    body: textIn(hit['preview']),
  };
}
