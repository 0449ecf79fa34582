import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ApiKeyAuth,
  BadRequestError,
  HttpClient,
  type HttpClientOptions,
  PaginationError,
  PermissionDeniedError,
  RequestValidationError,
} from 'agent-assist-sdk';
import { AuditTrail, verifyAuditTrail } from 'agent-assist-sdk/audit';
import { AuditEventsClient, cognigyAi, type AuditEventQuery } from 'agent-assist-sdk/cognigy';
import { describe, expect, it } from 'vitest';
import {
  answer,
  dropConnection,
  scriptedServer,
  type Script,
  type ScriptedServer,
} from '../helpers/scripted-server.js';

const event = (id: number, type = 'create'): object => ({
  _id: `e${id}`,
  timestamp: '2026-01-01T00:00:00.000Z',
  type,
  user: '=cmd()',
  chain: [{ elementId: 'p', elementType: 'project' }],
});
const page = (items: unknown[], nextCursor: string | null, total: number): Script =>
  answer(200, { items, total, nextCursor, previousCursor: null });
/** A strict server of an older version. */
const older: Script = (response, request) =>
  request.url.includes('type%5B%5D') || request.url.includes('actor%5B%5D')
    ? answer(400, { title: 'Bad Request', detail: 'unknown query field', status: 400, code: 400 })(response, request)
    : page([event(1, 'create'), event(2, 'delete'), event(3, 'create')], null, 3)(response, request);

function clientFor(server: ScriptedServer, options: Partial<HttpClientOptions> = {}): AuditEventsClient {
  const platform = cognigyAi({ host: server.url, endpointHost: server.url });
  return new AuditEventsClient(new HttpClient({ platform, auth: new ApiKeyAuth({ apiKey: 'k-123' }), ...options }));
}
const queries = ({ requests }: ScriptedServer): string[] => requests.map(({ url }) => decodeURIComponent(url));
const ids = (events: AsyncIterable<{ readonly _id?: string | undefined }>): Promise<(string | undefined)[]> =>
  Array.fromAsync(events, ({ _id }) => _id);

