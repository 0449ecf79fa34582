import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServerError } from 'agent-assist-sdk';
import { RetryBudget } from 'agent-assist-sdk/http';
import { answer, dropConnection, scriptedServer } from '../helpers/scripted-server.js';
import { GET, setUp, errorOf } from './retrying.js';

describe('retry budget', () => {
  it('ends a storm of failures in few repeats', async () => {
    await using server = await scriptedServer(answer(500));
    // 300 answers take their time on a busy machine, while the waits of the first ones move the clock on.
    const { clock, http } = setUp(server.url, { timeoutMs: 1e9, totalTimeoutMs: 1e9 });
    const calls = Array.from({ length: 300 }, () => errorOf(http.request(GET)));
    const errors = await clock.runUntilSettled(Promise.all(calls));
    expect(errors.every((error) => error instanceof ServerError)).toBe(true);
    // 3,000 tokens for 300 calls under way: 600 repeats instead of 900.
    expect(server.requests).toHaveLength(900);
    const [more, same] = [errorOf(http.request(GET)), errorOf(http.request(GET))];
    expect(await clock.runUntilSettled(Promise.all([more, same]))).toEqual([
      expect.objectContaining({ attempts: 1 }),
      expect.objectContaining({ attempts: 1 }),
    ]);
  });

  it('grows with the traffic: 200 calls under way outlive an upstream that starts anew', async () => {
    const scripts = Array.from({ length: 280 }, () => dropConnection);
    await using server = await scriptedServer(...scripts, answer(200));
    const { clock, http } = setUp(server.url, { timeoutMs: 1e9, totalTimeoutMs: 1e9 });
    const calls = Array.from({ length: 200 }, () => http.request(GET));
    await clock.runUntilSettled(Promise.all(calls));
    expect(server.requests).toHaveLength(480);
  });

  it('is named by the error of a call that it did not let repeat', async () => {
    await using server = await scriptedServer(answer(500));
    const { http } = setUp(server.url, { retryBudget: new RetryBudget({ capacity: 0 }) });
    const error = await errorOf(http.request(GET));
    expect(error).toMatchObject({ attempts: 1, message: expect.stringContaining('retry budget') as string });
    expect((error as Error).stack).toContain('retry budget');
  });

  it('holds 500 tokens or 10 for each call of the busiest moment, and keeps a capacity that was given', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 400 }), (begins) => {
        const [growing, fixed] = [new RetryBudget(), new RetryBudget({ capacity: 7 })];
        let [underWay, busiest] = [0, 0];
        for (const begin of begins) {
          if (!begin && underWay === 0) continue;
          underWay += begin ? 1 : -1;
          busiest = Math.max(busiest, underWay);
          for (const budget of [growing, fixed]) {
            if (begin) budget.callBegan();
            else budget.callEnded();
          }
        }
        expect(growing.tokens).toBe(Math.max(500, 10 * busiest));
        expect(fixed.tokens).toBe(7);
      }),
    );
  });

  it('is paid back by success, so that a client that recovers repeats again', async () => {
    const budget = new RetryBudget({ capacity: 10 });
    await using server = await scriptedServer(answer(500), answer(200));
    const { clock, http } = setUp(server.url, { retryBudget: budget });
    await clock.runUntilSettled(http.request(GET));
    expect(budget.tokens).toBe(10);
  });

  it('is never negative nor above its capacity', () => {
    const step = fc.constantFrom('failure', 'timeout', 'success');
    fc.assert(
      fc.property(fc.nat(50), fc.array(step), (capacity, steps) => {
        const budget = new RetryBudget({ capacity });
        for (const next of steps) {
          if (next === 'success') budget.refund();
          else {
            const before = budget.tokens;
            const cost = budget.take(next);
            expect(before - budget.tokens).toBe(cost ?? 0);
          }
          expect(budget.tokens).toBeGreaterThanOrEqual(0);
          expect(budget.tokens).toBeLessThanOrEqual(capacity);
        }
      }),
    );
  });

  it('costs nothing where a 429 names its wait', async () => {
    await using server = await scriptedServer(answer(429, {}, { 'retry-after': '1' }), answer(200));
    const { clock, http } = setUp(server.url, { retryBudget: new RetryBudget({ capacity: 0 }) });
    await clock.runUntilSettled(http.request(GET));
    expect(server.requests).toHaveLength(2);
  });
});
