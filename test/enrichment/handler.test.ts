import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigurationError, HttpClient, TimeoutError, type Transport } from 'agent-assist-sdk';
import {
  createEnrichmentHandler,
  CustomerDataClient,
  customerDataSources,
  EnrichmentCache,
  type EnrichmentHandlerOptions,
  type LoadContext,
} from 'agent-assist-sdk/enrichment';
import { startCompany, type Company } from 'agent-assist-sdk/testing';
import { FakeClock } from '../helpers/fake-clock.js';
import { asked, customerDataClient, ENRICH_URL, post, recordingLogger, seedAnswer, seedRequest } from './setup.js';

const A_DAY_MS = 86_400_000;
const TICKETS = 'GET /crm/tickets';

type Json = Record<string, unknown>;

let company: Company;

beforeEach(async () => {
  company = await startCompany();
});

afterEach(() => company.close());

const sources = () => customerDataSources(customerDataClient(company));
const handlerWith = (options: Partial<EnrichmentHandlerOptions> = {}) =>
  createEnrichmentHandler({ sources: sources(), ...options });
const json = async (response: Response): Promise<Json> => (await response.json()) as Json;

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
        ...sources(),
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

describe('a service that fails', () => {
  it.each([
    ['answers 500 again and again', { kind: 'status', status: 500 }],
    ['answers something else than JSON', { kind: 'html' }],
    ['cuts its answer short', { kind: 'drop', at: 'mid-body' }],
    ['answers 403', { kind: 'status', status: 403 }],
  ] as const)('and %s makes the answer 502', async (_, fault) => {
    company.inject({ route: TICKETS, fault, every: 1 });
    const noWait = customerDataClient(company, { random: () => 0 });
    const response = await createEnrichmentHandler({ sources: customerDataSources(noWait) })(post());
    expect(response.status).toBe(502);
    const answer = await json(response);
    expect(answer).toEqual({
      error: 'A service failed',
      unavailable: ['openTickets'],
      requestId: response.headers.get('x-request-id'),
    });
  });

  it('is named in the answer when partial results are allowed', async () => {
    company.inject({ route: TICKETS, fault: { kind: 'status', status: 400 } });
    const response = await handlerWith({ partial: true })(post());
    expect(response.status).toBe(200);
    expect(await json(response)).toEqual({
      ...seedAnswer,
      openTickets: [],
      enrichedPromptContext:
        'Customer: Elena Rostova | Segment: Premium\nRecent Orders: 1 items. Last order: ORD-88219\nOpen Tickets: 0 active cases. Priority: None',
      unavailable: ['openTickets'],
    });
  });

  it('is none when it does not know the customer: the profile is empty', async () => {
    const response = await handlerWith()(post({ ...seedRequest, customerNumber: 'new' }));
    expect(response.status).toBe(200);
    expect(await json(response)).toEqual({
      customerProfile: {},
      recentOrders: [],
      openTickets: [],
      enrichedPromptContext:
        'Customer: Unknown | Segment: Standard\nRecent Orders: 0 items. Last order: None\nOpen Tickets: 0 active cases. Priority: None',
    });
  });

  it.each([
    ['customerProfile', 410, {}],
    ['customerProfile', 204, {}],
    ['recentOrders', 204, []],
    ['openTickets', 204, []],
  ] as const)('is none when it has nothing to say: %s after %d', async (name, status, empty) => {
    const routes = { customerProfile: 'GET /customers/{id}', recentOrders: 'GET /orders', openTickets: TICKETS };
    company.inject({ route: routes[name], fault: { kind: 'status', status }, every: 1 });
    const response = await handlerWith()(post());
    expect(response.status).toBe(200);
    expect(await json(response)).toEqual({
      ...seedAnswer,
      enrichedPromptContext: expect.any(String) as string,
      [name]: empty,
    });
  });

  it.each([
    ['the token endpoint', 'POST /oauth/token'],
    ['the orders', 'GET /orders'],
  ])('makes the answer 502 when %s cannot be found', async (_, route) => {
    company.inject({ route, fault: { kind: 'status', status: 404 }, every: 1 });
    expect((await handlerWith()(post())).status).toBe(502);
  });

  it('makes the answer 502 when the token endpoint refuses', async () => {
    company.inject({
      route: 'POST /oauth/token',
      fault: { kind: 'status', status: 401, body: { error: 'invalid_client' } },
      every: 1,
    });
    expect((await handlerWith()(post())).status).toBe(502);
    expect(asked(company)).toEqual([]);
  });
});

