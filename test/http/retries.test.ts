import fc from 'fast-check';
import * as z from 'zod/mini';
import { describe, expect, it } from 'vitest';
import {
  AbortError,
  ApiError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  ConnectionError,
  HttpClient,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ServerError,
  TimeoutError,
  UnprocessableEntityError,
  type HttpRequest,
} from 'agent-assist-sdk';
import { RetryBudget } from 'agent-assist-sdk/http';
import { backoffDelay } from '#dist/http/internal.js';
import { FakeClock } from '../helpers/fake-clock.js';
import {
  answer,
  dropConnection,
  dropInBody,
  halfAnswer,
  hang,
  refusedUrl,
  scriptedServer,
  type Script,
} from '../helpers/scripted-server.js';
import { GET, setUp, errorOf } from './retrying.js';

const POST: HttpRequest<unknown> = { method: 'POST', path: '/thing', json: { b: 1, a: [2, 'ü'] } };

const ASKING_POST: HttpRequest<unknown> = { ...POST, safeToRepeat: true };

describe('which calls are repeated', () => {
  it.each([408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529])(
    'repeats GET, PUT, DELETE and a POST that only asks on %i',
    async (status) => {
      for (const request of [
        GET,
        ASKING_POST,
        { ...POST, method: 'PUT' as const },
        { ...GET, method: 'DELETE' as const },
      ]) {
        await using server = await scriptedServer(answer(status), answer(200));
        const { clock, http } = setUp(server.url);
        await clock.runUntilSettled(http.request(request));
        expect(server.requests).toHaveLength(2);
      }
    },
  );

  it.each([400, 401, 403, 404, 409, 410, 418, 422, 501, 505])('does not repeat on %i', async (status) => {
    await using server = await scriptedServer(answer(status));
    const { clock, http } = setUp(server.url);
    expect(await errorOf(clock.runUntilSettled(http.request(GET)))).toMatchObject({ status, attempts: 1 });
    expect(server.requests).toHaveLength(1);
  });

  it.each<[string, number, Script]>([
    ['429', 2, answer(429)],
    ['503 with Retry-After', 2, answer(503, {}, { 'retry-after': '1' })],
    ['522 with Retry-After', 2, answer(522, {}, { 'retry-after': '1' })],
    ['529 with Retry-After', 2, answer(529, {}, { 'retry-after': '1' })],
    ['503', 1, answer(503)],
    ['529', 1, answer(529)],
    ['408', 1, answer(408)],
    ['500', 1, answer(500)],
    ['502', 1, answer(502)],
    ['a dropped connection', 1, dropConnection],
    ['a body that ends early', 1, dropInBody],
  ])('sends a POST that changes something after %s %i time(s) in all', async (_, count, failure) => {
    await using server = await scriptedServer(failure, answer(200));
    const { clock, http } = setUp(server.url);
    await clock.runUntilSettled(http.request(POST)).catch(() => undefined);
    expect(server.requests).toHaveLength(count);
  });

  it('repeats a POST with an idempotency key, byte for byte and with the same key', async () => {
    await using server = await scriptedServer(answer(500), dropConnection, dropInBody, answer(200));
    const { clock, http } = setUp(server.url);
    await clock.runUntilSettled(http.request({ ...POST, response: z.unknown() }, { idempotencyKey: 'key-1' }));
    expect(server.requests).toHaveLength(4);
    const [first, ...repeats] = server.requests.map(({ method, url, body, rawHeaders }) => ({
      method,
      url,
      body,
      rawHeaders,
    }));
    for (const repeat of repeats) expect(repeat).toEqual(first);
    expect(first?.body).toBe('{"b":1,"a":[2,"ü"]}');
    expect(server.requests[0]?.headers['x-idempotency-key']).toBe('key-1');
  });

  it('repeats a POST whose connection was refused, since nothing was sent', async () => {
    const { clock, http, attempts } = setUp(await refusedUrl());
    const error = await errorOf(clock.runUntilSettled(http.request(POST)));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: 'connection_failed', systemCode: 'ECONNREFUSED', attempts: 4 });
    expect(attempts).toHaveLength(4);
  });

  it('repeats three times by default, and as the client or the call says', async () => {
    await using server = await scriptedServer(answer(500));
    const { clock, http } = setUp(server.url);
    expect(await errorOf(clock.runUntilSettled(http.request(GET)))).toMatchObject({ attempts: 4 });
    expect(await errorOf(clock.runUntilSettled(http.request(GET, { maxRetries: 0 })))).toMatchObject({ attempts: 1 });
    const eager = setUp(server.url, { maxRetries: 4 });
    expect(await errorOf(eager.clock.runUntilSettled(eager.http.request(GET)))).toMatchObject({ attempts: 5 });
  });
});

