import { AuthClient, ClosedError, ServerError } from 'agent-assist-sdk';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { issuing, settle } from './token-server.js';
import { setUp, type Line } from './logged-client.js';

const isEarlyRefreshWarning = ({ message }: Line): boolean => message.includes('before its expiry');

describe('refresh ahead of expiry', () => {
  it('answers with the valid token at once while one request runs beside it', async () => {
    const { auth, clock, server } = setUp();
    server.onRequest = issuing(3600);
    await auth.getToken();
    await clock.advance(3_539_999);
    expect(await auth.getToken()).toBe('token-1');
    await settle();
    expect(server.requests).toHaveLength(1);

    server.onRequest = undefined;
    await clock.advance(1);
    expect(await Promise.all([auth.getToken(), auth.getToken(), auth.getToken()])).toEqual([
      'token-1',
      'token-1',
      'token-1',
    ]);
    await settle();
    expect(server.requests).toHaveLength(2);
    server.last.issue(3600);
    await settle();
    expect(await auth.getToken()).toBe('token-2');
  });

  it('makes callers wait for the refresh that runs when the token expires', async () => {
    const { auth, clock, server } = setUp({ timeoutMs: 120_000, totalTimeoutMs: 120_000 });
    server.onRequest = issuing(3600);
    await auth.getToken();
    server.onRequest = undefined;
    await clock.advance(3_540_000);
    expect(await auth.getToken()).toBe('token-1');
    await clock.advance(60_000);
    const late = auth.getToken();
    await settle();
    expect(server.requests).toHaveLength(2);
    server.last.issue();
    expect(await late).toBe('token-2');
  });

  it.each([
    { lifetime: 3600, margin: undefined, refreshedAt: 3540 },
    { lifetime: 120, margin: undefined, refreshedAt: 60 },
    { lifetime: 100, margin: undefined, refreshedAt: 90 },
    { lifetime: 1, margin: undefined, refreshedAt: 0.9 },
    { lifetime: 3600, margin: 300_000, refreshedAt: 3300 },
    { lifetime: 3600, margin: 0, refreshedAt: 3600 },
  ])(
    'refreshes a token of $lifetime s with a margin of $margin ms at $refreshedAt s',
    async ({ lifetime, margin, refreshedAt }) => {
      const { auth, clock, server } = setUp({ refreshMarginMs: margin });
      server.onRequest = issuing(lifetime);
      await auth.getToken();
      await clock.advance(refreshedAt * 1000 - 1);
      await auth.getToken();
      await settle();
      expect(server.requests).toHaveLength(1);
      await clock.advance(1);
      await auth.getToken();
      await settle();
      expect(server.requests).toHaveLength(2);
    },
  );

  it('logs a failure while the token is valid, and pauses longer after each', async () => {
    const { auth, clock, server, lines } = setUp({ maxRetries: 0 });
    server.onRequest = issuing(3600);
    await auth.getToken();
    server.onRequest = (request) => {
      request.answer(500, {});
    };
    await clock.advance(3_540_000);
    for (let elapsed = 0; elapsed < 59_900; elapsed += 100) {
      expect(await auth.getToken()).toBe('token-1');
      await clock.advance(100);
    }
    const pauses = lines.filter(isEarlyRefreshWarning).map(({ fields }) => fields?.['nextInMs']);
    expect(pauses).toEqual([1000, 1500, 2500, 4500, 8500, 15_500, 15_500, 15_500]);
    expect(server.requests).toHaveLength(1 + pauses.length);

    await clock.advance(100);
    await expect(auth.getToken()).rejects.toBeInstanceOf(ServerError);
    server.onRequest = issuing(3600);
    expect(await auth.getToken()).toBe('token-2');
  });

  it('leaves the endpoint alone for as long as it asks', async () => {
    const { auth, clock, server } = setUp({ refreshMarginMs: 600_000 });
    server.onRequest = issuing(3600);
    await auth.getToken();
    server.onRequest = (request) => {
      request.answer(429, {}, { 'retry-after': '120' });
    };
    await clock.advance(3_000_000);
    await auth.getToken();
    await clock.advance(119_999);
    await auth.getToken();
    await settle();
    expect(server.requests).toHaveLength(2);
    await clock.advance(1);
    await auth.getToken();
    await settle();
    expect(server.requests).toHaveLength(3);
  });

  it('forgets a pause as soon as a request succeeds', async () => {
    const { auth, clock, server } = setUp({ refreshMarginMs: 1000 });
    server.onRequest = issuing(10);
    await auth.getToken();
    server.onRequest = (request) => {
      request.answer(429, {}, { 'retry-after': '120' });
    };
    await clock.advance(9000);
    await auth.getToken();
    await clock.advance(1000);
    server.onRequest = issuing(10);
    expect(await auth.getToken()).toBe('token-2');
    await clock.advance(9000);
    expect(await auth.getToken()).toBe('token-2');
    await settle();
    expect(await auth.getToken()).toBe('token-3');
  });

  it('begins with a short pause again after a success', async () => {
    const { auth, clock, server, lines } = setUp({ maxRetries: 0 });
    const fail = (): void => {
      server.onRequest = (request) => {
        request.answer(500, {});
      };
    };
    for (const round of [1, 2]) {
      server.onRequest = issuing(3600);
      expect(await auth.getToken()).toBe(`token-${round}`);
      fail();
      await clock.advance(3_541_000);
      await auth.getToken();
      await settle();
      await clock.advance(3_600_000);
    }
    expect(lines.filter(isEarlyRefreshWarning).map(({ fields }) => fields?.['nextInMs'])).toEqual([1000, 1000]);
  });

  it('never lets a token outlive its time when the wall clock stands still or jumps ahead', async () => {
    const clock = new FakeClock();
    let skew = 0;
    const { auth, server } = setUp({
      clock: {
        now: () => clock.now() + skew,
        monotonic: () => clock.monotonic(),
        setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
        clearTimeout: (timer) => {
          clock.clearTimeout(timer);
        },
      },
    });
    server.onRequest = issuing(3600);
    await auth.getToken();
    // As after a sleep during which the monotonic clock stood still.
    skew = 3_600_000;
    expect(await auth.getToken()).toBe('token-2');
    // As after setting the time back.
    skew = -10_000_000;
    await clock.advance(3_600_000);
    expect(await auth.getToken()).toBe('token-3');
  });

  it('counts the lifetime from the attempt that was answered', async () => {
    const { auth, clock, server } = setUp({ refreshMarginMs: 0 });
    const token = auth.getToken();
    await settle();
    server.last.answer(429, {}, { 'retry-after': '5' });
    await clock.advance(5000);
    await clock.advance(400);
    server.last.issue(2);
    expect(await token).toBe('token-1');
    server.onRequest = issuing(2);
    await clock.advance(1599);
    expect(await auth.getToken()).toBe('token-1');
    await clock.advance(1);
    expect(await auth.getToken()).toBe('token-2');
  });

  it('hands a token that took longer than it lives to those who waited, and to nobody else', async () => {
    const { auth, clock, server } = setUp();
    server.onRequest = issuing(1, { clock, ms: 1500 });
    expect(await clock.runUntilSettled(auth.getToken())).toBe('token-1');
    expect(await clock.runUntilSettled(auth.getToken())).toBe('token-2');
  });

  it('fetches about one token a second over ten seconds of tokens that live one, and loses no call', async () => {
    const { auth, clock, server } = setUp();
    server.onRequest = issuing(1, { clock, ms: 20 });
    const expiresAt = new Map<string, number>();
    const valid: boolean[] = [];
    for (let elapsed = 0; elapsed < 10_000; elapsed += 10) {
      const before = server.issued;
      void auth.getToken().then((token) => {
        if (!expiresAt.has(token)) expiresAt.set(token, clock.monotonic() + 1000);
        valid.push(clock.monotonic() < (expiresAt.get(token) ?? 0));
      });
      await clock.advance(10);
      expect(server.issued - before).toBeLessThanOrEqual(1);
    }
    expect(valid).toHaveLength(1000);
    expect(valid).not.toContain(false);
    expect(server.requests.length).toBeGreaterThanOrEqual(10);
    expect(server.requests.length).toBeLessThanOrEqual(12);
    expect(server.maxAtATime).toBe(1);
  });
});

describe('close', () => {
  it('ends the request that is under way, those who wait for it, and later calls', async () => {
    const { auth, clock, server } = setUp();
    const waiting = auth.getToken();
    waiting.catch(() => undefined);
    await settle();
    await auth.close();
    await expect(waiting).rejects.toBeInstanceOf(ClosedError);
    expect(server.last.signal.aborted).toBe(true);
    await expect(auth.getToken()).rejects.toBeInstanceOf(ClosedError);
    expect(clock.pendingDelays).toEqual([]);
  });

  it('ends a refresh beside a valid token without a warning', async () => {
    const { auth, clock, server, lines } = setUp();
    server.onRequest = issuing(3600);
    await auth.getToken();
    server.onRequest = undefined;
    await clock.advance(3_550_000);
    {
      await using closing = auth;
      await closing.getToken();
      await settle();
    }
    expect(server.last.signal.aborted).toBe(true);
    expect(lines.filter(isEarlyRefreshWarning)).toEqual([]);
    expect(clock.pendingDelays).toEqual([]);
  });

  it('may be called twice, and before anything happened', async () => {
    const { auth } = setUp();
    await auth.close();
    await auth.close();
    expect(auth).toBeInstanceOf(AuthClient);
  });
});
