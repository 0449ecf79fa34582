import { inspect } from 'node:util';
import { ConfigurationError } from 'agent-assist-sdk';
import { FlowClient, cognigyAi, flowRunner, type FlowRunnerOptions } from 'agent-assist-sdk/cognigy';
import { runSuite, type RunSuiteOptions, type SuiteRun } from 'agent-assist-sdk/simulation';
import { parseSuite } from 'agent-assist-sdk/simulation/suites';
import { expect, test } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import {
  answer,
  dropConnection,
  hang,
  scriptedServer,
  type Script,
  type ScriptedServer,
} from '../helpers/scripted-server.js';

const urlToken = 'canary-url-token-77ab';

const { cases } = parseSuite(
  `
botId: any
environmentId: any
versionId: any
cases:
  - id: flight
    inputs: [book flight to paris, { text: '', delayMs: 2000 }]
    assertions:
      - { stepIndex: 0, expectedIntent: book_flight, expectedEntities: { city: paris } }
      - { stepIndex: 1, expectedIntent: silence, expectedConfidenceMin: 0.5 }
`,
  'flight.yaml',
);

/** A REST endpoint, as the platform's documentation describes its answer. */
function endpoint(): Script {
  return (response, request) => {
    const { text = '', userId, sessionId } = JSON.parse(request.body) as Record<string, string>;
    const understood =
      text === ''
        ? { intent: 'silence', confidence: 0.6 }
        : {
            intent: 'book_flight',
            confidence: 0.9,
            entities: [{ type: 'city', value: 'paris' }, 'broken', { value: 'x' }],
          };
    const outputs = [{ text: 'One moment.' }, { text: 'Which date?', data: understood }];
    const outputStack = outputs.map((output) => ({ data: {}, ...output, traceId: 't', source: 'bot' }));
    answer(200, { text: 'One moment. Which date?', data: understood, outputStack, userId, sessionId })(
      response,
      request,
    );
  };
}

function flowAt(server: ScriptedServer, options: { testMode?: boolean; clock?: FakeClock; maxRetries?: number } = {}) {
  const platform = cognigyAi({ baseUrl: server.url, endpointHost: server.url });
  const { clock } = options;
  return new FlowClient({ platform, urlToken, testMode: true, ...(clock && { fetch: clock.fetch }), ...options });
}

async function run(
  server: ScriptedServer,
  given: Omit<FlowRunnerOptions, 'client'> = {},
  suite: Partial<RunSuiteOptions> = {},
): Promise<SuiteRun> {
  const clock = new FakeClock();
  await clock.advance(1000);
  const client = flowRunner({ client: flowAt(server, { clock }), clock, ...given });
  return clock.runUntilSettled(runSuite(cases, { client, clock, ...suite }));
}

test('holds each conversation in a session of its own, in test mode, with its pauses', async () => {
  await using server = await scriptedServer(endpoint());
  const { results, unsupported } = await run(server);
  expect(results[0]).toMatchObject({ status: 'passed', elapsedMs: 2500, result: { durationMs: 2500 } });
  expect(results[0]?.result?.steps).toMatchObject([
    {
      index: 0,
      // The pauses before the inputs do not count.
      durationMs: 0,
      userInput: 'book flight to paris',
      botResponse: 'One moment.\nWhich date?',
      nlu: { intent: 'book_flight', confidence: 0.9, entities: [{ type: 'city', value: 'paris' }] },
    },
    { index: 1, durationMs: 0, nlu: { intent: 'silence', confidence: 0.6, entities: [] } },
  ]);
  expect(unsupported).toEqual([
    { part: 'target', reason: 'the endpoint determines the flow and the version', cases: 1 },
  ]);
  const bodies = server.requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  const { sessionId, userId } = bodies[0] ?? {};
  expect(bodies).toEqual([
    { userId, sessionId, text: 'book flight to paris' },
    { userId, sessionId, data: {} },
  ]);
  expect(server.requests.map(({ url }) => url)).toEqual(Array(2).fill(`/test/${urlToken}`));
  await run(server);
  expect(JSON.parse(server.requests[2]?.body ?? '')).not.toMatchObject({ sessionId });
});

test('is refused where the conversations would be billed', async () => {
  await using server = await scriptedServer(endpoint());
  const expected = new ConfigurationError('client: expected a FlowClient with testMode: true');
  expect(() => flowRunner({ client: flowAt(server, { testMode: false }) })).toThrow(expected);
  expect(() => flowRunner({} as never)).toThrow(expected);
});

test('fails a flow that does not say what it understood, unless that is said to be so', async () => {
  const silent = answer(200, {
    outputStack: [{ text: 'Which date?', data: { intent: 'book_flight' }, source: 'bot' }],
  });
  await using server = await scriptedServer(silent);
  const strict = await run(server);
  expect(strict.results[0]?.evaluation?.verdicts[0]?.failures.map(({ reason }) => reason)).toEqual([
    'confidence',
    'entity-missing',
  ]);
  const unsupported = { confidence: 'our flow tells none', entities: 'our flow tells none' };
  const noted = await run(server, { unsupported }, { unsupported: 'note' });
  expect(noted.results[0]?.evaluation?.verdicts[0]).toMatchObject({
    passed: true,
    unchecked: ['confidence', 'entities'],
  });
  await expect(run(server, { unsupported })).rejects.toThrow('cannot be checked: our flow tells none');
});