describe.each(['closed', 'open'] as const)('a body that does not end, on a connection left %s', (end) => {
  it('of a 429 does not hide the wait that its Retry-After asks for, even if the call changes something', async () => {
    await using server = await scriptedServer(halfAnswer(429, { 'retry-after': '7' }, end), answer(200));
    const { clock, http, attempts } = setUp(server.url, { timeoutMs: 8000 });
    await clock.runUntilSettled(http.request(POST));
    expect(attempts).toMatchObject([{ status: 429, retryDelayMs: 7000 }, { status: 200 }]);
  });

  it('of a 403 causes no retry, which cannot help', async () => {
    await using server = await scriptedServer(halfAnswer(403, { 'x-request-id': 'req-7' }, end));
    const { clock, http } = setUp(server.url, { timeoutMs: 8000 });
    const error = await errorOf(clock.runUntilSettled(http.request({ ...GET, scopes: ['bot:read'] })));
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect(error).toMatchObject({ attempts: 1, requestId: 'req-7', scopes: ['bot:read'] });
  });

  it('of a 401 causes no further request once the time of the call is over', async () => {
    await using server = await scriptedServer(halfAnswer(401, {}, end));
    const auth = {
      getToken: () => Promise.resolve(`token-${server.requests.length}`),
      invalidate: () => undefined,
      header: (token: string) => ['authorization', `Bearer ${token}`] as const,
    };
    const { clock, http } = setUp(server.url, { auth, totalTimeoutMs: 8000 });
    expect(await errorOf(clock.runUntilSettled(http.request(GET)))).toBeInstanceOf(AuthenticationError);
    expect(server.requests).toHaveLength(end === 'open' ? 1 : 2);
  });

  it('of a 201 fails only a call that needs it', async () => {
    await using server = await scriptedServer(halfAnswer(201, {}, end));
    const { clock, http } = setUp(server.url, { timeoutMs: 8000 });
    await clock.runUntilSettled(http.request(POST));
    await errorOf(clock.runUntilSettled(http.request({ ...POST, response: z.unknown() })));
    expect(server.requests).toHaveLength(2);
  });

  it('of an HTML page is no success', async () => {
    await using server = await scriptedServer(halfAnswer(200, { 'content-type': 'text/html' }, end));
    const { clock, http } = setUp(server.url, { timeoutMs: 8000 });
    await errorOf(clock.runUntilSettled(http.request(POST)));
  });
});

