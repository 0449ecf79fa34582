import { inspect } from 'node:util';
import {
  ApiKeyAuth,
  ConnectionError,
  HttpClient,
  NotFoundError,
  RateLimitError,
  RequestValidationError,
  ResponseValidationError,
  ServerError,
  TimeoutError,
  type HttpClientOptions,
} from 'agent-assist-sdk';
import {
  AuditEventsClient,
  NluClient,
  PlaybookClient,
  SimulatorClient,
  cognigyAi,
  type PlaybookTask,
} from 'agent-assist-sdk/cognigy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, dropConnection, dropInBody, hang, type Script } from '../helpers/scripted-server.js';
import { PlaybookServer, apiKey, ids, problem } from './playbook-server.js';

/** The platform knows no such key, so it makes nothing safe to repeat. */
const keyed = { idempotencyKey: 'key-1' };
const target = { entrypoint: ids.snapshot, flowReferenceId: ids.flow, localeReferenceId: ids.locale };

let server: PlaybookServer;
beforeEach(async () => {
  server = await PlaybookServer.start(() => ({ scores: [['food', 0.62]] }));
});
afterEach(() => server[Symbol.asyncDispose]());

function httpOf(options: Partial<HttpClientOptions> = {}): HttpClient {
  const platform = cognigyAi({ baseUrl: server.url, endpointHost: 'localhost' });
  return new HttpClient({ platform, auth: new ApiKeyAuth({ apiKey }), random: () => 0, ...options });
}

async function made(client: PlaybookClient): Promise<string> {
  const { id } = await client.create({ projectId: ids.project, name: 'smoke' });
  await client.createStep(id, { text: 'I want food', asserts: [{ type: 'assertIntent', params: { intent: 'food' } }] });
  return id;
}

async function caught(work: PromiseLike<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection');
}

