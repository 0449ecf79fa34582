import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  AssistEngine,
  AssistStream,
  AuthClient,
  ConfigurationError,
  HttpClient,
  StaticTokenAuth,
  handleInOrder,
  SimulationClient,
  type Logger,
} from 'agent-assist-sdk';
import { flowSuggestions } from 'agent-assist-sdk/cognigy';
import { redactPersonalData, toTrigger } from 'agent-assist-sdk/conversations';
import { EnrichmentCache, enrich } from 'agent-assist-sdk/enrichment';
import { runSuite } from 'agent-assist-sdk/simulation';
import {
  agentAssistProtocol,
  type ProtocolLink,
  type ProtocolSession,
  type StreamProtocol,
} from 'agent-assist-sdk/stream';
import { QuestionQueue, TranscriptBuffer } from 'agent-assist-sdk/transcripts';
import { createWebhookHandler } from 'agent-assist-sdk/webhooks';
import { pollUntilDone } from '#dist/http/internal.js';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, scriptedServer } from '../helpers/scripted-server.js';
import { unhandledRejections } from '../helpers/unhandled.js';

const failure = new Error('mine');

/** Every way in which a callback can fail. */
const ways: [name: string, callback: () => unknown][] = [
  [
    'throws',
    () => {
      throw failure;
    },
  ],
  ['rejects', () => Promise.reject(failure)],
  ['gives a thenable that rejects', () => ({ then: (_: unknown, reject: (reason: Error) => void) => reject(failure) })],
  [
    'gives a thenable whose then throws',
    () => ({
      get then() {
        throw failure;
      },
    }),
  ],
];

/** Collects lines of `error` and fails itself in the way that is tested, which nobody may notice. */
function failingLogger(fail: () => unknown): Logger & { readonly errors: unknown[][] } {
  const errors: unknown[][] = [];
  return {
    errors,
    debug: () => fail(),
    info: () => fail(),
    warn: () => fail(),
    error: (message, fields) => {
      errors.push([message, fields?.['error']]);
      return fail();
    },
  };
}

let unhandled: ReturnType<typeof unhandledRejections>;

beforeEach(() => {
  unhandled = unhandledRejections();
});

afterEach(async () => {
  const reasons = await unhandled.seen();
  await unhandled[Symbol.asyncDispose]();
  expect(reasons).toEqual([]);
});

async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const line = (name: string): unknown[] => [`${name} failed: Error: mine`, failure];
const interaction = { interactionId: 'i', transcript: 'refund', sentimentScore: 0 };
const question = { id: 'q', interactionId: 'i', text: 'how', fragments: [], reason: 'demand' } as const;

describe.each(ways)('a callback that %s', (_, fail) => {
  it('onAttempt: is logged once and changes no call', async () => {
    await using server = await scriptedServer(answer(503), answer(200));
    const logger = failingLogger(fail);
    const http = new HttpClient({ baseUrl: server.url, onAttempt: fail, logger, random: () => 0 });
    const { attempts } = await http.request({ method: 'GET', path: '/' }).withResponse();
    await turns();
    expect(attempts).toBe(2);
    expect(logger.errors).toEqual([line('onAttempt'), line('onAttempt')]);
  });

  it('onProgress of a poll: is logged and the poll goes on', async () => {
    const logger = failingLogger(fail);
    const read = () => Promise.resolve({ status: 'done' });
    const http = { clock: new FakeClock(), logger };
    expect(await pollUntilDone(http, { job: 'job', id: '7', read }, { onProgress: fail })).toEqual({ status: 'done' });
    await turns();
    expect(logger.errors).toEqual([line('onProgress')]);
  });

  it('onMetrics: is logged and changes no outcome', async () => {
    const logger = failingLogger(fail);
    const client = { suggest: () => Promise.resolve({ suggestions: [] }) };
    const engine = new AssistEngine({ client, onMetrics: fail, logger });
    expect(await engine.handle(interaction)).toMatchObject({ status: 'fresh' });
    await turns();
    expect(logger.errors).toEqual([line('onMetrics')]);
  });

  it('onDrop and ask of a queue: go to onError and the queue goes on', async () => {
    const onError = vi.fn();
    const queue = new QuestionQueue({ ask: fail, onDrop: fail, onError });
    await queue.close();
    queue.push(question);
    await turns();
    expect(onError.mock.calls).toEqual([[failure, question]]);
    const asking = new QuestionQueue({ ask: fail, onError });
    asking.push(question);
    await asking.idle();
    expect(onError.mock.calls).toEqual([
      [failure, question],
      [failure, question],
    ]);
  });

  it('onFlush: goes to onError, also from the timer', async () => {
    const onError = vi.fn();
    const clock = new FakeClock();
    await using buffer = new TranscriptBuffer({ onFlush: fail, onError, clock });
    buffer.add({ interactionId: 'i', text: 'one' });
    await clock.advance(3000);
    expect(onError.mock.calls).toEqual([[failure, { interactionId: 'i', question: expect.anything() as unknown }]]);
  });

  it('onError of a receiver: is logged and decides nothing', async () => {
    const logger = failingLogger(fail);
    const receive = createWebhookHandler({
      secrets: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      on: {},
      onError: fail,
      logger,
    });
    const { status } = await receive(new Request('http://localhost/', { method: 'POST', body: '{}' }));
    await turns();
    expect(status).toBe(401);
    expect(logger.errors).toEqual([line('onError')]);
  });

  it('onError of handleInOrder: is what it rejects with, when all is handled', async () => {
    const event = { type: 'DIALOG_STATE', interactionId: 'i', state: 'TURN_END' } as const;
    const source = async function* () {
      yield await Promise.resolve(event);
    };
    await expect(handleInOrder(source(), () => Promise.reject(new Error('theirs')), { onError: fail })).rejects.toBe(
      failure,
    );
  });
});

