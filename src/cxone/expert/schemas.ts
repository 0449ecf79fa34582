import { isRecord } from '../../json.js';
import type { KnowledgePage, Article } from '../../knowledge/index.js';
import * as z from '../../schema.js';
import { list, id, text, fields, type Fields } from '../fields.js';

/** A single hit is an object, and none is an empty text: the JSON is converted from XML. */
const hits: z.Schema = z.custom(
  (value) => (value ?? '') === '' || Array.isArray(value) || isRecord(value),
  'expected hits: a list, an object or an empty string',
);

export const expertPage: z.Schema<KnowledgePage> = z.map(
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
