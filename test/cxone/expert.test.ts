import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import type { Logger } from 'agent-assist-sdk';
import { ExpertClient, type ExpertClientOptions } from 'agent-assist-sdk/cxone';
import { toAssistCards, type KnowledgeSource } from 'agent-assist-sdk/knowledge';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, dropConnection, dropInBody, hang, scriptedServer, type Script } from '../helpers/scripted-server.js';

const hit = (id: number, more: object = {}): object => ({
  id: `${id}`,
  title: `Article ${id}`,
  uri: `https://help.example.com/@api/${id}`,
  preview: 'Money back within 14 days.',
  rank: '0.75',
  'date.modified': '2026-01-01T00:00:00Z',
  mime: 'text/html; charset=utf-8',
  page: {
    '@guid': `guid-${id}`,
    path: `a/${id}`,
    title: `Article ${id}`,
    'uri.ui': `https://help.example.com/a/${id}`,
  },
  type: 'wiki',
  ...more,
});

const page = (result: unknown): object => ({
  '@count': '1',
  '@querycount': '9',
  '@queryid': '1',
  '@ranking': 'adaptive',
  result,
});

const SECRETS = { browserKey: 'web_CANARY', serverKey: { key: 'CANARYkey', secret: 'CANARYsecret', user: '=api' } };

const expert = (url: string, options: Partial<ExpertClientOptions> = {}): ExpertClient =>
  new ExpertClient({ site: url, browserKey: SECRETS.browserKey, maxRetries: 0, ...options });