describe('with a tenant', () => {
  let tenant: Tenant;

  beforeEach(async () => {
    tenant = await startTenant();
  });
  afterEach(() => tenant[Symbol.asyncDispose]());

  it.each(ways)('onProgress of a suite that %s is logged, and the suite ends as it would', async (_, fail) => {
    const logger = failingLogger(fail);
    await using auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials });
    const client = new SimulationClient(new HttpClient({ platform: tenant.platform, auth }));
    const simulation = {
      botId: 'bot-123',
      environmentId: 'env-staging',
      versionId: 'ver-abc',
      inputs: [{ text: 'hello', delayMs: 0 }],
      context: {},
      assertions: [],
    };
    const run = await runSuite([{ id: 'a', simulation }], { client, onProgress: fail, logger, pollIntervalMs: 1 });
    expect(run.results).toHaveLength(1);
    expect(logger.errors).toEqual([line('onProgress'), line('onProgress')]);
  });

  it.each(ways)('a listener of the stream that %s is logged with its reason, and told as an event', async (_, fail) => {
    const logger = failingLogger(fail);
    await using auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials });
    await using stream = new AssistStream({ platform: tenant.platform, auth, logger });
    const told = new Promise((resolve) => stream.on('error', ({ error }) => resolve(error)));
    stream.on('open', fail);
    await stream.connect();
    expect(await told).toBe(failure);
    expect(logger.errors).toEqual([['A listener of open failed: Error: mine', failure]]);
  });

  it('a source of jitter that throws ends the stream, and not the process', async () => {
    const auth = new StaticTokenAuth({ token: 'wrong' });
    await using stream = new AssistStream({
      platform: tenant.platform,
      streamUrl: 'ws://127.0.0.1:9/',
      auth,
      random: () => {
        throw failure;
      },
    });
    await expect(stream.connect()).rejects.toMatchObject({ name: 'StreamError' });
    expect(stream.state).toBe('terminated');
  });
});