describe('how long it waits', () => {
  it('waits as long as Retry-After says, in seconds or as a date', async () => {
    const date = (response: Parameters<Script>[0]): void => {
      const now = Date.parse('2026-05-05T05:05:05Z');
      response
        .writeHead(429, { date: new Date(now).toUTCString(), 'retry-after': new Date(now + 3000).toUTCString() })
        .end();
    };
    await using server = await scriptedServer(answer(429, {}, { 'retry-after': '2' }), date, answer(200));
    const { clock, http, attempts } = setUp(server.url);
    await clock.runUntilSettled(http.request(GET));
    expect(attempts.map(({ retryDelayMs }) => retryDelayMs)).toEqual([2000, 3000, undefined]);
    expect(clock.monotonic()).toBe(5000);
  });

  it('takes no wait that is asked for again and again for none asked for: it backs off and costs the budget', async () => {
    await using server = await scriptedServer(answer(429, {}, { 'retry-after': '0' }));
    const budget = new RetryBudget();
    const { clock, http, attempts } = setUp(server.url, { retryBudget: budget });
    await errorOf(clock.runUntilSettled(http.request(GET)));
    expect(attempts.map(({ retryDelayMs }) => retryDelayMs)).toEqual([0, 1000, 2000, undefined]);
    expect(budget.tokens).toBe(490);
  });

  it.each(['0.001', '0.09'])('takes a wait of %s s that is asked for again and again like one of 0', async (wait) => {
    await using server = await scriptedServer(answer(429, {}, { 'retry-after': wait }));
    const budget = new RetryBudget();
    const { clock, http, attempts } = setUp(server.url, { retryBudget: budget });
    await errorOf(clock.runUntilSettled(http.request(GET)));
    expect(attempts.map(({ retryDelayMs }) => retryDelayMs)).toEqual([Number(wait) * 1000, 1000, 2000, undefined]);
    expect(budget.tokens).toBe(490);
  });

  it('waits no less than asked for, even so', async () => {
    await using server = await scriptedServer(answer(429, {}, { 'retry-after': '0.09' }));
    const { clock, http, attempts } = setUp(server.url, { random: () => 0 });
    await errorOf(clock.runUntilSettled(http.request(GET)));
    expect(attempts.map(({ retryDelayMs }) => retryDelayMs)).toEqual([90, 90, 90, undefined]);
  });

  it('waits a fraction of a second', async () => {
    await using server = await scriptedServer(answer(429, {}, { 'retry-after': '1.5' }), answer(200));
    const { clock, http, attempts } = setUp(server.url);
    await clock.runUntilSettled(http.request(GET));
    expect(attempts[0]?.retryDelayMs).toBe(1500);
  });

  it('backs off exponentially with full jitter otherwise', async () => {
    await using server = await scriptedServer(
      answer(500),
      answer(429, {}, { 'retry-after': 'soon' }),
      answer(500),
      answer(200),
    );
    const { clock, http, attempts } = setUp(server.url);
    await clock.runUntilSettled(http.request(GET));
    expect(attempts.map(({ retryDelayMs }) => retryDelayMs)).toEqual([500, 1000, 2000, undefined]);
  });

  it('jitters over the whole range, up to the cap', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), random, (retry, r) => {
        const limit = Math.min(30_000, 1000 * 2 ** (retry - 1));
        const delay = backoffDelay(retry, () => r);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(Math.abs(delay - r * limit)).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  it('does not begin a wait that would outlast the call, and says what the server asked for', async () => {
    await using server = await scriptedServer(answer(429, {}, { 'retry-after': '60' }));
    const { clock, http } = setUp(server.url);
    const error = await errorOf(http.request(GET));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ retryAfterMs: 60_000, attempts: 1 });
    expect(clock.monotonic()).toBe(0);
  });

  it('ends an attempt at its limit and the call at its total', async () => {
    await using server = await scriptedServer(hang);
    const { clock, http, attempts } = setUp(server.url, { timeoutMs: 1000, totalTimeoutMs: 5000, maxRetries: 10 });
    const error = await errorOf(clock.runUntilSettled(http.request(GET)));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(clock.monotonic()).toBeLessThanOrEqual(5000);
    expect(attempts.length).toBeGreaterThan(2);
  });

  it('names the limit that was reached, not what was left of it', async () => {
    await using server = await scriptedServer(hang);
    const { clock, http } = setUp(server.url, { timeoutMs: 3000, totalTimeoutMs: 5000 });
    const error = await errorOf(clock.runUntilSettled(http.request(GET)));
    const attemptFailure = `GET /thing: no response from ${new URL(server.url).host} within 3000 ms`;
    expect(clock.monotonic()).toBe(5000);
    expect(error).toMatchObject({
      timeoutMs: 5000,
      attempts: 2,
      message: 'GET /thing: did not finish within 5000 ms in total; its last failure: ' + attemptFailure,
    });
  });

  it('ends even if the transport ignores its signal', async () => {
    const clock = new FakeClock();
    const http = new HttpClient({
      baseUrl: 'http://127.0.0.1',
      clock,
      transport: () => new Promise(() => undefined),
      maxRetries: 0,
    });
    const error = await errorOf(clock.runUntilSettled(http.request(GET), Infinity));
    expect(error).toMatchObject({ name: 'TimeoutError', timeoutMs: 10_000 });
  });

  it('ends when the body never does', async () => {
    const endless: Script = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{');
    };
    await using server = await scriptedServer(endless);
    const { clock, http } = setUp(server.url, { maxRetries: 0, timeoutMs: 1000 });
    expect(await errorOf(clock.runUntilSettled(http.request(GET)))).toBeInstanceOf(TimeoutError);
  });
});