describe('a search of CXone Expert', () => {
  it('asks as the site wants it, with the browser key', async () => {
    await using server = await scriptedServer(answer(200, page([hit(1), hit(2)])));
    const { articles, ...rest } = await expert(server.url).search({ q: 'refund', page: 3, pageSize: 2 });
    expect(articles).toMatchObject([
      {
        id: '1',
        title: 'Article 1',
        score: 0.75,
        url: 'https://help.example.com/a/1',
        body: 'Money back within 14 days.',
        mime: 'text/html; charset=utf-8',
      },
      { id: '2' },
    ]);
    expect(rest).toMatchObject({ '@querycount': '9' });
    const [request] = server.requests;
    const asked = new URL(request?.url ?? '', server.url);
    expect([request?.method, asked.pathname]).toEqual(['GET', '/@api/deki/site/search']);
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      q: 'refund',
      limit: '2',
      offset: '4',
      sortby: '-score',
      'dream.out.format': 'json',
    });
    expect(request?.headers).toMatchObject({ 'x-deki-token': 'web_CANARY', 'x-requested-with': 'XMLHttpRequest' });
    expect(request?.headers.authorization).toBeUndefined();
  });

  it('signs a server token of its own for each call', async () => {
    await using server = await scriptedServer(answer(200, page('')));
    const clock = new FakeClock(1_700_000_000_999);
    const client = expert(server.url, { browserKey: undefined, serverKey: SECRETS.serverKey, clock });
    await client.search({ q: 'a' });
    await clock.advance(5000);
    await client.search({ q: 'a' });
    const tokens = server.requests.map(({ headers }) => headers['x-deki-token']);
    const signed = (epoch: number): string => {
      const text = `CANARYkey_${epoch}_=api`;
      return `tkn_${text}_${createHmac('sha256', SECRETS.serverKey.secret).update(text).digest('hex')}`;
    };
    expect(tokens).toEqual([signed(1_700_000_000), signed(1_700_000_005)]);
  });

  it('limits hits by the constraint, which may look at the question', async () => {
    await using server = await scriptedServer(answer(200, page('')));
    await expert(server.url, { constraint: 'type:wiki' }).search({ q: 'a' });
    await expert(server.url, { constraint: ({ language }) => `language:"${language}"` }).search({
      q: 'a',
      language: 'de-DE',
    });
    expect(server.requests.map(({ url }) => new URL(url, server.url).searchParams.get('constraint'))).toEqual([
      'type:wiki',
      'language:"de-DE"',
    ]);
  });

  it.each([
    ['', []],
    [undefined, []],
    [null, []],
    [hit(1), ['1']],
    [
      [hit(1), hit(2)],
      ['1', '2'],
    ],
    [
      [hit(1), 'no hit', {}, null, hit(2, { id: undefined })],
      ['1', 'guid-2'],
    ],
    [{ uri: 'https://x.example/1' }, ['https://x.example/1']],
    [{ id: { '#text': '7', '@href': 'x' } }, ['7']],
  ])('reads hits as the XML in JSON has them: %j', async (result, ids) => {
    await using server = await scriptedServer(answer(200, page(result)));
    const { articles } = await expert(server.url).search({ q: 'a' });
    expect(articles.map(({ id }) => id)).toEqual(ids);
  });

  it('takes any hits', async () => {
    const field = fc.jsonValue({ maxDepth: 2 });
    const any = fc.dictionary(fc.constantFrom('id', 'title', 'uri', 'preview', 'rank', 'page'), field);
    await fc.assert(
      fc.asyncProperty(fc.oneof(any, fc.array(any), fc.constant('')), async (result) => {
        const client = expert('https://help.example.com', {
          fetch: () => Promise.resolve(Response.json(page(result))),
        });
        const { articles } = await client.search({ q: 'a' });
        for (const { id, title, score, url, body } of articles) {
          expect(id).not.toBe('');
          expect([typeof title, score === undefined || Number.isFinite(score)]).toEqual(['string', true]);
          expect([url, body].every((value) => value === undefined || typeof value === 'string')).toBe(true);
        }
        toAssistCards(articles, { interactionId: 'i' });
      }),
      { numRuns: 100 },
    );
  });

  const faults: [string, Script, object][] = [
    [
      '401',
      answer(401, 'Not authorized', { 'content-type': 'text/plain' }),
      { name: 'AuthenticationError', serverMessage: 'Not authorized' },
    ],
    ['429', answer(429, '', { 'retry-after': '7' }), { name: 'RateLimitError', retryAfterMs: 7000 }],
    ['503', answer(503, { message: 'down' }), { name: 'ServerError' }],
    ['a dropped connection', dropConnection, { name: 'ConnectionError' }],
    ['half a body', dropInBody, { name: 'ConnectionError' }],
    ['XML', answer(200, '<search/>', { 'content-type': 'application/xml' }), { name: 'ResponseValidationError' }],
    ['a number of hits', answer(200, page(7)), { name: 'ResponseValidationError' }],
    ['a list', answer(200, []), { name: 'ResponseValidationError' }],
  ];
  it.each(faults)('fails as every call does: %s', async (_, script, expected) => {
    await using server = await scriptedServer(script);
    const lines: unknown[] = [];
    const record = (...line: unknown[]): void => void lines.push(...line);
    const logger: Logger = { debug: record, info: record, warn: record, error: record };
    for (const keys of [{}, { browserKey: undefined, serverKey: SECRETS.serverKey }]) {
      const client = expert(server.url, { ...keys, logger });
      const error: unknown = await client.search({ q: 'a' }).catch((reason: unknown) => reason);
      expect(error).toMatchObject(expected);
      const seen =
        inspect([error, client, lines], { depth: Infinity, showHidden: true }) + JSON.stringify([error, client, lines]);
      expect(seen).not.toContain('CANARY');
    }
  });

  it('quotes no key that the server quotes', async () => {
    const echo: Script = (response, request) => {
      answer(400, { message: `bad ${String(request.headers['x-deki-token'])}` })(response, request);
    };
    await using server = await scriptedServer(echo);
    for (const keys of [{}, { browserKey: undefined, serverKey: SECRETS.serverKey }]) {
      await expect(expert(server.url, keys).search({ q: 'a' })).rejects.toMatchObject({
        serverMessage: 'bad [redacted]',
      });
    }
  });

  it('is repeated after a failure that passes, and ends with its limit', async () => {
    await using server = await scriptedServer(answer(503), answer(200, page(hit(1))), hang);
    const clock = new FakeClock();
    const client = expert(server.url, { maxRetries: 1, clock });
    expect((await clock.runUntilSettled(client.search({ q: 'a' }))).articles).toHaveLength(1);
    const hanging = client.search({ q: 'a' }, { maxRetries: 0, timeoutMs: 6000 });
    await expect(clock.runUntilSettled(hanging)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it.each([
    [{ site: undefined }, 'site: missing'],
    [{ site: 'http://help.example.com' }, 'credentials would be sent unencrypted'],
    [{ site: 'https://u:CANARY@help.example.com' }, 'must not contain credentials'],
    [{ browserKey: undefined }, 'browserKey: missing'],
    [{ browserKey: 'CANARY ü' }, 'browserKey: expected visible ASCII'],
    [{ serverKey: SECRETS.serverKey }, 'pass either browserKey or serverKey'],
    [{ browserKey: undefined, serverKey: { ...SECRETS.serverKey, secret: '' } }, 'serverKey.secret: missing'],
    [
      { browserKey: undefined, serverKey: { ...SECRETS.serverKey, secret: 'x\n' } },
      'serverKey.secret: expected a string without line breaks',
    ],
    [{ constraint: 7 as never }, 'constraint: expected a string or a function'],
    [{ token: 'CANARY' } as never, 'unknown option "token"'],
  ])('refuses options that make no sense: %j', (options, message) => {
    const create = (): unknown => expert('https://help.example.com', options);
    expect(create).toThrow(message);
    expect(create).not.toThrow('CANARY');
  });

  it('refuses a blank question', async () => {
    await expect(expert('https://help.example.com').search({ q: ' ' })).rejects.toMatchObject({
      name: 'RequestValidationError',
    });
  });

  it('is a source of knowledge', () => {
    expectTypeOf<ExpertClient>().toExtend<KnowledgeSource>();
  });
});
