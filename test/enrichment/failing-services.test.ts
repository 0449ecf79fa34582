import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpClient, type Transport } from 'agent-assist-sdk';
import {
  createEnrichmentHandler,
  CustomerDataClient,
  customerDataSources,
  type EnrichmentHandlerOptions,
} from 'agent-assist-sdk/enrichment';
import { startCompany, type Company } from 'agent-assist-sdk/testing';
import { FakeClock } from '../helpers/fake-clock.js';
import {
  asked,
  customerDataClient,
  post,
  seedAnswer,
  seedRequest,
  json,
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
      error: 'A service did not respond in time',
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
