import * as z from 'zod';
import { describe, expect, it, vi } from 'vitest';
import {
  ConfigurationError,
  ConnectionError,
  HttpClient,
  type AttemptInfo,
  type AuthProvider,
  type Clock,
} from 'agent-assist-sdk';
import { RetryBudget, systemClock, type TransportResponse } from 'agent-assist-sdk/http';
import { pollUntilDone, parseBaseUrl, parseHttpDate, redact, sleep, toIssues } from '#dist/http/internal.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, dropConnection, scriptedServer } from '../helpers/scripted-server.js';

const GET = { method: 'GET', path: '/thing' } as const;
const BASE = 'https://a.example';

describe('validation messages', () => {
  const messagesOf = (schema: z.ZodType, value: unknown): readonly (readonly [string, string])[] => {
    const result = schema.safeParse(value);
    return result.success ? [] : toIssues(result.error).map(({ path, message }) => [path, message] as const);
  };

  it('say what was expected and where, and never the value', () => {
    expect(
      messagesOf(z.object({ list: z.array(z.object({ n: z.number() })) }), { list: [{ n: 1 }, { n: 'x' }] }),
    ).toEqual([['list[1].n', 'expected number']]);
    expect(messagesOf(z.strictObject({ a: z.string() }), { a: '', b: 1 })).toEqual([['', 'unknown b']]);
  });

  it('are those of the schema for a check of its own', () => {
    expect(messagesOf(z.number().gte(1), 0)).toEqual([['', 'Too small: expected number to be >=1']]);
    expect(messagesOf(z.string().min(2, 'write two letters'), 'x')).toEqual([['', 'write two letters']]);
    expect(messagesOf(z.enum(['a', 'b']), 'secret')).toEqual([['', 'Invalid option: expected one of "a"|"b"']]);
  });
});

