import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ApiError,
  AuthenticationError,
  BadRequestError,
  ConfigurationError,
  NotFoundError,
  OAuthError,
  PermissionDeniedError,
  RateLimitError,
  RequestValidationError,
  ResponseValidationError,
  ServerError,
  type AuthProvider,
} from 'agent-assist-sdk';
import type { StreamReconnecting } from 'agent-assist-sdk/stream';
import { FakeWs } from './fake-sockets.js';
import { CountingAuth, fakeWsStream, fragment, namesOf, openFakeWs, settle, type Seen, patient } from './helpers.js';

const delaysOf = (seen: readonly Seen[]): number[] =>
  seen.flatMap(([name, event]) => (name === 'reconnecting' ? [event.delayMs] : []));

describe('waits', () => {
  test.each([
    [0, [1000, 1000, 1000, 1000, 1000, 1000, 1000]],
    [0.999999, [2000, 3000, 5000, 9000, 17000, 30000, 30000]],
  ])('with random %d lie between 1 s and a limit that doubles up to 30 s', async (random, expected) => {
    const { clock, net, seen, stream } = fakeWsStream({ random: () => random });
    void stream.connect(patient).catch(() => undefined);
    while (delaysOf(seen).length < expected.length) {
      await settle();
      net.last.fail(new Error('refused'));
      await settle();
      await clock.advance(30_000);
    }
    expect(delaysOf(seen)).toEqual(expected);
    await stream.close();
  });

  test('are all the same where both limits are', async () => {
    const { clock, net, seen, stream } = fakeWsStream({
      minReconnectDelayMs: 3000,
      maxReconnectDelayMs: 3000,
      random: () => 0.999999,
    });
    void stream.connect(patient).catch(() => undefined);
    for (let attempts = 0; attempts < 4; attempts += 1) {
      await settle();
      net.last.fail(new Error('refused'));
      await settle();
      await clock.advance(3000);
    }
    expect(delaysOf(seen)).toEqual([3000, 3000, 3000, 3000]);
    await stream.close();
  });

  test('start again once a connection has been stable, and only then', async () => {
    const { clock, net, seen } = await openFakeWs({ random: () => 0.5, stableAfterMs: 10_000 });
    net.last.closed(1006);
    await clock.advance(1500);
    net.last.open();
    await clock.advance(9_999);
    net.last.closed(1006);
    await clock.advance(2000);
    net.last.open();
    await clock.advance(10_000);
    net.last.closed(1006);
    await settle();
    expect(delaysOf(seen)).toEqual([1500, 2000, 1500]);
  });

  test('the attempt is made when the wait is over, not before', async () => {
    const { clock, net } = await openFakeWs();
    net.last.closed(1006);
    await clock.advance(1499);
    expect(net.sockets).toHaveLength(1);
    await clock.advance(1);
    expect(net.sockets).toHaveLength(2);
  });

  test('honour Retry-After as a date, measured by the Date of the same answer', async () => {
    const { net, seen, stream } = fakeWsStream({ maxReconnectDelayMs: 600_000, random: () => 0 });
    void stream.connect(patient).catch(() => undefined);
    await settle();
    net.last.refuse(429, { 'retry-after': 'Thu, 01 Jan 2026 10:01:30 GMT', date: 'Thu, 01 Jan 2026 10:00:00 GMT' });
    await settle();
    expect(delaysOf(seen)).toEqual([90_000]);
    await stream.close();
  });
});

