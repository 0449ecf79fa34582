import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  HttpClient,
  KnowledgeClient,
  PermissionDeniedError,
  RateLimitError,
  RequestValidationError,
  ResponseValidationError,
  type Article,
} from 'agent-assist-sdk';
import { AuthClient } from 'agent-assist-sdk/auth';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

const ROUTE = 'GET /api/v2/knowledge/articles/search';

let tenant: Tenant;
let knowledge: KnowledgeClient;

const clientFor = (scopes: string[]) => {
  const auth = new AuthClient({ platform: tenant.cxonePlatform, ...tenant.credentials, scopes });
  return new KnowledgeClient(new HttpClient({ platform: tenant.cxonePlatform, auth }));
};

beforeAll(async () => {
  tenant = await startTenant();
  knowledge = clientFor(['knowledge:read']);
});
afterAll(() => tenant.close());
beforeEach(() => {
  tenant.requests.clear();
  tenant.clearFaults();
});

const withArticles = (count: number) => {
  tenant.knowledge.replaceArticles(
    Array.from({ length: count }, (_, index) => ({
      id: `a${index}`,
      title: 'Invoice',
      url: `https://help.example.com/${index}`,
      body: 'paid',
      language: 'en-US',
    })),
  );
};
const collect = async <T>(list: AsyncIterable<T>): Promise<T[]> => {
  const items: T[] = [];
  for await (const item of list) items.push(item);
  return items;
};