test('takes the mappings of the team, and sends a context only by them', async () => {
  await using server = await scriptedServer(answer(200, { outputStack: [], heard: 'book_flight' }));
  const [first] = cases;
  if (first === undefined) throw new Error('no case');
  const simulation = {
    ...first.simulation,
    context: { tier: 'gold' },
    inputs: first.simulation.inputs.slice(0, 1),
    assertions: [],
  };
  const clock = new FakeClock();
  const bare = flowRunner({ client: flowAt(server) });
  await expect(runSuite([{ id: 'c', simulation }], { client: bare })).rejects.toThrow(
    'context: cannot be checked: the option toInput must pass it to the flow',
  );
  const client = flowRunner({
    client: flowAt(server, { clock }),
    clock,
    toInput: ({ inputs, context }, index) => ({ text: inputs[index]?.text, data: { context } }),
    toUnderstanding: ({ heard }) => Promise.resolve({ intent: String(heard), confidence: 1, entities: [] }),
  });
  const { results } = await clock.runUntilSettled(runSuite([{ id: 'c', simulation }], { client, clock }));
  expect(results[0]?.result?.steps?.[0]?.nlu).toEqual({ intent: 'book_flight', confidence: 1, entities: [] });
  expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({ data: { context: { tier: 'gold' } } });
});

test.each<[string, object, object]>([
  [
    'the first output that tells an intent, in the data of the answer where no output does',
    { text: 'Hello.', data: { intent: 'late', confidence: 1 } },
    { botResponse: 'Hello.', nlu: { intent: 'late', confidence: 1, entities: [] } },
  ],
  [
    'nothing where nothing is told',
    { outputStack: [{ text: 'Hello.', data: { intent: 7, confidence: 0.5, entities: [{ type: 'city' }] } }, {}] },
    { botResponse: 'Hello.', nlu: { intent: undefined, confidence: undefined, entities: [] } },
  ],
  [
    'no confidence that is none, and no list of entities that is none',
    { outputStack: [{}, { data: { intent: 'first', confidence: 1.01, entities: 'city' } }, { data: { intent: 'b' } }] },
    { botResponse: '', nlu: { intent: 'first', confidence: undefined, entities: [] } },
  ],
  [
    'a confidence of zero',
    { outputStack: [{ data: { intent: 'first', confidence: 0, entities: [null, { type: 7 }, { type: 'city' }] } }] },
    { nlu: { intent: 'first', confidence: 0, entities: [{ type: 'city' }] } },
  ],
  [
    'no confidence that is a text',
    { outputStack: [{ data: { intent: 'first', confidence: '0.9' } }] },
    { nlu: { intent: 'first', confidence: undefined } },
  ],
  [
    'no confidence below zero',
    { outputStack: [{ data: { intent: 'first', confidence: -0.01 } }] },
    { nlu: { intent: 'first', confidence: undefined } },
  ],
])('takes from an answer %s', async (_, body, step) => {
  await using server = await scriptedServer(answer(200, body));
  const { results } = await run(server);
  expect(results[0]?.result?.steps?.[0]).toMatchObject(step);
});

test('sends the headers of the caller with every input, and retries as the caller says', async () => {
  await using server = await scriptedServer(answer(429, {}, { 'retry-after': '0' }), endpoint());
  const [first] = cases;
  if (first === undefined) throw new Error('no case');
  const clock = new FakeClock();
  const runner = flowRunner({ client: flowAt(server, { clock, maxRetries: 5 }), clock });
  const options = { headers: { 'x-run': 'nightly' }, maxRetries: 0 };
  const refused = runner.run(first.simulation, options).catch((error: unknown) => error);
  expect(await clock.runUntilSettled(refused)).toMatchObject({ name: 'RateLimitError', attempts: 1 });
  await clock.runUntilSettled(runner.run(first.simulation, options));
  expect(server.requests.map(({ headers }) => headers['x-run'])).toEqual(Array(3).fill('nightly'));
});

test('never sends an input twice: the case is errored, and the next begins its own session', async () => {
  await using server = await scriptedServer(dropConnection, endpoint());
  const { results } = await run(server, {});
  expect(results[0]).toMatchObject({ status: 'errored', error: { name: 'ConnectionError' } });
  expect(server.requests).toHaveLength(1);
});

test('ends at the time limit of a case, and at once when aborted', async () => {
  await using server = await scriptedServer(hang);
  const clock = new FakeClock();
  const client = flowRunner({ client: flowAt(server), clock });
  const late = await clock.runUntilSettled(runSuite(cases, { client, clock, timeoutMs: 30_000 }));
  expect(late.results[0]?.error).toMatchObject({
    name: 'TimeoutError',
    message: 'the conversation did not end within 30000 ms',
  });
  const controller = new AbortController();
  const aborted = runSuite(cases, { client, signal: controller.signal });
  controller.abort();
  await expect(aborted).rejects.toThrow('abort');
});

test('the URL token is in nothing that a suite leaves', async () => {
  const echo: Script = (response, request) => {
    answer(400, { detail: `no endpoint ${request.url} ${urlToken}`, code: 1002 })(response, request);
  };
  for (const script of [echo, answer(500, urlToken), answer(200, `<html>${urlToken}`), dropConnection]) {
    await using server = await scriptedServer(script);
    const seen: unknown[] = [];
    const log = (...args: unknown[]): void => void seen.push(args);
    const logger = { debug: log, info: log, warn: log, error: log };
    const platform = cognigyAi({ baseUrl: server.url, endpointHost: server.url });
    const clock = new FakeClock();
    const options = { maxRetries: 0, logger, onAttempt: log, clock, fetch: clock.fetch };
    const flow = new FlowClient({ platform, urlToken, testMode: true, ...options });
    const suite = runSuite(cases, { client: flowRunner({ client: flow, clock }), logger, onProgress: log, clock });
    const result = await clock.runUntilSettled(suite);
    expect(result.summary.errored).toBe(1);
    expect(inspect([result, seen], { depth: 12 }) + JSON.stringify([result, seen])).not.toContain(urlToken);
  }
});
