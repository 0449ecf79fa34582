import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TimeoutError } from 'agent-assist-sdk';
import {
  createEnrichmentHandler,
  customerDataSources,
  type EnrichmentHandlerOptions,
} from 'agent-assist-sdk/enrichment';
import { startCompany, type Company } from 'agent-assist-sdk/testing';
import { FakeClock } from '../helpers/fake-clock.js';
import { customerDataClient, json, A_DAY_MS, TICKETS, handlerOf } from './setup.js';

let company: Company;

beforeEach(async () => {
  company = await startCompany();
});

afterEach(() => company.close());

const handlerWith = (options?: Partial<EnrichmentHandlerOptions>) => handlerOf(company, options);

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
