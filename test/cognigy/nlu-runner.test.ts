import { ApiKeyAuth, ConfigurationError, HttpClient } from 'agent-assist-sdk';
import { NluClient, cognigyAi, nluRunner } from 'agent-assist-sdk/cognigy';
import type { Simulation, SimulationRunner } from 'agent-assist-sdk/simulation';
import { expect, test } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, scriptedServer, type Script, type ScriptedServer } from '../helpers/scripted-server.js';

const simulation: Simulation = {
  botId: 'flow-1',
  environmentId: 'project-1',
  versionId: 'v1',
  inputs: [
    { text: 'cancel it', delayMs: 0 },
    { text: 'bye', delayMs: 0 },
  ],
  context: {},
  assertions: [],
};

function runnerAt(server: ScriptedServer, clock = new FakeClock()): SimulationRunner {
  const platform = cognigyAi({ baseUrl: server.url, endpointHost: 'localhost' });
  const http = new HttpClient({ platform, auth: new ApiKeyAuth({ apiKey: 'k' }), clock, random: () => 0 });
  return nluRunner({ client: new NluClient(http), localeReferenceId: 'locale-1', clock });
}

test.each<[string, object[], object]>([
  [
    'the best intent, in whatever order the platform sends them',
    [
      { name: 'a', score: 0.2 },
      { name: 'b', score: 0.7, negated: false },
      { name: 'c', score: 0.4 },
    ],
    { intent: 'b', confidence: 0.7, entities: [] },
  ],
  [
    'the first of those that are as good',
    [
      { name: 'a', score: 0.7 },
      { name: 'b', score: 0.7 },
    ],
    { intent: 'a', confidence: 0.7, entities: [] },
  ],
  ['no intent where none is scored', [], { entities: [] }],
  ['no intent where all are negated', [{ name: 'a', score: 1, negated: true }], { entities: [] }],
])('a sentence has %s', async (_, scores, nlu) => {
  await using server = await scriptedServer(answer(200, { scores }));
  const { id, status, steps } = await runnerAt(server).run(simulation);
  expect(id).toMatch(/^nlu-[\da-f-]{36}$/);
  expect(status).toBe('COMPLETED');
  expect(steps).toEqual([
    { index: 0, userInput: 'cancel it', nlu },
    { index: 1, userInput: 'bye', nlu },
  ]);
  expect(server.requests.map(({ url }) => url)).toEqual(Array(2).fill('/new/v2.0/projects/project-1/nlu/scores'));
  expect(JSON.parse(server.requests[1]?.body ?? '')).toEqual({
    flowReferenceId: 'flow-1',
    localeReferenceId: 'locale-1',
    sentence: 'bye',
  });
});

test('a run asks as the caller says: headers, retries, and when to stop', async () => {
  await using server = await scriptedServer(answer(503));
  const runner = runnerAt(server);
  const run = runner.run(simulation, { headers: { 'x-run': 'nightly' }, maxRetries: 0 });
  await expect(run).rejects.toMatchObject({ name: 'ServerError', attempts: 1 });
  expect(server.requests.map(({ headers }) => headers['x-run'])).toEqual(['nightly']);
  await expect(runner.run(simulation, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  expect(server.requests).toHaveLength(1);
});

test('the sentences of a run share its time limit', async () => {
  const clock = new FakeClock();
  const waiting: (() => void)[] = [];
  const onDemand: Script = (response, request) => {
    waiting.push(() => answer(200, { scores: [] })(response, request));
  };
  await using server = await scriptedServer(onDemand);
  const run = runnerAt(server, clock)
    .run(simulation, { totalTimeoutMs: 1000 })
    .catch((error: unknown) => error);
  const asked = async (count: number): Promise<void> => {
    while (server.requests.length < count) await clock.advance(0);
  };
  await asked(1);
  await clock.advance(600);
  waiting[0]?.();
  await asked(2);
  await clock.advance(400);
  expect(await run).toMatchObject({ name: 'TimeoutError', timeoutMs: 400 });
});

test('the runner says what scores cannot tell, and refuses unknown options', () => {
  const client = new NluClient(new HttpClient({ platform: cognigyAi({ environment: 'trial' }) }));
  const options = { client, localeReferenceId: 'l' };
  expect(nluRunner(options).unsupported).toEqual({
    target: 'the project scores sentences with its current training, regardless of the version',
    delay: 'no flow runs',
    conversation: 'each sentence is scored on its own',
    context: 'no flow runs',
    entities: 'the scores cover only intents',
  });
  expect(() => nluRunner({ ...options, locale: 'l' } as never)).toThrow(ConfigurationError);
  expect(() => nluRunner({ ...options, locale: 'l' } as never)).toThrow('nluRunner: unknown option "locale"');
});
