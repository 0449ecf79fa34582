import { Keyv } from 'keyv';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  AbortError,
  ConfigurationError,
  RequestValidationError,
  TimeoutError,
  type CallOptions,
  type Logger,
} from 'agent-assist-sdk';
import {
  AssistEngine,
  fallbackSuggestions,
  suggestionPolicy,
  type AssistEngineOptions,
  type AssistMetrics,
  type Suggestion,
  type SuggestRequest,
  type SuggestResult,
  type Trigger,
} from 'agent-assist-sdk/suggestions';
import { FakeClock } from '../helpers/fake-clock.js';

const interaction = { interactionId: 'int-1', transcript: 'I want a refund', sentimentScore: 0 };
const good: Suggestion = { text: 'Offer a voucher', confidence: 0.9 };
const unsure: Suggestion = { text: 'Hm', confidence: 0.5 };

interface Asked {
  readonly request: SuggestRequest;
  readonly options: CallOptions;
}

/** An engine on a source that answers by `answer`, with everything that left it recorded. */
function setUp(
  answer: (asked: Asked) => PromiseLike<SuggestResult> = () => Promise.resolve({ suggestions: [good, unsure] }),
  options: Partial<AssistEngineOptions> = {},
) {
  const asked: Asked[] = [];
  const metrics: AssistMetrics[] = [];
  const lines: string[] = [];
  const clock = new FakeClock();
  const log = (message: string): void => void lines.push(message);
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const engine = new AssistEngine({
    client: {
      suggest: (request, callOptions) => {
        asked.push({ request, options: callOptions });
        return answer({ request, options: callOptions });
      },
    },
    onMetrics: (record) => void metrics.push(record),
    clock,
    logger,
    ...options,
  });
  return { engine, asked, metrics, lines, clock };
}

const down = (): never => {
  throw new Error('down');
};
const downLater = (): Promise<never> => Promise.reject(new Error('down'));
const ignore = (): undefined => undefined;
const hang = (): Promise<SuggestResult> => new Promise(() => undefined);
const failed = (error: Error) => (): Promise<SuggestResult> => Promise.reject(error);
const rejection = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no rejection',
    (error: unknown) => error,
  );

