import type { HttpClientOptions } from '../../http/internal.js';
import type { KnowledgeQuery } from '../../knowledge/index.js';

/** The key of a server token of CXone Expert (Dashboard → Integrations → API tokens). */
export interface ExpertServerKey {
  /** Key. `undefined` is refused. */
  readonly key: string | undefined;
  /** Secret; it is never sent. `undefined` is refused. */
  readonly secret: string | undefined;
  /** The user whose rights apply to the search: an id, or `=` and a name, e.g. `=api`. `undefined` is refused. */
  readonly user: string | undefined;
}

/** A question with its defaults, for {@link ExpertClientOptions.constraint}. */
export type ExpertQuery = Required<{
  [K in keyof KnowledgeQuery]: NonNullable<KnowledgeQuery[K]>;
}>;

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
