import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, it, vi } from 'vitest';
import {
  AssistEngine,
  AssistStream,
  AuthClient,
  ConfigurationError,
  HttpClient,
  type ApiError,
} from 'agent-assist-sdk';
import { RetryBudget, type Instrumentation, type Measurement } from 'agent-assist-sdk/http';
import { startTenant } from 'agent-assist-sdk/testing';
import { QuestionQueue } from 'agent-assist-sdk/transcripts';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, dropConnection, scriptedServer } from '../helpers/scripted-server.js';

const ASK = { method: 'GET', path: '/bots/{botId}', pathParams: { botId: 'b 1' }, query: { q: 'private' } } as const;

function setUp(baseUrl: string, instrumentation: Instrumentation, retryBudget = new RetryBudget()) {
  const clock = new FakeClock();
  const options = { baseUrl, clock, fetch: clock.fetch, random: () => 0.5, retryBudget };
  return { clock, http: new HttpClient({ ...options, instrumentation }) };
}

it('runs a call and each of its attempts inside a hook', async () => {
  await using server = await scriptedServer(dropConnection, answer(503), answer(200));
  const seen: unknown[] = [];
  const { clock, http } = setUp(server.url, {
    async call({ method, origin, path, route }, run) {
      seen.push([method, origin, path, route]);
      seen.push(await run());
    },
    async attempt({ attempt, route }, run) {
      const { error, ...end } = await run({ traceparent: `00-${attempt}`, accept: 'text/html' });
      seen.push([attempt, route, end.status, (error as ApiError | undefined)?.code]);
    },
    record: (one) => seen.push(one),
  });
  await clock.runUntilSettled(http.request(ASK));
  expect(seen).toEqual([
    ['GET', server.url, '/bots/b%201', '/bots/{botId}'],
    [1, '/bots/{botId}', undefined, 'connection_failed'],
    { type: 'retry_budget', tokens: 5 },
    [2, '/bots/{botId}', 503, undefined],
    { type: 'retry_budget', tokens: 5 },
    [3, '/bots/{botId}', 200, undefined],
    { type: 'retry_refund', tokens: 5 },
    { status: 200, error: undefined, durationMs: 1500 },
  ]);
  expect(server.requests.map(({ headers }) => [headers['traceparent'], headers.accept])).toEqual([
    ['00-1', 'application/json'],
    ['00-2', 'application/json'],
    ['00-3', 'application/json'],
  ]);
});

it('tells of a failed call, and that the retry budget kept it from another attempt', async () => {
  await using server = await scriptedServer(answer(500));
  const seen: unknown[] = [];
  const { http } = setUp(
    server.url,
    { call: async (_, run) => seen.push(await run()), record: (one) => seen.push(one) },
    new RetryBudget({ capacity: 0 }),
  );
  const error = await http.request(ASK).then(undefined, (failure: unknown) => failure);
  expect(seen).toEqual([
    { type: 'retry_budget', tokens: undefined },
    { status: 500, error, durationMs: 0 },
  ]);
});

it('counts an answer that cannot be read as a failed call', async () => {
  await using server = await scriptedServer(answer(200, '<html>', { 'content-type': 'text/html' }));
  const ended = vi.fn();
  const { http } = setUp(server.url, { call: (_, run) => run().then(ended) });
  await expect(http.request(ASK)).rejects.toThrow('expected no HTML page');
  expect(ended.mock.lastCall).toMatchObject([{ status: 200, error: { code: 'invalid_response' } }]);
});

it.each<[string, Instrumentation]>([
  [
    'throws',
    {
      call: () => {
        throw new Error('broken');
      },
      attempt: () => {
        throw new Error('broken');
      },
    },
  ],
  ['rejects', { call: () => Promise.reject(new Error('broken')), attempt: () => Promise.reject(new Error('broken')) }],
  ['runs twice', { call: (_, run) => [run(), run()], attempt: (_, run) => [run(), run()] }],
  [
    'runs too late',
    {
      call: async (_, run) => {
        await Promise.resolve();
        await run();
      },
    },
  ],
  ['never runs', { call: () => undefined, attempt: () => undefined }],
  ['adds a header that none can be', { attempt: (_, run) => run({ 'x-a': 'b\r\nx-c: d' }) }],
])('makes one request, though a hook %s', async (_, instrumentation) => {
  await using server = await scriptedServer(answer(200));
  await setUp(server.url, instrumentation).http.request(ASK);
  expect(server.requests.map(({ headers }) => headers['x-c'])).toEqual([undefined]);
});

it('refuses a hook that is no function', () => {
  const instrumentation = { call: 'span' } as unknown as Instrumentation;
  expect(() => new HttpClient({ baseUrl: 'https://example.com', instrumentation })).toThrow(
    new ConfigurationError('instrumentation.call: expected a function'),
  );
});

