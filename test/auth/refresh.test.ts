import {
  AbortError,
  AuthClient,
  ClosedError,
  OAuthError,
  ServerError,
  type AuthClientOptions,
  type Logger,
} from 'agent-assist-sdk';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { issuing, settle, TokenServer } from './token-server.js';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

function recordingLogger(lines: Line[]): Logger {
  const record = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    lines.push({ level, message, fields });
  return { debug: record('debug'), info: record('info'), warn: record('warn'), error: record('error') };
}

function setUp(options: Partial<AuthClientOptions> = {}) {
  const clock = new FakeClock();
  const server = new TokenServer();
  const lines: Line[] = [];
  const auth = new AuthClient({
    tokenUrl: 'https://tenant.example/oauth/token',
    clientId: 'id',
    clientSecret: 'canary-secret',
    clock,
    random: () => 0.5,
    transport: server.transport,
    logger: recordingLogger(lines),
    ...options,
  });
  return { auth, clock, server, lines };
}

const isEarlyRefreshWarning = ({ message }: Line): boolean => message.includes('before its expiry');

describe('a cached token', () => {
  it('is the current one, none before the first and none after the last', async () => {
    const { auth, server } = setUp();
    expect(auth.cachedToken()).toBeUndefined();
    const fetched = auth.getToken();
    await settle();
    server.last.issue();
    const token = await fetched;
    expect(auth.cachedToken()).toBe(token);
    await auth.close();
    expect(auth.cachedToken()).toBeUndefined();
  });

  it('is none of a class that has its own way to a token', async () => {
    class VaultAuth extends AuthClient {
      override getToken(): Promise<string> {
        return Promise.resolve('from-the-vault');
      }
    }
    const { server } = setUp();
    const auth = new VaultAuth({
      tokenUrl: 'https://tenant.example/oauth/token',
      clientId: 'id',
      clientSecret: 'secret',
      transport: server.transport,
    });
    expect(auth.cachedToken()).toBeUndefined();
    expect(await auth.getToken()).toBe('from-the-vault');
  });
});

describe('one request for all', () => {
  it('gives a thousand concurrent callers the token of one request', async () => {
    const { auth, server } = setUp();
    const calls = Array.from({ length: 1000 }, () => auth.getToken());
    await settle();
    expect(server.requests).toHaveLength(1);
    server.last.issue();
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['token-1']));
    expect(await auth.getToken()).toBe('token-1');
    expect(server.requests).toHaveLength(1);
  });

  it('lets every caller fail with the same refusal and does not remember it', async () => {
    const { auth, server } = setUp();
    const calls = Promise.allSettled([auth.getToken(), auth.getToken()]);
    await settle();
    server.last.answer(401, { error: 'invalid_client', error_description: 'unknown client' });
    for (const call of await calls) {
      expect(call).toMatchObject({
        status: 'rejected',
        reason: { serverCode: 'invalid_client', serverMessage: 'unknown client' },
      });
    }
    const next = auth.getToken();
    await settle();
    server.last.issue();
    expect(await next).toBe('token-1');
    expect(server.requests).toHaveLength(2);
  });

  it('ends one caller by its signal and leaves the request to the others', async () => {
    const { auth, server } = setUp();
    const controller = new AbortController();
    const impatient = auth.getToken({ signal: controller.signal });
    const patient = auth.getToken();
    await settle();
    controller.abort(new Error('enough'));
    await expect(impatient).rejects.toMatchObject({ name: 'AbortError', cause: new Error('enough') });
    expect(server.last.signal.aborted).toBe(false);
    server.last.issue();
    expect(await patient).toBe('token-1');
  });

  it('sends nothing for a caller whose signal is aborted beforehand', async () => {
    const { auth, server } = setUp();
    await expect(auth.getToken({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortError);
    expect(server.requests).toHaveLength(0);
  });

  it('also ends such a caller when there is a token', async () => {
    const { auth, server } = setUp();
    server.onRequest = issuing(3600);
    await auth.getToken();
    await expect(auth.getToken({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortError);
  });

  it('aborts the request when nobody waits for it any more, and begins another for the next caller', async () => {
    const { auth, server } = setUp();
    const controllers = [new AbortController(), new AbortController()];
    const calls = Promise.allSettled(controllers.map(({ signal }) => auth.getToken({ signal })));
    await settle();
    controllers[0]?.abort();
    await settle();
    expect(server.last.signal.aborted).toBe(false);
    controllers[1]?.abort();
    await calls;
    await settle();
    expect(server.requests[0]?.signal.aborted).toBe(true);
    const next = auth.getToken();
    await settle();
    server.last.issue();
    expect(await next).toBe('token-1');
    expect(server.requests).toHaveLength(2);
    expect(server.maxAtATime).toBe(1);
  });

  it('repeats the request after 429, 5xx and a lost connection', async () => {
    const { auth, clock, server } = setUp();
    const token = auth.getToken();
    await settle();
    server.last.answer(429, {}, { 'retry-after': '2' });
    await settle();
    expect(server.requests).toHaveLength(1);
    await clock.advance(2000);
    server.last.answer(503, 'busy');
    await clock.advance(1000);
    server.last.fail(new Error('reset'));
    await clock.advance(2000);
    server.last.issue();
    expect(await token).toBe('token-1');
    expect(server.requests.map(({ form }) => form.toString())).toEqual(Array(4).fill(server.last.form.toString()));
  });

  it('gives up with the error of the last attempt', async () => {
    const { auth, clock, server } = setUp({ maxRetries: 1 });
    server.onRequest = (request) => {
      request.answer(500, { error: 'server_error' });
    };
    await expect(clock.runUntilSettled(auth.getToken())).rejects.toBeInstanceOf(ServerError);
    expect(server.requests).toHaveLength(2);
  });

  it('begins one further request when callers come at every turn while one fails', async () => {
    const { auth, server } = setUp({ maxRetries: 0 });
    const calls: Promise<unknown>[] = [];
    const call = (): void => {
      calls.push(auth.getToken().catch(() => 'failed'));
    };
    call();
    await settle();
    server.last.answer(500, {});
    for (let turn = 0; turn < 100; turn += 1) {
      await Promise.resolve();
      call();
    }
    await settle();
    expect(server.requests).toHaveLength(2);
    server.last.issue();
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['failed', 'token-1']));
  });

  it('reports a refusal at once', async () => {
    const { auth, server } = setUp();
    server.onRequest = (request) => {
      request.answer(400, { error: 'invalid_scope' });
    };
    const error = await auth.getToken().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).toMatchObject({
      serverCode: 'invalid_scope',
      status: 400,
      attempts: 1,
      message: 'The token endpoint refused with invalid_scope',
    });
    expect(server.requests).toHaveLength(1);
  });
});

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