describe('an observer or a logger that is none', () => {
  const wrong = 'log' as never;
  it.each([
    ['onAttempt', () => new HttpClient({ baseUrl: 'https://a.example', onAttempt: wrong })],
    ['logger', () => new HttpClient({ baseUrl: 'https://a.example', logger: wrong })],
    ['onMetrics', () => new AssistEngine({ client: { suggest: () => wrong }, onMetrics: wrong })],
    ['onDrop', () => new QuestionQueue({ ask: () => undefined, onError: () => undefined, onDrop: wrong })],
    ['ask', () => new QuestionQueue({ ask: wrong, onError: () => undefined })],
    ['onFlush', () => new TranscriptBuffer({ onFlush: wrong, onError: () => undefined })],
    [
      'onError',
      () => createWebhookHandler({ secrets: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', on: {}, onError: wrong }),
    ],
  ])('is refused by the name of its option: %s', (name, make) => {
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(new RegExp(`^(?:\\w+: )?${name}: expected `));
  });
});

describe('a function whose result is needed, but which is async and rejects', () => {
  // What only plain JavaScript can pass.
  const bomb = (() => Promise.reject(failure)) as never;
  const transcript = { interactionId: 'i', transcript: 'refund' };
  const client = { suggest: () => Promise.resolve({ suggestions: [] }) };
  const flow = { send: () => ({ withResponse: () => Promise.resolve({ data: {} }) }) } as never;
  const item = { id: 1 };
  const items = async function* () {
    yield await Promise.resolve(item);
  };

  it.each<[name: string, message: string, work: () => unknown]>([
    [
      'trigger',
      'triggers: expected a list of',
      () => new AssistEngine({ client, triggers: [bomb] }).handle(transcript),
    ],
    [
      'policy',
      'policy(): expected an object, not a promise',
      () => new AssistEngine({ client, policy: bomb }).handle(transcript),
    ],
    [
      'toSuggestions',
      'toSuggestions(): expected a list',
      () => flowSuggestions(flow, { toSuggestions: bomb }).suggest(transcript, {}),
    ],
    [
      'cacheKey',
      'The source part failed',
      () =>
        enrich(
          { part: { load: () => Promise.resolve(1), cacheKey: bomb } },
          { sessionId: 's', customerNumber: 'c', intent: '' },
          { cache: new EnrichmentCache() },
        ),
    ],
    [
      'refusal',
      'refusal(): expected an Error or undefined, not a promise',
      async () => {
        await using server = await scriptedServer(answer(503));
        const http = new HttpClient({ baseUrl: server.url });
        await http.request({ method: 'GET', path: '/x', refusal: bomb }).finally(() => {
          expect(server.requests).toHaveLength(1);
        });
      },
    ],
    [
      'keywords',
      'keywords: returned a promise',
      () =>
        toTrigger(
          { type: 'keyword-or-score', score: 'sentiment', fires: 'below', threshold: -0.4 },
          { keywords: bomb },
        )({ ...transcript, sentimentScore: 0 }),
    ],
    [
      'findPhoneNumbers',
      'findPhoneNumbers: returned a promise',
      () => redactPersonalData({ findPhoneNumbers: bomb })({ type: 'TRANSCRIPT_FRAGMENT', text: 'call 555 0100 now' }),
    ],
    [
      'a route selector',
      'route: returned a promise',
      async () => {
        await using tenant = await startTenant();
        await fetch(`${tenant.baseUrl}/x`);
        return tenant.requests.count(bomb);
      },
    ],
    [
      'a route selector that waits',
      'route: returned a promise',
      async () => {
        await using tenant = await startTenant();
        const [found] = await Promise.all([tenant.requests.waitFor(bomb), fetch(`${tenant.baseUrl}/x`)]);
        return found;
      },
    ],
  ])('%s: is a typed error', async (_, message, work) => {
    await expect(Promise.resolve().then(work)).rejects.toThrow(message);
  });

  it.each<[name: 'keyOf' | 'latestBy']>([['keyOf'], ['latestBy']])('%s: goes to onError', async (name) => {
    const onError = vi.fn();
    await handleInOrder(items(), () => undefined, { keyOf: () => 'a', onError, [name]: bomb });
    expect(onError.mock.calls).toEqual([[new ConfigurationError(`${name}: expected a string, not a promise`), item]]);
  });

  it('idOf: is logged, and the event delivered', async () => {
    await using tenant = await startTenant();
    const logger = failingLogger(() => undefined);
    const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials });
    await using stream = new AssistStream({ platform: tenant.platform, auth, logger, idOf: bomb });
    const seen = vi.fn();
    stream.on('DIALOG_STATE', seen);
    await stream.connect();
    tenant.stream.send({ type: 'DIALOG_STATE', interactionId: 'i', state: 'TURN_END' });
    await expect.poll(() => seen.mock.calls.length).toBe(1);
    expect(logger.errors.map(([text]) => text)).toEqual([
      'idOf failed: ConfigurationError: idOf: expected a string, not a promise',
    ]);
  });

  it.each(['receive', 'subscribe', 'open'])('%s of a protocol: is a failure of the protocol', async (name) => {
    await using tenant = await startTenant();
    const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials });
    const open = (link: ProtocolLink): ProtocolSession => {
      link.connected();
      return { receive: () => undefined, subscribe: () => undefined, ...(name !== 'open' && { [name]: bomb }) };
    };
    const protocol: StreamProtocol = {
      ...agentAssistProtocol,
      checkTopic: () => undefined,
      open: name === 'open' ? bomb : open,
    };
    await using stream = new AssistStream({ platform: tenant.platform, auth, protocol });
    const problems = vi.fn();
    stream.on('invalid', ({ issues }) => problems(issues[0]?.message));
    stream.on('reconnecting', ({ error }) => problems(error.message));
    if (name === 'subscribe') stream.subscribe('t');
    await stream.connect({ totalTimeoutMs: 500 }).catch(() => undefined);
    tenant.stream.send({ type: 'DIALOG_STATE', interactionId: 'i', state: 'TURN_END' });
    await expect.poll(() => problems.mock.calls[0]?.[0] as string).toMatch(/the protocol failed: /);
  });
});
