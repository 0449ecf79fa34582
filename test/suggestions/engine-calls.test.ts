import { Keyv } from 'keyv';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AbortError } from 'agent-assist-sdk';
import { suggestionPolicy, type SuggestResult } from 'agent-assist-sdk/suggestions';
import { setUp, interaction, downLater, good, unsure, rejection, hang, until } from './set-up.js';

const down = (): never => {
  throw new Error('down');
};

const ignore = (): undefined => undefined;

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

  it('that the runtime refuses, as workers do for a call of another request, leaves the answer intact', async () => {
    const { engine } = setUp();
    vi.spyOn(AbortController.prototype, 'abort').mockImplementation(() => {
      throw new Error('Cannot perform I/O on behalf of a different request');
    });
    onTestFinished(() => void vi.restoreAllMocks());
    expect(await engine.handle(interaction)).toMatchObject({ status: 'fresh', suggestions: [good] });
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