describe('invalidate', () => {
  it('drops the current token', async () => {
    const { auth, server } = setUp();
    server.onRequest = issuing(3600);
    auth.invalidate(await auth.getToken());
    expect(await auth.getToken()).toBe('token-2');
  });

  it('has no effect when another token is current', async () => {
    const { auth, server } = setUp();
    server.onRequest = issuing(3600);
    const old = await auth.getToken();
    auth.invalidate(old);
    await auth.getToken();
    auth.invalidate(old);
    auth.invalidate('never-seen');
    expect(await auth.getToken()).toBe('token-2');
    expect(server.requests).toHaveLength(2);
  });

  it('makes all who were refused share one request', async () => {
    const { auth, server } = setUp();
    server.onRequest = issuing(3600);
    const tokens = await Promise.all(Array.from({ length: 100 }, () => auth.getToken()));
    const renewed = await Promise.all(
      tokens.map((token) => {
        auth.invalidate(token);
        return auth.getToken();
      }),
    );
    expect(new Set(renewed)).toEqual(new Set(['token-2']));
    expect(server.requests).toHaveLength(2);
  });

  it('asks again when a request that began before brings the refused token', async () => {
    const { auth, clock, server } = setUp();
    server.onRequest = issuing(3600);
    const refused = await auth.getToken();
    server.onRequest = undefined;
    await clock.advance(3_550_000);
    await auth.getToken();
    await settle();
    auth.invalidate(refused);
    const renewed = auth.getToken();
    server.last.answer(200, { access_token: refused, token_type: 'Bearer', expires_in: 3600 });
    await settle();
    expect(server.requests).toHaveLength(3);
    server.last.issue();
    expect(await renewed).toBe('token-2');
  });

  it('takes the same token when the endpoint issues it anew after the refusal', async () => {
    const { auth, server } = setUp();
    server.onRequest = (request) => {
      request.answer(200, { access_token: 'steady', token_type: 'Bearer', expires_in: 3600 });
    };
    auth.invalidate(await auth.getToken());
    expect(await auth.getToken()).toBe('steady');
    expect(server.requests).toHaveLength(2);
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
