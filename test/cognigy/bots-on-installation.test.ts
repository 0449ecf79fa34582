import { ApiKeyAuth, HttpClient } from 'agent-assist-sdk';
import {
  FlowClient,
  NluClient,
  PlaybookClient,
  cognigyAi,
  flowRunner,
  nluRunner,
  playbookRunner,
} from 'agent-assist-sdk/cognigy';
import {
  compareRuns,
  runSuite,
  type RunSuiteOptions,
  type SimulationRunner,
  type SuiteRun,
} from 'agent-assist-sdk/simulation';
import { loadSuite } from 'agent-assist-sdk/simulation/suites';
import { startCognigy, type CognigyTenant, type Injection } from 'agent-assist-sdk/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sampleUtterances } from '../../src/testing/fixtures/sample-utterances.js';
import { FakeClock } from '../helpers/fake-clock.js';

let cognigy: CognigyTenant;
afterEach(() => cognigy.close());

function platform() {
  return cognigyAi({ baseUrl: cognigy.origin, endpointHost: cognigy.origin });
}

function http(clock?: FakeClock): HttpClient {
  const auth = new ApiKeyAuth({ apiKey: cognigy.apiKey });
  return new HttpClient({ platform: platform(), auth, ...(clock && { clock, fetch: clock.fetch, random: () => 0 }) });
}

function onPlaybooks(clock?: FakeClock): SimulationRunner {
  const client = http(clock);
  const { localeReferenceId } = cognigy.project;
  return playbookRunner({ client: new PlaybookClient(client), nlu: new NluClient(client), localeReferenceId, clock });
}

async function run(client: SimulationRunner, options: Partial<RunSuiteOptions> = {}): Promise<SuiteRun> {
  const { projectId, snapshotId } = cognigy.project;
  const target = { botId: cognigy.flow.referenceId, environmentId: projectId, versionId: snapshotId };
  const { cases } = await loadSuite('examples/simulate-conversations/suite.yaml', { target });
  return runSuite(cases, { client, unsupported: 'note', entityMatch: 'type', pollIntervalMs: 2, ...options });
}

/** What is left in the installation. */
async function playbooksLeft(): Promise<number> {
  const answer = await fetch(`${cognigy.origin}/new/v2.0/playbooks`, { headers: { 'x-api-key': cognigy.apiKey } });
  return ((await answer.json()) as { total: number }).total;
}

describe('the suite of the documents on an installation', () => {
  beforeEach(async () => {
    cognigy = await startCognigy();
  });

  test('passes as playbooks with scored confidences, and by scores alone', async () => {
    const asPlaybooks = await run(onPlaybooks());
    expect(asPlaybooks.summary).toMatchObject({ passed: 5, passedAssertions: 12, intentAccuracy: 1 });
    const { localeReferenceId } = cognigy.project;
    const byScores = await run(nluRunner({ client: new NluClient(http()), localeReferenceId }));
    expect(byScores.summary).toMatchObject({ passed: 5, passedAssertions: 12, intentAccuracy: 1 });
    const confidences = ({ results }: SuiteRun) =>
      results.map(({ evaluation }) => evaluation?.metrics.avgIntentConfidence);
    expect(confidences(asPlaybooks)).toEqual(confidences(byScores));
    expect(await playbooksLeft()).toBe(0);
  });

  test('fails against its own baseline after the bot unlearned an intent', async () => {
    const baseline = await run(onPlaybooks());
    cognigy.flow.train(sampleUtterances.filter(({ intent }) => intent !== 'book_flight'));
    const { gate, newlyFailing } = compareRuns(baseline, await run(onPlaybooks()));
    expect(newlyFailing).toEqual(['book-a-flight', 'another-way-to-say-it']);
    expect(gate.holds).toBe(false);
  });

  test('is held as conversations with the flow, which says what it understood', async () => {
    cognigy.flow.answerWith(({ understanding: { intent, confidence, entities } }) => [
      { text: 'Understood.', data: { intent, confidence, entities } },
    ]);
    const clock = new FakeClock();
    const flow = new FlowClient({
      platform: platform(),
      urlToken: cognigy.restEndpoint.urlToken,
      testMode: true,
      clock,
      fetch: clock.fetch,
    });
    const work = run(flowRunner({ client: flow, clock }), { clock, entityMatch: 'value' });
    const { summary, unsupported } = await clock.runUntilSettled(work);
    expect(summary).toMatchObject({ passed: 5, passedAssertions: 12, entities: { falseNegatives: 0 } });
    expect(unsupported?.map(({ part }) => part)).toEqual(['target', 'context']);
  });
});

const faults: readonly (readonly [string, Injection['fault']])[] = [
  ['429', { kind: 'status', status: 429, retryAfter: 2 }],
  ['503', { kind: 'status', status: 503 }],
  ['500', { kind: 'status', status: 500 }],
  ['a lost connection', { kind: 'drop', at: 'before-headers' }],
  ['truncated JSON', { kind: 'truncated-json' }],
  ['invalid JSON', { kind: 'invalid-json' }],
  ['HTML', { kind: 'html' }],
  ['an empty answer', { kind: 'empty' }],
];
const routes = [
  'POST /new/v2.0/playbooks',
  'POST /new/v2.0/playbooks/{playbookId}/steps',
  'POST /new/v2.0/playbooks/{playbookId}/schedule',
  'GET /new/v2.0/tasks/{taskId}',
  'GET /new/v2.0/playbooks/{playbookId}/runs/{runId}',
  'POST /new/v2.0/projects/{projectId}/nlu/scores',
];

describe('a fault', () => {
  // The installation's tasks take their time on the clock that its client waits on.
  let clock: FakeClock;
  beforeEach(async () => {
    clock = new FakeClock();
    cognigy = await startCognigy({ clock });
  });

  test.each(routes.flatMap((route) => faults.map(([name, fault]) => [name, route, fault] as const)))(
    '%s at %s costs one case its verdict at most, and never passes what fails',
    async (_name, route, fault) => {
      const injected = cognigy.inject({ route, fault, times: 1 });
      const work = run(onPlaybooks(clock), { clock, concurrency: 1, pollIntervalMs: 1000 });
      // Deleting the playbook is limited to 4000 ms.
      const { summary, results } = await clock.runUntilSettled(work, 4000);
      expect(injected.hits).toBe(1);
      expect(summary.failed).toBe(0);
      expect(summary.errored).toBeLessThanOrEqual(1);
      expect(results.slice(1).map(({ status }) => status)).toEqual(Array(4).fill('passed'));
      // A playbook whose creation was not told is the one thing that nobody can delete.
      if (route !== 'POST /new/v2.0/playbooks') expect(await playbooksLeft()).toBe(0);
    },
  );
});

test('the playbooks of a project are listed over all pages, without their steps', async () => {
  cognigy = await startCognigy();
  const client = new PlaybookClient(http());
  const { projectId } = cognigy.project;
  for (const name of ['one', 'two', 'three']) {
    const { id } = await client.create({ projectId, name });
    await client.createStep(id, { text: name });
  }
  const listed = await Array.fromAsync(client.listAll({ projectId, pageSize: 2 }));
  expect(listed.map(({ name, steps }) => [name, steps])).toEqual([
    ['one', undefined],
    ['two', undefined],
    ['three', undefined],
  ]);
  expect((await client.get(listed[0]?.id ?? '')).steps).toMatchObject([{ text: 'one' }]);
});