describe('an attempt', () => {
  test('that fails for another reason keeps the token', async () => {
    const { auth, net, stream } = fakeWsStream();
    void stream.connect(patient).catch(() => undefined);
    await settle();
    net.last.fail(new Error('refused'));
    await settle();
    expect(auth.invalidated).toEqual([]);
    await stream.close();
  });

  test('is given up when the socket is not open in time', async () => {
    const { clock, net, seen, stream } = fakeWsStream({ connectTimeoutMs: 5000 });
    void stream.connect(patient).catch(() => undefined);
    await clock.advance(4999);
    expect(net.last.isLive).toBe(true);
    await clock.advance(1);
    expect(net.last.isLive).toBe(false);
    expect((seen[0]?.[1] as StreamReconnecting).error.message).toContain('did not open within 5000 ms');
    await stream.close();
  });

  test('that came to a connection is not given up later', async () => {
    const { clock, net, seen, stream } = await openFakeWs({ connectTimeoutMs: 5000 });
    await clock.advance(15_000);
    expect([net.last.isLive, namesOf(seen)]).toEqual([true, ['open']]);
    await stream.close();
  });

  test('is given up when there is no token in time, which takes from the time of the socket', async () => {
    const clock = { slow: 6000 };
    const auth = new CountingAuth();
    const setup = fakeWsStream({
      connectTimeoutMs: 5000,
      auth: {
        header: (token) => auth.header(token),
        invalidate: () => undefined,
        getToken: () => new Promise((resolve) => setup.clock.setTimeout(() => resolve('t'), clock.slow)),
      },
    });
    void setup.stream.connect(patient).catch(() => undefined);
    await setup.clock.advance(5000);
    expect((setup.seen[0]?.[1] as StreamReconnecting).error.message).toBe('No token within 5000 ms');
    expect(setup.net.sockets).toHaveLength(0);
    clock.slow = 4000;
    await setup.clock.advance(1500 + 4000);
    expect(setup.net.sockets).toHaveLength(0);
    // Spread over the time that the token was waited for, since others may have waited along.
    await setup.clock.advance(2000);
    expect(setup.net.sockets).toHaveLength(1);
    await setup.clock.advance(999);
    expect(setup.net.last.isLive).toBe(true);
    await setup.clock.advance(1);
    expect(setup.net.last.isLive).toBe(false);
    await setup.stream.close();
  });

  test('tells its provider when nobody waits for the token any more', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const auth: AuthProvider = {
      header: () => ['a', 'b'],
      invalidate: () => undefined,
      getToken: (options) => {
        signals.push(options?.signal);
        return new Promise<never>(() => undefined);
      },
    };
    const { clock, stream } = fakeWsStream({ auth, connectTimeoutMs: 5000 });
    stream.connect(patient).catch(() => undefined);
    await clock.advance(4999);
    expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
    await clock.advance(1 + 1500);
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, false]);
    await stream.close();
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, true]);
  });

  test('ends the stream when the WebSocket class does not take its arguments', async () => {
    class Refusing extends FakeWs {
      constructor(url: string, protocols: string[], options: FakeWs['options']) {
        super(url, protocols, options);
        throw new SyntaxError(`Invalid URL: ${url}?${JSON.stringify(options)}`);
      }
    }
    const { stream, seen } = fakeWsStream({ WebSocket: Refusing as never });
    await expect(stream.connect(patient)).rejects.toMatchObject({
      name: 'StreamError',
      message: 'Stream tenant.test/stream: the WebSocket could not be created',
    });
    expect(namesOf(seen)).toEqual(['terminated']);
  });

  test.each<[string, Error, boolean]>([
    [
      'a refused client',
      new OAuthError({ method: 'POST', path: '/t', attempts: 1, status: 401, serverCode: 'invalid_client' }),
      true,
    ],
    ['a wrong option', new ConfigurationError('tokenUrl: not a valid URL'), true],
    ['a token endpoint that fails', new ServerError({ method: 'POST', path: '/t', attempts: 4, status: 503 }), false],
    ['an overloaded token endpoint', new OAuthError({ method: 'POST', path: '/t', attempts: 4, status: 429 }), false],
    [
      'a token endpoint that took too long',
      new OAuthError({ method: 'POST', path: '/t', attempts: 4, status: 408 }),
      false,
    ],
    [
      'a token endpoint with an error of its own',
      new OAuthError({ method: 'POST', path: '/t', attempts: 4, status: 500, serverCode: 'server_error' }),
      false,
    ],
    [
      'a scope that does not exist',
      new OAuthError({ method: 'POST', path: '/t', attempts: 1, status: 400, serverCode: 'invalid_scope' }),
      true,
    ],
    [
      'a token endpoint without a body that says 401',
      new AuthenticationError({ method: 'POST', path: '/t', attempts: 1, status: 401 }),
      true,
    ],
    [
      'a token endpoint without a body that says 400',
      new BadRequestError({ method: 'POST', path: '/t', attempts: 1, status: 400 }),
      true,
    ],
    [
      'a token endpoint without a body that says 403',
      new PermissionDeniedError({ method: 'POST', path: '/t', attempts: 1, status: 403 }),
      true,
    ],
    [
      'a token endpoint that is not there',
      new NotFoundError({ method: 'POST', path: '/t', attempts: 1, status: 404 }),
      true,
    ],
    ['a token endpoint that redirects', new ApiError({ method: 'POST', path: '/t', attempts: 1, status: 302 }), true],
    [
      'a token endpoint that answers with a page',
      new ResponseValidationError({ method: 'POST', path: '/t', attempts: 1 }, 200, []),
      true,
    ],
    ['a request of the provider that breaks its rules', new RequestValidationError('token request', []), true],
    ['an error of a foreign provider', new TypeError('fetch failed'), false],
  ])('for want of a token, because of %s: final %s', async (_, error, isFinal) => {
    const auth: AuthProvider = {
      header: () => ['a', 'b'],
      invalidate: () => undefined,
      getToken: () => Promise.reject(error),
    };
    const { stream, seen } = fakeWsStream({ auth });
    const connected = stream.connect(patient);
    connected.catch(() => undefined);
    await settle();
    expect(namesOf(seen)).toEqual([isFinal ? 'terminated' : 'reconnecting']);
    if (isFinal) await expect(connected).rejects.toBe(error);
    await stream.close();
  });
});

