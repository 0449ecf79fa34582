import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  HttpClient,
  type AttemptInfo,
  type AuthProvider,
  type HttpRequest,
} from 'agent-assist-sdk';
import { redact, sleep } from '#dist/http/internal.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, dropConnection, scriptedServer } from '../helpers/scripted-server.js';

const POST: HttpRequest<unknown> = { method: 'POST', path: '/thing', json: { a: 1 } };

/** Gives the tokens one after the other; `invalidate` moves on if the token is the current one. */
function tokens(...values: readonly string[]): AuthProvider & { fetched: string[] } {
  let index = 0;
  const fetched: string[] = [];
  return {
    fetched,
    getToken: () => {
      const token = values[Math.min(index, values.length - 1)] ?? '';
      fetched.push(token);
      return Promise.resolve(token);
    },
    invalidate: (token) => {
      if (token === values[index]) index += 1;
    },
    header: (token) => ['Authorization', `Bearer ${token}`],
  };
}

describe('401', () => {
  it('drops the token, fetches another and repeats the call once, even a POST', async () => {
    await using server = await scriptedServer(answer(401), answer(200));
    const http = new HttpClient({ baseUrl: server.url, auth: tokens('old', 'new') });
    const { attempts } = await http.request(POST).withResponse();
    expect(attempts).toBe(2);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
    expect(server.requests.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}']);
  });

  it('gives up when the fresh token is refused too', async () => {
    await using server = await scriptedServer(answer(401));
    const http = new HttpClient({ baseUrl: server.url, auth: tokens('one', 'two', 'three') });
    await expect(http.request(POST)).rejects.toMatchObject({ name: 'AuthenticationError', attempts: 2 });
    expect(server.requests).toHaveLength(2);
  });

  it('gives up at once when the provider has no other token', async () => {
    await using server = await scriptedServer(answer(401));
    const http = new HttpClient({ baseUrl: server.url, auth: tokens('only') });
    await expect(http.request(POST)).rejects.toMatchObject({ status: 401, attempts: 1 });
  });

  it('ends in time when the provider never comes to an end with the refused token', async () => {
    await using server = await scriptedServer(answer(401));
    const clock = new FakeClock();
    const auth: AuthProvider = { ...tokens('old', 'new'), invalidate: () => new Promise(() => undefined) };
    const http = new HttpClient({ baseUrl: server.url, auth, clock, fetch: clock.fetch, totalTimeoutMs: 2000 });
    await expect(clock.runUntilSettled(http.request(POST))).rejects.toMatchObject({
      name: 'TimeoutError',
      attempts: 1,
    });
    expect(clock.monotonic()).toBe(2000);
  });

  it('reports each attempt with its own time, however long the new token takes', async () => {
    await using server = await scriptedServer(answer(401), answer(200));
    const clock = new FakeClock();
    const provider = tokens('old', 'new');
    const slow: AuthProvider = {
      ...provider,
      invalidate: async (token) => {
        await sleep(clock, 400);
        return provider.invalidate(token);
      },
    };
    const attempts: AttemptInfo[] = [];
    const http = new HttpClient({
      baseUrl: server.url,
      auth: slow,
      clock,
      fetch: clock.fetch,
      onAttempt: (info) => attempts.push(info),
    });
    await clock.runUntilSettled(http.request(POST));
    expect(attempts).toMatchObject([
      { attempt: 1, status: 401, durationMs: 0, retryDelayMs: 0 },
      { attempt: 2, status: 200, durationMs: 0 },
    ]);
  });

  it('reports the refused attempt also when no other token is to be had', async () => {
    await using server = await scriptedServer(answer(401));
    const attempts: AttemptInfo[] = [];
    const fetched: string[] = [];
    const auth: AuthProvider = {
      ...tokens(),
      getToken: () => (fetched.push('') > 1 ? Promise.reject(new Error('gone')) : Promise.resolve('old')),
    };
    const http = new HttpClient({ baseUrl: server.url, auth, onAttempt: (info) => attempts.push(info) });
    await expect(http.request(POST)).rejects.toThrow('gone');
    expect(attempts).toMatchObject([{ attempt: 1, status: 401, retryDelayMs: undefined }]);
  });

  it('leaves no timer behind when the provider throws at once', async () => {
    const clock = new FakeClock();
    const auth: AuthProvider = {
      ...tokens(),
      getToken: () => {
        throw new ConfigurationError('no secret');
      },
    };
    const http = new HttpClient({ baseUrl: 'http://127.0.0.1:1', auth, clock });
    await expect(http.request(POST)).rejects.toThrow('no secret');
    expect(clock.pendingDelays).toEqual([]);
  });

  it('leaves a token alone that another call has renewed in the meantime', async () => {
    await using server = await scriptedServer(answer(401), answer(200));
    const auth = tokens('old', 'new', 'newest');
    const http = new HttpClient({
      baseUrl: server.url,
      auth,
      onAttempt: ({ attempt }) => {
        if (attempt === 1) void auth.invalidate('old');
      },
    });
    await http.request(POST);
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer new');
  });

  it('repeats on other failures with the renewed token, within the same number of retries', async () => {
    await using server = await scriptedServer(answer(401), answer(500), answer(500), answer(200));
    const clock = new FakeClock();
    const http = new HttpClient({ baseUrl: server.url, auth: tokens('old', 'new'), clock, maxRetries: 2 });
    const { attempts } = await clock.runUntilSettled(http.request(POST, { idempotencyKey: 'k' }).withResponse());
    expect(attempts).toBe(4);
    expect(server.requests.slice(1).every(({ headers }) => headers.authorization === 'Bearer new')).toBe(true);
  });
});

