import { ApiKeyAuth, CallError, HttpClient } from 'agent-assist-sdk';
import { SimulatorClient, cognigyAi, type SimulatorScenario } from 'agent-assist-sdk/cognigy';
import { startCognigy, type CognigyTenant, type Injection } from 'agent-assist-sdk/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';

let cognigy: CognigyTenant;
beforeEach(async () => {
  cognigy = await startCognigy();
});
afterEach(() => cognigy.close());

function clientOf(clock?: FakeClock): SimulatorClient {
  const platform = cognigyAi({ baseUrl: cognigy.origin, endpointHost: cognigy.origin });
  const auth = new ApiKeyAuth({ apiKey: cognigy.apiKey });
  return new SimulatorClient(
    new HttpClient({ platform, auth, ...(clock && { clock, fetch: clock.fetch, random: () => 0 }) }),
  );
}

/** A scenario, made as the platform's pages make one. */
async function scenario(): Promise<SimulatorScenario> {
  const answer = await fetch(`${cognigy.origin}/testing/simulations?projectId=${cognigy.project.projectId}`, {
    method: 'POST',
    headers: { 'x-api-key': cognigy.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'books a flight',
      mission: 'book flight to paris',
      successCriteria: [],
      projectReference: cognigy.project.projectId,
    }),
  });
  return (await answer.json()) as SimulatorScenario;
}

function draft() {
  const { projectId, snapshotId, localeReferenceId } = cognigy.project;
  const flowReferenceId = cognigy.flow.referenceId;
  const runConfig = {
    entrypoint: snapshotId,
    flowReferenceId,
    localeReferenceId,
    largeLanguageModelReferenceId: 'any',
  };
  return { name: 'nightly', projectReference: projectId, numberOfExecutions: 3, runConfig };
}

test('a batch is scheduled, followed to its end and read', async () => {
  const simulator = clientOf();
  const { referenceId } = await scenario();
  const listed = await simulator.list(cognigy.project.projectId, { pageSize: 1 });
  expect(listed).toMatchObject({ items: [{ referenceId, name: 'books a flight' }], nextCursor: undefined, total: 1 });
  expect(await simulator.get(referenceId)).toMatchObject({ mission: 'book flight to paris' });
  await simulator.schedule(referenceId, draft());
  const { items } = await simulator.listBatches(referenceId);
  const batch = String(items[0]?.['referenceId']);
  expect(await simulator.waitForBatch(referenceId, batch, { pollIntervalMs: 5 })).toMatchObject({
    status: 'COMPLETED',
  });
  const runs = await simulator.listRuns(referenceId, batch, { pageSize: 2 });
  expect(runs.items).toHaveLength(2);
  expect(runs).toMatchObject({ nextCursor: '2', total: 3 });
  const rest = await simulator.listRuns(referenceId, batch, { pageSize: 2, cursor: runs.nextCursor });
  expect(rest.items.map(({ sequence }) => sequence)).toEqual([3]);
  const all = await Array.fromAsync(simulator.listAllRuns(referenceId, batch, { pageSize: 2 }));
  expect(all).toEqual([...runs.items, ...rest.items]);
  expect(await Array.fromAsync(simulator.listAllBatches(referenceId))).toHaveLength(1);
  expect(await Array.fromAsync(simulator.listAll(cognigy.project.projectId))).toEqual(listed.items);
});

const faults: readonly (readonly [string, Injection['fault']])[] = [
  ['429', { kind: 'status', status: 429, retryAfter: 2 }],
  ['503', { kind: 'status', status: 503 }],
  ['a lost connection', { kind: 'drop', at: 'before-headers' }],
  ['half of a body', { kind: 'drop', at: 'mid-body' }],
  ['invalid JSON', { kind: 'invalid-json' }],
  ['HTML', { kind: 'html' }],
  ['an empty answer', { kind: 'empty' }],
];

test.each(faults)(
  'after %s, a read gives what is there or a typed error, and a schedule is never repeated blindly',
  async (_name, fault) => {
    const clock = new FakeClock();
    const simulator = clientOf(clock);
    const { referenceId } = await scenario();
    const atRead = cognigy.inject({ route: 'GET /testing/simulations/{simulation}', fault, times: 1 });
    const read = await clock.runUntilSettled(simulator.get(referenceId).catch((error: unknown) => error));
    expect(read instanceof CallError || (read as SimulatorScenario).referenceId === referenceId).toBe(true);
    const atSchedule = cognigy.inject({ route: 'POST /testing/simulations/{simulation}/schedule', fault, times: 1 });
    await clock.runUntilSettled(simulator.schedule(referenceId, draft()).catch(() => undefined));
    const { total = 0 } = await clock.runUntilSettled(simulator.listBatches(referenceId));
    expect(total).toBeLessThanOrEqual(1);
    expect([atRead.hits, atSchedule.hits]).toEqual([1, 1]);
  },
);