describe('outcome', () => {
  it('is skipped when nothing fires, and nothing is asked', async () => {
    const { engine, asked } = setUp();
    expect(await engine.handle({ ...interaction, transcript: 'Thanks!', sentimentScore: -0.4 })).toEqual({
      status: 'skipped',
      suggestions: [],
      reasons: [],
      dropped: [],
      durationMs: 0,
    });
    expect(asked).toEqual([]);
  });

  it('asks once for a keyword of a transcript that grows, until the pause is over', async () => {
    const { engine, asked, clock } = setUp();
    const update = (count: number) => ({ ...interaction, transcript: `I want a refund${' please'.repeat(count)}` });
    const statuses: string[] = [];
    for (let count = 0; count < 16; count += 1) statuses.push((await engine.handle(update(count))).status);
    expect(statuses).toEqual(['fresh', ...Array.from({ length: 15 }, () => 'skipped')]);
    expect(await engine.handle(update(0))).toMatchObject({ status: 'cached' });
    expect(await engine.handle({ ...update(20), interactionId: 'int-2' })).toMatchObject({ status: 'fresh' });
    expect(await engine.handle({ ...update(20), transcript: 'refund or I cancel' })).toMatchObject({ status: 'fresh' });
    expect(await engine.handle({ ...update(21), sentimentScore: -0.5 })).toMatchObject({ status: 'fresh' });
    expect(await engine.handle({ ...update(22), sentimentScore: -0.6 })).toMatchObject({ status: 'skipped' });
    await clock.advance(30_000);
    expect(await engine.handle(update(23))).toMatchObject({ status: 'fresh' });
    expect(asked).toHaveLength(5);
  });

  it('pauses for nothing that got no answer, and not at all where asked to', async () => {
    const failing = setUp(downLater);
    const always = setUp(undefined, { pauseMs: 0 });
    for (const transcript of ['refund', 'refund now', 'refund today']) {
      expect(await failing.engine.handle({ ...interaction, transcript })).toMatchObject({ status: 'fallback' });
      expect(await always.engine.handle({ ...interaction, transcript })).toMatchObject({ status: 'fresh' });
    }
    expect(() => setUp(undefined, { pauseMs: -1 })).toThrow(ConfigurationError);
  });

  it('gives triggers the whole update with its type', async () => {
    const update = { ...interaction, agentId: 'agent-7', speaker: 'customer', context: { tier: 1 } };
    const seen: unknown[] = [];
    const client = { suggest: () => Promise.resolve({ suggestions: [] }) };
    const byCustomer: Trigger<typeof update> = (whole) => {
      seen.push(whole);
      return whole.speaker === 'customer' ? [{ type: 'custom', name: whole.agentId }] : [];
    };
    const engine = new AssistEngine({ client, triggers: [byCustomer] });
    expect((await engine.handle(update)).reasons).toEqual([{ type: 'custom', name: 'agent-7' }]);
    expect(seen).toEqual([update]);
  });

  it('is fresh with the reasons and what the policy dropped', async () => {
    const { engine, asked } = setUp();
    const payload = { ...interaction, sentimentScore: -0.5, agentId: 'a', context: { tier: 1 } };
    expect(await engine.handle(payload)).toEqual({
      status: 'fresh',
      suggestions: [good],
      reasons: [
        { type: 'keyword', keyword: 'refund' },
        { type: 'sentiment', score: -0.5, threshold: -0.4 },
      ],
      dropped: [{ suggestion: unsure, violations: [{ type: 'confidence', confidence: 0.5, minConfidence: 0.75 }] }],
      durationMs: 0,
    });
    expect(asked.map(({ request }) => request)).toEqual([
      { ...interaction, sentimentScore: -0.5, context: { tier: 1 } },
    ]);
  });

  it('is cached for 120 s, whatever else the payload has', async () => {
    const { engine, asked, clock } = setUp();
    await engine.handle(interaction);
    await clock.advance(119_999);
    const again = { ...interaction, agentId: 'other' };
    expect(await engine.handle(again)).toMatchObject({ status: 'cached', suggestions: [good] });
    await clock.advance(1);
    expect(await engine.handle(interaction)).toMatchObject({ status: 'fresh' });
    expect(asked).toHaveLength(2);
  });

  it('is fallback with the reason when the call fails, and that is not cached', async () => {
    const error = new Error('HTTP 500');
    const { engine, asked, lines } = setUp(failed(error));
    for (const calls of [1, 2]) {
      expect(await engine.handle(interaction)).toEqual({
        status: 'fallback',
        suggestions: fallbackSuggestions,
        reasons: [{ type: 'keyword', keyword: 'refund' }],
        dropped: [],
        error,
        durationMs: 0,
      });
      expect(asked).toHaveLength(calls);
    }
    expect(lines).toHaveLength(2);
  });

  it('holds the fixed suggestions to the policy as well', async () => {
    const { engine } = setUp(failed(new Error()), {
      policy: suggestionPolicy({ minConfidence: 0.82 }),
      fallback: [...fallbackSuggestions, good],
    });
    const outcome = await engine.handle(interaction);
    expect(outcome.suggestions).toEqual([fallbackSuggestions[0], good]);
    expect(outcome.dropped.map(({ suggestion }) => suggestion)).toEqual([fallbackSuggestions[1]]);
  });

  it('asks only the triggers that it was given', async () => {
    const { engine } = setUp(undefined, { triggers: [() => [{ type: 'custom', name: 'always' }]] });
    expect(await engine.handle({ ...interaction, transcript: '' })).toMatchObject({
      status: 'fresh',
      reasons: [{ type: 'custom', name: 'always' }],
    });
  });

  it('lets what a trigger or the policy throws out, since it is a mistake and no failed call', async () => {
    const mistake = (): never => {
      throw new TypeError('mine');
    };
    expect(await rejection(setUp(undefined, { triggers: [mistake] }).engine.handle(interaction))).toEqual(
      new TypeError('mine'),
    );
    expect(await rejection(setUp(undefined, { policy: mistake }).engine.handle(interaction))).toEqual(
      new TypeError('mine'),
    );
  });

  it('refuses a malformed payload, and lets a configuration error out', async () => {
    const { engine, asked, metrics } = setUp(failed(new ConfigurationError('paths')));
    for (const interactionId of [1, '']) {
      const error = await rejection(engine.handle({ interactionId, transcript: 'refund' } as never));
      expect(error).toBeInstanceOf(RequestValidationError);
      expect((error as RequestValidationError).issues.map(({ path }) => path)).toEqual(['interactionId']);
    }
    expect(asked).toEqual([]);
    expect(await rejection(engine.handle(interaction))).toBeInstanceOf(ConfigurationError);
    expect(metrics).toEqual([]);
  });
});

