import * as z from 'zod/mini';
import { anyString, finiteNumber, lenient, listOf, positiveInteger } from '../http/internal.js';
import type { Article, KnowledgePage, KnowledgeQuery } from './types.js';

const article: z.ZodMiniType<Article> = z.looseObject({
  id: anyString,
  title: anyString,
  score: lenient(z.nullable(finiteNumber)),
  url: lenient(z.nullable(anyString)),
  body: lenient(z.nullable(anyString)),
});

export const knowledgePage: z.ZodMiniType<KnowledgePage> = z.pipe(
  z.looseObject({ entities: listOf(article) }),
  z.transform(({ entities, ...rest }) => ({ ...rest, articles: entities })),
);

const notBlank = anyString.check(z.refine((text) => text.trim() !== '', 'must not be blank'));

export const knowledgeQuery: z.ZodMiniType<Required<{ [K in keyof KnowledgeQuery]: NonNullable<KnowledgeQuery[K]> }>> =
  z.strictObject({
    q: notBlank,
    language: z._default(notBlank, 'en-US'),
    page: z._default(positiveInteger, 1),
    pageSize: z._default(positiveInteger, 5),
  });