describe('the provider', () => {
  it("is not repeated by the core: its failure is the call's", async () => {
    await using server = await scriptedServer(answer(200));
    let asked = 0;
    const failure = new ConfigurationError('no token to be had');
    const getToken = (): Promise<string> => {
      asked += 1;
      return Promise.reject(failure);
    };
    const http = new HttpClient({ baseUrl: server.url, auth: { ...tokens('t'), getToken } });
    await expect(http.request(POST)).rejects.toBe(failure);
    expect([asked, server.requests.length]).toEqual([1, 0]);
  });

  it('is not waited for when it has a token at hand, until a server refuses that', async () => {
    await using server = await scriptedServer(answer(200), answer(401), answer(200));
    let cached: string | undefined = 'cached';
    const auth = {
      ...tokens('fetched'),
      cachedToken: () => cached,
      invalidate: () => {
        cached = undefined;
      },
    };
    const http = new HttpClient({ baseUrl: server.url, auth });
    await http.request(POST);
    expect(auth.fetched).toEqual([]);
    await http.request(POST);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer cached',
      'Bearer cached',
      'Bearer fetched',
    ]);
  });

  it('may return its token at once instead of a promise, in plain JavaScript', async () => {
    await using server = await scriptedServer(answer(200));
    const auth = { ...tokens('only'), getToken: () => 'at once' } as unknown as AuthProvider;
    await new HttpClient({ baseUrl: server.url, auth }).request(POST);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer at once');
  });

  it.each([undefined, null, 7, { token: 't' }])('is named if its token is not a string: %s', async (token) => {
    await using server = await scriptedServer(answer(401), answer(200));
    const error = new ConfigurationError('token: expected a string');
    const giving = (...values: unknown[]): HttpClient => {
      const auth = { ...tokens('t'), getToken: () => Promise.resolve(values.shift()) } as unknown as AuthProvider;
      return new HttpClient({ baseUrl: server.url, auth });
    };
    await expect(giving(token).request(POST)).rejects.toThrow(error);
    expect(server.requests).toHaveLength(0);
    await expect(giving('old', token).request(POST)).rejects.toThrow(error);
    expect(server.requests).toHaveLength(1);
  });

  it('cannot hold a call longer than its total time', async () => {
    const clock = new FakeClock();
    const auth = { ...tokens('t'), getToken: () => new Promise<string>(() => undefined) };
    const http = new HttpClient({ baseUrl: 'http://127.0.0.1:9', auth, clock, totalTimeoutMs: 2000 });
    await expect(clock.runUntilSettled(http.request(POST))).rejects.toMatchObject({
      name: 'TimeoutError',
      attempts: 0,
    });
    expect(clock.monotonic()).toBe(2000);
  });
});