describe('a token endpoint, once a connection was open,', () => {
  const reconnectWithout = async (error: Error): Promise<Awaited<ReturnType<typeof openFakeWs>>> => {
    const setup = await openFakeWs();
    setup.auth.getToken = () => Promise.reject(error);
    setup.net.last.closed(1006);
    await setup.clock.advance(1500);
    return setup;
  };

  test.each([
    new NotFoundError({ method: 'POST', path: '/t', attempts: 1, status: 404 }),
    new ResponseValidationError({ method: 'POST', path: '/t', attempts: 1 }, 200, []),
  ])('that is not itself for a while is asked again: %s', async (error) => {
    const { seen, stream } = await reconnectWithout(error);
    expect(seen.at(-1)).toMatchObject(['reconnecting', { error }]);
    await stream.close();
  });

  test.each([200, 401])('that refuses the client with the status %i ends the stream', async (status) => {
    const { seen } = await reconnectWithout(
      new OAuthError({ method: 'POST', path: '/t', attempts: 1, status, serverCode: 'invalid_client' }),
    );
    expect(seen.at(-1)).toMatchObject(['terminated', { error: { serverCode: 'invalid_client' } }]);
  });

  test('that asks for a wait is given it, as far as the longest wait allows', async () => {
    const { seen, stream } = await reconnectWithout(
      new RateLimitError({ method: 'POST', path: '/t', attempts: 1, status: 429, retryAfterMs: 300_000 }),
    );
    expect(delaysOf(seen)).toEqual([1500, 26_250]);
    await stream.close();
  });
});

