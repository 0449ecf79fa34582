import { sha256Hex } from '../../hash.js';
import { checkResult, validateRequest, type ApiResponse, type CallOptions } from '../../http/internal.js';
import { isObject } from '../../json.js';
import { checkKind, checkOptions } from '../../options.js';
import { knowledgeQuery } from '../../knowledge/schemas.js';
import type { Article, KnowledgePage, KnowledgeQuery, KnowledgeSource } from '../../knowledge/index.js';
import type { FlowClient } from './client.js';
import { unexpectedAnswer } from './schemas.js';
import type { FlowAnswer, FlowInput, FlowKnowledgeMapping, FlowKnowledgeQuery } from './types.js';

/**
 * Returns articles from a flow that searches Knowledge AI (node *Search Extract Output*) and puts its result,
 * `input.knowledgeSearch`, into the data of an output. The REST API has no search.
 *
 * | `Article` | field of an entry of `topK` |
 * |---|---|
 * | `id` | `id` or `referenceId` of the entry or its `chunkMetaData`, if the flow adds one, otherwise the SHA-256 of its text |
 * | `title` | `sourceMetaData.title`, otherwise `sourceMetaData.sourceName` |
 * | `url` | `sourceMetaData.url` |
 * | `body` | `text` |
 * | `score` | `distance`, from −1 to 1 with 1 as the best, mapped to 0 to 1: `(distance + 1) / 2`. Before Cognigy.AI 4.74 a distance was 0 to 2 with 0 as the best: map it with `toArticles` |
 *
 * `distance`, `sourceMetaData` and every other field of an entry are kept. There is one page: another page has no
 * articles and makes no call. Cognigy.AI bills knowledge queries.
 *
 * @example
 * ```ts
 * import { cognigyAi, FlowClient, flowKnowledge } from 'agent-assist-sdk/cognigy';
 *
 * const flow = new FlowClient({ platform: cognigyAi({ environment: 'app' }), urlToken: process.env['SEARCH_URL_TOKEN'] });
 * const { articles } = await flowKnowledge(flow).search({ q: 'refund', pageSize: 3 });
 * ```
 */
export function flowKnowledge(flow: Pick<FlowClient, 'send'>, mapping: FlowKnowledgeMapping = {}): KnowledgeSource {
  checkKind('flow', flow, 'a FlowClient with send()');
  checkOptions('flowKnowledge', mapping, { toInput: 'a function', toArticles: 'a function' });
  const { toInput = usualInput(), toArticles } = mapping;
  return {
    async search(query: KnowledgeQuery, options?: CallOptions): Promise<KnowledgePage> {
      const checked = validateRequest(knowledgeQuery, query, 'knowledge query');
      if (checked.page > 1) return { articles: [] };
      const input = toInput(checked);
      checkResult('toInput()', input, 'an object');
      const response = await flow.send(input, options).withResponse();
      const articles = await (toArticles?.(response.data) ?? usualArticles(response));
      return { articles: articles.slice(0, checked.pageSize) };
    },
  };
}

function usualInput(): (query: FlowKnowledgeQuery) => FlowInput {
  const sessionId = `search-${crypto.randomUUID()}`;
  return ({ q, language, pageSize }) => ({
    userId: 'agent-assist-sdk',
    sessionId,
    text: q,
    data: { language, topK: pageSize },
  });
}

/** @throws `ResponseValidationError` if no output has a list: an empty result would hide that the flow outputs none. */
function usualArticles(response: ApiResponse<FlowAnswer>): Promise<readonly Article[]> {
  const { outputStack = [], data } = response.data;
  const lists = [...outputStack.map((output) => output.data), data].map(topKOf).filter((list) => list !== undefined);
  const [found] = lists;
  if (found === undefined)
    throw unexpectedAnswer(
      response,
      'outputStack',
      'no output has data.knowledgeSearch.topK; map the answer with toArticles',
    );
  return Promise.all(found.filter(isObject).map(articleOf));
}

function topKOf(data: unknown): readonly unknown[] | undefined {
  const { knowledgeSearch } = isObject(data) ? data : {};
  const { topK } = isObject(knowledgeSearch) ? knowledgeSearch : {};
  return Array.isArray(topK) ? topK : undefined;
}

async function articleOf(entry: Readonly<Record<string, unknown>>): Promise<Article> {
  const { text, distance, sourceMetaData, chunkMetaData } = entry;
  const chunk = isObject(chunkMetaData) ? chunkMetaData : {};
  const { title, sourceName, url } = isObject(sourceMetaData) ? sourceMetaData : {};
  const body = typeof text === 'string' ? text : '';
  return {
    ...entry,
    id: [entry['id'], entry['referenceId'], chunk['id'], chunk['referenceId']].find(isText) ?? (await sha256Hex(body)),
    title: [title, sourceName].find(isText) ?? '',
    url: isText(url) ? url : undefined,
    body,
    score: typeof distance === 'number' ? (distance + 1) / 2 : undefined,
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
