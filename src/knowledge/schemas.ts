import * as z from 'zod/mini';
import { lenient, listOf } from '../http/internal.js';

/** An article of the knowledge base. Fields that this type does not name are kept (protocol 3). */
export interface Article {
  /** Id of the article. */
  readonly id: string;
  /** Its title. */
  readonly title: string;
  /** How well it answers the question; higher is better, the scale is the server's own. */
  readonly score?: number | null | undefined;
  /** Where a person can read it. */
  readonly url?: string | null | undefined;
  /** Its text, possibly HTML. */
  readonly body?: string | null | undefined;
  /** Whatever else the server says. */
  readonly [field: string]: unknown;
}

/** A question to the knowledge base (protocol 4). */
export interface KnowledgeQuery {
  /** What to look for. Not blank. At most 6,000 bytes as a URL encodes it are sent, the newest words. */
  readonly q: string;
  /** Language of the articles. Default `en-US`. */
  readonly language?: string | undefined;
  /** The page to begin with, 1 being the first. Default 1. */
  readonly page?: number | undefined;
  /** Articles of a page, at least 1. Default 5. */
  readonly pageSize?: number | undefined;
}

/** One page of articles, best first. */
export interface KnowledgePage {
  /** The articles, best first. */
  readonly articles: readonly Article[];
  /** Whatever else the server says. */
  readonly [field: string]: unknown;
}

const article: z.ZodMiniType<Article> = z.looseObject({
  id: z.string(),
  title: z.string(),
  score: lenient(z.nullable(z.number())),
  url: lenient(z.nullable(z.string())),
  body: lenient(z.nullable(z.string())),
});

export const knowledgePage: z.ZodMiniType<KnowledgePage> = z.pipe(
  z.looseObject({ entities: listOf(article) }),
  z.transform(({ entities, ...rest }) => ({ ...rest, articles: entities })),
);

const notBlank = z.string().check(z.refine((text) => text.trim() !== '', 'must not be blank'));
const positiveInteger = z.int().check(z.minimum(1));

export const knowledgeQuery: z.ZodMiniType<Required<{ [K in keyof KnowledgeQuery]: NonNullable<KnowledgeQuery[K]> }>> =
  z.object({
    q: notBlank,
    language: z._default(notBlank, 'en-US'),
    page: z._default(positiveInteger, 1),
    pageSize: z._default(positiveInteger, 5),
  });
