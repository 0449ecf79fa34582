import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  HttpClient,
  NotFoundError,
  PermissionDeniedError,
  RequestValidationError,
  ResponseValidationError,
  AuthClient,
} from 'agent-assist-sdk';
import { CustomerDataClient } from 'agent-assist-sdk/enrichment';
import { startCompany, type Company } from 'agent-assist-sdk/testing';
import { asked, customerDataClient, seedAnswer } from './setup.js';

let company: Company;
let client: CustomerDataClient;

beforeEach(async () => {
  company = await startCompany();
  client = customerDataClient(company);
});

afterEach(() => company.close());

describe('CustomerDataClient', () => {
  it('asks the three services as the protocol says', async () => {
    expect(await client.getProfile('CUST-992847')).toEqual(seedAnswer.customerProfile);
    expect(await client.listRecentOrders('CUST-992847')).toEqual(seedAnswer.recentOrders);
    expect(await client.listOpenTickets('CUST-992847')).toEqual(seedAnswer.openTickets);
    expect(asked(company)).toEqual([
      'GET /api/v1/customers/CUST-992847',
      'GET /api/v1/orders?customerId=CUST-992847&limit=5&sort=createdDesc',
      'GET /api/v1/crm/tickets?customerId=CUST-992847&status=open',
    ]);
    expect(company.requests.count('POST /oauth/token')).toBe(1);
  });

  it('asks for as many orders as it is told to', async () => {
    company.customers.set('1', { orders: Array.from({ length: 9 }, (_, index) => ({ orderNumber: index })) });
    expect(await client.listRecentOrders('1')).toHaveLength(5);
    expect(await client.listRecentOrders('1', { pageSize: 2 })).toEqual([{ orderNumber: 0 }, { orderNumber: 1 }]);
  });

  it.each([0, -1, 1.5, NaN, Infinity])('refuses to ask for %d orders', async (pageSize) => {
    await expect(client.listRecentOrders('1', { pageSize })).rejects.toThrow(RequestValidationError);
    expect(company.requests.total).toBe(0);
  });

  it('gives no orders and no tickets for a customer without any', async () => {
    expect(await client.listRecentOrders('unknown')).toEqual([]);
    expect(await client.listOpenTickets('unknown')).toEqual([]);
    await expect(client.getProfile('unknown')).rejects.toThrow(NotFoundError);
  });

  it.each([['{}'], ['{"items":null,"tickets":null}']])('takes %s for an empty list', async (text) => {
    const body = JSON.parse(text) as object;
    company.inject({ route: /orders|tickets/, fault: { kind: 'status', status: 200, body }, every: 1 });
    expect([await client.listRecentOrders('1'), await client.listOpenTickets('1')]).toEqual([[], []]);
  });

  it('keeps fields that it does not know', async () => {
    company.customers.set('1', {
      profile: { fullName: 'A', loyalty: { tier: 3 } },
      openTickets: [{ priority: 1, tags: ['x'] }],
    });
    expect(await client.getProfile('1')).toEqual({ fullName: 'A', loyalty: { tier: 3 } });
    expect(await client.listOpenTickets('1')).toEqual([{ priority: 1, tags: ['x'] }]);
  });

  it.each([
    ['getProfile', { fullName: {}, segment: 'Premium' }, { segment: 'Premium' }, 'fullName'],
    ['listRecentOrders', { items: {} }, [], 'items'],
    ['listRecentOrders', { items: [{ status: 1 }, null] }, [{ status: 1 }], 'items[1]'],
    ['listRecentOrders', { items: [null] }, [], 'items[0]'],
    ['listOpenTickets', { tickets: [{ priority: true }] }, [{}], 'tickets[0].priority'],
  ] as const)('leaves out what is wrong with an answer to %s: %j', async (call, body, expected, path) => {
    company.inject({ fault: { kind: 'status', status: 200, body }, route: /^GET/ });
    const { data, omitted } = await client[call]('1').withResponse();
    expect(data).toEqual(expected);
    expect(omitted.map((part) => part.omitted)).toEqual([path]);
  });

  it.each([
    ['getProfile', [], ''],
    ['listRecentOrders', [], ''],
  ] as const)('names what is wrong with an answer to %s: %j', async (call, body, path) => {
    company.inject({ fault: { kind: 'status', status: 200, body }, route: /^GET/ });
    const error: unknown = await client[call]('1').then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ResponseValidationError);
    expect((error as ResponseValidationError).issues.map((issue) => issue.path)).toEqual([path]);
  });

  it.each([
    ['getProfile', 'customer:read'],
    ['listRecentOrders', 'orders:read'],
    ['listOpenTickets', 'crm:read'],
  ] as const)('names the scope that %s needs', async (call, scope) => {
    const { tokenUrl, credentials, baseUrl } = company;
    const scopes = ['customer:read', 'orders:read', 'crm:read'].filter((other) => other !== scope);
    const http = new HttpClient({ baseUrl, auth: new AuthClient({ tokenUrl, ...credentials, scopes }) });
    const error: unknown = await new CustomerDataClient(http)[call]('1').then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect((error as PermissionDeniedError).scopes).toEqual([scope]);
  });

  it.each([[''], ['.'], ['..'], ['a\u0000b'], ['a\nb'], ['\u009F'], ['a\uD800']])(
    'refuses %j before anything is sent',
    async (id) => {
      for (const call of ['getProfile', 'listRecentOrders', 'listOpenTickets'] as const) {
        await expect(client[call](id)).rejects.toThrow(RequestValidationError);
      }
      expect(company.requests.total).toBe(0);
    },
  );

  it('sends every other identifier as exactly one segment and one query value', async () => {
    const urls: URL[] = [];
    const transport = (request: { url: string }) => {
      urls.push(new URL(request.url));
      return Promise.resolve(new Response('{}'));
    };
    const local = new CustomerDataClient(new HttpClient({ baseUrl: 'https://company.test', transport }));
    const id = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\p{Cc}\p{Cs}]|^\.\.?$/u.test(text));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          id,
          fc.constantFrom('../admin', 'a?x=1', 'a#b', 'a&limit=1000', '%2e%2e', '..%2f', '\\..\\', 'a;b=c', '+ +'),
        ),
        async (customerId) => {
          urls.length = 0;
          await Promise.all([
            local.getProfile(customerId),
            local.listRecentOrders(customerId),
            local.listOpenTickets(customerId),
          ]);
          const [profile, orders, tickets] = urls;
          expect(profile?.search).toBe('');
          expect(profile?.pathname.split('/').length).toBe(5);
          expect(decodeURIComponent(profile?.pathname.slice('/api/v1/customers/'.length) ?? '')).toBe(customerId);
          expect([...(orders?.searchParams ?? [])]).toEqual([
            ['customerId', customerId],
            ['limit', '5'],
            ['sort', 'createdDesc'],
          ]);
          expect([...(tickets?.searchParams ?? [])]).toEqual([
            ['customerId', customerId],
            ['status', 'open'],
          ]);
        },
      ),
    );
  });

  it('goes where the client’s table of paths says', async () => {
    const paths = {
      customer: '/crm/v3/people/{customerId}',
      customerOrders: '/shop/orders',
      customerTickets: '/crm/v3/cases',
    };
    const moved = customerDataClient(company, { paths, maxRetries: 0 });
    for (const call of ['getProfile', 'listRecentOrders', 'listOpenTickets'] as const)
      await moved[call]('1').catch(() => undefined);
    expect(company.requests.all.map(({ path }) => path)).toEqual([
      '/oauth/token',
      '/crm/v3/people/1',
      '/shop/orders',
      '/crm/v3/cases',
    ]);
  });

  it('ends with its caller’s signal', async () => {
    company.inject({ route: 'GET /customers/{id}', fault: { kind: 'delay', delayMs: 86_400_000 } });
    const caller = new AbortController();
    const work = client.getProfile('1', { signal: caller.signal });
    await company.requests.waitFor('GET /customers/{id}');
    caller.abort();
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  });
});
