import * as z from '../schema.js';
import { anyString, finiteNumber, lenient, listOf, positiveInteger, withDefault } from '../http/internal.js';
import type { Article, KnowledgePage, KnowledgeQuery } from './types.js';

const article: z.Schema<Article> = z.looseObject({
  id: anyString,
  title: anyString,
  score: lenient(z.nullable(finiteNumber)),
  url: lenient(z.nullable(anyString)),
  body: lenient(z.nullable(anyString)),
} satisfies z.Fields<Article>);

export const knowledgePage: z.Schema<KnowledgePage> = z.map(
  z.looseObject({ entities: listOf(article) }),
  ({ entities, ...rest }) => ({ ...rest, articles: entities }),
);

const notBlank = z.refine(anyString, (text) => text.trim() !== '', 'must not be blank');

export const knowledgeQuery: z.Schema<Required<{ [K in keyof KnowledgeQuery]: NonNullable<KnowledgeQuery[K]> }>> =
  z.strictObject({
    q: notBlank,
    language: withDefault(notBlank, 'en-US'),
    page: withDefault(positiveInteger, 1),
    pageSize: withDefault(positiveInteger, 5),
  } satisfies z.Fields<Required<KnowledgeQuery>>);