describe('an upgrade answered by a status, before any connection was open,', () => {
  test.each([408, 425, 429, 500, 502, 503])('is tried again on %i', async (status) => {
    const { net, seen, stream } = fakeWsStream();
    void stream.connect(patient).catch(() => undefined);
    await settle();
    net.last.refuse(status);
    await settle();
    expect(seen).toMatchObject([['reconnecting', { attempt: 1, delayMs: 1500, error: { status } }]]);
    await stream.close();
  });

  test.each([101, 200, 302, 426])('that ends with %i says what to check', async (status) => {
    const { net, stream } = fakeWsStream();
    const connected = stream.connect();
    await settle();
    net.last.refuse(status);
    await expect(connected).rejects.toThrow(
      `responded to the upgrade with ${status}; check streamUrl, and that every proxy forwards WebSocket upgrades`,
    );
  });

  test.each([302, 400, 404, 410, 426, 499])('ends the stream on %i', async (status) => {
    const { net, seen, stream } = fakeWsStream();
    const connected = stream.connect(patient);
    connected.catch(() => undefined);
    await settle();
    net.last.refuse(status);
    await expect(connected).rejects.toMatchObject({ name: 'StreamError', status });
    expect(namesOf(seen)).toEqual(['terminated']);
  });
});

/** What a server may do with a connection. */
const fate = fc.oneof(
  fc.record({ kind: fc.constant('refused' as const), status: fc.constantFrom(401, 403, 404, 429, 500, 503) }),
  fc.record({ kind: fc.constant('failed' as const) }),
  fc.record({
    kind: fc.constant('closed' as const),
    code: fc.constantFrom(1000, 1001, 1005, 1006, 1008, 1011, 3000, 4000, 4401, 4403),
    openForMs: fc.constantFrom(0, 5000, 10_000, 60_000),
    frames: fc.nat({ max: 2 }),
  }),
);

test('whatever the server does, the stream follows its rules', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fate, { minLength: 1, maxLength: 12 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (fates, random) => {
        const { clock, net, seen, stream } = fakeWsStream({ random: () => random, pingIntervalMs: 1_000_000 });
        stream.connect(patient).catch(() => undefined);
        let attempts = 0;
        let refusedTokens = 0;
        let everOpen = false;
        let everAccepted = false;
        let expectedEvents = 0;
        for (const given of fates) {
          await clock.advance(30_000);
          const socket = net.last;
          let final: boolean;
          let atOnce = false;
          if (given.kind === 'refused') {
            socket.refuse(given.status);
            if (given.status === 401) refusedTokens += 1;
            atOnce = given.status === 401 && refusedTokens === 1;
            const isOutlasted = refusedTokens < 2 || everAccepted;
            final = given.status === 403 || (given.status === 404 && !everOpen) || !isOutlasted;
          } else if (given.kind === 'failed') {
            socket.fail(new Error('x'));
            final = false;
          } else {
            socket.open();
            everOpen = true;
            for (let index = 0; index < given.frames; index += 1) socket.frame(fragment('i', String(expectedEvents++)));
            await clock.advance(given.openForMs);
            socket.closed(given.code);
            const refuses = given.code === 4401 || given.code === 3000;
            if (given.openForMs >= 10_000) attempts = 0;
            if (given.openForMs >= 10_000 || given.frames > 0 || !refuses) {
              refusedTokens = 0;
              everAccepted = true;
            }
            if (refuses) refusedTokens += 1;
            final = given.code === 1008 || given.code === 4403 || (refusedTokens > 1 && !everAccepted);
          }
          await settle();
          if (final) {
            expect(stream.state).toBe('terminated');
            break;
          }
          attempts += 1;
          const upper = Math.min(30_000, 1000 + 1000 * 2 ** (attempts - 1));
          const last = seen.filter(([name]) => name === 'reconnecting').at(-1)?.[1] as StreamReconnecting;
          expect(last.attempt).toBe(attempts);
          if (atOnce) expect(last.delayMs).toBe(0);
          else expect(last.delayMs).toBeGreaterThanOrEqual(1000);
          expect(last.delayMs).toBeLessThanOrEqual(upper);
        }
        expect(net.mostLive).toBe(1);
        const texts = seen.flatMap(([name, event]) => (name === 'TRANSCRIPT_FRAGMENT' ? [event.text] : []));
        expect(texts).toEqual(Array.from({ length: expectedEvents }, (_, index) => String(index)));
        await stream.close();
        expect(clock.pendingDelays).toEqual([]);
        expect(net.sockets.some(({ isLive }) => isLive)).toBe(false);
      },
    ),
    { numRuns: 150 },
  );
});
