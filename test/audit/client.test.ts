import { afterEach, describe, expect, it } from 'vitest';
import {
  AuthClient,
  HttpClient,
  PaginationError,
  RequestValidationError,
  ResponseValidationError,
} from 'agent-assist-sdk';
import { AuditClient, type AuditLogEntry } from 'agent-assist-sdk/audit';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function setup(entries: number): Promise<{ tenant: Tenant; audit: AuditClient }> {
  const tenant = await startTenant();
  closers.push(() => tenant.close());
  tenant.audit.seed(entries);
  const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, scopes: ['audit:read'] });
  return { tenant, audit: new AuditClient(new HttpClient({ platform: tenant.platform, auth })) };
}

async function ids(entries: AsyncIterable<AuditLogEntry>): Promise<unknown[]> {
  return Array.fromAsync(entries, ({ id }) => id);
}

const allIds = (tenant: Tenant): string[] => tenant.audit.entries.map(({ id }) => id);

describe('AuditClient.list', () => {
  it('asks for 50 entries and gives the cursor of what follows', async () => {
    const { tenant, audit } = await setup(60);
    const first = await audit.list();
    expect(first.items).toEqual(tenant.audit.entries.slice(0, 50));
    const second = await audit.list({ cursor: first.nextCursor });
    expect(second).toEqual({ items: tenant.audit.entries.slice(50) });
    expect(
      tenant.requests.to('GET /audit/sentiment/calibration').map(({ query }) => Object.fromEntries(query)),
    ).toEqual([{ limit: '50' }, { limit: '50', cursor: first.nextCursor }]);
  });

  it('keeps what a page says beside its entries', async () => {
    await using server = await scriptedServer(answer(200, { items: [{ id: 1 }], next_cursor: '', total: 1 }));
    const page = await new AuditClient(new HttpClient({ baseUrl: server.url })).list();
    expect(page).toEqual({ items: [{ id: 1 }], nextCursor: undefined, total: 1 });
  });

  it('names the scope that is missing', async () => {
    const { tenant, audit } = await setup(0);
    tenant.inject({ route: 'GET /audit/sentiment/calibration', fault: { kind: 'status', status: 403 } });
    await expect(audit.list()).rejects.toMatchObject({ name: 'PermissionDeniedError', scopes: ['audit:read'] });
  });

  it('checks the query before anything is sent', async () => {
    const { tenant, audit } = await setup(0);
    for (const query of [{ pageSize: 0 }, { pageSize: 1.5 }, { cursor: '' }]) {
      await expect(audit.list(query)).rejects.toBeInstanceOf(RequestValidationError);
    }
    expect(tenant.requests.total).toBe(0);
  });

  it('names what is wrong with an answer', async () => {
    await using server = await scriptedServer(answer(200, { items: [1], next_cursor: 5 }));
    const error: unknown = await new AuditClient(new HttpClient({ baseUrl: server.url }))
      .list()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ResponseValidationError);
    expect((error as ResponseValidationError).issues.map(({ path }) => path)).toEqual(['items[0]', 'next_cursor']);
  });

  it.each([{}, { next_cursor: null }, { next_cursor: '' }])('takes %j for the last page', async (end) => {
    await using server = await scriptedServer(answer(200, { items: [{ a_b: 1 }], ...end }));
    expect(await new AuditClient(new HttpClient({ baseUrl: server.url })).list()).toEqual({ items: [{ a_b: 1 }] });
  });
});

