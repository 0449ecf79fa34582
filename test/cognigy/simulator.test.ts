import {
  ApiKeyAuth,
  ConnectionError,
  HttpClient,
  RequestValidationError,
  ResponseValidationError,
  ServerError,
} from 'agent-assist-sdk';
import { SimulatorClient, cognigyAi, type SimulatorBatch } from 'agent-assist-sdk/cognigy';
import type { PagedIterable } from 'agent-assist-sdk/http';
import { expect, test } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import {
  answer,
  dropConnection,
  scriptedServer,
  type Script,
  type ScriptedServer,
} from '../helpers/scripted-server.js';

const ref = '2f0a6f0e-6a68-4a0c-9a0e-000000000001';
const draft = {
  name: 'nightly',
  projectReference: 'aaaaaaaaaaaaaaaaaaaaaaaa',
  numberOfExecutions: 5,
  runConfig: {
    entrypoint: 'e',
    flowReferenceId: 'f',
    localeReferenceId: 'l',
    largeLanguageModelReferenceId: 'm',
    data: {},
  },
};

function clientAt(server: ScriptedServer, clock = new FakeClock()): SimulatorClient {
  const platform = cognigyAi({ baseUrl: server.url, endpointHost: 'localhost' });
  const auth = new ApiKeyAuth({ apiKey: 'k' });
  return new SimulatorClient(new HttpClient({ platform, auth, clock, fetch: clock.fetch, random: () => 0 }));
}

function page(items: readonly unknown[], total = items.length): Script {
  const hasNext = total > items.length;
  return answer(200, { data: items, pagination: { limit: 20, skip: 0, total, hasNext, hasPrevious: false } });
}

test('lists, schedules, follows and stops what the vendor documents', async () => {
  const clock = new FakeClock();
  await using server = await scriptedServer(
    page([{ referenceId: ref, name: 's', mission: 'm' }], 4),
    answer(200, { referenceId: ref, persona: 'p' }),
    answer(201, { anything: 1 }),
    page([{ referenceId: 'b', status: 'IN_PROGRESS' }]),
    answer(200, { status: 'IN_PROGRESS', completedRuns: 2 }),
    answer(503),
    answer(200, { status: 'COMPLETED', metrics: { successRate: 80 } }),
    dropConnection,
    answer(200, { message: 'stopped', simulationRunBatchId: 'b' }),
    page([{ sequence: 1, metrics: { success: true } }]),
  );
  const simulator = clientAt(server, clock);
  const work = async () => [
    await simulator.list(draft.projectReference, { pageSize: 1, cursor: '2' }),
    await simulator.get(ref),
    await simulator.schedule(ref, draft),
    await simulator.listBatches(ref),
    await simulator.waitForBatch(ref, 'b'),
    (await simulator.stopBatch(ref, 'b').withResponse()).status,
    await simulator.listRuns(ref, 'b'),
  ];
  expect(await clock.runUntilSettled(work())).toEqual([
    { items: [{ referenceId: ref, name: 's', mission: 'm' }], nextCursor: '3', total: 4 },
    { referenceId: ref, persona: 'p' },
    { anything: 1 },
    { items: [{ referenceId: 'b', status: 'IN_PROGRESS' }], total: 1 },
    { status: 'COMPLETED', metrics: { successRate: 80 } },
    200,
    { items: [{ sequence: 1, metrics: { success: true } }], total: 1 },
  ]);
  const base = `/testing/simulations/${ref}`;
  expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
    `GET /testing/simulations?projectId=${draft.projectReference}&limit=1&skip=2`,
    `GET ${base}`,
    `POST ${base}/schedule`,
    `GET ${base}/batches`,
    `GET ${base}/batches/b`,
    `GET ${base}/batches/b`,
    `GET ${base}/batches/b`,
    `POST ${base}/batches/b`,
    `POST ${base}/batches/b`,
    `GET ${base}/batches/b/runs`,
  ]);
  expect(JSON.parse(server.requests[2]?.body ?? '')).toEqual(draft);
});

test.each([
  [201, { _id: 'b' }, { _id: 'b' }],
  [204, '', {}],
  [200, 'null', {}],
])('takes a batch as scheduled after %i with %j, since its shape is not published', async (status, body, result) => {
  await using server = await scriptedServer(answer(status, body));
  expect(await clientAt(server).schedule(ref, draft)).toEqual(result);
});

test('never schedules twice, and checks what it sends', async () => {
  await using server = await scriptedServer(dropConnection, answer(500));
  const simulator = clientAt(server);
  await expect(simulator.schedule(ref, draft, { idempotencyKey: 'key-1' })).rejects.toBeInstanceOf(ConnectionError);
  await expect(simulator.schedule(ref, draft)).rejects.toBeInstanceOf(ServerError);
  await expect(simulator.schedule(ref, { ...draft, numberOfExecutions: 0 })).rejects.toBeInstanceOf(
    RequestValidationError,
  );
  expect(server.requests).toHaveLength(2);
});

test.each<[object, string]>([
  [{ name: '' }, 'Invalid batch: name:'],
  [{ projectReference: '' }, 'Invalid batch: projectReference:'],
  [{ runConfig: {} }, 'runConfig.entrypoint:'],
  [{ runConfig: { ...draft.runConfig, flowReferenceId: '' } }, 'runConfig.flowReferenceId:'],
  [{ runConfig: { ...draft.runConfig, localeReferenceId: '' } }, 'runConfig.localeReferenceId:'],
  [{ runConfig: { ...draft.runConfig, largeLanguageModelReferenceId: '' } }, 'largeLanguageModelReferenceId:'],
  [{ persona: 'p' }, 'unknown persona'],
])('refuses to schedule a batch with %j', async (wrong, message) => {
  await using server = await scriptedServer(answer(201));
  await expect(clientAt(server).schedule(ref, { ...draft, ...wrong })).rejects.toThrow(message);
  expect(server.requests).toEqual([]);
});