describe('a service that hangs for ever', () => {
  async function hangingTickets(options: Partial<EnrichmentHandlerOptions>) {
    company.inject({ route: TICKETS, fault: { kind: 'delay', delayMs: A_DAY_MS }, every: 1 });
    const clock = new FakeClock();
    const client = customerDataClient(company, { clock });
    const handler = createEnrichmentHandler({ sources: customerDataSources(client), clock, ...options });
    const response = handler(post());
    const hung = await company.requests.waitFor(TICKETS);
    for (const route of ['GET /customers/{id}', 'GET /orders']) await (await company.requests.waitFor(route)).finished;
    return { clock, response, hung };
  }

  it('makes the answer 504 at the deadline, and its call ends with the answer', async () => {
    const { clock, response, hung } = await hangingTickets({});
    await clock.advance(4499);
    expect(hung.status).toBeUndefined();
    await clock.advance(1);
    const { status } = await response;
    expect(status).toBe(504);
    expect(await json(await response)).toMatchObject({
      error: 'A service did not answer in time',
      unavailable: ['openTickets'],
    });
    await hung.finished;
    expect(hung.status).toBeUndefined();
    expect(clock.pendingDelays).toEqual([]);
  });

  it('has its call ended when another service fails', async () => {
    company.inject({ route: TICKETS, fault: { kind: 'delay', delayMs: A_DAY_MS } });
    // The client's own time stands still, so that nothing but the signal can end the call.
    const client = customerDataClient(company, { clock: new FakeClock() });
    const broken = { load: async () => Promise.reject(new Error((await company.requests.waitFor(TICKETS)).path)) };
    const response = createEnrichmentHandler({ sources: { ...customerDataSources(client), broken } })(post());
    const hung = await company.requests.waitFor(TICKETS);
    expect(await json(await response)).toMatchObject({ error: 'A service failed', unavailable: ['broken'] });
    await hung.finished;
    expect(hung.status).toBeUndefined();
  });

  it('makes the answer 504 as well when its call has a limit of its own', async () => {
    const clock = new FakeClock();
    const transport: Transport = () => new Promise(() => undefined);
    const client = new CustomerDataClient(
      new HttpClient({ baseUrl: 'https://company.test', transport, clock, timeoutMs: 100, maxRetries: 0 }),
    );
    const response = createEnrichmentHandler({ sources: customerDataSources(client), clock })(post());
    await clock.advance(100);
    expect((await response).status).toBe(504);
    expect(clock.monotonic()).toBe(100);
  });

  it('leaves its part empty at the deadline when partial results are allowed', async () => {
    const { clock, response, hung } = await hangingTickets({ partial: true, totalTimeoutMs: 700 });
    await clock.advance(700);
    expect((await response).status).toBe(200);
    expect(await json(await response)).toMatchObject({
      customerProfile: seedAnswer.customerProfile,
      openTickets: [],
      unavailable: ['openTickets'],
    });
    await hung.finished;
  });
});