describe('PlaybookClient', () => {
  test('speaks the recorded wire: create, step, schedule, task, run, delete', async () => {
    const client = new PlaybookClient(httpOf());
    const id = await made(client);
    expect(await client.get(id)).toMatchObject({ id, name: 'smoke', steps: [{ text: 'I want food' }] });
    const seen: PlaybookTask[] = [];
    const { task, run } = await client.run(id, target, { pollIntervalMs: 1, onProgress: (state) => seen.push(state) });
    expect(seen.map(({ status }) => status)).toEqual(['queued', 'active', 'done']);
    expect(task).toMatchObject({ status: 'done', failReason: undefined });
    expect(run).toMatchObject({ status: 'successful', stepResults: [{ text: 'I want food', timeout: false }] });
    await client.delete(id);
    expect(server.playbooks.size).toBe(0);
    const bodies = server.requests.flatMap(({ url, body }) =>
      body === '' ? [] : [[url, JSON.parse(body) as unknown]],
    );
    expect(bodies).toEqual([
      ['/new/v2.0/playbooks', { projectId: ids.project, name: 'smoke', abortOnError: false, timeout: 20000 }],
      [
        `/new/v2.0/playbooks/${id}/steps`,
        { text: 'I want food', asserts: [{ type: 'assertIntent', params: { intent: 'food' } }] },
      ],
      [`/new/v2.0/playbooks/${id}/schedule`, { entrypoint: ids.snapshot, flowId: ids.flow, localeId: ids.locale }],
    ]);
    expect(server.requests.every(({ headers }) => headers.accept === 'application/json')).toBe(true);
  });

  test.each([
    ['error', { failReason: 'no such flow' }],
    ['cancelled', {}],
    ['cancelled', { data: { playbookRunId: 'half' } }],
  ])('gives back a task that ended as %s, without a run', async (status, fields) => {
    server.statuses = ['active', 'cancelling', status];
    server.taskFields = fields;
    const client = new PlaybookClient(httpOf());
    const outcome = await client.run(await made(client), target, { pollIntervalMs: 1 });
    expect(outcome).toEqual({ task: expect.objectContaining({ status, ...fields }) as PlaybookTask });
  });

  test.each(['Done', 'completed'])('fetches the run of a task that ended as %s', async (status) => {
    server.statuses = ['active', status];
    server.taskFields = { data: { playbookRunId: 'run' } };
    const client = new PlaybookClient(httpOf());
    const { task, run } = await client.run(await made(client), target, { pollIntervalMs: 1 });
    expect([task.status, run?.status]).toEqual([status, 'successful']);
  });

  test('goes on with a task that was scheduled earlier', async () => {
    const client = new PlaybookClient(httpOf());
    const id = await made(client);
    const { id: submittedId } = await client.schedule(id, target);
    const { run } = await client.run(id, target, { submittedId, pollIntervalMs: 1 });
    expect(run?.status).toBe('successful');
    expect(server.routes.filter((route) => route.endsWith('/schedule'))).toHaveLength(1);
  });

  test('follows a task of which the platform tells only the id, as in the type of its client', async () => {
    const client = new PlaybookClient(httpOf());
    const id = await made(client);
    const { id: taskId } = await client.schedule(id, target);
    server.fault(/schedule/, answer(201, { _id: taskId }), 2);
    expect(await client.schedule(id, target)).toEqual({ id: taskId });
    const { run } = await client.run(id, target, { pollIntervalMs: 1 });
    expect(run?.status).toBe('successful');
  });

  test('asks again for a task that is not found yet, if it has scheduled it', async () => {
    const client = new PlaybookClient(httpOf());
    const id = await made(client);
    server.fault(/GET .*tasks/, answer(404));
    const { run } = await client.run(id, target, { pollIntervalMs: 1 });
    expect(run?.status).toBe('successful');
    server.fault(/GET .*tasks/, answer(404));
    const [submittedId] = server.tasks.keys();
    expect(await caught(client.run(id, target, { submittedId }))).toBeInstanceOf(NotFoundError);
  });

  test('tells the task once it is scheduled, and nothing of one that was scheduled earlier', async () => {
    const client = new PlaybookClient(httpOf());
    const id = await made(client);
    const submitted: string[] = [];
    const onSubmitted = (taskId: string): Promise<void> => {
      submitted.push(taskId);
      return Promise.reject(new Error('disk full'));
    };
    await expect(client.run(id, target, { onSubmitted, pollIntervalMs: 1 })).rejects.toThrow('disk full');
    expect(submitted).toEqual([...server.tasks.keys()]);
    expect(server.routes.filter((route) => route.includes('/tasks/'))).toEqual([]);
    const [submittedId] = submitted;
    await client.run(id, target, { submittedId, onSubmitted, pollIntervalMs: 1 });
    expect(submitted).toHaveLength(1);
  });

  test('sends headers of the caller with every call of a run, and retries as the caller says', async () => {
    const client = new PlaybookClient(httpOf());
    const id = await made(client);
    const before = server.requests.length;
    const options = { headers: { 'x-run': 'nightly' }, maxRetries: 0, pollIntervalMs: 1 };
    await client.run(id, target, options);
    const headers = server.requests.slice(before).map((request) => request.headers['x-run']);
    expect(headers).toEqual(Array(5).fill('nightly'));
    server.fault(/schedule/, answer(429, {}, { 'retry-after': '0' }));
    expect(await caught(client.run(id, target, options))).toBeInstanceOf(RateLimitError);
  });

  test('spends its time limit on schedule, polls and result together', async () => {
    const clock = new FakeClock();
    server.statuses = ['active', 'done'];
    server.fault(/runs/, hang);
    const client = new PlaybookClient(httpOf({ clock, fetch: clock.fetch, maxRetries: 0 }));
    const id = await clock.runUntilSettled(made(client));
    const work = caught(client.run(id, target, { totalTimeoutMs: 10_000, pollIntervalMs: 4000 }));
    while (!server.routes.some((route) => route.includes('/tasks/'))) await clock.advance(0);
    while (clock.pendingDelays[0] !== 4000) await clock.advance(0);
    await clock.advance(4000);
    while (!server.routes.some((route) => route.includes('/runs/'))) await clock.advance(0);
    await clock.advance(6000);
    expect(await work).toMatchObject({ name: 'TimeoutError', timeoutMs: 10_000 });
    expect(clock.monotonic()).toBe(10_000);
  });

  test('outlasts an outage that begins when the task is done, and a run that is not found yet', async () => {
    const clock = new FakeClock();
    const client = new PlaybookClient(httpOf({ clock, fetch: clock.fetch }));
    const id = await clock.runUntilSettled(made(client));
    server.fault(/runs/, answer(404));
    // More than one call sends with its retry.
    server.fault(/runs/, answer(503), 3);
    server.fault(/runs/, dropConnection, 3);
    const { task, run } = await clock.runUntilSettled(client.run(id, target, { maxRetries: 1 }));
    expect([task.status, run?.status]).toEqual(['done', 'successful']);
  });

  test('names the last failure if the result cannot be fetched in time', async () => {
    const clock = new FakeClock();
    const client = new PlaybookClient(httpOf({ clock, fetch: clock.fetch }));
    const id = await clock.runUntilSettled(made(client));
    server.fault(/runs/, answer(503), 999);
    const error = await clock.runUntilSettled(caught(client.run(id, target, { totalTimeoutMs: 10_000 })));
    expect(error).toMatchObject({ name: 'TimeoutError', timeoutMs: 10_000, cause: { status: 503 } });
    expect(error.message).toMatch(/^playbook run run\w+ did not finish within 10000 ms; its last failure: /);
  });

  test('counts the time of the schedule, too', async () => {
    const clock = new FakeClock();
    server.hold = () => true;
    const client = new PlaybookClient(httpOf({ clock, fetch: clock.fetch }));
    const id = await clock.runUntilSettled(made(client));
    const { id: taskId } = await clock.runUntilSettled(client.schedule(id, target));
    const { promise: isAsked, resolve } = Promise.withResolvers<() => void>();
    server.fault(/schedule/, (response, request) => {
      resolve(() => answer(201, { _id: taskId, status: 'queued' })(response, request));
    });
    const work = caught(client.run(id, target, { totalTimeoutMs: 10_000, pollIntervalMs: 1000 }));
    const schedule = await isAsked;
    await clock.advance(7000);
    schedule();
    expect(await clock.runUntilSettled(work)).toMatchObject({ name: 'TimeoutError', timeoutMs: 10_000 });
    expect(clock.monotonic()).toBeLessThanOrEqual(10_000);
  });

  test('gives back a task that is done without a run', async () => {
    server.taskFields = { data: { playbookRunId: null } };
    const client = new PlaybookClient(httpOf());
    const outcome = await client.run(await made(client), target, { pollIntervalMs: 1 });
    expect(outcome).toEqual({ task: expect.objectContaining({ status: 'done', playbookRunId: undefined }) as unknown });
  });

  test('gives up at its time limit, by the clock', async () => {
    const clock = new FakeClock();
    server.statuses = ['active', 'active'];
    const client = new PlaybookClient(httpOf({ clock, fetch: clock.fetch }));
    const id = await clock.runUntilSettled(made(client));
    const error = await clock.runUntilSettled(caught(client.run(id, target, { totalTimeoutMs: 10_000 })));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toMatch(
      /^playbook task [0-9a-f]{24} did not finish within 10000 ms; its last status was active$/,
    );
  });

  test('checks what it sends before anything is sent', async () => {
    const client = new PlaybookClient(httpOf());
    const wrong = [
      client.create({ projectId: '', name: 'x' }),
      client.create({ projectId: 'p', name: 'x', timeoutMs: 0 }),
      client.createStep('p', { text: 'a', asserts: [{ type: 'assertIntent', params: { slot: 'x' } } as never] }),
      client.createStep('p', { text: 'a', delayMs: 3 } as never),
      client.schedule('p', { ...target, flowReferenceId: '' }),
    ];
    for (const call of wrong) expect(await caught(call)).toBeInstanceOf(RequestValidationError);
    expect((await caught(client.createStep('p', {} as never))).message).toMatch(/^Invalid step: text: /i);
    expect(server.requests).toEqual([]);
  });

  test.each([
    ['assertText', { text: 'Hello.', fuzzy: true }, { data: {} }],
    ['assertData', { data: { a: 1 }, partial: true }, { text: 'a' }],
    ['assertContext', { data: { a: 1 } }, { context: {} }],
    ['assertState', { state: 'checkout' }, { state: '' }],
    ['assertIntent', { intent: 'food' }, { intent: 7 }],
    ['assertSlot', { slot: 'city' }, {}],
  ])('takes the check %s with what it needs alone', async (type, params, wrong) => {
    const client = new PlaybookClient(httpOf());
    const { id } = await client.create({ projectId: ids.project, name: 'x' });
    const step = (asserts: unknown) => client.createStep(id, { text: 'a', asserts } as never);
    await step([{ type, params }]);
    expect([...server.playbooks.values()]).toMatchObject([{ steps: [{ asserts: [{ type, params }] }] }]);
    for (const check of [{ type, params: wrong }, { type }, { type: `${type}s`, params }, { type: `x${type}`, params }])
      expect((await caught(step([check]))).message).toContain('asserts[0]: expected a check');
    expect((await caught(step([null]))).message).toContain('asserts[0]: expected a check');
    expect([...server.playbooks.values()][0]?.steps).toHaveLength(1);
  });

  test.each<[string, (client: PlaybookClient) => PromiseLike<unknown>]>([
    ['Invalid playbook: name:', (client) => client.create({ projectId: 'p', name: '' })],
    [
      'Invalid playbook: abortOnError:',
      (client) => client.create({ projectId: 'p', name: 'x', abortOnError: 1 as never }),
    ],
    ['Invalid target: entrypoint:', (client) => client.schedule('p', { ...target, entrypoint: '' })],
    ['Invalid target: localeReferenceId:', (client) => client.schedule('p', { ...target, localeReferenceId: '' })],
    ['Invalid query: pageSize:', (client) => client.list({ projectId: 'p', pageSize: 0 })],
    ['Invalid query: cursor:', (client) => client.list({ projectId: 'p', cursor: '' })],
    ['run: unknown option "pollMs"', (client) => client.run('p', target, { pollMs: 1 } as never)],
    ['pollIntervalMs: expected', (client) => client.run('p', target, { pollIntervalMs: 0 })],
  ])('says %s what is wrong, and sends nothing', async (message, call) => {
    expect((await caught(call(new PlaybookClient(httpOf())))).message).toContain(message);
    expect(server.requests).toEqual([]);
  });

  test('creates a playbook with its own time limit that ends at the first failure, where that is wished', async () => {
    const client = new PlaybookClient(httpOf());
    await client.create({ projectId: ids.project, name: 'x', timeoutMs: 1500, abortOnError: true });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({ timeout: 1500, abortOnError: true });
  });

  test.each<[string, RegExp, (client: PlaybookClient) => PromiseLike<unknown>]>([
    ['create', /POST .*\/playbooks$/, (client) => client.create({ projectId: 'p', name: 'x' }, keyed)],
    ['createStep', /\/steps$/, (client) => client.createStep('p', { text: 'a' }, keyed)],
    ['schedule', /\/schedule$/, (client) => client.schedule('p', target, keyed)],
  ])('never repeats %s after a failure that leaves open whether it took effect', async (_name, route, call) => {
    for (const script of [dropConnection, dropInBody, answer(500), answer(502)]) server.fault(route, script);
    for (const kind of [ConnectionError, ConnectionError, ServerError, ServerError])
      expect(await caught(call(new PlaybookClient(httpOf())))).toBeInstanceOf(kind);
    expect(server.requests).toHaveLength(4);
  });

  test('repeats reads, deletions and cancellations', async () => {
    const clock = new FakeClock();
    const client = new PlaybookClient(httpOf({ clock, fetch: clock.fetch }));
    const id = await clock.runUntilSettled(made(client));
    const { id: taskId } = await clock.runUntilSettled(client.schedule(id, target));
    server.fault(/GET|DELETE|cancel/, answer(503), 2);
    expect(await clock.runUntilSettled(client.getTask(taskId))).toMatchObject({ status: 'queued' });
    server.fault(/GET|DELETE|cancel/, dropConnection);
    await clock.runUntilSettled(client.cancelTask(taskId));
    server.fault(/GET|DELETE|cancel/, answer(429, {}, { 'retry-after': '3' }));
    await clock.runUntilSettled(client.delete(id));
    expect(server.playbooks.size).toBe(0);
  });

  test('takes no answer of another shape for an outcome', async () => {
    const client = new PlaybookClient(httpOf());
    const shapes: unknown[] = ['', 'text', [], { status: 'successful' }, { _id: 'r', status: 'successful' }];
    shapes.push({ _id: 'r', status: 'failed', stepResults: [{ status: 'failed', asserts: ['?'] }] });
    for (const shape of shapes) {
      server.fault(/runs/, answer(200, shape));
      const run = client.getRun(await made(client), 'r');
      expect(await caught(run)).toBeInstanceOf(ResponseValidationError);
    }
  });
});

