import { ApiKeyAuth, ConfigurationError, HttpClient, type HttpClientOptions } from 'agent-assist-sdk';
import {
  NluClient,
  PlaybookClient,
  cognigyAi,
  playbookRunner,
  type PlaybookRunnerOptions,
} from 'agent-assist-sdk/cognigy';
import type { RunOptions, Simulation, SimulationResult, SimulationRunner } from 'agent-assist-sdk/simulation';
import { parseSuite } from 'agent-assist-sdk/simulation/suites';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer } from '../helpers/scripted-server.js';
import { PlaybookServer, apiKey, ids, problem } from './playbook-server.js';

let server: PlaybookServer;
beforeEach(async () => {
  server = await PlaybookServer.start((text) => ({ scores: [[text, 0.9]], slots: ['city'] }));
});
afterEach(() => server[Symbol.asyncDispose]());

function runnerOf(
  options: Partial<PlaybookRunnerOptions> = {},
  http: Partial<HttpClientOptions> = {},
): SimulationRunner {
  const platform = cognigyAi({ baseUrl: server.url, endpointHost: 'localhost' });
  const client = new HttpClient({ platform, auth: new ApiKeyAuth({ apiKey }), random: () => 0, ...http });
  return playbookRunner({
    client: new PlaybookClient(client),
    nlu: new NluClient(client),
    localeReferenceId: ids.locale,
    ...options,
  });
}

function simulationOf(lines: string): Simulation {
  const top = `botId: ${ids.flow}\nenvironmentId: ${ids.project}\nversionId: '${ids.snapshot}'\ncases:\n  - id: c\n`;
  const [only] = parseSuite(top + lines.replaceAll(/^/gm, '    '), 'suite.yaml').cases;
  if (only === undefined) throw new Error('no case');
  return only.simulation;
}

/** The bot of this server understands each text as the intent of that name. */
const cancel = simulationOf('inputs: [cancel]\nassertions: [{ stepIndex: 0, expectedIntent: cancel }]');

const bodiesOf = (route: RegExp): unknown[] =>
  server.requests
    .filter(({ method, url }) => route.test(`${method} ${url}`))
    .map(({ body }): unknown => JSON.parse(body));

