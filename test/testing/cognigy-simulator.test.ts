import { startCognigy, type CognigyTenant } from 'agent-assist-sdk/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';

const clock = new FakeClock();
let cognigy: CognigyTenant;
beforeEach(async () => {
  cognigy = await startCognigy({ clock });
});
afterEach(async () => {
  await cognigy.close();
});

type Json = Readonly<Record<string, unknown>>;

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; json: Json }> {
  const answer = await fetch(`${cognigy.origin}/testing${path}`, {
    method,
    headers: { 'x-api-key': cognigy.apiKey, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? {} : (JSON.parse(text) as Json) };
}

async function create(): Promise<string> {
  const scenario = {
    name: 'Refund',
    mission: 'I want a refund',
    successCriteria: [{ type: 'text', params: { text: 'refund' } }],
    maxTurns: 3,
    projectReference: cognigy.project.projectId,
  };
  const { status, json } = await call('POST', '/simulations', scenario);
  expect(status).toBe(201);
  expect(json).toMatchObject(scenario);
  return String(json['referenceId']);
}

const schedule = (numberOfExecutions: number): object => ({
  name: 'nightly',
  projectReference: cognigy.project.projectId,
  numberOfExecutions,
  runConfig: {
    entrypoint: cognigy.project.snapshotId,
    flowReferenceId: cognigy.flow.referenceId,
    localeReferenceId: cognigy.project.localeReferenceId,
    largeLanguageModelReferenceId: 'any',
  },
});

describe('the Simulator', () => {
  it('runs a scenario as a batch, whose runs hold what was said', async () => {
    const reference = await create();
    cognigy.simulator.speakWith(({ scenario, turn, reply }) =>
      turn === 1 ? scenario.mission : turn === 2 ? `you said: ${reply}` : undefined,
    );
    cognigy.simulator.judgeWith(({ replies }) => replies.length === 2);
    cognigy.flow.answerWith(({ turn }) => [{ text: `reply ${turn}` }]);
    const started = await call('POST', `/simulations/${reference}/schedule`, schedule(2));
    expect(started).toMatchObject({ status: 201, json: { status: 'IN_PROGRESS', runs: 2, completedRuns: 0 } });
    const path = `/simulations/${reference}/batches/${String(started.json['referenceId'])}`;
    const batch = async (): Promise<Json> => {
      await clock.advance(10);
      return (await call('GET', path)).json;
    };
    await expect.poll(async () => (await batch())['status']).toBe('COMPLETED');
    expect(await batch()).toMatchObject({
      completedRuns: 2,
      metrics: { successRate: 100, averageTurns: 4, runResults: { succeeded: 2, failed: 0 } },
    });
    const runs = await call('GET', `${path}/runs?limit=1`);
    expect(runs.json).toMatchObject({
      data: [{ sequence: 1, totalTurns: 4, metrics: { success: true } }],
      pagination: { limit: 1, skip: 0, total: 2, hasNext: true, hasPrevious: false, next: 1, previous: null },
    });
    const [{ turns } = { turns: [] }] = runs.json['data'] as { turns: { text: string }[] }[];
    expect(turns.map(({ text }) => text)).toEqual(['I want a refund', 'reply 1', 'you said: reply 1', 'reply 2']);
  });

  it('fails a batch whose flow fails each time, and stops one on request', async () => {
    const reference = await create();
    cognigy.flow.answerWith(() => {
      throw new Error('a node failed');
    });
    const failing = await call('POST', `/simulations/${reference}/schedule`, schedule(1));
    const path = `/simulations/${reference}/batches/${String(failing.json['referenceId'])}`;
    await expect
      .poll(async () => {
        await clock.advance(10);
        return (await call('GET', path)).json;
      })
      .toMatchObject({ status: 'FAILED', failedRuns: 1, completedRuns: 0 });
    const stopped = await call('POST', `/simulations/${reference}/schedule`, schedule(5));
    const id = String(stopped.json['referenceId']);
    expect((await call('POST', `/simulations/${reference}/batches/${id}`)).json).toEqual({
      message: 'stopped',
      simulationRunBatchId: id,
    });
    await clock.advance(1000);
    expect((await call('GET', `/simulations/${reference}/batches/${id}`)).json).toMatchObject({ status: 'STOPPED' });
  });

  it('refuses what it does not know', async () => {
    expect(await call('GET', '/simulations/unknown')).toMatchObject({ status: 404, json: { code: 1002 } });
    expect((await call('GET', '/simulations?limit=101')).status).toBe(400);
    expect((await call('POST', '/simulations', { name: 'x', unknown: 1 })).status).toBe(400);
    const draft = schedule(1) as { runConfig: object };
    const runConfig = { ...draft.runConfig, largeLanguageModelReferenceId: undefined };
    const path = `/simulations/${await create()}/schedule`;
    expect((await call('POST', path, { ...draft, runConfig })).status).toBe(400);
  });
});