describe('NluClient', () => {
  const query = {
    projectId: ids.project,
    flowReferenceId: ids.flow,
    localeReferenceId: ids.locale,
    sentence: 'I want food',
  };

  test('asks as recorded and is retried, since a score changes nothing', async () => {
    const clock = new FakeClock();
    server.fault(/nlu/, dropConnection);
    server.fault(/nlu/, answer(503));
    const nlu = new NluClient(httpOf({ clock, fetch: clock.fetch }));
    const scores = await clock.runUntilSettled(nlu.scores(query));
    expect(scores).toEqual([{ id: 'u0', name: 'food', score: 0.62, negated: false, flow: 'f' }]);
    expect(server.routes).toEqual(Array(3).fill(`POST /new/v2.0/projects/${ids.project}/nlu/scores`));
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      flowReferenceId: ids.flow,
      localeReferenceId: ids.locale,
      sentence: 'I want food',
    });
  });

  test('checks what it sends', async () => {
    for (const name of ['projectId', 'flowReferenceId', 'localeReferenceId'])
      expect(await caught(new NluClient(httpOf()).scores({ ...query, [name]: '' }))).toMatchObject({
        name: 'RequestValidationError',
        message: `Invalid nlu query: ${name}: must be at least 1 character`,
      });
    expect(await caught(new NluClient(httpOf()).scores({ ...query, text: 'x' } as never))).toBeInstanceOf(
      RequestValidationError,
    );
    expect(server.requests).toEqual([]);
  });
});