describe('time', () => {
  it('gives the client what is left of 5 s', async () => {
    const clock = new FakeClock();
    const slowStore = {
      get: () => new Promise((resolve) => void clock.setTimeout(() => resolve(undefined), 900)),
      set: () => undefined,
      delete: () => undefined,
    };
    const { engine, asked } = setUp(undefined, { clock, store: slowStore });
    await clock.runUntilSettled(Promise.all([engine.handle(interaction), untilTimers(clock, 2)]));
    expect(asked[0]?.options.totalTimeoutMs).toBe(4100);
  });

  it('waits a second for a store that hangs, and no longer', async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const { engine, asked, clock, lines } = setUp(undefined, { store: { get: never, set: never, delete: never } });
    const outcome = engine.handle(interaction);
    await untilTimers(clock, 2);
    await clock.advance(999);
    expect(asked).toEqual([]);
    await clock.advance(1);
    expect(await outcome).toMatchObject({ status: 'fresh', suggestions: [good], durationMs: 1000 });
    expect(asked[0]?.options.totalTimeoutMs).toBe(4000);
    expect(lines).toEqual([
      'Suggestion store: read failed: no answer within 1000 ms; doing without until it answers again',
    ]);
  });

  it('ends in the fixed suggestions after 5 s when the client hangs', async () => {
    const { engine, asked, clock } = setUp(hang);
    const outcome = engine.handle(interaction);
    let settled = false;
    void outcome.then(() => (settled = true));
    await until(() => asked.length === 1);
    await clock.advance(4999);
    expect(settled).toBe(false);
    await clock.advance(1);
    expect(await outcome).toMatchObject({
      status: 'fallback',
      suggestions: fallbackSuggestions,
      error: expect.any(TimeoutError) as unknown,
      durationMs: 5000,
    });
    expect(asked.every(({ options: { signal } }) => signal?.aborted)).toBe(true);
    expect(clock.pendingDelays).toEqual([]);
  });

  it.each([
    { totalTimeoutMs: 0 },
    { totalTimeoutMs: Infinity },
    { cacheTtlMs: 0 },
    { totalTimeoutMs: Number.NaN },
    { cacheTtlMs: -1 },
  ])('refuses %j', (options) => {
    expect(() => setUp(undefined, options)).toThrow(ConfigurationError);
  });
});

describe('abort', () => {
  it('before the start asks nothing', async () => {
    const { engine, asked, metrics } = setUp();
    const error = await rejection(
      engine.handle({ ...interaction, transcript: '' }, { signal: AbortSignal.abort('gone') }),
    );
    expect(error).toBeInstanceOf(AbortError);
    expect((error as Error).cause).toBe('gone');
    expect([asked, metrics]).toEqual([[], []]);
  });

  it('is no fallback and ends the call when nobody else waits for it', async () => {
    const { engine, asked, metrics, clock } = setUp(hang);
    const controller = new AbortController();
    const outcome = rejection(engine.handle(interaction, { signal: controller.signal }));
    await until(() => asked.length === 1);
    controller.abort('gone');
    expect(await outcome).toBeInstanceOf(AbortError);
    expect(asked[0]?.options.signal?.aborted).toBe(true);
    expect(metrics).toEqual([]);
    expect(clock.pendingDelays).toEqual([]);
  });

  it('of one caller leaves the others their answer', async () => {
    const gate = Promise.withResolvers<SuggestResult>();
    const { engine, asked } = setUp(() => gate.promise);
    const first = new AbortController();
    const left = rejection(engine.handle(interaction, { signal: first.signal }));
    const stays = engine.handle(interaction);
    await until(() => asked.length === 1);
    first.abort();
    expect(await left).toBeInstanceOf(AbortError);
    expect(asked[0]?.options.signal?.aborted).toBe(false);
    gate.resolve({ suggestions: [good] });
    expect(await stays).toMatchObject({ status: 'fresh', suggestions: [good] });
    expect(asked).toHaveLength(1);
  });

  it('leaves no dead call behind for the next who asks', async () => {
    const { engine, asked } = setUp(() => (asked.length === 1 ? hang() : Promise.resolve({ suggestions: [good] })));
    const controller = new AbortController();
    const left = rejection(engine.handle(interaction, { signal: controller.signal }));
    await until(() => asked.length === 1);
    controller.abort();
    expect(await left).toBeInstanceOf(AbortError);
    expect(await engine.handle(interaction)).toMatchObject({ status: 'fresh' });
    expect(asked).toHaveLength(2);
  });

  it('at the moment when another one joins leaves the call to that one', async () => {
    const gate = Promise.withResolvers<SuggestResult>();
    const { engine, asked } = setUp(() => gate.promise);
    const controller = new AbortController();
    const left = rejection(engine.handle(interaction, { signal: controller.signal }));
    await until(() => asked.length === 1);
    controller.abort();
    const next = engine.handle(interaction);
    expect(await left).toBeInstanceOf(AbortError);
    gate.resolve({ suggestions: [good] });
    expect(await next).toMatchObject({ status: 'fresh', suggestions: [good] });
    expect(asked).toHaveLength(1);
  });
});

