import { AbortError, ConfigurationError, QueueFullError } from 'agent-assist-sdk';
import type { RateLimit } from 'agent-assist-sdk/http';
import { redisRateLimiter, type RedisRateLimiterOptions } from 'agent-assist-sdk/redis';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sleep } from '#dist/http/internal.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { RedisModel } from './model.js';

const rejection = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no rejection',
    (error: unknown) => error,
  );

function fleet(count: number, options: Partial<RedisRateLimiterOptions> = {}) {
  const clock = new FakeClock();
  const redis = new RedisModel(clock);
  const lines: string[] = [];
  const log = (message: string): void => void lines.push(message);
  const logger = { debug: () => undefined, info: log, warn: log, error: log };
  const members = Array.from({ length: count }, () =>
    redisRateLimiter(redis.client, { name: 'a', maxCalls: 1, windowMs: 1000, clock, logger, ...options }),
  );
  /** When an attempt of this member was let go. */
  const go = (member: number, signal?: AbortSignal): Promise<number> =>
    at(members, member).run(async ({ slot }) => {
      await slot(signal);
      return clock.monotonic();
    }, signal);
  return { clock, redis, lines, members, go };
}

describe('redisRateLimiter', () => {
  it('never lets more than the limit arrive in any window, from all processes, in the order of the calls', async () => {
    const call = fc.record({ member: fc.nat(3), gapMs: fc.nat(700), outMs: fc.nat(400), backMs: fc.nat(400) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(0, 7),
        async (calls, maxCalls, latencyMs) => {
          const { clock, redis, members } = fleet(4, { maxCalls });
          redis.latencyMs = latencyMs;
          const arrivals: { at: number; call: number }[] = [];
          const work: Promise<unknown>[] = [];
          for (const [index, { member, gapMs, outMs, backMs }] of calls.entries()) {
            const attempt = async (): Promise<void> => {
              await sleep(clock, outMs);
              arrivals.push({ at: clock.monotonic(), call: index });
              await sleep(clock, backMs);
            };
            const limiter = at(members, member);
            const one = index % 2 === 0 ? limiter.run(({ slot }) => slot().then(attempt)) : entered(limiter, attempt);
            work.push(one);
            await clock.advance(gapMs);
          }
          await clock.runUntilSettled(Promise.all(work));
          expect(arrivals).toHaveLength(calls.length);
          arrivals
            .slice(maxCalls)
            .forEach(({ at }, index) => expect(at - (arrivals[index]?.at ?? NaN)).toBeGreaterThan(1000));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives turns to the calls of all processes in the order in which they were made', async () => {
    const { clock, go } = fleet(3);
    await go(0);
    const order: number[] = [];
    const calls: Promise<unknown>[] = [];
    for (const [index, member] of [2, 1, 1, 0, 2, 0, 1].entries()) {
      calls.push(go(member).then(() => order.push(index)));
      await clock.advance(10);
    }
    await clock.runUntilSettled(Promise.all(calls));
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(clock.monotonic()).toBeLessThan(7200);
  });

  it('holds the queues of all processes while the platform asks for it', async () => {
    const { clock, members, go } = fleet(2, { maxCalls: 5 });
    await members[0]?.run(async ({ slot, holdOff }) => {
      await slot();
      holdOff(9000);
      holdOff(100);
    });
    await clock.advance(0);
    expect(await clock.runUntilSettled(Promise.all([go(1), go(0)]))).toEqual([9001, 9001]);
  });

  it('announces waits, and refuses one that is too long', async () => {
    const { clock, members, go } = fleet(2);
    await go(0);
    const waits: unknown[] = [];
    const limit = {
      maxWaitMs: 1500,
      waitError: (ms: number) => new Error(`${ms} ms`),
      onWait: (w: unknown) => waits.push(w),
    };
    const second = members[1]?.run(({ slot }) => slot(), undefined, limit);
    await clock.advance(10);
    expect(waits).toEqual([{ waitMs: 1000, reason: 'quota' }]);
    const third = rejection(members[0]?.run(({ slot }) => slot(), undefined, limit) ?? Promise.resolve());
    expect(await clock.runUntilSettled(third)).toEqual(new Error('1990 ms'));
    await clock.runUntilSettled(second ?? Promise.resolve());
  });

  it('lets a waiting call be aborted, and the next one have its turn', async () => {
    const { clock, redis, go } = fleet(2);
    await go(0);
    const leaving = new AbortController();
    const second = rejection(go(1, leaving.signal));
    await clock.advance(10);
    const third = go(0);
    await clock.advance(10);
    leaving.abort();
    expect(await second).toBeInstanceOf(AbortError);
    expect(await clock.runUntilSettled(third)).toBe(1001);
    expect(redis.asked).toBeLessThan(15);
    expect(clock.pendingDelays).toEqual([]);
  });

  it('gives the slot of a process that died back after the longest attempt, and its place in the queue after three seconds', async () => {
    const { clock, members, go } = fleet(3, { maxAttemptMs: 5000 });
    void members[0]?.run(({ slot }) => slot().then(() => new Promise(() => undefined)));
    await clock.advance(0);
    expect(await clock.runUntilSettled(go(1))).toBe(6001);
  });

  it('keeps a bounded queue', async () => {
    const { clock, members } = fleet(1, { capacity: 1 });
    const leave = await members[0]?.enter();
    const second = members[0]?.enter();
    await expect(members[0]?.enter()).rejects.toThrow(QueueFullError);
    leave?.();
    leave?.();
    (await clock.runUntilSettled(second ?? Promise.resolve(undefined)))?.();
  });

  it('keeps the limit in each process while Redis fails, says so once, and counts what was sent meanwhile', async () => {
    const { clock, redis, lines, go } = fleet(2, { windowMs: 20_000 });
    redis.isDown = true;
    expect(await Promise.all([go(0), go(1)])).toEqual([0, 0]);
    expect(lines).toEqual(
      Array.from(
        { length: 2 },
        () => 'Rate limit a on Redis: take failed: no redis; continuing without it until it responds again',
      ),
    );
    await clock.advance(4000);
    redis.isDown = false;
    await clock.advance(1000);
    expect(await clock.runUntilSettled(go(0))).toBe(20_001);
    expect(new Set(lines.slice(2))).toEqual(new Set(['Rate limit a on Redis: responds again']));
  });

  it('tells a Redis that comes back empty of the last window', async () => {
    const { clock, redis, go } = fleet(2, { windowMs: 60_000 });
    await go(0);
    await clock.advance(1000);
    redis.isDown = true;
    redis.clear();
    const next = go(0);
    await clock.advance(20_000);
    redis.isDown = false;
    await clock.advance(10_000);
    const other = go(1);
    const went = await clock.runUntilSettled(Promise.all([next, other]), 100_000);
    expect(went.sort((a, b) => a - b)).toEqual([60_001, 120_002]);
  });

  it('tells a Redis that comes back empty of a hold, and of attempts in progress', async () => {
    const { clock, redis, members, go } = fleet(2, { windowMs: 2000 });
    redis.isDown = true;
    redis.clear();
    const leave = await at(members, 0).enter();
    await clock.advance(1000);
    redis.isDown = false;
    await clock.advance(6000);
    const other = go(1);
    await clock.advance(1000);
    leave();
    expect(await clock.runUntilSettled(other)).toBe(10_001);

    redis.isDown = true;
    await at(members, 0).run(async ({ slot, holdOff }) => {
      await slot();
      holdOff(20_000);
    });
    redis.isDown = false;
    await clock.advance(6000);
    expect(await clock.runUntilSettled(go(1))).toBe(30_002);
  });

  it('counts limits of one name apart when their limit or window differs', async () => {
    const clock = new FakeClock();
    const limits = [
      { maxCalls: 10, windowMs: 60_000 },
      { maxCalls: 10, windowMs: 1000 },
      { maxCalls: 9, windowMs: 1000 },
    ];
    const keys = new Set<string>();
    const client = {
      call: (_command: string, _script: string, count: string, ...rest: string[]) => {
        for (const key of rest.slice(0, Number(count))) keys.add(key);
        return Promise.resolve([-1, 0]);
      },
    };
    for (const limit of limits) (await redisRateLimiter(client, { name: 'a', ...limit, clock }).enter())();
    expect(keys.size).toBe(5 * limits.length);
  });

  it('does without an answer that is not a wait', async () => {
    const clock = new FakeClock();
    for (const answer of [null, 'OK', [], ['x'], [undefined]]) {
      const limiter = redisRateLimiter(
        { call: () => Promise.resolve(answer) },
        { name: 'a', maxCalls: 1, windowMs: 1000, clock },
      );
      (await limiter.enter())();
    }
  });

  it.each([
    { maxCalls: 0 },
    { windowMs: 0 },
    { capacity: 0 },
    { maxAttemptMs: Number.NaN },
    { name: '' },
    { name: 'a{b}' },
    { names: 'a' },
  ])('refuses %j', (options) => {
    expect(() => fleet(1, options)).toThrow(ConfigurationError);
  });
});

function at(members: readonly RateLimit[], index: number): RateLimit {
  const member = members[index];
  if (member === undefined) throw new Error('no such member');
  return member;
}

async function entered(limiter: RateLimit, attempt: () => Promise<void>): Promise<void> {
  const leave = await limiter.enter();
  await attempt();
  leave();
}