describe('an attempt', () => {
  it('is reported with how long it took', async () => {
    const clock = new FakeClock();
    const attempts: AttemptInfo[] = [];
    const transport = async (): Promise<TransportResponse> => {
      await sleep(clock, 120);
      return new Response('');
    };
    const http = new HttpClient({ baseUrl: BASE, clock, transport, onAttempt: (info) => attempts.push(info) });
    await clock.advance(5000);
    const { requestId } = await clock.runUntilSettled(http.request(GET).withResponse());
    expect(attempts).toMatchObject([{ attempt: 1, status: 200, durationMs: 120 }]);
    expect(requestId).toBeUndefined();
  });

  it('is one request on the wire: the transport repeats nothing by itself', async () => {
    await using server = await scriptedServer(dropConnection);
    const http = new HttpClient({ baseUrl: server.url, maxRetries: 0 });
    await expect(http.request(GET)).rejects.toBeInstanceOf(ConnectionError);
    expect(server.requests).toHaveLength(1);
  });

  it('leaves no timer behind when it is given an AbortController in place of its signal', async () => {
    const clock = new FakeClock();
    const signal = new AbortController() as never;
    await expect(new HttpClient({ baseUrl: BASE, clock }).request(GET, { signal })).rejects.toThrow(
      'signal: expected an AbortSignal',
    );
    await expect(sleep(clock, 1000, signal)).rejects.toThrow(TypeError);
    expect(clock.pendingDelays).toEqual([]);
  });

  it('goes through the fetch that was given', async () => {
    let calls = 0;
    const ownFetch: typeof fetch = () => {
      calls += 1;
      return Promise.resolve(Response.json({}));
    };
    await new HttpClient({ baseUrl: BASE, fetch: ownFetch }).request(GET);
    expect(calls).toBe(1);
  });

  it('sends a form as one', async () => {
    await using server = await scriptedServer(answer(200));
    await new HttpClient({ baseUrl: server.url }).request({
      method: 'POST',
      path: '/token',
      form: new URLSearchParams({ a: 'b c' }),
    });
    expect(server.requests[0]).toMatchObject({
      body: 'a=b+c',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  });

  it('sends JSON as such, and an idempotency key only where one is given', async () => {
    await using server = await scriptedServer(answer(200));
    await new HttpClient({ baseUrl: server.url }).request({ method: 'POST', path: '/thing', json: { a: 1 } });
    expect(server.requests[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(server.requests[0]?.headers).not.toHaveProperty('x-idempotency-key');
  });

  it('says of a redirect that it is not followed', async () => {
    await using server = await scriptedServer(answer(302, {}, { location: '/elsewhere' }));
    await expect(new HttpClient({ baseUrl: server.url }).request(GET)).rejects.toThrow('redirects are not followed');
  });

  it('has no body and no content type where there is nothing to send', async () => {
    await using server = await scriptedServer(answer(200));
    await new HttpClient({ baseUrl: server.url }).request(GET);
    expect(server.requests[0]?.body).toBe('');
    expect(server.requests[0]?.headers).not.toHaveProperty('content-type');
  });
});

describe('the cause of a failed connection', () => {
  const failingWith = async (error: unknown): Promise<ConnectionError> => {
    const http = new HttpClient({ baseUrl: BASE, transport: () => Promise.reject(error), maxRetries: 0 });
    return http.request(GET).then(
      () => Promise.reject(new Error('expected a rejection')),
      (reason: unknown) => reason as ConnectionError,
    );
  };

  it('is the innermost error that has a code', async () => {
    const inner = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const error = await failingWith(new TypeError('fetch failed', { cause: new Error('wrapped', { cause: inner }) }));
    expect(error.systemCode).toBe('ECONNRESET');
    expect((error.cause as Error).message).toBe('read ECONNRESET');
  });

  it('is the innermost error where none has a code, and a plain one for anything else', async () => {
    const error = await failingWith(new TypeError('fetch failed', { cause: new Error('terminated') }));
    expect([error.systemCode, (error.cause as Error).message]).toEqual([undefined, 'terminated']);
    expect(((await failingWith('no error at all')).cause as Error).message).toBe('connection failed');
  });
});

describe('the credential', () => {
  it.each([400, 403, 404, 422, 500])('is kept when the answer is %i', async (status) => {
    await using server = await scriptedServer(answer(status));
    const invalidated: string[] = [];
    const auth: AuthProvider = {
      getToken: () => Promise.resolve(`token-${invalidated.length}`),
      invalidate: (token) => void invalidated.push(token),
      header: (token) => ['authorization', `Bearer ${token}`],
    };
    await expect(new HttpClient({ baseUrl: server.url, auth, maxRetries: 0 }).request(GET)).rejects.toMatchObject({
      status,
      attempts: 1,
    });
    expect(invalidated).toEqual([]);
  });
});

describe('bounds', () => {
  it('hold for the retry budget', () => {
    expect(() => new RetryBudget({ capacity: -1 })).toThrow(ConfigurationError);
    expect(() => new RetryBudget({ capacity: Number.NaN })).toThrow(ConfigurationError);
    expect(() => new RetryBudget({ capactiy: 5 } as never)).toThrow("did you mean 'capacity'?");
    const budget = new RetryBudget({ capacity: 10 });
    expect(budget.take('timeout')).toBe(10);
    expect(budget.take('failure')).toBeUndefined();
    budget.refund();
    expect(budget.tokens).toBe(1);
  });

  it('hold for a wait whose timer rings early', async () => {
    const clock = new FakeClock();
    const early: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs > 1 ? delayMs - 1 : delayMs),
      clearTimeout: (timer) => clock.clearTimeout(timer),
    };
    await clock.runUntilSettled(sleep(early, 1000));
    expect(clock.monotonic()).toBe(1000);
  });

  it('hold for a wait that is longer than a timer can be', async () => {
    const clock = new FakeClock();
    const delayMs = 2 ** 32;
    const done = vi.fn();
    void sleep(clock, delayMs).then(done);
    expect(clock.pendingDelays).toEqual([2 ** 31 - 1]);
    await clock.advance(delayMs - 1);
    expect(done).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(done).toHaveBeenCalled();
  });

  it.each([2 ** 31, Infinity])("are not rung at once by the system's clock for being %d ms long", (delayMs) => {
    vi.useFakeTimers();
    try {
      const ring = vi.fn();
      const timer = systemClock.setTimeout(ring, delayMs);
      vi.advanceTimersByTime(2 ** 31 - 2);
      expect(ring).not.toHaveBeenCalled();
      systemClock.clearTimeout(timer);
    } finally {
      vi.useRealTimers();
    }
  });

  it('refuse credentials in a base URL, one part being enough', () => {
    expect(() => parseBaseUrl('https://user@a.example', 'baseUrl')).toThrow(ConfigurationError);
    expect(() => parseBaseUrl('https://:password@a.example', 'baseUrl')).toThrow(ConfigurationError);
  });

  it('leave a text alone that an empty secret could be anywhere in', () => {
    expect(redact('as it was', [''])).toBe('as it was');
  });

  it('take a leap second as the second before it', () => {
    expect(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT', 0)).toBe(Date.parse('2016-12-31T23:59:59Z'));
  });

  it('give a poll ten minutes, and its last wait none beyond them', async () => {
    const clock = new FakeClock();
    let reads = 0;
    const read = (): Promise<{ status: string }> => {
      reads += 1;
      return Promise.resolve({ status: 'running' });
    };
    const poll = pollUntilDone({ clock }, { job: 'job', id: '7', read });
    await expect(clock.runUntilSettled(poll)).rejects.toMatchObject({
      name: 'TimeoutError',
      timeoutMs: 600_000,
    });
    expect(reads).toBe(300);
    expect(clock.monotonic()).toBe(598_000);
  });
});
