import { AbortError, HttpClient, QueueFullError, RequestTooLargeError } from 'agent-assist-sdk';
import { RateLimiter } from 'agent-assist-sdk/http';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sleep } from '#dist/http/internal.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

describe("the platform's request limit", () => {
  it('is never passed, in any window, by calls that run beside each other', async () => {
    const call = fc.record({ gapMs: fc.nat(700), outMs: fc.nat(400), backMs: fc.nat(400) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        async (calls, limit) => {
          const clock = new FakeClock();
          const limiter = new RateLimiter({ maxCalls: limit, windowMs: 1000, clock });
          const arrivals: number[] = [];
          const sent: number[] = [];
          const work: Promise<unknown>[] = [];
          for (const [index, { gapMs, outMs, backMs }] of calls.entries()) {
            const attempt = async (): Promise<void> => {
              const leave = await limiter.enter();
              sent.push(index);
              await sleep(clock, outMs);
              arrivals.push(clock.monotonic());
              await sleep(clock, backMs);
              leave();
              leave();
            };
            work.push(attempt());
            await clock.advance(gapMs);
          }
          await clock.runUntilSettled(Promise.all(work));
          arrivals.slice(limit).forEach((at, index) => expect(at - (arrivals[index] ?? NaN)).toBeGreaterThan(1000));
          expect(sent).toEqual(calls.map((_, index) => index));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is one for all clients of the platform, counts retries, and is no time of the call', async () => {
    await using server = await scriptedServer(answer(503), answer(200));
    const clock = new FakeClock();
    const platform = { baseUrl: server.url, rateLimiter: new RateLimiter({ maxCalls: 2, windowMs: 300_000, clock }) };
    const options = { platform, clock, fetch: clock.fetch, random: () => 0 };
    const [a, b] = [new HttpClient(options), new HttpClient(options)];
    await clock.runUntilSettled(a.request({ method: 'GET', path: '/a' }));
    expect(server.requests).toHaveLength(2);
    const later = b.request({ method: 'GET', path: '/b' });
    await clock.advance(299_000);
    expect(server.requests).toHaveLength(2);
    await clock.runUntilSettled(later);
    expect(server.requests.map(({ url }) => url)).toEqual(['/a', '/a', '/b']);
    expect(clock.monotonic()).toBeGreaterThan(300_000);
  });

  it('lets a waiting call be aborted, and the next one keep its turn', async () => {
    await using server = await scriptedServer(answer(200));
    const clock = new FakeClock();
    const platform = { baseUrl: server.url, rateLimiter: new RateLimiter({ maxCalls: 1, windowMs: 300_000, clock }) };
    const http = new HttpClient({ platform, clock, fetch: clock.fetch });
    await http.request({ method: 'GET', path: '/1' });
    const aborting = new AbortController();
    const second = http.request({ method: 'GET', path: '/2' }, { signal: aborting.signal });
    const third = http.request({ method: 'GET', path: '/3' });
    await clock.advance(1000);
    aborting.abort();
    await expect(second).rejects.toThrow(AbortError);
    await clock.runUntilSettled(third);
    expect(server.requests.map(({ url }) => url)).toEqual(['/1', '/3']);
  });

  it('keeps a bounded line', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ maxCalls: 1, windowMs: 1000, capacity: 1, clock });
    const leave = await limiter.enter();
    const ending = new AbortController();
    const [first, second] = [limiter.enter(ending.signal), limiter.enter(ending.signal)];
    await expect(limiter.enter()).rejects.toThrow(QueueFullError);
    ending.abort();
    await expect(Promise.allSettled([first, second])).resolves.toHaveLength(2);
    leave();
  });
});

describe("the platform's largest request", () => {
  it.each([
    ['é'.repeat(30), 60, false],
    ['é'.repeat(30), 61, true],
    ['é'.repeat(30), 62, true],
  ])('counts bytes, not characters: %s within %i', async (text, maxRequestBytes, fits) => {
    await using server = await scriptedServer(answer(200));
    const http = new HttpClient({ platform: { baseUrl: server.url, maxRequestBytes: maxRequestBytes + 1 } });
    const sent = await Promise.resolve(http.request({ method: 'POST', path: '/things', json: text })).catch(
      (reason: unknown) => reason,
    );
    expect(server.requests).toHaveLength(fits ? 1 : 0);
    if (fits) return;
    expect(sent).toBeInstanceOf(RequestTooLargeError);
    expect(sent).toMatchObject({
      code: 'request_too_large',
      bytes: 62,
      maxBytes: 61,
      message: 'POST /things: the body has 62 bytes, the platform accepts at most 61',
    });
  });
});
