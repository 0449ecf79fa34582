import { ApiKeyAuth, HttpClient, PaginationError, RequestValidationError } from 'agent-assist-sdk';
import { PlaybookClient, cognigyAi } from 'agent-assist-sdk/cognigy';
import { describe, expect, test } from 'vitest';
import { answer, scriptedServer, type Script } from '../helpers/scripted-server.js';
import { apiKey, ids } from './playbook-server.js';

describe('PlaybookClient.list', () => {
  const listOn = (url: string): PlaybookClient =>
    new PlaybookClient(
      new HttpClient({ platform: cognigyAi({ host: url, endpointHost: url }), auth: new ApiKeyAuth({ apiKey }) }),
    );
  const page = (body: object): Script => answer(200, body);

  test('reads page by page, by the query of the documentation', async () => {
    await using pages = await scriptedServer(
      page({ items: [{ _id: 'p1', name: 'one', projectReference: 'x' }], total: 2, nextCursor: 'c1' }),
      page({ items: [{ _id: 'p2', name: 'two' }], total: 2, nextCursor: null, previousCursor: 'c0' }),
    );
    const client = listOn(pages.url);
    const first = await client.list({ projectId: ids.project, pageSize: 1 });
    expect(first).toMatchObject({
      items: [{ id: 'p1', name: 'one', projectReference: 'x' }],
      nextCursor: 'c1',
      total: 2,
    });
    const second = await client.list({ projectId: ids.project, cursor: first.nextCursor });
    expect(second).toMatchObject({ items: [{ id: 'p2' }], nextCursor: undefined });
    const path = `GET /new/v2.0/playbooks?projectId=${ids.project}`;
    expect(pages.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([`${path}&limit=1`, `${path}&next=c1`]);
    expect(pages.requests.map(({ body }) => body)).toEqual(['', '']);
  });

  test('follows the older name of the cursor', async () => {
    await using pages = await scriptedServer(
      page({ items: [{ _id: 'p1', name: 'one' }], total: 2, next: 'c1', previous: null }),
      page({ items: [{ _id: 'p2', name: 'two' }], total: 2, next: null, previous: 'c0' }),
    );
    const client = listOn(pages.url);
    const { nextCursor } = await client.list({ projectId: ids.project });
    expect(nextCursor).toBe('c1');
    const last = await client.list({ projectId: ids.project, cursor: nextCursor });
    expect(last).toMatchObject({ items: [{ id: 'p2' }], nextCursor: undefined });
  });

  test.each<[string, object]>([
    ['a total above what was read', { items: [{ _id: 'p1', name: 'one' }], total: 2 }],
    ['a cursor of an unknown name', { items: [{ _id: 'p1', name: 'one' }], pageCursor: 'c1' }],
    ['a cursor that is no text', { items: [{ _id: 'p1', name: 'one' }], nextCursor: 1 }],
    ['an older cursor that is no text', { items: [{ _id: 'p1', name: 'one' }], next: 1 }],
  ])('never ends silently at %s', async (_, body) => {
    await using pages = await scriptedServer(page(body));
    await expect(listOn(pages.url).list({ projectId: ids.project })).rejects.toThrow(PaginationError);
  });

  test('is followed by listAll, item by item and page by page, and to the end or as far as wanted', async () => {
    const pages = [
      page({ items: [{ _id: 'p1', name: 'one' }], total: 3, nextCursor: 'c1' }),
      page({ items: [], total: 3, next: 'c2' }),
      page({
        items: [
          { _id: 'p2', name: 'two' },
          { _id: 'p3', name: 'three' },
        ],
        total: 3,
        nextCursor: null,
      }),
    ];
    await using server = await scriptedServer(...pages, ...pages, ...pages.slice(1));
    const client = listOn(server.url);
    const query = { projectId: ids.project, pageSize: 2 };
    const items = await Array.fromAsync(client.listAll(query));
    expect(items.map(({ id }) => id)).toEqual(['p1', 'p2', 'p3']);
    const base = `/new/v2.0/playbooks?projectId=${ids.project}&limit=2`;
    expect(server.requests.map(({ url }) => url)).toEqual([base, `${base}&next=c1`, `${base}&next=c2`]);
    const byPage = await Array.fromAsync(client.listAll(query, { maxItems: 2 }).byPage());
    expect(byPage.map((one) => [one.items.length, one.nextCursor])).toEqual([
      [1, 'c1'],
      [0, 'c2'],
      [1, undefined],
    ]);
    const rest = await Array.fromAsync(client.listAll({ ...query, cursor: 'c1' }));
    expect(rest).toHaveLength(2);
  });

  test.each<[string, readonly Script[], string]>([
    [
      'a total above the number of all items',
      [
        page({ items: [{ _id: 'p1', name: 'one' }], total: 3, nextCursor: 'c1' }),
        page({ items: [{ _id: 'p2', name: 'two' }], total: 3 }),
      ],
      'total is 3 and only 2 items were read',
    ],
    ['the same cursor again', [page({ items: [], nextCursor: 'c1' })], 'same cursor twice'],
  ])('never ends silently or loops at %s', async (_, scripts, message) => {
    await using server = await scriptedServer(...scripts);
    const all = Array.fromAsync(listOn(server.url).listAll({ projectId: ids.project }));
    await expect(all).rejects.toThrow(message);
  });

  test('does not count the items of earlier pages where it begins in the middle', async () => {
    await using pages = await scriptedServer(page({ items: [{ _id: 'p2', name: 'two' }], total: 2 }));
    await expect(listOn(pages.url).list({ projectId: ids.project, cursor: 'c1' })).resolves.toMatchObject({ total: 2 });
  });

  test('counts a playbook that it cannot read', async () => {
    const items = [{ _id: 'p1', name: 'one', steps: null }, { name: 'no id' }];
    await using pages = await scriptedServer(page({ items, total: 2 }));
    const { data, omitted } = await listOn(pages.url).list({ projectId: ids.project }).withResponse();
    expect(data.items).toEqual([{ id: 'p1', name: 'one', steps: undefined }]);
    expect(omitted).toMatchObject([{ omitted: 'items[1]' }]);
  });

  test('refuses a query before anything is sent', async () => {
    await using pages = await scriptedServer(page({ items: [] }));
    await expect(listOn(pages.url).list({ projectId: '' })).rejects.toThrow(RequestValidationError);
    expect(pages.requests).toEqual([]);
  });
});