describe('the playbook of a simulation', () => {
  test('has a step for each input, and checks for what is expected of it, each once', async () => {
    const simulation = simulationOf(`
inputs: [hello, cancel]
assertions:
  - { stepIndex: 1, expectedIntent: cancel, expectedEntities: { city: null } }
  - { stepIndex: 1, expectedIntent: cancel, expectedEntities: { city: null, date: null } }`);
    await runnerOf({ stepTimeoutMs: 3000 }).run(simulation, { pollIntervalMs: 1 });
    expect(bodiesOf(/POST .*\/playbooks$/)).toEqual([
      {
        projectId: ids.project,
        name: expect.stringMatching(/^agent-assist-sdk [\da-f-]{36}$/) as string,
        abortOnError: false,
        timeout: 3000,
      },
    ]);
    expect(bodiesOf(/\/steps$/)).toEqual([
      { text: 'hello' },
      {
        text: 'cancel',
        asserts: [
          { type: 'assertIntent', params: { intent: 'cancel' } },
          { type: 'assertSlot', params: { slot: 'city' } },
          { type: 'assertSlot', params: { slot: 'date' } },
        ],
      },
    ]);
  });

  test('tells how far its run is, and under which id it can be continued', async () => {
    const clock = new FakeClock();
    await clock.advance(500);
    const runner = runnerOf({ clock }, { clock, fetch: clock.fetch });
    const submitted: string[] = [];
    const seen: Partial<SimulationResult>[] = [];
    const result = await clock.runUntilSettled(
      runner.run(cancel, {
        pollIntervalMs: 3000,
        onSubmitted: (id) => submitted.push(id),
        onProgress: (state) => seen.push(state),
      }),
    );
    expect(submitted).toEqual([expect.stringMatching(/^created\/[\da-f]{24}\/[\da-f]{24}$/)]);
    const [id] = submitted;
    expect(seen).toEqual(['RUNNING', 'RUNNING', 'COMPLETED'].map((status) => ({ id, status })));
    expect(result).toMatchObject({ id, status: 'COMPLETED', durationMs: 6000 });
  });

  test('has no duration where its beginning was not seen', async () => {
    const client = new PlaybookClient(
      new HttpClient({
        platform: cognigyAi({ baseUrl: server.url, endpointHost: 'localhost' }),
        auth: new ApiKeyAuth({ apiKey }),
      }),
    );
    const { id } = await client.create({ projectId: ids.project, name: 'ours' });
    const target = { entrypoint: ids.snapshot, flowReferenceId: ids.flow, localeReferenceId: ids.locale };
    const { id: taskId } = await client.schedule(id, target);
    const submittedId = `existing/${id}/${taskId}`;
    const result = await runnerOf().run(cancel, { submittedId, pollIntervalMs: 1 });
    expect(result).toMatchObject({ id: submittedId, status: 'COMPLETED', durationMs: undefined, steps: [] });
    expect(bodiesOf(/\/schedule$/)).toHaveLength(1);
    expect([...server.playbooks.keys()]).toEqual([id]);
  });

  test.each(['sim-1', 'created/p/t/1', 'x-created/p/t', 'existing//t', 'created/p'])(
    'is a new one where the journal names %s, which no playbook runner wrote',
    async (submittedId) => {
      const { id } = await runnerOf().run(cancel, { submittedId, pollIntervalMs: 1 });
      expect(id).toMatch(/^created\//);
      expect(server.routes[0]).toBe('POST /new/v2.0/playbooks');
    },
  );

  test('that somebody has deleted already is worth no warning', async () => {
    server.fault(/DELETE/, problem(404, 1002, 'Resource not found'));
    const lines: unknown[] = [];
    const log = (line: string): void => void lines.push(line);
    const logger = { debug: log, info: log, warn: log, error: log };
    await expect(runnerOf({ logger }).run(cancel, { pollIntervalMs: 1 })).resolves.toMatchObject({
      status: 'COMPLETED',
    });
    expect(lines).toEqual([]);
  });
});

describe('what a step of a run tells', () => {
  /** A check of an intent as the platform might answer it. */
  const intent = (name: string, status: string, more: object = {}) => ({
    type: 'assertIntent',
    params: { intent: name },
    status,
    ...more,
  });
  const slot = (params: object, status = 'successful') => ({ type: 'assertSlot', params, status });

  test.each<[string, object[] | null, object]>([
    ['the intent of a check that holds', [intent('cancel', 'successful', { actual: 'other' })], { intent: 'cancel' }],
    ['the actual intent of a check that failed', [intent('cancel', 'failed', { actual: 'buy' })], { intent: 'buy' }],
    [
      'the actual intent in an object',
      [intent('cancel', 'failed', { actual: { intent: 'buy', score: 1 } })],
      { intent: 'buy' },
    ],
    [
      'no intent of which a failed check says that it was found',
      [intent('cancel', 'failed', { actual: 'cancel' })],
      { intent: undefined },
    ],
    [
      'no intent of which one of two failed checks says so',
      [intent('buy', 'failed', { actual: 'cancel' }), intent('cancel', 'failed', { actual: 'cancel' })],
      { intent: undefined },
    ],
    [
      'no intent where the actual one is no name',
      [intent('cancel', 'failed', { actual: null })],
      { intent: undefined },
    ],
    [
      'the intent of the one check of two that holds',
      [intent('buy', 'failed', { actual: 'cancel' }), intent('cancel', 'successful')],
      { intent: 'cancel' },
    ],
    [
      'nothing of a negated check, wherever it says so',
      [
        { ...intent('a', 'successful'), params: { intent: 'a', negate: true } },
        intent('b', 'successful', { negate: true }),
        slot({ slot: 'city', negate: true }),
      ],
      { intent: undefined, entities: [] },
    ],
    [
      'nothing of a check of another kind',
      [{ type: 'assertText', params: {}, status: 'successful' }],
      { entities: [] },
    ],
    ['nothing without checks', null, { intent: undefined, entities: [] }],
    [
      'the slots that were found',
      [slot({ slot: 'city' }), slot({ slot: 'date' }, 'failed'), slot({ slot: 7 })],
      { entities: [{ type: 'city' }] },
    ],
  ])('is %s', async (_, asserts, understood) => {
    server.changeRun = (run) => ({ ...run, stepResults: run.stepResults.map((step) => ({ ...step, asserts })) });
    const { steps } = await runnerOf({ nlu: undefined }).run(cancel, { pollIntervalMs: 1 });
    expect(steps?.[0]?.nlu).toMatchObject(understood);
  });

  test('belongs to an input unless it has another text', async () => {
    const two = simulationOf('inputs: [a, b, c]');
    server.changeRun = (run) => ({
      ...run,
      stepResults: [
        { ...run.stepResults[0], text: null },
        { ...run.stepResults[1], text: 'x' },
      ],
    });
    const { steps } = await runnerOf().run(two, { pollIntervalMs: 1 });
    expect(steps?.map(({ index, userInput }) => [index, userInput])).toEqual([[0, 'a']]);
  });

  test('is not scored where no intent was found', async () => {
    const buy = simulationOf('inputs: [cancel]\nassertions: [{ stepIndex: 0, expectedIntent: buy }]');
    server.changeRun = (run) => ({ ...run, stepResults: run.stepResults.map((step) => ({ ...step, asserts: [] })) });
    const { steps } = await runnerOf().run(buy, { pollIntervalMs: 1 });
    expect(steps?.map(({ nlu }) => nlu.intent)).toEqual([undefined]);
    expect(bodiesOf(/nlu/)).toEqual([]);
  });

  test('is scored where an intent is expected; a negated one has no confidence', async () => {
    const simulation = simulationOf('inputs: [hello, cancel]\nassertions: [{ stepIndex: 1, expectedIntent: cancel }]');
    const scores = [
      { name: 'cancel', score: 0.9, negated: true },
      { name: 'hello', score: 0.4 },
    ];
    server.fault(/nlu/, answer(200, { scores }));
    const { steps } = await runnerOf().run(simulation, { pollIntervalMs: 1 });
    expect(bodiesOf(/nlu/)).toMatchObject([{ sentence: 'cancel' }]);
    expect(steps?.[1]?.nlu).toMatchObject({ intent: 'cancel', confidence: undefined });
  });
});

describe('a run that the platform calls failed', () => {
  const failed = (steps: object[]) => ({ _id: 'r', status: 'failed', stepResults: steps });
  const held = {
    text: 'cancel',
    asserts: [{ type: 'assertIntent', params: { intent: 'cancel' }, status: 'successful' }],
  };

  test.each<[string, object, string]>([
    [
      'by a check that the simulation does not have',
      failed([{ ...held, status: 'failed' }]),
      'the playbook run ended as failed: step 0 failed a check that the simulation does not have',
    ],
    ['though no step did', failed([{ ...held, status: 'successful' }]), 'the playbook run ended as failed'],
  ])('%s is FAILED, with the reason', async (_, run, failReason) => {
    server.fault(/runs/, answer(200, run));
    const result = await runnerOf().run(cancel, { pollIntervalMs: 1 });
    expect(result).toMatchObject({ status: 'FAILED', failReason });
  });

  test('is COMPLETED where an assertion shows why', async () => {
    server.fault(/runs/, answer(200, failed([{ ...held, status: 'failed', asserts: [] }])));
    const result = await runnerOf().run(cancel, { pollIntervalMs: 1 });
    expect(result.status).toBe('COMPLETED');
    expect(result).not.toHaveProperty('failReason');
  });

  test.each([
    ['done', 'COMPLETED'],
    ['Completed', 'COMPLETED'],
    ['error', 'FAILED'],
    ['Canceled', 'FAILED'],
  ])('reports a task that ended as %s as %s', async (status, expected) => {
    server.statuses = ['active', status];
    server.taskFields = { data: { playbookRunId: 'run' } };
    const seen: string[] = [];
    const result = await runnerOf().run(cancel, { pollIntervalMs: 1, onProgress: (state) => seen.push(state.status) });
    expect([...seen, result.status]).toEqual(['RUNNING', expected, expected]);
  });

  test.each([
    [{ data: null }, 'the task is done, but does not name a run'],
    [{ status: 'error' }, 'the task ended as error'],
    [{ status: 'Done', data: null }, 'the task is done, but does not name a run'],
    [{ status: 'error', failReason: 'no flow' }, 'the task ended as error: no flow'],
  ])('is FAILED where its task is %j', async (fields, failReason) => {
    server.taskFields = fields;
    const result = await runnerOf().run(cancel, { pollIntervalMs: 1 });
    expect(result).toMatchObject({ status: 'FAILED', failReason, steps: [] });
  });
});

describe('runs beyond ten', () => {
  /** Starts `count` runs and waits until ten of them are under way. */
  async function started(runner: SimulationRunner, count: number, signal?: AbortSignal): Promise<Promise<unknown>[]> {
    server.hold = () => true;
    let left = 10;
    const { promise: areUnderWay, resolve } = Promise.withResolvers<undefined>();
    const onSubmitted = (): void => {
      left -= 1;
      if (left === 0) resolve(undefined);
    };
    const runs = Array.from({ length: count }, () =>
      runner.run(cancel, { pollIntervalMs: 1, onSubmitted, signal }).catch((error: unknown) => error),
    );
    await areUnderWay;
    return runs;
  }

  test('leave the queue at their time limit or when aborted, and take no turn', async () => {
    const clock = new FakeClock();
    const runner = runnerOf({ clock });
    const runs = await started(runner, 10);
    const controller = new AbortController();
    const wait = (options: RunOptions): Promise<unknown>[] =>
      Array.from({ length: 5 }, () => runner.run(cancel, options).catch((error: unknown) => error));
    const late = wait({ totalTimeoutMs: 5000 });
    const aborted = wait({ signal: controller.signal });
    const last = runner.run(cancel, { pollIntervalMs: 1 });
    await clock.advance(5000);
    controller.abort();
    const message = 'no playbook could start within 5000 ms';
    expect(await Promise.all(late)).toMatchObject(Array(5).fill({ name: 'TimeoutError', timeoutMs: 5000, message }));
    expect(await Promise.all(aborted)).toMatchObject(Array(5).fill({ name: 'AbortError' }));
    expect(bodiesOf(/POST .*\/playbooks$/)).toHaveLength(10);
    server.hold = () => false;
    expect(await Promise.all([...runs, last])).toMatchObject(Array(11).fill({ status: 'COMPLETED' }));
    expect(bodiesOf(/POST .*\/playbooks$/)).toHaveLength(11);
  });

  // The turn comes some microtasks after the warning.
  test.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'pass on a turn that comes while they are aborted, here %i microtasks after the run before them',
    async (microtasks) => {
      const [all, waiting] = [new AbortController(), new AbortController()];
      const log = (): void => undefined;
      const warn = async (): Promise<void> => {
        for (let left = microtasks; left > 0; left -= 1) await Promise.resolve();
        waiting.abort();
      };
      const runner = runnerOf({ logger: { debug: log, info: log, error: log, warn: () => void warn() } });
      const runs = await started(runner, 10, all.signal);
      const aborted = runner.run(cancel, { signal: waiting.signal }).catch((error: unknown) => error);
      const { promise: nextBegan, resolve } = Promise.withResolvers<unknown>();
      const next = runner.run(cancel, { signal: all.signal, onSubmitted: resolve }).catch((error: unknown) => error);
      server.fault(/DELETE/, answer(403));
      const [task] = server.tasks.values();
      if (task !== undefined) task.statuses = ['cancelled'];
      await nextBegan;
      expect(await aborted).toMatchObject({ name: 'AbortError' });
      all.abort();
      await Promise.all([...runs, next]);
    },
  );

  test('are refused when a thousand wait', async () => {
    const controller = new AbortController();
    const runner = runnerOf();
    const runs = await started(runner, 1010, controller.signal);
    await expect(runner.run(cancel)).rejects.toMatchObject({
      code: 'queue_full',
      capacity: 1000,
      message: 'The queue of playbook runs is full (capacity 1000)',
    });
    controller.abort();
    expect(await Promise.all(runs)).toMatchObject(Array(1010).fill({ name: 'AbortError' }));
  });
});