describe('secrets', () => {
  const CANARY = 'canary+secret/ü= "\\x';
  const seenIn = (value: unknown): boolean => {
    const text = [
      inspect(value, { depth: 10, showHidden: true }),
      JSON.stringify(value),
      String(value),
      (value as Error).stack ?? '',
    ].join('\n');
    return text.includes('canary') || text.includes('secret/');
  };

  it('stay out of errors, logs and attempts, also when the server quotes them', async () => {
    const quoted = { error: 'bad', message: `token ${CANARY} and Bearer abc.def refused` };
    const logged: unknown[] = [];
    const log = (...line: unknown[]): void => void logged.push(line);
    const logger = { debug: log, info: log, warn: log, error: log };
    for (const script of [
      answer(400, quoted),
      answer(500, quoted),
      answer(401, quoted),
      dropConnection,
      answer(200, '{"canary'),
    ]) {
      await using server = await scriptedServer(script);
      const clock = new FakeClock();
      const auth: AuthProvider = {
        ...tokens('x'),
        getToken: () => Promise.resolve('canary-token'),
        header: () => ['x-api-key', 'canary-key'],
      };
      const http = new HttpClient({ baseUrl: server.url, auth, clock, logger, onAttempt: log });
      const error: unknown = await clock
        .runUntilSettled(
          http.request({
            ...POST,
            path: '/thing/{key}',
            pathParams: { key: CANARY },
            secrets: [CANARY],
            query: { access_token: 'canary-query' },
            response: undefined,
          }),
        )
        .then(
          () => undefined,
          (reason: unknown) => reason,
        );
      expect(seenIn(error ?? {})).toBe(false);
      expect(seenIn(http)).toBe(false);
    }
    expect(seenIn(logged)).toBe(false);
  });

  it.each(['X-API-Key', 'apikey', 'X-Deki-Token', 'X-Webhook-Key'])(
    'of the header %s stay out of errors, also when the server quotes them',
    async (name) => {
      await using server = await scriptedServer(answer(400, { message: 'bad key canary-of-a-header' }));
      const http = new HttpClient({ baseUrl: server.url });
      const error: unknown = await http
        .request(POST, { headers: { [name]: 'canary-of-a-header' } })
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ serverMessage: 'bad key [redacted]' });
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
    },
  );

  it('stay out of the error for a credential that no header can carry', async () => {
    const auth = { ...tokens('t'), header: () => ['authorization', 'Bearer canary\n'] as const };
    const http = new HttpClient({ baseUrl: 'http://127.0.0.1:9', auth });
    const error: unknown = await http.request(POST).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(seenIn(error)).toBe(false);
  });

  it.each([
    'a bearer token is missing',
    'Bearer token expired',
    'Bearer token.',
    'basic authentication is not enabled',
    'Invalid bearer credentials supplied',
  ])('leave %j as it is', (text) => {
    expect(redact(text)).toBe(text);
  });

  it.each([
    'Bearer abc.def',
    'bearer opaque1',
    'Basic dXNlcjpwYXNz',
    'Basic dTpw=',
    'Bearer abcdefghijklmnop',
    'Bearer a-b_c',
  ])('are removed from %j', (text) => {
    expect(redact(text)).toBe(`${text.split(' ')[0] ?? ''} [redacted]`);
  });

  it('are not looked for in what stands for another', () => {
    expect(redact('token t of client-1', ['client-1', 't'])).toBe('[redacted]oken [redacted] of [redacted]');
  });

  it('are removed from a text whatever they and the text are', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    fc.assert(
      fc.property(
        text,
        fc.array(fc.string({ unit: 'grapheme', minLength: 12 }), { minLength: 1, maxLength: 3 }),
        (rest, secrets) => {
          const shown = redact(secrets.map((secret) => `${rest}${secret}${rest}`).join(' '), secrets);
          expect(secrets.some((secret) => shown.includes(secret))).toBe(false);
        },
      ),
    );
  });

  it('are removed from a text in every spelling', () => {
    const text = `${CANARY} ${encodeURIComponent(CANARY)} ${JSON.stringify(CANARY)} ${String(new URLSearchParams({ s: CANARY }))}`;
    expect(redact(text, [CANARY])).not.toContain('canary');
    expect(redact('Authorization: Basic Y2FuYXJ5 and ?access_token=canary&x=1')).toBe(
      'Authorization: Basic [redacted] and ?access_token=[redacted]&x=1',
    );
  });
});

describe('a JSON Web Token that nobody here knows', () => {
  const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyOjEifQ.CANARY-sig_1';

  it.each([[`refused ${jwt}`], [`{"idToken":"${jwt}"}`], [`token:${jwt}, expired`]])(
    'is in no error: %s',
    async (said) => {
      await using server = await scriptedServer(answer(400, { detail: said }));
      const call = new HttpClient({ baseUrl: server.url }).request(POST);
      const error = await Promise.resolve(call).catch((reason: unknown) => reason);
      expect(inspect(error)).toContain('[redacted]');
      expect(inspect(error)).not.toContain('CANARY');
    },
  );

  it('takes no long time to be looked for', () => {
    const text = `${'eyJ-'.repeat(50_000)}.${'eyJ-'.repeat(50_000)}`;
    expect(redact(text)).toHaveLength(text.length);
  });
});