it('has outcomes that JSON carries to another process, a failure with its code', async () => {
  const across = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const { engine } = setUp(({ request }) =>
    request.transcript.endsWith('!')
      ? Promise.reject(new TimeoutError('late', 5))
      : Promise.resolve({ suggestions: [good, unsure] }),
  );
  for (const [transcript, status] of [
    ['hello', 'skipped'],
    ['a refund', 'fresh'],
    ['a refund', 'cached'],
  ]) {
    const outcome = await engine.handle({ ...interaction, transcript: transcript ?? '' });
    expect(outcome.status).toBe(status);
    expect(across(outcome)).toEqual(outcome);
  }
  expect(across(await engine.handle({ ...interaction, transcript: 'cancel!' }))).toMatchObject({
    status: 'fallback',
    error: { name: 'TimeoutError', message: 'late', code: 'timeout' },
  });
});

describe('equal questions', () => {
  it('in flight share one call, and the failure of it', async () => {
    const gate = Promise.withResolvers<SuggestResult>();
    const { engine, asked, metrics } = setUp(() => gate.promise);
    const outcomes = Promise.all(Array.from({ length: 100 }, () => engine.handle({ ...interaction })));
    await until(() => asked.length > 0);
    gate.reject(new Error('down'));
    expect(new Set((await outcomes).map(({ status }) => status))).toEqual(new Set(['fallback']));
    expect(asked).toHaveLength(1);
    expect(metrics).toHaveLength(100);
  });

  it('are asked once, in any order of different questions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 20 }), async (questions) => {
        const { engine, asked } = setUp(undefined, { pauseMs: 0 });
        await Promise.all(
          questions.map((question) => engine.handle({ ...interaction, transcript: `refund ${question}` })),
        );
        expect(asked).toHaveLength(new Set(questions).size);
      }),
      { numRuns: 30 },
    );
  });

  it('share the call in flight also when an earlier one, which all had left, ends meanwhile', async () => {
    const gates = [Promise.withResolvers<SuggestResult>(), Promise.withResolvers<SuggestResult>()];
    const { engine, asked } = setUp(() => gates[asked.length - 1]?.promise ?? hang());
    const controller = new AbortController();
    const left = rejection(engine.handle(interaction, { signal: controller.signal }));
    await until(() => asked.length === 1);
    controller.abort();
    expect(await left).toBeInstanceOf(AbortError);
    const second = engine.handle(interaction);
    await until(() => asked.length === 2);
    gates[0]?.reject(new Error('too late'));
    await new Promise<void>((resolve) => setImmediate(resolve));
    const third = engine.handle(interaction);
    gates[1]?.resolve({ suggestions: [good] });
    expect((await Promise.all([second, third])).map(({ status }) => status)).toEqual(['fresh', 'fresh']);
    expect(asked).toHaveLength(2);
  });

  it('begin another call when less than half of their own time is left to the one in flight', async () => {
    const gates = [Promise.withResolvers<SuggestResult>(), Promise.withResolvers<SuggestResult>()];
    const { engine, asked, clock } = setUp(() => gates[asked.length - 1]?.promise ?? hang(), { totalTimeoutMs: 500 });
    const first = engine.handle(interaction);
    await until(() => asked.length === 1);
    await clock.advance(250);
    const joined = engine.handle(interaction);
    await clock.advance(1);
    const second = engine.handle(interaction);
    await until(() => asked.length === 2);
    await clock.advance(499);
    expect((await Promise.all([first, joined])).map(({ status }) => status)).toEqual(['fallback', 'fallback']);
    gates[1]?.resolve({ suggestions: [good] });
    expect((await second).status).toBe('fresh');
    expect(asked.map(({ options }) => options.totalTimeoutMs)).toEqual([500, 500]);
  });

  it('with half a character in them are answered, each on its own', async () => {
    const { engine, asked } = setUp();
    const torn = { ...interaction, transcript: 'refund \ud83d' };
    const outcomes = await Promise.all([engine.handle(torn), engine.handle(torn)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fresh', 'fresh']);
    expect(asked).toHaveLength(2);
  });
});

