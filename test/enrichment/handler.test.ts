import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import {
  createEnrichmentHandler,
  customerDataSources,
  EnrichmentCache,
  type EnrichmentHandlerOptions,
  type LoadContext,
} from 'agent-assist-sdk/enrichment';
import { startCompany, type Company } from 'agent-assist-sdk/testing';
import { FakeClock } from '../helpers/fake-clock.js';
import {
  asked,
  customerDataClient,
  ENRICH_URL,
  post,
  recordingLogger,
  seedAnswer,
  seedRequest,
  json,
  type Json,
  A_DAY_MS,
  TICKETS,
  handlerOf,
} from './setup.js';

let company: Company;

beforeEach(async () => {
  company = await startCompany();
});

afterEach(() => company.close());

const handlerWith = (options?: Partial<EnrichmentHandlerOptions>) => handlerOf(company, options);

describe('POST /api/v1/agent-assist/enrich', () => {
  it('answers the source document’s request with its answer', async () => {
    const response = await handlerWith()(post());
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe(JSON.stringify(seedAnswer));
    expect(asked(company).sort()).toEqual([
      'GET /api/v1/crm/tickets?customerId=CUST-992847&status=open',
      'GET /api/v1/customers/CUST-992847',
      'GET /api/v1/orders?customerId=CUST-992847&limit=5&sort=createdDesc',
    ]);
  });

  it('fetches one token for all of it', async () => {
    const handler = handlerWith({ cache: new EnrichmentCache({ ttlMs: 0 }) });
    await Promise.all(Array.from({ length: 20 }, () => handler(post())));
    expect(company.requests.count('POST /oauth/token')).toBe(1);
  });

  it('begins one of the requests that arrive together in a turn of the event loop, which accepts one connection', async () => {
    let turn = 0;
    const count = (): void => {
      turn += 1;
      counter = setImmediate(count);
    };
    let counter = setImmediate(count);
    const turns = new Set<number>();
    const handler = handlerWith({ sources: { own: { load: () => Promise.resolve(turns.add(turn).size) } } });
    const customers = Array.from({ length: 20 }, (_, index) => `CUST-${index}`);
    await Promise.all(customers.map((customerNumber) => handler(post({ ...seedRequest, customerNumber }))));
    clearImmediate(counter);
    expect(turns.size).toBe(20);
  });

  it('takes variables for empty when there are none', async () => {
    const load = vi.fn(() => Promise.resolve(null));
    await handlerWith({ sources: { own: { load } } })(post({ sessionId: 's', customerNumber: '1', intent: '' }));
    expect(load).toHaveBeenCalledWith(
      { sessionId: 's', customerNumber: '1', intent: '', variables: {} },
      expect.anything(),
    );
  });

  it('leaves nothing behind: no timer, and a signal that is aborted for whatever a source left under way', async () => {
    const clock = new FakeClock();
    const signals: AbortSignal[] = [];
    const load = (_: unknown, { signal }: LoadContext) => Promise.resolve(signals.push(signal));
    for (const cache of [new EnrichmentCache({ clock }), undefined]) {
      await handlerWith({ clock, cache, sources: { a: { load, timeoutMs: 100 }, b: { load } } })(post());
    }
    expect(clock.pendingDelays).toEqual([]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true, true]);
  });

  it('answers from its cache and shares loads under way', async () => {
    const handler = handlerWith();
    await Promise.all([handler(post()), handler(post()), handler(post())]);
    await handler(post());
    expect(asked(company)).toHaveLength(3);
  });

  it('takes a team’s own sources and template', async () => {
    const handler = handlerWith({
      sources: {
        ...customerDataSources(customerDataClient(company)),
        preferences: { load: ({ intent }) => Promise.resolve({ language: `Deutsch\n(${intent})` }) },
      },
      template: '{customerProfile.fullName} speaks {preferences.language}.',
      maxValueLength: 13,
    });
    const answer = await json(await handler(post()));
    expect(answer['preferences']).toEqual({ language: 'Deutsch\n(order_status_inquiry)' });
    expect(answer['enrichedPromptContext']).toBe('Elena Rostova speaks Deutsch (orde.');
  });

  it('moves to another path', async () => {
    const handler = handlerWith({ path: '/enrich' });
    expect((await handler(post())).status).toBe(404);
    const moved = new Request('http://proxy.test/enrich', post());
    expect((await handler(moved)).status).toBe(200);
  });
});