test.each<[(simulator: SimulatorClient, query: object) => PromiseLike<unknown>, string]>([
  [(simulator, query) => simulator.list('p', query), '/testing/simulations?projectId=p&'],
  [(simulator, query) => simulator.listBatches('s', query), '/testing/simulations/s/batches?'],
  [(simulator, query) => simulator.listRuns('s', 'b', query), '/testing/simulations/s/batches/b/runs?'],
])('%o asks for a page within the limits', async (list, path) => {
  await using server = await scriptedServer(page([]));
  const simulator = clientAt(server);
  for (const [query, message] of [
    [{ pageSize: 101 }, 'pageSize: must be at most 100'],
    [{ pageSize: 0 }, 'pageSize:'],
    [{ cursor: '-1' }, 'cursor: expected the nextCursor of a page'],
    [{ cursor: 2 }, 'cursor: expected'],
    [{ limit: 5 }, 'Invalid page query: unknown limit'],
  ] as const)
    await expect(list(simulator, query)).rejects.toThrow(message);
  expect(server.requests).toEqual([]);
  await list(simulator, { pageSize: 100, cursor: '0' });
  expect(server.requests.map(({ url }) => url)).toEqual([`${path}limit=100&skip=0`]);
});

test.each(['COMPLETED', 'FAILED', 'STOPPED'])('waits for a batch until it is %s, and says so', async (status) => {
  const clock = new FakeClock();
  await using server = await scriptedServer(
    answer(200, { status: 'IN_PROGRESS' }),
    answer(200, { status: 'STOPPING' }),
    answer(200, { status }),
  );
  const seen: string[] = [];
  const onProgress = (batch: SimulatorBatch): void => void seen.push(batch.status);
  const batch = await clock.runUntilSettled(
    clientAt(server, clock).waitForBatch(ref, 'b', { onProgress, pollIntervalMs: 3000 }),
  );
  expect(batch).toEqual({ status });
  expect(seen).toEqual(['IN_PROGRESS', 'STOPPING', status]);
  expect(clock.monotonic()).toBe(6000);
});

test('gives up waiting for a batch at the time limit, and refuses unknown options', async () => {
  const clock = new FakeClock();
  await using server = await scriptedServer(answer(200, { status: 'IN_PROGRESS' }));
  const simulator = clientAt(server, clock);
  const late = simulator.waitForBatch(ref, 'b', { totalTimeoutMs: 5000 }).catch((error: unknown) => error);
  expect(await clock.runUntilSettled(late)).toMatchObject({
    name: 'TimeoutError',
    message: 'batch b did not finish within 5000 ms; its last status was IN_PROGRESS',
  });
  const sent = server.requests.length;
  const misspelt = simulator.waitForBatch(ref, 'b', { timeout: 5 } as never);
  await expect(misspelt).rejects.toThrow('waitForBatch: unknown option "timeout"');
  expect(server.requests).toHaveLength(sent);
});

test('takes no page for the last one that does not say so', async () => {
  await using server = await scriptedServer(answer(200, { data: [], pagination: {} }), answer(200, []));
  const simulator = clientAt(server);
  await expect(simulator.list('p')).rejects.toBeInstanceOf(ResponseValidationError);
  await expect(simulator.listBatches(ref)).rejects.toBeInstanceOf(ResponseValidationError);
});

test.each<[string, (simulator: SimulatorClient) => PagedIterable<unknown>]>([
  ['/testing/simulations?projectId=p&limit=2', (simulator) => simulator.listAll('p', { pageSize: 2 })],
  ['/testing/simulations/s/batches?limit=2', (simulator) => simulator.listAllBatches('s', { pageSize: 2 })],
  ['/testing/simulations/s/batches/b/runs?limit=2', (simulator) => simulator.listAllRuns('s', 'b', { pageSize: 2 })],
])('follows %s to its end, counting what it cannot read', async (path, list) => {
  const item = { referenceId: 'r', status: 'COMPLETED' };
  const pages = [page([item, 5], 3), answer(200, { data: [item], pagination: { hasNext: false, total: 3 } })];
  await using server = await scriptedServer(...pages, ...pages);
  const all = list(clientAt(server));
  expect(await Array.fromAsync(all)).toEqual([item, item]);
  const byPage = await Array.fromAsync(all.byPage());
  expect(byPage.map(({ items, nextCursor }) => [items.length, nextCursor])).toEqual([
    [1, '2'],
    [1, undefined],
  ]);
  expect(server.requests.map(({ url }) => url)).toEqual([path, `${path}&skip=2`, path, `${path}&skip=2`]);
});

test.each<[string, readonly Script[], string]>([
  ['is empty', [page([], 3)], 'same cursor twice'],
  [
    'is the last too early',
    [page([{ referenceId: 'a' }], 3), answer(200, { data: [{ referenceId: 'b' }], pagination: { hasNext: false } })],
    'total is 3 and only 2 items were read',
  ],
])('a page that %s is an error, never a silent end', async (_, scripts, message) => {
  await using server = await scriptedServer(...scripts);
  await expect(Array.fromAsync(clientAt(server).listAll('p'))).rejects.toThrow(message);
});
