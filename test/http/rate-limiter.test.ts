import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AbortError, ConfigurationError, QueueFullError } from 'agent-assist-sdk';
import { RateLimiter } from 'agent-assist-sdk/http';
import { sleep } from '#dist/http/internal.js';
import { FakeClock } from '../helpers/fake-clock.js';

const rejection = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no rejection',
    (error: unknown) => error,
  );

describe('RateLimiter', () => {
  it('never lets more than the limit arrive in any window, however long requests and answers are on their way', async () => {
    const attempt = fc.record({ outMs: fc.nat(400), backMs: fc.nat(400) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ gapMs: fc.nat(700), attempts: fc.array(attempt, { minLength: 1, maxLength: 3 }) }), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.integer({ min: 1, max: 4 }),
        async (calls, limit) => {
          const clock = new FakeClock();
          const limiter = new RateLimiter({ maxCalls: limit, windowMs: 1000, clock });
          const arrivals: { at: number; call: number }[] = [];
          const work: Promise<unknown>[] = [];
          for (const [call, { gapMs, attempts }] of calls.entries()) {
            work.push(
              limiter.run(async ({ slot }) => {
                for (const { outMs, backMs } of attempts) {
                  await slot();
                  await sleep(clock, outMs);
                  arrivals.push({ at: clock.monotonic(), call });
                  await sleep(clock, backMs);
                }
              }),
            );
            await clock.advance(gapMs);
          }
          await clock.runUntilSettled(Promise.all(work));
          arrivals
            .slice(limit)
            .forEach(({ at }, index) => expect(at - (arrivals[index]?.at ?? NaN)).toBeGreaterThan(1000));
          const order = arrivals.map(({ call }) => call);
          expect(order).toEqual(order.toSorted((a, b) => a - b));
          expect(arrivals).toHaveLength(calls.flatMap(({ attempts }) => attempts).length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('makes nobody wait who is within the limit, also after a pause', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ maxCalls: 2, windowMs: 1000, clock });
    const take = (): Promise<number> =>
      limiter.run(async ({ slot }) => {
        await slot();
        return clock.monotonic();
      });
    expect([await take(), await take()]).toEqual([0, 0]);
    await clock.advance(5000);
    expect([await take(), await take()]).toEqual([5000, 5000]);
    expect(await clock.runUntilSettled(take())).toBe(6001);
  });

  it('does not round the end of a window away', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ maxCalls: 1, windowMs: 1000, clock });
    await limiter.run(({ slot }) => slot());
    await clock.advance(999.5);
    const second = limiter.run(({ slot }) => slot().then(() => clock.monotonic()));
    expect(await clock.runUntilSettled(second)).toBe(1000.5);
  });

  it('sends nothing while it is held off, the longest hold counting', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ maxCalls: 2, windowMs: 1000, clock });
    await limiter.run(async ({ slot, holdOff }) => {
      await slot();
      holdOff(9000);
      holdOff(100);
    });
    const second = limiter.run(async ({ slot }) => {
      await slot();
      return clock.monotonic();
    });
    expect(await clock.runUntilSettled(second)).toBe(9001);
  });

  it('refuses a call when so many wait already, and takes one again when there is room', async () => {
    const limiter = new RateLimiter({ maxCalls: 1, windowMs: 1000, capacity: 2, clock: new FakeClock() });
    const gate = Promise.withResolvers<undefined>();
    const first = limiter.run(() => gate.promise);
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    const controller = new AbortController();
    const second = limiter.run(() => Promise.resolve(2));
    const third = rejection(limiter.run(() => Promise.resolve(3), controller.signal));
    const refused = await rejection(limiter.run(() => Promise.resolve(4)));
    expect(refused).toBeInstanceOf(QueueFullError);
    expect(refused).toMatchObject({ capacity: 2, message: 'The rate limiter is full (capacity 2)' });
    controller.abort();
    expect(await third).toBeInstanceOf(AbortError);
    const fifth = limiter.run(() => Promise.resolve(5));
    gate.resolve(undefined);
    expect(await Promise.all([first, second, fifth])).toEqual([undefined, 2, 5]);
  });

  it('ends a wait for a slot by the signal, and goes on with the next', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ maxCalls: 1, windowMs: 1000, clock });
    await limiter.run(({ slot }) => slot());
    const controller = new AbortController();
    const waiting = rejection(limiter.run(({ slot }) => slot(controller.signal)));
    const next = limiter.run(({ slot }) => slot().then(() => clock.monotonic()));
    await clock.advance(500);
    controller.abort();
    expect(await waiting).toBeInstanceOf(AbortError);
    expect(await clock.runUntilSettled(next)).toBe(1001);
    expect(clock.pendingDelays).toEqual([]);
  });

  it('goes on after work that failed', async () => {
    const limiter = new RateLimiter({ maxCalls: 1, windowMs: 1000, clock: new FakeClock() });
    const failed = rejection(limiter.run(() => Promise.reject(new Error('no'))));
    expect(await limiter.run(() => Promise.resolve('yes'))).toBe('yes');
    expect(await failed).toEqual(new Error('no'));
  });

  it.each([{ maxCalls: 0 }, { maxCalls: 1.5 }, { windowMs: 0 }, { windowMs: Number.NaN }, { capacity: 0 }])(
    'refuses %j',
    (options) => {
      expect(() => new RateLimiter({ maxCalls: 1, windowMs: 1000, clock: new FakeClock(), ...options })).toThrow(
        ConfigurationError,
      );
    },
  );
});