describe('AuditEventsClient', () => {
  it('follows the pages by nextCursor, without a body and with the query of the documentation', async () => {
    await using server = await scriptedServer(
      page([event(1), event(2)], 'c1', 3),
      page([], 'c2', 3),
      page([event(3)], null, 3),
    );
    const query: AuditEventQuery = { pageSize: 2, sort: 'timestamp:desc', projectId: 'a'.repeat(24), user: 'a@b.c' };
    expect(await ids(clientFor(server).listAll(query))).toEqual(['e1', 'e2', 'e3']);
    const fields = `sort=timestamp:desc&projectId=${'a'.repeat(24)}&user=a@b.c&limit=2`;
    expect(queries(server)).toEqual([
      `/new/v2.0/auditevents?${fields}`,
      `/new/v2.0/auditevents?${fields}&next=c1`,
      `/new/v2.0/auditevents?${fields}&next=c2`,
    ]);
    expect(server.requests[0]?.headers).toMatchObject({ accept: 'application/json', 'x-api-key': 'k-123' });
    expect(server.requests.map(({ body }) => body)).toEqual(['', '', '']);
  });

  it('gives one page with its cursor, to resume there', async () => {
    await using server = await scriptedServer(page([event(1)], 'c1', 2), page([event(2)], null, 2));
    const events = clientFor(server);
    const first = await events.list();
    expect(first).toMatchObject({ items: [event(1)], nextCursor: 'c1', total: 2 });
    await expect(events.list({ cursor: first.nextCursor })).resolves.toMatchObject({ items: [event(2)] });
    expect(queries(server)).toEqual(['/new/v2.0/auditevents?limit=25', '/new/v2.0/auditevents?limit=25&next=c1']);
  });

  it('reads one event', async () => {
    await using server = await scriptedServer(answer(200, event(7)));
    await expect(clientFor(server).get('e7')).resolves.toEqual(event(7));
    expect(queries(server)).toEqual(['/new/v2.0/auditevents/e7']);
  });

  it.each<[string, object]>([
    ['a total above what was read', { items: [event(1)], total: 2, nextCursor: null }],
    ['a cursor under another name', { items: [event(1)], cursor: { next: 'x' }, nextcursor: 'x' }],
    ['more pages', { items: [event(1)], hasNext: true }],
    ['a total above what was read, where fields could not be read', { items: [{ _id: 'e1', type: null }], total: 2 }],
  ])('ends with an error, never silently, at %s', async (_, body) => {
    await using server = await scriptedServer(answer(200, body));
    await expect(ids(clientFor(server).listAll())).rejects.toThrow(PaginationError);
    await expect(clientFor(server).list()).rejects.toThrow(PaginationError);
  });

  it('ends with an error when a cursor comes back', async () => {
    await using server = await scriptedServer(page([event(1)], 'c1', 9));
    await expect(ids(clientFor(server).listAll())).rejects.toThrow('same cursor twice');
  });

  it('lets the platform choose types and actors, each as a name of its own', async () => {
    await using server = await scriptedServer(page([event(1)], null, 1));
    await clientFor(server).list({ types: ['create', 'delete'], actors: ['user'] });
    expect(queries(server)).toEqual(['/new/v2.0/auditevents?limit=25&type[]=create&type[]=delete&actor[]=user']);
  });

  it('chooses the types itself where an older platform refuses the field, and asks only once', async () => {
    await using server = await scriptedServer(older);
    const events = clientFor(server);
    expect(await ids(events.listAll({ types: ['create'] }))).toEqual(['e1', 'e3']);
    expect(await ids(events.listAll({ types: ['delete'] }))).toEqual(['e2']);
    expect(queries(server)).toEqual([
      '/new/v2.0/auditevents?limit=25&type[]=create',
      '/new/v2.0/auditevents?limit=25',
      '/new/v2.0/auditevents?limit=25',
    ]);
  });

  it('says in the log that an older platform refuses the field, once', async () => {
    await using server = await scriptedServer(older);
    const warnings: string[] = [];
    const log = (): void => undefined;
    const logger = { debug: log, info: log, error: log, warn: (line: string) => void warnings.push(line) };
    const events = clientFor(server, { logger });
    await events.list({ types: ['create'] });
    await events.list({ types: ['create'] });
    expect(warnings).toEqual([
      'The platform refuses the query field type[]; the client filters the types from all events',
    ]);
  });

  it('asks for the types again after a failure that says nothing about the release', async () => {
    await using server = await scriptedServer(answer(503), page([event(1)], null, 1));
    const events = clientFor(server, { maxRetries: 0 });
    await expect(events.list({ types: ['create'] })).rejects.toMatchObject({ status: 503 });
    await events.list({ types: ['create'] });
    const asked = '/new/v2.0/auditevents?limit=25&type[]=create';
    expect(queries(server)).toEqual([asked, asked]);
  });

  it('leaves out events of other types and of none, and counts them as read', async () => {
    const other = [{ _id: 'e2' }, event(3, 'created'), event(4, 'delete')];
    await using server = await scriptedServer(page([event(1), ...other], null, 4));
    const asked = clientFor(server).listAll({ types: ['create', 'delete'] });
    expect(await ids(asked)).toEqual(['e1', 'e4']);
  });

  it('takes the cursor by its older name, and begins in the middle', async () => {
    await using server = await scriptedServer(
      answer(200, { items: [event(1)], total: 2, next: 'c1' }),
      answer(200, { items: [event(2)], total: 2, next: null }),
    );
    const events = clientFor(server);
    await expect(events.list()).resolves.toMatchObject({ nextCursor: 'c1' });
    await expect(events.list({ cursor: 'c1' })).resolves.toMatchObject({ items: [event(2)], nextCursor: undefined });
  });

  it('ends after the number of events that was asked for', async () => {
    await using server = await scriptedServer(page([event(1), event(2)], 'c1', 9));
    const asked = clientFor(server).listAll({}, { maxItems: 2, headers: { 'x-run': 'nightly' } });
    expect(await ids(asked)).toEqual(['e1', 'e2']);
    expect(server.requests.map(({ headers }) => headers['x-run'])).toEqual(['nightly']);
    expect(() => clientFor(server).listAll({}, { maxItems: 0 })).toThrow('maxItems');
  });

  it('fails where the actors cannot be chosen, rather than show events of all', async () => {
    await using server = await scriptedServer(older);
    await expect(clientFor(server).list({ types: ['create'], actors: ['user'] })).rejects.toThrow(BadRequestError);
    expect(server.requests).toHaveLength(1);
  });

  it('takes no other 400 for that of an older platform', async () => {
    await using server = await scriptedServer(answer(400, { detail: 'bad cursor', code: 1005 }));
    await expect(clientFor(server).list({ types: ['create'] })).rejects.toThrow('bad cursor');
    expect(server.requests).toHaveLength(2);
    await expect(clientFor(server).list({ cursor: 'x' })).rejects.toMatchObject({ serverCode: '1005' });
    expect(server.requests).toHaveLength(3);
  });

  it.each<[AuditEventQuery, string]>([
    [{ pageSize: 0 }, 'pageSize'],
    [{ cursor: '' }, 'cursor'],
    [{ types: [] }, 'types: must have at least 1 item'],
    [{ types: [''] }, 'types[0]'],
    [{ actors: [] }, 'actors: must have at least 1 item'],
    [{ sort: '' }, 'sort'],
    [{ projectId: '' }, 'projectId'],
    [{ filter: '' }, 'filter'],
    [{ user: '' }, 'Invalid audit event query: user'],
    [{ limit: 5 } as AuditEventQuery, 'unknown limit'],
  ])('refuses %j before anything is sent', async (query, named) => {
    await using server = await scriptedServer(page([], null, 0));
    const error = await Promise.resolve(clientFor(server).list(query)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RequestValidationError);
    expect((error as Error).message).toContain(named);
    expect(server.requests).toEqual([]);
  });

  it('says on 403 what the platform said, and names no scope', async () => {
    await using server = await scriptedServer(answer(403, { detail: 'Admins only', code: 403, traceId: 'api--1' }));
    const error = await Promise.resolve(clientFor(server).list()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect(error).toMatchObject({ scopes: [], serverMessage: 'Admins only', serverCode: '403', requestId: 'api--1' });
  });

  it('retries what is safe to retry: 429, 5xx and lost connections', async () => {
    const retryAfter = { 'retry-after': '0' };
    await using server = await scriptedServer(
      answer(429, {}, retryAfter),
      answer(503, {}, retryAfter),
      page([event(1)], null, 1),
    );
    expect(await ids(clientFor(server).listAll())).toEqual(['e1']);
    await using broken = await scriptedServer(dropConnection, page([event(1)], null, 1));
    expect(await ids(clientFor(broken).listAll())).toEqual(['e1']);
  });

  it('gives events that go into a trail and into CSV as they are', async () => {
    await using server = await scriptedServer(page([event(1)], 'c1', 2), page([event(2)], null, 2));
    const events = clientFor(server);
    const folder = await mkdtemp(join(tmpdir(), 'events-'));
    try {
      await using trail = await AuditTrail.open(join(folder, 'audit.jsonl'));
      for await (const found of events.listAll()) await trail.append(found);
      expect(await verifyAuditTrail(join(folder, 'audit.jsonl'))).toMatchObject({ ok: true, head: { count: 2 } });
    } finally {
      await rm(folder, { recursive: true });
    }
    server.requests.length = 0;
    const lines = await Array.fromAsync(events.csv(['_id', 'user', 'chain', 'missing']));
    expect(lines).toEqual([
      '_id,user,chain,missing\r\n',
      `e1,'=cmd(),"[{""elementId"":""p"",""elementType"":""project""}]",\r\n`,
      `e2,'=cmd(),"[{""elementId"":""p"",""elementType"":""project""}]",\r\n`,
    ]);
  });
});