describe('search', () => {
  it('asks as the protocol says and gives the articles, best first', async () => {
    const { articles } = await knowledge.search({ q: 'my card was charged twice' });
    expect(Object.fromEntries(tenant.requests.last?.query ?? [])).toEqual({
      q: 'my card was charged twice',
      language: 'en-US',
      page: '1',
      pageSize: '5',
    });
    expect(articles[0]).toMatchObject({
      id: 'kb-double-charge',
      url: expect.stringContaining('double-charge') as string,
    });
    const scores = articles.map(({ score }) => score ?? NaN);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  it('keeps what a page says beside its articles', async () => {
    await using server = await scriptedServer(
      answer(200, { entities: [{ id: 'a', title: 'A', topic: 'x' }], totalCount: 42 }),
    );
    const page = await new KnowledgeClient(new HttpClient({ baseUrl: server.url })).search({ q: 'refund' });
    expect(page).toEqual({ articles: [{ id: 'a', title: 'A', topic: 'x' }], totalCount: 42 });
  });

  it('sends what it is told', async () => {
    await knowledge.search({ q: 'remboursement & délai', language: 'fr-FR', page: 3, pageSize: 20 });
    expect(Object.fromEntries(tenant.requests.last?.query ?? [])).toEqual({
      q: 'remboursement & délai',
      language: 'fr-FR',
      page: '3',
      pageSize: '20',
    });
  });

  it('refuses a query that breaks its rules before anything is sent, naming every one', async () => {
    const error = await knowledge
      .search({ q: ' ', language: '', page: 0, pageSize: 1.5 })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RequestValidationError);
    expect((error as RequestValidationError).issues.map(({ path }) => path)).toEqual([
      'q',
      'language',
      'page',
      'pageSize',
    ]);
    expect(tenant.requests.total).toBe(0);
  });

  it('is repeated, being a question, and names its scope when it is refused', async () => {
    tenant.inject({ route: ROUTE, fault: { kind: 'status', status: 429, retryAfter: 0 } });
    const { attempts } = await knowledge.search({ q: 'refund' }).withResponse();
    expect(attempts).toBe(2);
    await expect(knowledge.search({ q: 'refund' }, { maxRetries: 0 })).resolves.toBeDefined();
    tenant.inject({ route: ROUTE, fault: { kind: 'status', status: 429 } });
    await expect(knowledge.search({ q: 'refund' }, { maxRetries: 0 })).rejects.toBeInstanceOf(RateLimitError);
    await expect(clientFor(['agentassist:read']).search({ q: 'refund' })).rejects.toMatchObject({
      name: PermissionDeniedError.name,
      scopes: ['knowledge:read'],
    });
  });

  it('keeps fields that it does not know and takes articles without the optional ones', async () => {
    const entities = [
      { id: '1', title: 't', tags: ['x'] },
      { id: '2', title: 't', score: null, url: null, body: null },
    ];
    tenant.inject({ route: ROUTE, fault: { kind: 'status', status: 200, body: { entities, total: 2 } } });
    const { articles } = await knowledge.search({ q: 'refund' });
    expect(articles).toEqual(entities);
  });

  it.each([
    ['вернуть деньги ', 260],
    ['refund please ', 1000],
    ['退款', 2000],
    ['👨‍👩‍👧‍👦', 300],
  ])('asks the newest words of a question of many times %j', async (piece, count) => {
    await using server = await scriptedServer(answer(200, { entities: [] }));
    const client = new KnowledgeClient(new HttpClient({ baseUrl: server.url }));
    const question = `first ${piece.repeat(count)}`.trim();
    await client.search({ q: question });
    const url = new URL(server.requests[0]?.url ?? '', server.url);
    const asked = url.searchParams.get('q') ?? '';
    expect(url.search.length).toBeLessThan(6100);
    expect(url.search.length).toBeGreaterThan(5800);
    expect(question.endsWith(asked)).toBe(true);
    expect(`${asked} `.startsWith(piece) || asked.startsWith(piece.trim().split(' ').at(-1) ?? '')).toBe(true);
  });

  it('asks a question that fits as it is', async () => {
    await using server = await scriptedServer(answer(200, { entities: [] }));
    const client = new KnowledgeClient(new HttpClient({ baseUrl: server.url }));
    const q = ` ${'ж'.repeat(999)} `;
    await client.search({ q });
    expect(new URL(server.requests[0]?.url ?? '', server.url).searchParams.get('q')).toBe(q);
  });

  it('leaves out what it cannot read of an article, and an article without an id', async () => {
    const entities = [{ id: '1', title: 't', score: '0.9', url: 7, body: ['b'] }, { title: 'no id' }];
    tenant.inject({ route: ROUTE, fault: { kind: 'status', status: 200, body: { entities } } });
    const { data, omitted } = await knowledge.search({ q: 'refund' }).withResponse();
    expect(data.articles).toEqual([{ id: '1', title: 't' }]);
    expect(omitted.map((part) => part.omitted)).toEqual([
      'entities[0].score',
      'entities[0].url',
      'entities[0].body',
      'entities[1]',
    ]);
  });

  it('goes on after a page that was full but for an article that cannot be read', async () => {
    const pages = [[{ id: '1', title: 't' }, { id: 2 }], [{ id: '3', title: 't', score: 'x' }]];
    await using server = await scriptedServer(...pages.map((entities) => answer(200, { entities })));
    const client = new KnowledgeClient(new HttpClient({ baseUrl: server.url }));
    const found = await collect(client.searchAll({ q: 'refund', pageSize: 2 }));
    expect(found.map(({ id }) => id)).toEqual(['1', '3']);
    expect(server.requests).toHaveLength(2);
  });

  it.each([{}, { entities: null }, { entities: [{ id: 1, title: 't' }] }, { entities: [{ id: '1' }] }])(
    'says where an answer is wrong: %j',
    async (body) => {
      tenant.inject({ route: ROUTE, fault: { kind: 'status', status: 200, body } });
      await expect(knowledge.search({ q: 'refund' })).rejects.toBeInstanceOf(ResponseValidationError);
    },
  );
});

describe('searchAll', () => {
  it.each([
    [0, 1],
    [1, 1],
    [4, 1],
    [5, 2],
    [9, 2],
    [10, 3],
  ])('gives %i articles in pages of 5 by %i calls: it stops at a short or empty page', async (count, calls) => {
    withArticles(count);
    const found = await collect(knowledge.searchAll({ q: 'invoice' }));
    expect(new Set(found.map(({ id }) => id)).size).toBe(count);
    expect(tenant.requests.count(ROUTE)).toBe(calls);
  });

  it.each([
    [{ total: 5 }, 'total is 5 and only 3 items were read'],
    [{ hasMore: true }, 'hasMore'],
    [{ nextCursor: 'b' }, 'nextCursor'],
  ])('ends with an error at a short page that says %j, never silently', async (fields, named) => {
    const page = (...ids: string[]) => ids.map((id) => ({ id, title: 'Invoice' }));
    await using server = await scriptedServer(
      answer(200, { entities: page('a', 'b') }),
      answer(200, { entities: page('c'), ...fields }),
    );
    const smaller = new KnowledgeClient(new HttpClient({ baseUrl: server.url }));
    await expect(collect(smaller.searchAll({ q: 'invoice', pageSize: 2 }))).rejects.toThrow(named);
  });

  it('gives whole pages too, and fetches none ahead', async () => {
    withArticles(7);
    const pages: string[] = [];
    for await (const { items, nextCursor } of knowledge.searchAll({ q: 'invoice', pageSize: 3 }).byPage()) {
      pages.push(`${items.length} ${nextCursor ?? 'end'}`);
      expect(tenant.requests.count(ROUTE)).toBe(pages.length);
    }
    expect(pages).toEqual(['3 2', '3 3', '1 end']);
  });

  it('can be iterated again and starts anew', async () => {
    withArticles(6);
    const all = knowledge.searchAll({ q: 'invoice' });
    expect(await collect(all)).toEqual(await collect(all));
  });

  it('is the concatenation of its pages up to maxItems, without a call beyond it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 14 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 12 }),
        async (count, pageSize, page, maxItems) => {
          withArticles(count);
          const everything = await allArticles(count);
          tenant.requests.clear();
          const found = await collect(knowledge.searchAll({ q: 'invoice', pageSize, page }, { maxItems }));
          const expected = everything.slice((page - 1) * pageSize).slice(0, maxItems);
          expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
          expect(tenant.requests.total).toBeLessThanOrEqual(Math.ceil(maxItems / pageSize));
        },
      ),
      { numRuns: 40 },
    );
  });

  const allArticles = async (count: number): Promise<readonly Article[]> =>
    (await knowledge.search({ q: 'invoice', pageSize: Math.max(count, 1) })).articles;

  it('ends with an error where the server ignores the page number', async () => {
    const entities = [
      { id: '1', title: 'one' },
      { id: '2', title: 'two' },
    ];
    tenant.inject({ route: ROUTE, every: 1, fault: { kind: 'status', status: 200, body: { entities } } });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { id } of knowledge.searchAll({ q: 'invoice', pageSize: 2 })) seen.push(id);
    })();
    await expect(reading).rejects.toMatchObject({
      name: 'PaginationError',
      message: expect.stringContaining('The server returned page 1 again as page 2') as string,
    });
    expect(seen).toEqual(['1', '2']);
  });

  it('keeps to maxItems when pages are longer than was asked for, also in iterations side by side', async () => {
    const fetch = async (input: string | URL | Request): Promise<Response> => {
      const page = new URL(input instanceof Request ? input.url : input).searchParams.get('page') ?? '';
      const entities = Array.from({ length: 8 }, (_, index) => ({ id: `${page}-${index}`, title: 'Invoice' }));
      return Promise.resolve(Response.json({ entities }));
    };
    const generous = new KnowledgeClient(new HttpClient({ baseUrl: 'https://kb.example', fetch }));
    const list = generous.searchAll({ q: 'invoice', page: 2 }, { maxItems: 20 });
    const found = await Promise.all([collect(list), collect(list)]);
    for (const articles of found) {
      expect(articles).toHaveLength(20);
      expect(new Set(articles.map(({ id }) => id)).size).toBe(20);
    }
  });

  it.each([0, -1, 2.5, NaN])('refuses maxItems of %s', (maxItems) => {
    expect(() => knowledge.searchAll({ q: 'invoice' }, { maxItems })).toThrow(ConfigurationError);
  });

  it('ends with the signal of its options', async () => {
    withArticles(20);
    const abort = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { id } of knowledge.searchAll({ q: 'invoice' }, { signal: abort.signal })) {
        seen.push(id);
        if (seen.length === 5) abort.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toHaveLength(5);
  });
});
