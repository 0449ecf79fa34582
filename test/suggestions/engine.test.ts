import { describe, expect, it } from 'vitest';
import { ConfigurationError, RequestValidationError, TimeoutError } from 'agent-assist-sdk';
import {
  AssistEngine,
  fallbackSuggestions,
  suggestionPolicy,
  type SuggestResult,
  type Trigger,
} from 'agent-assist-sdk/suggestions';
import { FakeClock } from '../helpers/fake-clock.js';
import { setUp, interaction, downLater, good, unsure, rejection, hang, until } from './set-up.js';

const failed = (error: Error) => (): Promise<SuggestResult> => Promise.reject(error);

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

  it.each([
    undefined,
    {},
    { suggestions: 'a text' },
    { suggestions: [null] },
    { suggestions: [good, { confidence: 0.9 }] },
    { suggestions: [{ text: 7, confidence: 0.9 }] },
  ])('is fallback when a custom source resolves with %j, and that is not cached', async (answer) => {
    const { engine, asked, metrics } = setUp(() => Promise.resolve(answer as unknown as SuggestResult));
    for (let times = 0; times < 2; times += 1)
      expect(await engine.handle(interaction)).toMatchObject({
        status: 'fallback',
        suggestions: fallbackSuggestions,
        error: new TypeError("client.suggest(): expected { suggestions: [{ text: '…' }] }"),
      });
    expect(asked).toHaveLength(2);
    expect(metrics.map(({ fallback }) => fallback)).toEqual([true, true]);
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
      'Suggestion store: read failed: no response within 1000 ms; continuing without it until it responds again',
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

async function untilTimers(clock: FakeClock, count: number): Promise<void> {
  await until(() => clock.pendingDelays.length >= count);
}