describe('more requests at once than the handler takes', () => {
  it('are refused at once with 503 and Retry-After, and only they', async () => {
    const gate = Promise.withResolvers<null>();
    const load = vi.fn(() => gate.promise);
    const handler = handlerWith({
      sources: { gate: { load, cacheKey: ({ sessionId }) => sessionId } },
      concurrency: 2,
    });
    const ask = async (sessionId: string) => handler(post({ ...seedRequest, sessionId }));
    const admitted = [ask('1'), ask('2')];
    await expect.poll(() => load).toHaveBeenCalledTimes(2);
    const refused = await ask('3');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    gate.resolve(null);
    expect((await Promise.all(admitted)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await ask('4')).status).toBe(200);
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('do not count when they are not let in, and make room however they end', async () => {
    const handler = handlerWith({ concurrency: 1, webhookToken: 'right' });
    const statuses: number[] = [];
    for (const request of [
      post('{', { authorization: 'Bearer right' }),
      post(),
      post(seedRequest, { authorization: 'Bearer right' }),
    ]) {
      statuses.push((await handler(request)).status);
    }
    expect(statuses).toEqual([422, 401, 200]);
  });
});

describe('a caller who goes away', () => {
  it('ends the calls that were made for it', async () => {
    company.inject({ route: TICKETS, fault: { kind: 'delay', delayMs: A_DAY_MS } });
    const caller = new AbortController();
    const logger = recordingLogger();
    const client = customerDataClient(company, { clock: new FakeClock() });
    const response = createEnrichmentHandler({ sources: customerDataSources(client), logger })(
      post(seedRequest, {}, caller.signal),
    );
    const hung = await company.requests.waitFor(TICKETS);
    caller.abort();
    expect((await response).status).toBe(499);
    await hung.finished;
    expect(hung.status).toBeUndefined();
    expect(logger.lines.map(({ level }) => level)).toEqual(['info']);
  });
});

describe('the request’s id', () => {
  it('is the caller’s own when it is sane', async () => {
    const logger = recordingLogger();
    const response = await handlerWith({ logger })(post(seedRequest, { 'x-request-id': 'cognigy:7f_1.a-b' }));
    expect(response.headers.get('x-request-id')).toBe('cognigy:7f_1.a-b');
    expect(logger.lines).toMatchObject([{ level: 'info', fields: { requestId: 'cognigy:7f_1.a-b', status: 200 } }]);
  });

  it.each(['', 'a b', 'x'.repeat(129), 'a"b', 'é'])('is a new one in place of %j', async (id) => {
    const response = await handlerWith()(post(seedRequest, id === '' ? {} : { 'x-request-id': id }));
    expect(response.headers.get('x-request-id')).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/);
  });

  it('is part of every error’s body', async () => {
    const response = await handlerWith()(post('{', { 'x-request-id': 'mine' }));
    expect(await json(response)).toMatchObject({ requestId: 'mine' });
  });
});

describe('what is logged', () => {
  it('says which source failed and how, and nothing about the customer', async () => {
    company.inject({
      route: TICKETS,
      fault: { kind: 'status', status: 400, body: { error: 'canary-server-message' } },
    });
    const logger = recordingLogger();
    await handlerWith({ logger, partial: true, webhookToken: 'canary-token' })(
      post(seedRequest, { authorization: 'Bearer canary-token' }),
    );
    expect(logger.lines).toMatchObject([
      {
        level: 'warn',
        fields: { source: 'openTickets', timedOut: false, error: 'BadRequestError', upstreamStatus: 400, attempts: 1 },
      },
      { level: 'info', fields: { status: 200 } },
    ]);
    expect(inspect(logger.lines, { depth: 10 })).not.toMatch(/canary|CUST-992847|Rostova|sess_8f7a3b2c1d/);
  });
});

describe('a turn of the event loop that never comes', () => {
  afterEach(() => vi.unstubAllGlobals());

  /** A handler on a runtime that drops the first callback of `setImmediate`, and the requests that wait for its source. */
  async function afterLostTurn(options: Partial<EnrichmentHandlerOptions> = {}) {
    let isLost = false;
    vi.stubGlobal('setImmediate', (callback: () => void) => {
      if (isLost) setImmediate(callback);
      isLost = true;
    });
    vi.resetModules();
    const { createEnrichmentHandler: create } = await import('agent-assist-sdk/enrichment');
    vi.unstubAllGlobals();
    const clock = new FakeClock();
    const loads: PromiseWithResolvers<number>[] = [];
    const load = vi.fn(() => {
      loads.push(Promise.withResolvers<number>());
      return loads.at(-1)?.promise ?? Promise.resolve(0);
    });
    const handler = create({ sources: { a: { load, empty: 0 } }, clock, totalTimeoutMs: 700, ...options });
    const ask = (signal?: AbortSignal) => handler(post(seedRequest, {}, signal));
    return { clock, handler, ask, load, loads };
  }

  it('holds later requests up only until the request is done whose turn it was', async () => {
    const { clock, ask, load, loads } = await afterLostTurn();
    const answers = [ask(), ask(), ask()];
    await clock.advance(0);
    expect(load).toHaveBeenCalledTimes(1);
    loads[0]?.resolve(1);
    const all = await Promise.all(answers);
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(clock.monotonic()).toBe(0);
    expect(clock.pendingDelays).toEqual([]);
  });

  it.each([
    [false, 504, {}],
    [true, 200, { a: 0 }],
  ])('does not keep a request beyond its deadline (partial: %s)', async (partial, status, answer) => {
    const { clock, handler, ask, load } = await afterLostTurn({ partial });
    const body = new TransformStream<Uint8Array, Uint8Array>();
    const slow = handler(new Request(post(''), { body: body.readable, duplex: 'half' } as RequestInit));
    await clock.advance(100);
    const first = ask();
    await clock.advance(0);
    const writer = body.writable.getWriter();
    void writer.write(new TextEncoder().encode(JSON.stringify(seedRequest)));
    void writer.close();
    await clock.advance(600);
    const response = await slow;
    expect(response.status).toBe(status);
    expect(await json(response)).toMatchObject({ unavailable: ['a'], ...answer });
    expect(load).toHaveBeenCalledTimes(1);
    await clock.advance(100);
    expect((await first).status).toBe(status);
    expect(clock.pendingDelays).toEqual([]);
  });

  it('does not keep a request whose caller has left', async () => {
    const { clock, ask, load } = await afterLostTurn();
    void ask();
    const caller = new AbortController();
    const second = ask(caller.signal);
    await clock.advance(0);
    caller.abort();
    expect((await second).status).toBe(499);
    expect(load).toHaveBeenCalledTimes(1);
    await clock.advance(700);
    expect(clock.pendingDelays).toEqual([]);
  });
});

describe('anything unforeseen', () => {
  it('is a 500 that says nothing, and an error in the log', async () => {
    const logger = recordingLogger();
    const circular: Json = {};
    circular['self'] = circular;
    const response = await handlerWith({ logger, sources: { circular: { load: () => Promise.resolve(circular) } } })(
      post(),
    );
    expect(response.status).toBe(500);
    expect(await json(response)).toEqual({
      error: 'Context enrichment failed',
      requestId: expect.any(String) as string,
    });
    expect(logger.lines.map(({ level }) => level)).toEqual(['error', 'info']);
  });
});

describe('paths and methods', () => {
  it.each([
    ['GET', ENRICH_URL, 405, 'POST'],
    ['PUT', ENRICH_URL, 405, 'POST'],
    ['OPTIONS', ENRICH_URL, 405, 'POST'],
    ['POST', 'http://proxy.test/healthz', 405, 'GET, HEAD'],
    ['POST', 'http://proxy.test/', 404, null],
    ['POST', `${ENRICH_URL}/`, 404, null],
    ['POST', `${ENRICH_URL}/../enrich/x`, 404, null],
  ])('%s %s is answered with %i', async (method, url, status, allow) => {
    const response = await handlerWith()(new Request(url, { method }));
    expect([response.status, response.headers.get('allow')]).toEqual([status, allow]);
    expect(company.requests.total).toBe(0);
  });
});

describe('createEnrichmentHandler', () => {
  it.each<[string, Partial<EnrichmentHandlerOptions>]>([
    ['the token of a variable that is not set', { webhookToken: undefined }],
    ['an empty token', { webhookToken: '' }],
    ['no token in a list', { webhookToken: [] }],
    ['a token that no header carries', { webhookToken: ['fine', 'a b'] }],
    ['a number as a token', { webhookToken: 12345 as never }],
    ['a missing token in a list', { webhookToken: ['fine', undefined as never] }],
    ['a deadline of 0', { totalTimeoutMs: 0 }],
    ['a body limit of 0', { maxBodyBytes: 0 }],
    ['a path that no request has', { path: 'enrich' }],
    ['half a request at once', { concurrency: 0.5 }],
    ['values of no length', { maxValueLength: 0 }],
    ['a source with a taken name', { sources: { unavailable: { load: () => Promise.resolve(1) } } }],
    ['a source with no time', { sources: { a: { load: () => Promise.resolve(1), timeoutMs: -1 } } }],
  ])('refuses %s', (_, options) => {
    expect(() => handlerWith(options)).toThrow(ConfigurationError);
  });
});
