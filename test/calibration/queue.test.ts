import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { AbortError, ConfigurationError, HttpClient, RateLimitError } from 'agent-assist-sdk';
import { CalibrationClient } from 'agent-assist-sdk/calibration';
import { calibration, rejection, startWorld, watch } from './world.js';

describe('the line of ten a minute', () => {
  it('lets 25 calibrations asked for at once reach the tenant in their order, none refused, never more than 10 in 60 s', async () => {
    await using world = await startWorld();
    const results = await world.run(
      Promise.all(
        Array.from({ length: 25 }, (_, index) =>
          world.calibrations.apply({ ...calibration, interactionIds: [`conv_${index}`] }),
        ),
      ),
    );
    const puts = world.puts();
    expect(puts.map(({ status }) => status)).toEqual(Array.from({ length: 25 }, () => 200));
    expect(puts.map(({ json }) => (json as { interaction_ids: string[] }).interaction_ids[0])).toEqual(
      Array.from({ length: 25 }, (_, index) => `conv_${index}`),
    );
    expect(results.map(({ jobId }) => jobId)).toEqual(
      Array.from({ length: 25 }, (_, index) => `calibration-${index + 1}`),
    );
    for (const [index, { receivedAt }] of puts.slice(10).entries()) {
      expect(receivedAt - (puts[index]?.receivedAt ?? NaN)).toBeGreaterThan(60_000);
    }
    // And no longer than needed: the last five go in the third minute.
    expect((puts[24]?.receivedAt ?? NaN) - (puts[0]?.receivedAt ?? NaN)).toBeLessThan(120_100);
  });

  it('holds for any rhythm, any failures and slow answers, whose repeats take their places too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            gapMs: fc.integer({ min: 0, max: 20_000 }),
            delayMs: fc.constantFrom(0, 0, 900, 7000),
            fails: fc.boolean(),
          }),
          { minLength: 11, maxLength: 24 },
        ),
        async (calls) => {
          await using world = await startWorld();
          const work: Promise<unknown>[] = [];
          for (const [index, { gapMs, delayMs, fails }] of calls.entries()) {
            const mine = { interactionIds: [`conv_${index}`] };
            const route = (request: { json: unknown }): boolean =>
              (request.json as { interaction_ids?: string[] } | undefined)?.interaction_ids?.[0] ===
              mine.interactionIds[0];
            if (fails) world.tenant.inject({ route, fault: { kind: 'status', status: 500, delayMs }, times: 1 });
            else if (delayMs > 0) world.tenant.inject({ route, fault: { kind: 'delay', delayMs }, times: 1 });
            // Limits that virtual time cannot reach while a busy machine still carries a request to the tenant.
            work.push(
              Promise.resolve(
                world.calibrations.apply({ ...calibration, ...mine }, { timeoutMs: 1e8, totalTimeoutMs: 1e9 }),
              ),
            );
            await world.clock.advance(gapMs);
          }
          await runSlow(world, Promise.all(work));
          const arrivals = world.puts().map(({ receivedAt }) => receivedAt);
          expect(world.puts().every(({ status }) => status !== 429)).toBe(true);
          arrivals.slice(10).forEach((at, index) => expect(at - (arrivals[index] ?? NaN)).toBeGreaterThan(60_000));
          const firsts = [
            ...new Set(world.puts().map(({ json }) => (json as { interaction_ids: string[] }).interaction_ids[0])),
          ];
          expect(firsts).toEqual(calls.map((_, index) => `conv_${index}`));
        },
      ),
      { numRuns: 8 },
    );
  }, 60_000);

  it('is one for all clients on the same HTTP client, and not for those on another', async () => {
    await using world = await startWorld();
    const sameLine = new CalibrationClient(world.http);
    const otherLine = new CalibrationClient(world.newHttp());
    await world.run(Promise.all(Array.from({ length: 5 }, () => world.calibrations.apply(calibration))));
    await world.run(Promise.all(Array.from({ length: 5 }, () => sameLine.apply(calibration))));
    const startedAt = world.clock.monotonic();
    const refused = await world.run(rejection(otherLine.apply(calibration, { totalTimeoutMs: 1000 })));
    expect(refused).toBeInstanceOf(RateLimitError);
    expect(world.clock.monotonic() - startedAt).toBeLessThan(1000);
    await world.run(sameLine.apply(calibration));
    expect(world.clock.monotonic() - startedAt).toBeGreaterThan(55_000);
  });

  it.each([NaN, -1])('may not be limited to %d', async (maxWaitMs) => {
    await using world = await startWorld();
    await expect(world.calibrations.apply(calibration, { maxWaitMs })).rejects.toThrow('maxWaitMs: ');
  });

  it('does not count the wait as time of the call', async () => {
    await using world = await startWorld();
    const limits = { totalTimeoutMs: 5000, timeoutMs: 1000, maxWaitMs: Infinity };
    const calls = Array.from({ length: 11 }, () => world.calibrations.apply(calibration, limits));
    expect(await world.run(Promise.all(calls))).toHaveLength(11);
  });

  it('is left at once by a call whose turn comes later than it may take', async () => {
    await using world = await startWorld();
    const patient = Array.from({ length: 11 }, () => world.calibrations.apply(calibration));
    await world.run(Promise.all(patient.slice(0, 10)));
    const startedAt = world.clock.monotonic();
    const refused = await world.run(rejection(world.calibrations.apply(calibration, { totalTimeoutMs: 5000 })));
    expect(refused).toBeInstanceOf(RateLimitError);
    const { retryAfterMs, attempts } = refused as RateLimitError;
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(attempts).toBe(0);
    expect(world.clock.monotonic() - startedAt).toBeLessThan(1000);
    await world.run(Promise.all(patient));
    expect(world.puts()).toHaveLength(11);
  });

  it('does not count the wait before a repeat either', async () => {
    await using world = await startWorld();
    const limits = { totalTimeoutMs: 10_000, timeoutMs: 1000, maxWaitMs: Infinity };
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'status', status: 500 },
      skip: 9,
      times: 2,
    });
    const all = await world.run(
      Promise.all(Array.from({ length: 10 }, () => world.calibrations.apply(calibration, limits).withResponse())),
    );
    expect(all.map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 3]);
  });

  it('repeats a refused token in the line as well', async () => {
    await using world = await startWorld();
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'revoked-token' },
      skip: 9,
      times: 1,
    });
    await world.run(Promise.all(Array.from({ length: 10 }, () => world.calibrations.apply(calibration))));
    const puts = world.puts();
    expect(puts.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 200, 401, 200]);
    expect((puts[10]?.receivedAt ?? NaN) - (puts[0]?.receivedAt ?? NaN)).toBeGreaterThan(60_000);
  });

  it('is left by an abort, and those behind move up', async () => {
    await using world = await startWorld();
    const controller = new AbortController();
    const ahead = Array.from({ length: 10 }, () => world.calibrations.apply(calibration));
    const waitsForSlot = rejection(world.calibrations.apply(calibration, { signal: controller.signal }));
    const waitsForTurn = rejection(world.calibrations.apply(calibration, { signal: controller.signal }));
    const behind = world.calibrations.apply({ ...calibration, interactionIds: ['behind'] });
    await world.run(Promise.all(ahead));
    controller.abort('enough');
    expect(await waitsForSlot).toBeInstanceOf(AbortError);
    expect(await waitsForTurn).toMatchObject({ name: 'AbortError', cause: 'enough' });
    await world.run(behind);
    expect(world.puts()).toHaveLength(11);
    expect(world.puts()[10]?.json).toMatchObject({ interaction_ids: ['behind'] });
  });

  it('sends nothing for a call that was aborted before it began', async () => {
    await using world = await startWorld();
    const error = await world.run(rejection(world.calibrations.apply(calibration, { signal: AbortSignal.abort() })));
    expect(error).toBeInstanceOf(AbortError);
    expect(world.puts()).toEqual([]);
  });

  it('is not held silently by a 429 of a day: it is logged, and each call ends by its own time', async () => {
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    await using world = await startWorld();
    const calibrations = new CalibrationClient(world.newHttp({ logger }));
    const fault = { kind: 'status', status: 429, retryAfter: 86_400 } as const;
    world.tenant.inject({ route: 'PUT /agentassist/sentiment/calibration', fault, times: 1 });
    const onWait = vi.fn();
    expect(await world.run(rejection(calibrations.apply(calibration)))).toMatchObject({
      retryAfterMs: 86_400_000,
    });
    expect(logger.warn).toHaveBeenCalledWith(expect.stringContaining('pause for 86400000 ms'), undefined);
    const later = await world.run(rejection(calibrations.apply(calibration, { onWait })));
    expect(later).toBeInstanceOf(RateLimitError);
    expect((later as RateLimitError).retryAfterMs).toBeGreaterThan(86_000_000);
    expect(onWait).not.toHaveBeenCalled();
    await world.run(calibrations.apply(calibration, { onWait, maxWaitMs: Infinity }));
    expect(onWait).toHaveBeenCalledExactlyOnceWith({ waitMs: expect.any(Number) as number, reason: 'hold' });
    expect(world.puts()).toHaveLength(2);
  });

  it('tells all calls in it of the wait that a Retry-After begins, though nobody logs', async () => {
    await using world = await startWorld();
    const fault = { kind: 'status', status: 429, retryAfter: 60 } as const;
    world.tenant.inject({ route: 'PUT /agentassist/sentiment/calibration', fault, times: 1 });
    const onWaits = [vi.fn(), vi.fn(), vi.fn()];
    await world.run(Promise.all(onWaits.map((onWait) => world.calibrations.apply(calibration, { onWait }))));
    for (const onWait of onWaits) expect(onWait).toHaveBeenCalledExactlyOnceWith({ waitMs: 60_000, reason: 'hold' });
  });

  it('is held up as a whole by a Retry-After that ended one call', async () => {
    await using world = await startWorld();
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'status', status: 429, retryAfter: 300 },
      times: 1,
    });
    const first = rejection(world.calibrations.apply(calibration));
    const second = world.calibrations.apply(calibration, { totalTimeoutMs: 400_000 });
    expect(await world.run(first)).toMatchObject({ name: 'RateLimitError', retryAfterMs: 300_000 });
    await world.run(second);
    const [refused, accepted] = world.puts();
    expect((accepted?.receivedAt ?? NaN) - (refused?.receivedAt ?? NaN)).toBeGreaterThan(300_000);
  });

  it('goes on after a call that failed', async () => {
    await using world = await startWorld();
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'status', status: 400 },
      times: 1,
    });
    const [one, other] = await world.run(
      Promise.all([rejection(world.calibrations.apply(calibration)), world.calibrations.apply(calibration)]),
    );
    expect(one).toMatchObject({ status: 400 });
    expect(other.jobId).toBe('calibration-1');
  });
});

/** Like `World.run`, for a tenant that answers late: moves time also while a request is on its way to its delay. */
async function runSlow<T>(world: Awaited<ReturnType<typeof startWorld>>, work: Promise<T>): Promise<T> {
  const isSettled = watch(work);
  while (!isSettled()) {
    const open = (): boolean => world.tenant.requests.all.some(({ status }) => status === undefined);
    // Waits until each request that was sent has come to the tenant's delay or been answered.
    for (let round = 0; round < 40; round += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    if (isSettled()) break;
    await world.clock.advance(open() ? 100 : Math.min(world.clock.pendingDelays[0] ?? 0, 1000));
  }
  return work;
}

it.each([[false], [{}], [10]])('%o in place of a rate limiter is refused', (rateLimiter) => {
  const http = new HttpClient({ baseUrl: 'http://127.0.0.1:1' });
  expect(() => new CalibrationClient(http, { rateLimiter: rateLimiter as never })).toThrow(
    new ConfigurationError('CalibrationClient: rateLimiter: expected a rate limiter with run()'),
  );
});