describe('store', () => {
  it('holds what the platform said, so that a stricter policy counts at once', async () => {
    const store = new Keyv();
    const lenient = setUp(undefined, { store, policy: suggestionPolicy({ minConfidence: 0 }) });
    expect((await lenient.engine.handle(interaction)).suggestions).toEqual([good, unsure]);
    const strict = setUp(undefined, { store });
    expect(await strict.engine.handle(interaction)).toMatchObject({
      status: 'cached',
      suggestions: [good],
      dropped: [{ suggestion: unsure }],
    });
  });

  it('can be any Keyv, with the time to live in ms', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
    onTestFinished(() => void vi.useRealTimers());
    const kept = new Map<string, { expires?: number }>();
    const { engine } = setUp(undefined, { store: new Keyv(kept), cacheTtlMs: 60_000 });
    await engine.handle(interaction);
    const [entry] = kept.values();
    expect(JSON.stringify(entry)).toContain(good.text);
    const expires = (typeof entry === 'string' ? (JSON.parse(entry) as { expires: number }) : entry)?.expires;
    expect(expires).toBe(1_060_000);
  });

  it.each([
    ['throws', { get: down, set: down }],
    ['rejects', { get: downLater, set: downLater }],
    ['holds something else', { get: () => 'not an answer', set: ignore }],
    ['holds a confidence of 7', { get: () => JSON.stringify([{ text: 'x', confidence: 7 }]), set: ignore }],
  ])('that %s costs the cache and not the answer', async (_, store) => {
    const { engine, lines } = setUp(undefined, { store: { ...store, delete: ignore } });
    expect(await engine.handle(interaction)).toMatchObject({ status: 'fresh', suggestions: [good] });
    expect(lines[0]).toMatch(
      /^(Suggestion store: read failed: down; .*|Could not read from the suggestion store: .* stored suggestions: (.*expected array|\[0\]\.confidence: must be at most 1))$/,
    );
  });
});

describe('metrics', () => {
  it('has exactly the fields of the protocol, one record an outcome', async () => {
    const { engine, metrics, clock } = setUp(({ request }) =>
      request.interactionId === 'down' ? Promise.reject(new Error()) : Promise.resolve({ suggestions: [good, unsure] }),
    );
    await engine.handle({ ...interaction, transcript: 'Hello' });
    await engine.handle(interaction);
    await clock.advance(1000);
    await engine.handle(interaction);
    await engine.handle({ ...interaction, interactionId: 'down' });
    const record = {
      interactionId: 'int-1',
      triggered: true,
      cached: false,
      fallback: false,
      suggestionCount: 1,
      eventType: 'AGENT_ASSIST_QUERY',
    };
    expect(metrics).toEqual([
      { ...record, timestamp: '2026-01-01T00:00:00.000Z', triggered: false, suggestionCount: 0 },
      { ...record, timestamp: '2026-01-01T00:00:00.000Z' },
      { ...record, timestamp: '2026-01-01T00:00:01.000Z', cached: true },
      { ...record, timestamp: '2026-01-01T00:00:01.000Z', interactionId: 'down', fallback: true, suggestionCount: 2 },
    ]);
  });

  it('whose receiver throws does not cost the outcome', async () => {
    const { engine, lines } = setUp(undefined, {
      onMetrics: () => {
        throw new Error('disk full');
      },
    });
    expect(await engine.handle(interaction)).toMatchObject({ status: 'fresh' });
    expect(lines).toEqual(['onMetrics failed: Error: disk full']);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}

async function untilTimers(clock: FakeClock, count: number): Promise<void> {
  await until(() => clock.pendingDelays.length >= count);
}