describe('abort', () => {
  it('ends if the caller aborts while the body of an error status does not end', async () => {
    await using server = await scriptedServer(halfAnswer(404, {}, 'open'));
    const { clock, http } = setUp(server.url, { timeoutMs: 8000 });
    const controller = new AbortController();
    clock.setTimeout(() => controller.abort(), 1000);
    expect(await errorOf(clock.runUntilSettled(http.request(GET, { signal: controller.signal }), 500))).toBeInstanceOf(
      AbortError,
    );
  });

  it('rejects before anything is sent when the signal is aborted already', async () => {
    await using server = await scriptedServer(answer(200));
    const { http } = setUp(server.url);
    const reason = new Error('enough');
    const error = await errorOf(http.request(GET, { signal: AbortSignal.abort(reason) }));
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ name: 'AbortError', cause: reason });
    expect(server.requests).toHaveLength(0);
  });

  it('ends a request under way, and a wait, at once and leaves no timer behind', async () => {
    for (const script of [hang, answer(500)]) {
      await using server = await scriptedServer(script);
      const { clock, http } = setUp(server.url);
      const controller = new AbortController();
      const call = errorOf(http.request(GET, { signal: controller.signal }));
      while (server.requests.length === 0 || clock.pendingDelays.length === 0) await clock.advance(0);
      controller.abort();
      expect(await call).toBeInstanceOf(AbortError);
      expect(clock.pendingDelays).toEqual([]);
      expect(server.requests).toHaveLength(1);
    }
  });
});

describe('errors', () => {
  it.each<[number, new (...args: never[]) => ApiError]>([
    [400, BadRequestError],
    [401, AuthenticationError],
    [403, PermissionDeniedError],
    [404, NotFoundError],
    [409, ConflictError],
    [418, ApiError],
    [422, UnprocessableEntityError],
    [429, RateLimitError],
    [500, ServerError],
    [599, ServerError],
  ])('has a class for %i', async (status, type) => {
    await using server = await scriptedServer(answer(status, { message: 'why' }, { 'x-request-id': 'req-7' }));
    const { http } = setUp(server.url, { maxRetries: 0 });
    const error = await errorOf(http.request({ ...GET, scopes: ['bot:read'] }));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({
      name: type.name,
      status,
      method: 'GET',
      path: '/thing',
      requestId: 'req-7',
      attempts: 1,
      serverMessage: 'why',
    });
  });

  it('names the scopes that a refused call needs', async () => {
    await using server = await scriptedServer(answer(403));
    const { http } = setUp(server.url);
    const error = await errorOf(http.request({ ...GET, scopes: ['bot:read'] }));
    expect(error).toMatchObject({ scopes: ['bot:read'] });
    expect(String(error)).toContain('bot:read');
  });

  it('does not follow a redirect, which could carry a token to another host', async () => {
    await using elsewhere = await scriptedServer(answer(200));
    await using server = await scriptedServer(answer(307, {}, { location: elsewhere.url }));
    const { http } = setUp(server.url);
    expect(await errorOf(http.request(POST))).toMatchObject({ status: 307 });
    expect(elsewhere.requests).toHaveLength(0);
  });

  it('keeps a cause for a failed connection', async () => {
    const { http } = setUp(await refusedUrl(), { maxRetries: 0 });
    const error = (await errorOf(http.request(GET))) as ConnectionError;
    expect(error.cause).toBeInstanceOf(Error);
    expect((error.cause as Error).message).toContain('ECONNREFUSED');
  });
});
