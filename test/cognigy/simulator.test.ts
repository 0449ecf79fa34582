import {
  ApiKeyAuth,
  ConnectionError,
  HttpClient,
  RequestValidationError,
  ResponseValidationError,
  ServerError,
} from 'agent-assist-sdk';
import { SimulatorClient, cognigyAi } from 'agent-assist-sdk/cognigy';
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

function page(items: readonly unknown[], hasNext: boolean): Script {
  return answer(200, { data: items, pagination: { limit: 20, skip: 0, total: 3, hasNext, hasPrevious: false } });
}

test('lists, schedules, follows and stops what the vendor documents', async () => {
  const clock = new FakeClock();
  await using server = await scriptedServer(
    page([{ referenceId: ref, name: 's', mission: 'm' }], true),
    answer(200, { referenceId: ref, persona: 'p' }),
    answer(201, { anything: 1 }),
    page([{ referenceId: 'b', status: 'IN_PROGRESS' }], false),
    answer(200, { status: 'IN_PROGRESS', completedRuns: 2 }),
    answer(503),
    answer(200, { status: 'COMPLETED', metrics: { successRate: 80 } }),
    dropConnection,
    answer(200, { message: 'stopped', simulationRunBatchId: 'b' }),
    page([{ sequence: 1, metrics: { success: true } }], false),
  );
  const simulator = clientAt(server, clock);
  const work = async () => [
    await simulator.list(draft.projectReference, { pageSize: 1, skip: 2 }),
    await simulator.get(ref),
    await simulator.schedule(ref, draft),
    await simulator.listBatches(ref),
    await simulator.waitForBatch(ref, 'b'),
    (await simulator.stopBatch(ref, 'b').withResponse()).status,
    await simulator.listRuns(ref, 'b'),
  ];
  expect(await clock.runUntilSettled(work())).toEqual([
    { items: [{ referenceId: ref, name: 's', mission: 'm' }], hasNext: true, total: 3 },
    { referenceId: ref, persona: 'p' },
    { anything: 1 },
    { items: [{ referenceId: 'b', status: 'IN_PROGRESS' }], hasNext: false, total: 3 },
    { status: 'COMPLETED', metrics: { successRate: 80 } },
    200,
    { items: [{ sequence: 1, metrics: { success: true } }], hasNext: false, total: 3 },
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

test('never schedules twice, and checks what it sends', async () => {
  await using server = await scriptedServer(dropConnection, answer(500));
  const simulator = clientAt(server);
  await expect(simulator.schedule(ref, draft)).rejects.toBeInstanceOf(ConnectionError);
  await expect(simulator.schedule(ref, draft)).rejects.toBeInstanceOf(ServerError);
  await expect(simulator.schedule(ref, { ...draft, numberOfExecutions: 0 })).rejects.toBeInstanceOf(
    RequestValidationError,
  );
  await expect(simulator.list('p', { pageSize: 101 })).rejects.toBeInstanceOf(RequestValidationError);
  expect(server.requests).toHaveLength(2);
});

test('takes no page for the last one that does not say so', async () => {
  await using server = await scriptedServer(answer(200, { data: [], pagination: {} }), answer(200, []));
  const simulator = clientAt(server);
  await expect(simulator.list('p')).rejects.toBeInstanceOf(ResponseValidationError);
  await expect(simulator.listBatches(ref)).rejects.toBeInstanceOf(ResponseValidationError);
});