it('records token refreshes, and the calls to the token endpoint', async () => {
  await using server = await scriptedServer(
    answer(200, { access_token: 't', token_type: 'Bearer', expires_in: 60 }),
    answer(401, { error: 'invalid_client' }),
  );
  const calls: string[] = [];
  const recorded: Measurement[] = [];
  const clock = new FakeClock();
  await using auth = new AuthClient({
    tokenUrl: `${server.url}/token`,
    clientId: 'id',
    clientSecret: 'secret',
    clock,
    instrumentation: { call: ({ origin, path }) => calls.push(origin + path), record: (one) => recorded.push(one) },
  });
  await auth.getToken();
  await auth.getToken();
  auth.invalidate('t');
  await expect(auth.getToken()).rejects.toThrow('invalid_client');
  expect(calls).toEqual([`${server.url}/token`, `${server.url}/token`]);
  expect(recorded).toEqual([
    { type: 'token_refresh', error: undefined },
    {
      type: 'token_refresh',
      error: expect.objectContaining({ serverCode: 'invalid_client' }) as unknown,
    },
  ]);
});

it('records states, events, drops and reconnections of a stream', async () => {
  await using tenant = await startTenant();
  await using auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials });
  const recorded: string[] = [];
  await using stream = new AssistStream({
    platform: tenant.platform,
    auth,
    minReconnectDelayMs: 1,
    maxReconnectDelayMs: 2,
    idOf: (event) => (event.type === 'DIALOG_STATE' ? event.interactionId : undefined),
    instrumentation: {
      record(one) {
        if (one.type === 'stream_state') recorded.push(`${one.from ?? ''} -> ${one.to}`);
        else if (one.type === 'stream_event') recorded.push(one.name);
        else if (one.type === 'stream_drop') recorded.push(`drop: ${one.reason}`);
        else recorded.push(one.type);
      },
    },
  });
  const states = Promise.withResolvers<undefined>();
  stream.on('unknown', () => states.resolve(undefined));
  stream.events({ capacity: 1, overflow: 'drop-oldest' });
  const reader = stream.events({ capacity: 1, overflow: 'pause' });
  await stream.connect();
  tenant.stream.send({ type: 'DIALOG_STATE', interactionId: 'a', state: 'TURN_END' });
  await expect.poll(() => stream.state).toBe('paused');
  await reader.next();
  tenant.stream.send({ type: 'DIALOG_STATE', interactionId: 'a', state: 'TURN_END' });
  tenant.stream.send({ type: 'DIALOG_STATE', interactionId: 'b', state: 'TURN_END' });
  await expect.poll(() => stream.state).toBe('paused');
  await reader[Symbol.asyncDispose]();
  tenant.stream.terminateAll();
  await tenant.stream.waitForConnections();
  tenant.stream.send({ type: 'NEW' });
  await states.promise;
  await stream.close();
  expect(recorded).toEqual([
    ...[' -> connecting', 'connecting -> open', 'open'],
    ...['open -> paused', 'DIALOG_STATE', 'paused -> open'],
    ...['drop: duplicate', 'drop: overflow', 'gap', 'open -> paused', 'DIALOG_STATE', 'paused -> open'],
    ...['close', 'open -> reconnecting', 'stream_reconnect', 'reconnecting', 'reconnecting -> open', 'open', 'gap'],
    ...['unknown', 'open -> closed', 'close'],
  ]);
});

it('records outcomes and hits of the cache of an engine', async () => {
  const clock = new FakeClock();
  const failure = new Error('down');
  let isDown = false;
  const suggest = () => (isDown ? Promise.reject(failure) : Promise.resolve({ suggestions: [] }));
  const recorded: Measurement[] = [];
  const instrumentation: Instrumentation = { record: (one) => recorded.push(one) };
  const engine = new AssistEngine({ client: { suggest }, clock, instrumentation });
  const update = { interactionId: 'a', transcript: 'refund', sentimentScore: 0 };
  await engine.handle({ ...update, transcript: 'hello' });
  await engine.handle(update);
  await engine.handle(update);
  isDown = true;
  await engine.handle({ ...update, interactionId: 'b' });
  expect(recorded).toEqual([
    { type: 'assist_outcome', status: 'skipped', durationMs: 0, error: undefined },
    { type: 'assist_outcome', status: 'fresh', durationMs: 0, error: undefined },
    { type: 'assist_outcome', status: 'cached', durationMs: 0, error: undefined },
    { type: 'assist_outcome', status: 'fallback', durationMs: 0, error: failure },
  ]);
});

it('records how long questions wait, and asks them in the context of their push', async () => {
  const clock = new FakeClock();
  const context = new AsyncLocalStorage<string>();
  const recorded: Measurement[] = [];
  const asked: unknown[] = [];
  let finish = (): void => undefined;
  const queue = new QuestionQueue({
    ask: ({ text }) => {
      asked.push([text, context.getStore()]);
      return new Promise<void>((resolve) => (finish = resolve));
    },
    onError: () => undefined,
    clock,
    instrumentation: { record: (one) => recorded.push(one), bind: (work) => AsyncLocalStorage.bind(work) },
  });
  const push = (text: string) =>
    context.run(`span of ${text}`, () =>
      queue.push({ id: text, interactionId: 'a', text, fragments: [], reason: 'pause' }),
    );
  for (const text of ['1', '2', '3']) {
    push(text);
    await clock.advance(100);
  }
  finish();
  await expect.poll(() => asked).toHaveLength(2);
  finish();
  await queue.close();
  expect(asked).toEqual([
    ['1', 'span of 1'],
    ['3', 'span of 3'],
  ]);
  expect(recorded).toEqual([
    { type: 'question_asked', ageMs: 0 },
    { type: 'question_dropped', reason: 'replaced', ageMs: 100 },
    { type: 'question_asked', ageMs: 100 },
  ]);
});