describe('AuditClient.listAll', () => {
  it('reads on after entries that the tenant evicted meanwhile', async () => {
    const { tenant, audit } = await setup(10_000);
    const { nextCursor } = await audit.list({ pageSize: 10 });
    tenant.audit.seed(11);
    expect(tenant.audit.entries).toHaveLength(10_000);
    const rest = await ids(audit.listAll({ cursor: nextCursor, pageSize: 1000 }));
    expect(rest).toEqual(allIds(tenant));
    expect([rest[0], rest.at(-1)]).toEqual(['audit_000012', 'audit_010011']);
  });

  it('brings 10,000 entries over 200 pages once each and in order while a tenth of the calls is answered 429', async () => {
    const { tenant, audit } = await setup(10_000);
    const limited = tenant.inject({
      route: 'GET /audit/sentiment/calibration',
      every: 10,
      fault: { kind: 'status', status: 429, retryAfter: 0 },
    });
    expect(await ids(audit.listAll())).toEqual(allIds(tenant));
    const calls = tenant.requests.to('GET /audit/sentiment/calibration');
    expect(calls.filter(({ status }) => status === 200)).toHaveLength(200);
    expect(limited.hits).toBe(Math.floor(calls.length / 10));
    expect(limited.hits).toBe(22);
  });

  it('goes on after a short page', async () => {
    const { tenant, audit } = await setup(500);
    tenant.audit.deviate('short-pages');
    const sizes = await Array.fromAsync(audit.listAll().byPage(), ({ items }) => items.length);
    expect(sizes.slice(0, -1).some((size) => size < 50)).toBe(true);
    expect(await ids(audit.listAll())).toEqual(allIds(tenant));
  });

  it('goes on after an empty page', async () => {
    await using server = await scriptedServer(
      answer(200, { items: [], next_cursor: 'b' }),
      answer(200, { items: [{ id: 1 }] }),
    );
    expect(await ids(new AuditClient(new HttpClient({ baseUrl: server.url })).listAll())).toEqual([1]);
  });

  it('ends with an error when a cursor comes back', async () => {
    const { tenant, audit } = await setup(500);
    tenant.audit.deviate('repeated-cursor');
    await expect(ids(audit.listAll())).rejects.toBeInstanceOf(PaginationError);
    expect(tenant.requests.count('GET /audit/sentiment/calibration')).toBe(2);
  });

  it.each([
    ['a cursor under another name', { nextPageCursor: 'b' }, 'nextPageCursor'],
    ['a next page', { next: '/audit?page=2' }, 'next'],
    ['a cursor of any spelling', { end_cursor: 'b' }, 'end_cursor'],
    ['more pages', { has_more: true }, 'has_more'],
    ['further pages', { hasNext: true }, 'hasNext'],
    ['more, as a text', { more: 'true' }, 'more'],
    ['more, as a number', { has_more: 1 }, 'has_more'],
    ['a name that could forge a line of a log', { 'x\ncursor': 'b' }, '"x\\ncursor"'],
    ['a total above what was read', { total: 2 }, 'total is 2 and only 1 items'],
  ])('ends with an error, never silently, at a page that has no cursor and names %s', async (_, more, named) => {
    const page = answer(200, { items: [{ id: 1 }], ...more });
    await using server = await scriptedServer(page, page);
    const audit = new AuditClient(new HttpClient({ baseUrl: server.url }));
    for (const read of [audit.list(), ids(audit.listAll())]) {
      const error: unknown = await read.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(PaginationError);
      expect((error as PaginationError).message).toContain(named);
    }
  });

  it('follows a cursor in either spelling', async () => {
    await using server = await scriptedServer(
      answer(200, { items: [{ id: 1 }], total: 3, nextCursor: 'b' }),
      answer(200, { items: [{ id: 2 }], total: 3, next_cursor: 'c' }),
      answer(200, { items: [{ id: 3 }], total: 3, nextCursor: null }),
    );
    expect(await ids(new AuditClient(new HttpClient({ baseUrl: server.url })).listAll())).toEqual([1, 2, 3]);
    expect(server.requests.map(({ url }) => url.split('?')[1])).toEqual([
      'limit=50',
      'limit=50&cursor=b',
      'limit=50&cursor=c',
    ]);
  });

  it('takes a total that grew meanwhile for events that were added, not for events that are missing', async () => {
    await using server = await scriptedServer(
      answer(200, { items: [{ id: 2 }], total: 2, next_cursor: 'b' }),
      answer(200, { items: [{ id: 1 }], total: 3 }),
    );
    expect(await ids(new AuditClient(new HttpClient({ baseUrl: server.url })).listAll())).toEqual([2, 1]);
  });

  it('counts what it read over all pages, unreadable entries included, against the total', async () => {
    const pages = (total: number) => [
      answer(200, { items: [{ id: 1 }, { id: 2 }], next_cursor: 'b', total }),
      answer(200, { items: [{ id: 3 }, null], total }),
    ];
    await using server = await scriptedServer(...pages(4), ...pages(5));
    const audit = new AuditClient(new HttpClient({ baseUrl: server.url }));
    expect(await ids(audit.listAll())).toEqual([1, 2, 3]);
    await expect(ids(audit.listAll())).rejects.toThrow('total is 5 and only 4 items were read');
  });

  it.each([
    { prev_cursor: 'a' },
    { previousCursor: 'a' },
    { nextCursor: null },
    { has_more: false },
    { has_more: 'false' },
    { cursor: 'b' },
  ])('takes %j of the last page for no further one', async (fields) => {
    await using server = await scriptedServer(answer(200, { items: [{ id: 1 }], ...fields }));
    const audit = new AuditClient(new HttpClient({ baseUrl: server.url }));
    expect(await ids(audit.listAll({ cursor: 'b' }))).toEqual([1]);
  });

  it('yields at most maxItems, cuts the page that has more, and asks for no further one', async () => {
    const { tenant, audit } = await setup(120);
    expect(await ids(audit.listAll({}, { maxItems: 60 }))).toEqual(allIds(tenant).slice(0, 60));
    expect(tenant.requests.count('GET /audit/sentiment/calibration')).toBe(2);
    const sizes = await Array.fromAsync(audit.listAll({}, { maxItems: 60 }).byPage(), ({ items }) => items.length);
    expect(sizes).toEqual([50, 10]);
    expect(await ids(audit.listAll({}, { maxItems: 50 }))).toHaveLength(50);
    expect(() => audit.listAll({}, { maxItems: 0 })).toThrow('maxItems: expected an integer of at least 1');
  });

  it('resumes from a cursor', async () => {
    const { tenant, audit } = await setup(230);
    const seen: unknown[] = [];
    let cursor: string | undefined;
    for await (const page of audit.listAll({ pageSize: 40 }).byPage()) {
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      if (seen.length >= 100) break;
    }
    expect(seen).toHaveLength(120);
    expect([...seen, ...(await ids(audit.listAll({ pageSize: 40, cursor })))]).toEqual(allIds(tenant));
  });

  it('asks for a page only when its turn comes, and begins anew each time', async () => {
    const { tenant, audit } = await setup(120);
    const all = audit.listAll();
    expect(tenant.requests.total).toBe(0);
    for await (const entry of all) {
      expect(entry['id']).toBe('audit_000001');
      break;
    }
    expect(tenant.requests.count('GET /audit/sentiment/calibration')).toBe(1);
    expect(await ids(all)).toHaveLength(120);
  });

  it('ends at once when its signal is aborted', async () => {
    const { audit } = await setup(120);
    const controller = new AbortController();
    const reading = (async () => {
      for await (const entry of audit.listAll({}, { signal: controller.signal })) controller.abort(entry);
    })();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('AuditClient with fields of the tenant’s own', () => {
  it('sends them beside page size and cursor on every page, dates as ISO 8601', async () => {
    await using server = await scriptedServer(
      answer(200, { items: [{ id: 1 }], next_cursor: 'c' }),
      answer(200, { items: [{ id: 2 }] }),
    );
    const audit = new AuditClient(new HttpClient({ baseUrl: server.url }));
    const query = { from: new Date('2026-01-01T00:00:00Z'), action: 'a b', deep: true, limit: 9, none: undefined };
    expect(await ids(audit.listAll({ pageSize: 2, query }))).toEqual([1, 2]);
    const sent = server.requests.map(({ url }) => Object.fromEntries(new URL(url, server.url).searchParams));
    const fields = { from: '2026-01-01T00:00:00.000Z', action: 'a b', deep: 'true', limit: '2' };
    expect(sent).toEqual([fields, { ...fields, cursor: 'c' }]);
    await expect(audit.list({ query: { from: new Date(NaN) } })).rejects.toBeInstanceOf(RequestValidationError);
  });

  it('writes what it lists as CSV', async () => {
    await using server = await scriptedServer(
      answer(200, {
        items: [
          { id: 1, text: '=1+1' },
          { id: 2, more: { a: 1 } },
        ],
      }),
    );
    const audit = new AuditClient(new HttpClient({ baseUrl: server.url }));
    expect(await Array.fromAsync(audit.csv(['id', 'text', 'more']))).toEqual([
      'id,text,more\r\n',
      "1,'=1+1,\r\n",
      '2,,"{""a"":1}"\r\n',
    ]);
  });
});