test.each([PlaybookClient, NluClient, SimulatorClient, AuditEventsClient])('%o needs an HttpClient', (Client) => {
  expect(() => new Client({} as never)).toThrow('http: expected an HttpClient');
});

test('the API key is in no error, log line or event', async () => {
  const seen: unknown[] = [];
  const log = (...args: unknown[]): void => void seen.push(args);
  const logger = { debug: log, info: log, warn: log, error: log };
  const options = { logger, maxRetries: 0, onAttempt: log };
  const [playbooks, nlu] = [new PlaybookClient(httpOf(options)), new NluClient(httpOf(options))];
  const echo: Script = (response, request) => {
    problem(400, 1005, `bad key ${String(request.headers['x-api-key'])}`)(response, request);
  };
  const scripts = [
    echo,
    dropConnection,
    answer(401, { detail: apiKey }),
    answer(200, `<html>${apiKey}`),
    answer(500, apiKey),
  ];
  for (const script of scripts) {
    server.fault(/./, script, 3);
    seen.push(await caught(playbooks.getTask('t')));
    seen.push(await caught(playbooks.create({ projectId: 'p', name: 'n' })));
    seen.push(
      await caught(nlu.scores({ projectId: 'p', flowReferenceId: 'f', localeReferenceId: 'l', sentence: 's' })),
    );
  }
  seen.push(await caught(playbooks.getTask('missing')));
  expect(seen.at(-1)).toBeInstanceOf(NotFoundError);
  const text = inspect([seen, playbooks, nlu], { depth: 10, showHidden: true }) + JSON.stringify(seen);
  expect(text).toContain('tasks');
  expect(text).not.toContain(apiKey);
});