describe('options', () => {
  test.each<[Partial<PlaybookRunnerOptions>, string]>([
    [{ stepTimeoutMs: 0 }, 'stepTimeoutMs: expected'],
    [{ playbookIdOf: 'p1' as never }, 'playbookIdOf: expected a function'],
    [{ locale: 'x' } as never, 'playbookRunner: unknown option "locale"'],
  ])('%j are refused', (options, message) => {
    expect(() => runnerOf(options)).toThrow(ConfigurationError);
    expect(() => runnerOf(options)).toThrow(message);
  });

  test.each([
    [{ totalTimeoutMs: 0 }, 'totalTimeoutMs: expected'],
    [{ onProgress: 'log' as never }, 'onProgress: expected a function'],
    [{ onSubmitted: 'log' as never }, 'onSubmitted: expected a function'],
  ])('of a run, %j, reject it before anything is sent', async (options, message) => {
    await expect(runnerOf().run(cancel, options)).rejects.toThrow(message);
    expect(server.requests).toEqual([]);
  });

  test('say what playbooks do not support, and why', () => {
    const always = {
      delay: 'a playbook does not pause before inputs',
      context: 'a playbook begins with the context that its flow sets',
      entityValues: "assertSlot finds a slot only by its name; use entityMatch: 'type', or null as the value",
    };
    expect(runnerOf().unsupported).toEqual({
      ...always,
      conversation: 'the project scores each sentence alone, with its current training',
    });
    expect(runnerOf({ nlu: undefined }).unsupported).toEqual({
      ...always,
      confidence: 'a playbook reports no confidence; with the option nlu, each sentence is scored',
    });
  });
});