describe('a service that asks for patience', () => {
  /** Services on virtual time: tickets answer 429 with the waits in turn, then well. */
  function onVirtualTime(retryAfter: string[], options: Partial<EnrichmentHandlerOptions> = {}) {
    const clock = new FakeClock();
    const askedAt: number[] = [];
    const transport: Transport = async ({ url }) => {
      const wait = url.includes('tickets') ? retryAfter[askedAt.push(clock.monotonic()) - 1] : undefined;
      const headers = new Headers(wait === undefined ? {} : { 'retry-after': wait });
      return Promise.resolve(new Response('{}', { status: wait === undefined ? 200 : 429, headers }));
    };
    const client = new CustomerDataClient(new HttpClient({ baseUrl: 'https://company.test', transport, clock }));
    const handler = createEnrichmentHandler({ sources: customerDataSources(client), clock, ...options });
    return { clock, askedAt, answer: clock.runUntilSettled(handler(post())) };
  }

  it('is given the time that it asks for', async () => {
    const { askedAt, answer } = onVirtualTime(['2', '1']);
    expect((await answer).status).toBe(200);
    expect(askedAt).toEqual([0, 2000, 3000]);
  });

  it('is not waited for beyond the deadline: the answer is 502 at once', async () => {
    const { clock, askedAt, answer } = onVirtualTime(['2', '3']);
    expect((await answer).status).toBe(502);
    expect(askedAt).toEqual([0, 2000]);
    expect(clock.monotonic()).toBe(2000);
  });

  it('leaves its part empty at once when partial results are allowed', async () => {
    const { clock, answer } = onVirtualTime(['60'], { partial: true });
    expect(await json(await answer)).toMatchObject({ unavailable: ['openTickets'] });
    expect(clock.monotonic()).toBe(0);
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

describe('GET /healthz', () => {
  const ask = (method = 'GET') => new Request('http://proxy.test/healthz', { method });

  it('says that all services answer', async () => {
    const response = await handlerWith({ webhookToken: 'not needed here'.replaceAll(' ', '') })(ask());
    expect(response.status).toBe(200);
    expect(await json(response)).toEqual({
      status: 'ok',
      services: { customerProfile: 'ok', recentOrders: 'ok', openTickets: 'ok' },
    });
  });

  it('is 503 when a required service does not answer, and names it', async () => {
    company.inject({ route: TICKETS, fault: { kind: 'status', status: 500 }, every: 1 });
    const response = await handlerWith()(ask('HEAD'));
    expect(response.status).toBe(503);
    expect(await json(response)).toMatchObject({
      status: 'failed',
      services: { openTickets: 'failed', recentOrders: 'ok' },
    });
    expect(company.requests.count(TICKETS)).toBe(1);
  });

  it('is 503 when the token endpoint cannot be found, although a service may not know the customer', async () => {
    company.inject({ route: 'POST /oauth/token', fault: { kind: 'status', status: 404 }, every: 1 });
    const response = await handlerWith()(ask());
    expect([response.status, await json(response)]).toMatchObject([503, { services: { openTickets: 'failed' } }]);
  });

  it('is degraded when one that can be missed does not', async () => {
    company.inject({ route: TICKETS, fault: { kind: 'status', status: 500 }, every: 1 });
    const response = await handlerWith({ partial: true })(ask());
    expect([response.status, await json(response)]).toMatchObject([
      200,
      { status: 'degraded', services: { openTickets: 'failed' } },
    ]);
  });

  it('gives a service two seconds', async () => {
    const clock = new FakeClock();
    company.inject({ route: TICKETS, fault: { kind: 'delay', delayMs: A_DAY_MS }, every: 1 });
    const handler = createEnrichmentHandler({
      sources: customerDataSources(customerDataClient(company, { clock })),
      clock,
    });
    const response = handler(ask());
    for (const route of ['GET /customers/{id}', 'GET /orders']) await (await company.requests.waitFor(route)).finished;
    await company.requests.waitFor(TICKETS);
    await clock.advance(2000);
    expect(await json(await response)).toMatchObject({ services: { customerProfile: 'ok', openTickets: 'timeout' } });
    expect(clock.pendingDelays).toEqual([]);
  });

  it('shares a round of checks for as long as it takes', async () => {
    const clock = new FakeClock();
    const check = vi.fn(() => new Promise(() => undefined));
    const handler = handlerWith({ clock, sources: { a: { load: () => Promise.resolve(1), check } } });
    const early = handler(ask());
    await clock.advance(1200);
    const late = handler(ask());
    await clock.advance(800);
    const reports = await Promise.all([early, late].map(async (response) => json(await response)));
    expect(reports).toEqual(Array(2).fill({ status: 'failed', services: { a: 'timeout' } }));
    expect(check).toHaveBeenCalledTimes(1);
    expect(clock.pendingDelays).toEqual([]);
  });

  it('says of a check that ran out of time what it says of one that hangs', async () => {
    const check = () => Promise.reject(new TimeoutError('too slow', 5));
    const response = await handlerWith({ sources: { a: { load: () => Promise.resolve(1), check } } })(ask());
    expect(await json(response)).toEqual({ status: 'failed', services: { a: 'timeout' } });
  });

  it('asks once in five seconds, however many want to know', async () => {
    const clock = new FakeClock();
    const check = vi.fn(() => Promise.resolve());
    const handler = handlerWith({
      clock,
      sources: { a: { load: () => Promise.resolve(1), check }, b: { load: () => Promise.resolve(1) } },
    });
    const reports = await Promise.all(Array.from({ length: 50 }, async () => json(await handler(ask()))));
    expect(reports[49]).toEqual({ status: 'ok', services: { a: 'ok', b: 'unknown' } });
    expect(clock.pendingDelays).toEqual([]);
    await clock.advance(4999);
    await handler(ask());
    expect(check).toHaveBeenCalledTimes(1);
    await clock.advance(1);
    await handler(ask());
    expect(check).toHaveBeenCalledTimes(2);
  });
});

describe('createEnrichmentHandler', () => {
  it.each<[string, Partial<EnrichmentHandlerOptions>]>([
    ['an empty token', { webhookToken: '' }],
    ['no token in a list', { webhookToken: [] }],
    ['a token that no header carries', { webhookToken: ['fine', 'a b'] }],
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
