import { startCognigy, type CognigyOptions, type CognigyTenant } from 'agent-assist-sdk/testing';
import { afterEach, describe, expect, it, test } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';

let cognigy: CognigyTenant;
afterEach(async () => {
  await cognigy.close();
});

async function start(options: CognigyOptions = {}): Promise<void> {
  cognigy = await startCognigy(options);
}

interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

async function call(method: string, path: string, body?: unknown, headers: object = {}): Promise<Answer> {
  const sent = new Headers({ 'x-api-key': cognigy.apiKey, ...headers });
  if (sent.get('x-api-key') === '') sent.delete('x-api-key');
  if (body !== undefined) sent.set('content-type', 'application/json');
  const answer = await fetch(`${cognigy.origin}${path}`, {
    method,
    headers: sent,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  expect(answer.headers.get('x-request-id')).toBeNull();
  return { status: answer.status, json: text === '' ? {} : (JSON.parse(text) as Answer['json']) };
}

async function token(form: Readonly<Record<string, string>>): Promise<Answer> {
  const { clientId, clientSecret } = cognigy.credentials;
  const answer = await fetch(`${cognigy.origin}/auth/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...form }),
  });
  return { status: answer.status, json: (await answer.json()) as Answer['json'] };
}

describe('startCognigy', () => {
  it('refuses options that it does not know, and values out of range', async () => {
    await start();
    await expect(startCognigy({ relase: '2026.17' } as object)).rejects.toThrow(/did you mean 'release'/);
    await expect(startCognigy({ release: 'latest' })).rejects.toThrow(/release/);
    await expect(startCognigy({ maxJsonBytes: 0 })).rejects.toThrow('maxJsonBytes must be more than 0');
    const requestLimit = { limit: 4, windowMs: 1000 } as never;
    await expect(startCognigy({ requestLimit })).rejects.toThrow('requestLimit.maxCalls: expected a number');
  });
});

describe('who may call', () => {
  it('takes an API key in the header or the query, under both prefixes', async () => {
    await start();
    const paths = ['/v2.0/projects', '/new/v2.0/projects', `/new/v2.0/projects?api_key=${cognigy.apiKey}`];
    for (const path of paths) {
      const headers = path.includes('api_key') ? { 'x-api-key': '' } : {};
      expect((await call('GET', path, undefined, headers)).json).toMatchObject({ total: 1, nextCursor: null });
    }
    const { status, json } = await call('GET', '/new/v2.0/projects', undefined, { 'x-api-key': 'wrong' });
    expect(status).toBe(401);
    expect(json).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: 'Unauthorized',
      instance: '/new/v2.0/projects',
      code: 401,
      traceId: `api--${cognigy.requests.last?.requestId}`,
      details: {},
    });
  });

  it('shows the audit events to administrators alone', async () => {
    await start({ apiKeys: [{ key: 'designer', isAdmin: false }] });
    expect((await call('GET', '/new/v2.0/projects')).status).toBe(200);
    expect(await call('GET', '/new/v2.0/auditevents')).toMatchObject({ status: 403, json: { code: 403 } });
  });

  it('issues tokens for each grant, which end', async () => {
    const clock = new FakeClock();
    await start({ clock });
    const plain = await token({ grant_type: 'client_credentials' });
    expect(plain).toEqual({
      status: 200,
      json: { access_token: expect.any(String) as string, token_type: 'Bearer', expires_in: 900 },
    });
    const bearer = { 'x-api-key': '', authorization: `Bearer ${String(plain.json['access_token'])}` };
    expect((await call('GET', '/v2.0/flows', undefined, bearer)).status).toBe(200);
    await clock.advance(900_000);
    expect((await call('GET', '/v2.0/flows', undefined, bearer)).status).toBe(401);

    const code = cognigy.login.authorize({
      redirectUri: 'https://app/cb',
      codeChallenge: 'JBbiqONGWPaAmwXk_8bT6UnlPfrn65D32eZlJS-zGG0',
    });
    const forCode = { grant_type: 'authorization_code', code, redirect_uri: 'https://app/cb' };
    expect((await token({ ...forCode, code_verifier: 'test-verifier' })).status).toBe(200);
    expect((await token({ ...forCode, code_verifier: 'test-verifier' })).json).toMatchObject({
      error: 'invalid_grant',
    });

    const user = { grant_type: 'password', username: 'designer@example.com', password: 'cognigy-password' };
    const { json } = await token(user);
    const refresh = { grant_type: 'refresh_token', refresh_token: String(json['refresh_token']) };
    await clock.advance(86_399_000);
    expect((await token(refresh)).status).toBe(200);
    await clock.advance(1_000);
    expect((await token(refresh)).json).toMatchObject({ error: 'invalid_grant' });
    expect(await token({ ...user, password: 'wrong' })).toMatchObject({
      status: 400,
      json: { error: 'invalid_grant' },
    });
    expect(await token({ client_secret: 'wrong' })).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
  });
});

test('the login refuses a repeated parameter', async () => {
  await start();
  const body = new URLSearchParams([
    ['client_id', 'cognigy-client'],
    ['client_secret', 'cognigy-secret'],
    ['grant_type', 'password'],
    ['grant_type', 'client_credentials'],
  ]);
  const answer = await fetch(`${cognigy.origin}/auth/oauth2/token`, { method: 'POST', body });
  expect(await answer.json()).toMatchObject({ error: 'invalid_request' });
});

test('the login keeps the latest 10,000 codes', async () => {
  await start();
  const redirectUri = 'https://app/cb';
  const [first, second = ''] = Array.from({ length: 10_001 }, () => cognigy.login.authorize({ redirectUri }));
  const form = { grant_type: 'authorization_code', redirect_uri: redirectUri };
  expect((await token({ ...form, code: first ?? '' })).json).toMatchObject({ error: 'invalid_grant' });
  expect((await token({ ...form, code: second })).status).toBe(200);
});

describe('what it refuses', () => {
  it('a GET with a body, unless it is told to accept one', async () => {
    await start();
    // fetch sends none.
    const { request } = await import('node:http');
    const status = async (): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const sent = request(
          `${cognigy.origin}/v2.0/projects`,
          { headers: { 'x-api-key': cognigy.apiKey } },
          (answer) => {
            answer.resume();
            resolve(answer.statusCode);
          },
        );
        sent.on('error', reject);
        sent.setHeader('content-length', 2);
        sent.end('{}');
      });
    expect(await status()).toBe(403);
    await cognigy.close();
    await start({ getWithBody: 'accept' });
    expect(await status()).toBe(200);
  });

  it('unknown parameters and fields, JSON over 60 kB, and too many requests', async () => {
    const clock = new FakeClock();
    await start({ clock, requestLimit: { maxCalls: 4, windowMs: 1000 } });
    const { projectId } = cognigy.project;
    expect(await call('GET', '/v2.0/projects?cursor=1')).toMatchObject({ status: 400, json: { code: 1005 } });
    const flow = { projectId, name: 'x' };
    expect(await call('POST', '/v2.0/flows', { ...flow, extra: 1 })).toMatchObject({ status: 400 });
    expect(await call('POST', '/v2.0/flows', { ...flow, name: 'x'.repeat(61_440) })).toMatchObject({ status: 413 });
    expect(await call('POST', '/v2.0/flows', flow)).toMatchObject({ status: 201, json: { name: 'x' } });
    expect(await call('POST', '/v2.0/flows', flow)).toMatchObject({ status: 429, json: { code: 429 } });
    await clock.advance(1000);
    expect(await call('POST', '/v2.0/flows', flow)).toMatchObject({ status: 409, json: { code: 1004 } });
  });
});

describe('lists', () => {
  async function collect(path: string): Promise<{ readonly ids: unknown[]; readonly pages: number }> {
    const ids: unknown[] = [];
    let next: string | null = '';
    let pages = 0;
    while (next !== null) {
      const { json } = await call('GET', `${path}${next === '' ? '' : `&next=${next}`}`);
      ids.push(...(json['items'] as { _id: string }[]).map(({ _id }) => _id));
      next = json['nextCursor'] as string | null;
      pages += 1;
    }
    return { ids, pages };
  }

  it('are read by cursors, sorted and filtered', async () => {
    const clock = new FakeClock();
    await start({ clock });
    for (let number = 0; number < 7; number += 1) {
      cognigy.auditEvents.add();
      await clock.advance(1000);
    }
    const inOrder = cognigy.auditEvents.all.map(({ _id }) => _id);
    expect(await collect('/v2.0/auditevents?limit=3&sort=timestamp:asc')).toEqual({ ids: inOrder, pages: 3 });
    expect((await collect('/v2.0/auditevents?limit=3&sort=timestamp:desc')).ids).toEqual(inOrder.toReversed());
    const user = String(cognigy.auditEvents.all[1]?.['user']);
    expect((await collect(`/v2.0/auditevents?limit=100&user=${user}`)).ids).toEqual([inOrder[1], inOrder[4]]);
    const since = Date.parse(String(cognigy.auditEvents.all[5]?.timestamp));
    expect((await collect(`/v2.0/auditevents?limit=9&timestamp.$gte=${since}`)).ids).toEqual(inOrder.slice(5));
    expect((await call('GET', '/v2.0/auditevents?skip=1&next=YXQ6Mw')).status).toBe(400);
    expect((await call('GET', '/v2.0/auditevents?next=nonsense')).status).toBe(400);
  });

  it('keep the latest 10,000 of each kind', async () => {
    await start();
    const [first] = cognigy.auditEvents.all.concat(cognigy.auditEvents.add());
    cognigy.auditEvents.seed(10_000);
    expect(cognigy.auditEvents.all).toHaveLength(10_000);
    expect((await call('GET', `/v2.0/auditevents/${String(first?._id)}`)).status).toBe(404);
    const { flow, urlToken } = cognigy.restEndpoint;
    const url = `/${urlToken}`;
    const input = { userId: 'u', sessionId: 's', text: 'hello' };
    expect((await call('POST', url, input)).status).toBe(200);
    for (let number = 0; number < 10_000; number += 1) cognigy.endpoints.add({ flow });
    expect((await call('POST', url, input)).status).toBe(404);
    expect((await call('GET', '/v2.0/endpoints')).json).toMatchObject({ total: 10_000 });
  });

  it('filter audit events by type from 2026.17 on', async () => {
    await start();
    cognigy.auditEvents.seed(5);
    expect((await call('GET', '/v2.0/auditevents?type[]=delete')).status).toBe(400);
    await cognigy.close();
    await start({ release: '2026.17' });
    cognigy.auditEvents.seed(5);
    expect((await call('GET', '/v2.0/auditevents?type[]=delete')).json).toMatchObject({ total: 1 });
  });

  it('deviate when they are told to', async () => {
    await start();
    cognigy.auditEvents.seed(101);
    const atMost = (await call('GET', '/v2.0/auditevents?limit=1000')).json;
    expect(atMost['items']).toHaveLength(100);
    const page = async (): Promise<object> => (await call('GET', '/v2.0/auditevents?limit=2')).json;
    expect(await page()).toMatchObject({ items: [{}, {}], total: 101, nextCursor: expect.any(String) as string });
    cognigy.deviate('lost-cursor');
    expect(await page()).toMatchObject({ total: 101, nextCursor: null });
    cognigy.deviate('old-names');
    expect(await page()).toMatchObject({ next: expect.any(String) as string, previous: null });
    cognigy.deviate('short-pages');
    expect((await collect('/v2.0/auditevents?limit=51')).pages).toBe(3);
    cognigy.deviate('repeated-cursor');
    expect(await page()).toMatchObject({ nextCursor: 'YXQ6Mg' });
  });
});

describe('a REST endpoint', () => {
  const input = { userId: 'u1', sessionId: 's1', text: 'I want a refund' };

  it('runs the flow and answers its outputs; in test mode without the bill', async () => {
    await start();
    const { status, json } = await call('POST', `/${cognigy.restEndpoint.urlToken}`, input);
    expect(status).toBe(200);
    expect(json).toMatchObject({ userId: 'u1', sessionId: 's1' });
    const [first] = json['outputStack'] as object[];
    expect(first).toEqual({
      text: 'I can check right now whether this order qualifies for a refund.',
      data: { confidence: 0.93, source: 'playbook/refunds' },
      traceId: expect.any(String) as string,
      disableSensitiveLogging: false,
      source: 'bot',
    });
    await call('POST', `/test/${cognigy.restEndpoint.urlToken}`, { ...input, text: undefined, data: { a: 1 } });
    expect(cognigy.sessions.get('s1')).toMatchObject({ turns: 2 });
    expect(cognigy.sessions.billedInputs).toBe(1);
  });

  it('searches knowledge, with hits in the data of its output', async () => {
    await start();
    const { json } = await call('POST', `/${cognigy.knowledgeEndpoint.urlToken}`, { ...input, text: 'refund policy' });
    const { topK } = (json['data'] as { knowledgeSearch: { topK: { distance: number }[] } }).knowledgeSearch;
    expect(topK.length).toBeGreaterThan(1);
    expect(topK[0]).toMatchObject({ text: expect.any(String) as string, sourceMetaData: { sourceType: 'manual' } });
    const twice = await call('POST', `/${cognigy.knowledgeEndpoint.urlToken}`, {
      ...input,
      text: 'card charged twice',
    });
    expect(JSON.stringify(twice.json)).toContain('If both are booked, refund the second one');
    expect(topK.map(({ distance }) => distance)).toEqual(
      topK.map(({ distance }) => distance).toSorted((a, b) => b - a),
    );
  });

  it('refuses what is no input, and answers as its transformers say', async () => {
    await start();
    const url = `/${cognigy.restEndpoint.urlToken}`;
    for (const body of [
      { userId: 'u1', text: 'x' },
      { userId: 'u1', sessionId: 's1' },
      { ...input, interactionId: 'i' },
    ]) {
      expect(await call('POST', url, body)).toMatchObject({ status: 400, json: { code: 1005 } });
    }
    expect((await call('POST', '/unknown', input)).status).toBe(404);
    expect((await call('POST', url, { ...input, text: 'x'.repeat(65_000) })).status).toBe(413);
    cognigy.endpoints.add({
      flow: cognigy.flow,
      urlToken: 'transformed',
      transformers: {
        input: (body) => ({ userId: 'u', sessionId: 's', text: (body as { transcript: string }).transcript }),
        executionFinished: ({ outputStack }) => ({ suggestions: outputStack.length }),
      },
    });
    expect((await call('POST', '/transformed', { transcript: 'refund' })).json).toEqual({ suggestions: 3 });
    cognigy.flow.answerWith(() => {
      throw new Error('a node failed');
    });
    expect(await call('POST', url, input)).toMatchObject({ status: 500, json: { code: 1008 } });
  });

  it('leads to a flow of its own that a script describes', async () => {
    await start();
    const ratings: unknown[] = [];
    const { urlToken, flow } = cognigy.endpoints.add({
      flow: ({ data }) => {
        ratings.push(data['rating']);
        return [{ text: 'Thank you' }];
      },
    });
    const input = { userId: 'u1', sessionId: 's1', data: { rating: 5 } };
    expect((await call('POST', `/${urlToken}`, input)).json).toMatchObject({ text: 'Thank you' });
    expect([ratings, flow.runs, cognigy.flow.runs]).toEqual([[5], 1, 0]);
  });

  it('takes neither inject nor notify; a session that nobody opened takes none either', async () => {
    await start();
    const body = { text: 'x', data: {}, userId: 'u1', sessionId: 's1' };
    const { urlToken } = cognigy.restEndpoint;
    expect((await call('POST', '/v2.0/endpoint/inject', { ...body, URLToken: urlToken })).status).toBe(400);
    const socket = cognigy.socketEndpoint.urlToken;
    expect((await call('POST', '/v2.0/endpoint/notify', { ...body, URLToken: socket })).status).toBe(404);
    for (const field of ['text', 'data'])
      expect(
        (await call('POST', '/v2.0/endpoint/notify', { ...body, URLToken: socket, [field]: undefined })).status,
      ).toBe(400);
  });
});

describe('tasks', () => {
  it('are queued, active and done, go as scripted, and can be cancelled', async () => {
    const clock = new FakeClock();
    await start({ clock });
    const { json } = await call('GET', '/v2.0/flows');
    const [flow] = json['items'] as { _id: string }[];
    const train = async (): Promise<string> => {
      const task = await call('POST', `/v2.0/flows/${flow?._id}/intents/train`, { localeId: 'x', mode: 'full' });
      expect(task).toMatchObject({ status: 202, json: { status: 'queued', type: 'trainIntents' } });
      return `/v2.0/tasks/${String(task.json['_id'])}`;
    };
    const statusOf = async (path: string): Promise<unknown> => (await call('GET', path)).json['status'];
    const plain = await train();
    expect([await statusOf(plain), await statusOf(plain)]).toEqual(['queued', 'active']);
    await clock.advance(20);
    expect(await statusOf(plain)).toBe('done');
    expect((await call('POST', `${plain}/cancel`)).status).toBe(409);

    cognigy.tasks.scriptNext({ statuses: ['paused'], failReason: 'out of memory' });
    const failing = await train();
    await clock.advance(20);
    expect(await statusOf(failing)).toBe('paused');
    expect((await call('GET', failing)).json).toMatchObject({ status: 'error', failReason: 'out of memory' });

    const cancelled = await train();
    expect((await call('POST', `${cancelled}/cancel`)).json).toMatchObject({ status: 'cancelling' });
    await clock.advance(20);
    expect(await statusOf(cancelled)).toBe('cancelled');
    cognigy.tasks.forget(cancelled.slice('/v2.0/tasks/'.length));
    expect((await call('GET', cancelled)).status).toBe(404);
  });
});

describe('faults', () => {
  it('strike its routes by the paths that calls name, in its own form', async () => {
    await start();
    cognigy.inject({ route: 'GET /auditevents', fault: { kind: 'status', status: 503, retryAfter: 2 } });
    expect(await call('GET', '/new/v2.0/auditevents')).toMatchObject({ status: 503, json: { code: 503 } });
    expect((await call('GET', '/new/v2.0/auditevents')).status).toBe(200);
    expect(cognigy.requests.count('GET /v2.0/auditevents')).toBe(2);
  });
});
