import * as z from 'zod/mini';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  ApiPromise,
  ConfigurationError,
  HttpClient,
  PaginationError,
  ResponseValidationError,
  TimeoutError,
  type CallOptions,
  type Page,
  type PagedIterable,
} from 'agent-assist-sdk';
import { followCursors, pollUntilDone, type PollOptions } from '#dist/http/internal.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

const GET = { method: 'GET', path: '/thing' } as const;

describe('a call', () => {
  it('resolves with the parsed answer, and with what came around it', async () => {
    await using server = await scriptedServer(answer(200, { n: 1 }, { 'x-request-id': 'req-1' }));
    const http = new HttpClient({ baseUrl: `${server.url}/base/` });
    const call = http.request({ ...GET, response: z.looseObject({ n: z.number() }) });
    expect(call).toBeInstanceOf(ApiPromise);
    expect(await call).toEqual({ n: 1 });
    const response = await call.withResponse();
    expect(response).toMatchObject({ data: { n: 1 }, status: 200, requestId: 'req-1', attempts: 1 });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.url).toBe('/base/thing');
  });

  it('leaves no unhandled rejection behind when only withResponse() is awaited', async () => {
    await using server = await scriptedServer(answer(404));
    const http = new HttpClient({ baseUrl: server.url });
    await expect(http.request(GET).withResponse()).rejects.toMatchObject({ status: 404 });
    let finallyRan = false;
    await expect(http.request(GET).finally(() => (finallyRan = true))).rejects.toMatchObject({ status: 404 });
    expect(finallyRan).toBe(true);
  });

  it('says where an answer breaks its schema, without showing the body', async () => {
    await using server = await scriptedServer(
      answer(200, { list: [{ n: 'private' }] }),
      answer(200, '{"trunc'),
      answer(204, ''),
    );
    const http = new HttpClient({ baseUrl: server.url });
    const response = z.object({ list: z.array(z.object({ n: z.number() })) });
    const wrong: unknown = await http.request({ ...GET, response }).catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(ResponseValidationError);
    expect(wrong).toMatchObject({ issues: [{ path: 'list[0].n', message: 'expected number' }], status: 200 });
    expect(String(wrong)).not.toContain('private');
    await expect(http.request({ ...GET, response })).rejects.toMatchObject({
      issues: [{ path: '', message: 'not valid JSON (content-type: application/json)' }],
    });
    await expect(http.request({ ...GET, response })).rejects.toBeInstanceOf(ResponseValidationError);
  });

  it('sends headers of the client, the call and the options, the latter winning', async () => {
    await using server = await scriptedServer(answer(200));
    const http = new HttpClient({ baseUrl: server.url, headers: { 'X-A': 'client', 'X-B': 'client' } });
    await http.request({ ...GET, headers: { 'x-b': 'kind', 'x-c': 'kind' } }, { headers: { 'X-C': 'call' } });
    expect(server.requests[0]?.headers).toMatchObject({
      'x-a': 'client',
      'x-b': 'kind',
      'x-c': 'call',
      accept: 'application/json',
    });
  });

  it('sends a body as it is, of the type that its headers say', async () => {
    await using server = await scriptedServer(answer(204));
    const body = '{ "spaced": 1.0, "ü": [] }';
    await new HttpClient({ baseUrl: server.url }).request({
      method: 'POST',
      path: '/',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    expect(server.requests[0]).toMatchObject({ body, headers: { 'content-type': 'application/json' } });
  });

  it.each([{ json: {} }, { form: new URLSearchParams() }, { body: '' }])(
    'refuses a GET with a body: %j',
    async (content) => {
      await using server = await scriptedServer(answer(200));
      await expect(new HttpClient({ baseUrl: server.url }).request({ ...GET, ...content })).rejects.toThrow(
        ConfigurationError,
      );
      expect(server.requests).toHaveLength(0);
    },
  );

  it('replaces single paths and header names, by what is there', () => {
    const paths = { suggest: '/v9/suggest', simulations: undefined };
    const headerNames = { idempotencyKey: undefined };
    const http = new HttpClient({ baseUrl: 'https://a.example', paths, headerNames });
    expect([http.path('suggest', '/usual'), http.path('simulations', '/simulations')]).toEqual([
      '/v9/suggest',
      '/simulations',
    ]);
    expect(http.headerNames.idempotencyKey).toBe('X-Idempotency-Key');
  });

  it.each([
    [{ baseUrl: 'nonsense' }, /baseUrl/],
    [{ timeoutMs: 0 }, /timeoutMs/],
    [{ totalTimeoutMs: Number.NaN }, /totalTimeoutMs/],
    [{ timeoutMs: 2 ** 31 }, /timeoutMs/],
    [{ maxRetries: -1 }, /maxRetries/],
    [{ maxRetries: 1.5 }, /maxRetries/],
    [{ headers: { 'bad name': 'x' } }, /headers/],
    [{ headerNames: { requestId: 'bad name' } }, /headers/],
    [{ headers: { x: 'line\nbreak' } }, /headers\.x/],
  ])('refuses the options %j', (options, message) => {
    expect(() => new HttpClient({ baseUrl: 'https://a.example', ...options })).toThrow(ConfigurationError);
    expect(() => new HttpClient({ baseUrl: 'https://a.example', ...options })).toThrow(message);
  });

  it.each(['', 'with space', 'ü', 'x'.repeat(256)])('refuses the idempotency key %j', async (idempotencyKey) => {
    const http = new HttpClient({ baseUrl: 'https://a.example' });
    await expect(http.request(GET, { idempotencyKey })).rejects.toBeInstanceOf(ConfigurationError);
  });

  it('sends the idempotency key under another name where the tenant has one', async () => {
    await using server = await scriptedServer(answer(200));
    const http = new HttpClient({ baseUrl: server.url, headerNames: { idempotencyKey: 'Idempotency-Key' } });
    await http.request(GET, { idempotencyKey: 'key-1' });
    expect(server.requests[0]?.headers).toMatchObject({ 'idempotency-key': 'key-1' });
    expect(server.requests[0]?.headers).not.toHaveProperty('x-idempotency-key');
  });

  it('reads the request id under another name where the tenant has one', async () => {
    await using server = await scriptedServer(
      answer(200, {}, { 'x-trace': 't-1', 'x-request-id': 'r-1' }),
      answer(404, {}, { 'x-trace': 't-2' }),
    );
    const http = new HttpClient({ baseUrl: server.url, headerNames: { requestId: 'X-Trace' } });
    expect((await http.request(GET).withResponse()).requestId).toBe('t-1');
    await expect(http.request(GET)).rejects.toMatchObject({ requestId: 't-2' });
  });

  it('goes on when onAttempt throws, and reports it', async () => {
    await using server = await scriptedServer(answer(200));
    const errors: string[] = [];
    const none = (): void => undefined;
    const http = new HttpClient({
      baseUrl: server.url,
      logger: { debug: none, info: none, warn: none, error: (message) => errors.push(message) },
      onAttempt: () => {
        throw new Error('mine');
      },
    });
    await http.request(GET);
    expect(errors).toEqual(['onAttempt failed: Error: mine']);
  });

  it('runs beforeAttempt before each attempt and does not count its first wait', async () => {
    await using server = await scriptedServer(answer(429), answer(200));
    const clock = new FakeClock();
    const http = new HttpClient({ baseUrl: server.url, clock, totalTimeoutMs: 20_000, random: () => 0 });
    let slots = 0;
    const beforeAttempt = async (): Promise<void> => {
      slots += 1;
      await new Promise<void>((resolve) => clock.setTimeout(resolve, slots === 1 ? 60_000 : 10));
    };
    await clock.runUntilSettled(http.request({ ...GET, beforeAttempt }), 60_001);
    expect(slots).toBe(2);
  });
});

describe('followCursors', () => {
  const listOf = (
    fetchPage: (cursor: string | undefined) => Page<number>,
    query: { cursor?: string } = {},
  ): PagedIterable<number> =>
    followCursors('list', query, {}, (cursor) => Promise.resolve({ data: fetchPage(cursor) }));
  const pagesOf =
    (pages: readonly (readonly number[])[]) =>
    (cursor: string | undefined): Page<number> => {
      const index = cursor === undefined ? 0 : Number(cursor);
      return {
        items: pages[index] ?? [],
        nextCursor: index + 1 < pages.length ? String(index + 1) : undefined,
      };
    };

  it('gives every item once and in order, and the same by page', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.integer())), async (pages) => {
        const list = listOf(pagesOf(pages));
        expect(await Array.fromAsync(list)).toEqual(pages.flat());
        const byPage = await Array.fromAsync(list.byPage());
        expect(byPage.flatMap(({ items }) => items)).toEqual(pages.flat());
        expect(byPage.at(-1)?.nextCursor).toBeUndefined();
      }),
    );
  });

  it('resumes from a cursor and fetches a page only when it is asked for', async () => {
    const fetched: (string | undefined)[] = [];
    const fetchPage = (cursor: string | undefined): Page<number> => {
      fetched.push(cursor);
      return pagesOf([[1], [2], [3]])(cursor);
    };
    for await (const item of listOf(fetchPage, { cursor: '1' })) {
      expect(item).toBe(2);
      break;
    }
    expect(fetched).toEqual(['1']);
  });

  it('ends with an error when a cursor comes back', async () => {
    const endless = listOf((cursor) => ({ items: [1], nextCursor: cursor === 'a' ? 'b' : 'a' }));
    await expect(Array.fromAsync(endless)).rejects.toBeInstanceOf(PaginationError);
    const immediate = listOf(() => ({ items: [1], nextCursor: 'a' }), { cursor: 'a' });
    await expect(Array.fromAsync(immediate)).rejects.toBeInstanceOf(PaginationError);
  });
});

describe('pollUntilDone', () => {
  function startPoll(
    states: readonly string[],
    options?: PollOptions<{ status: string }>,
  ): { readonly clock: FakeClock; readonly poll: Promise<{ status: string }> } {
    const clock = new FakeClock();
    let reads = 0;
    const target = {
      job: 'job',
      id: '7',
      read: () => Promise.resolve({ status: states[Math.min(reads++, states.length - 1)] ?? '' }),
    };
    return { clock, poll: pollUntilDone({ clock }, target, options) };
  }

  it('polls until done and reports every state', async () => {
    const seen: string[] = [];
    const { clock, poll } = startPoll(['queued', 'new status', 'done'], {
      onProgress: ({ status }) => seen.push(status),
    });
    expect(await clock.runUntilSettled(poll)).toEqual({ status: 'done' });
    expect(seen).toEqual(['queued', 'new status', 'done']);
    expect(clock.monotonic()).toBe(4000);
  });

  it('ends at its total time without a wait that would outlast it', async () => {
    const { clock, poll } = startPoll(['running'], { pollIntervalMs: 1000, totalTimeoutMs: 3500 });
    await expect(clock.runUntilSettled(poll)).rejects.toBeInstanceOf(TimeoutError);
    expect(clock.monotonic()).toBe(3000);
  });

  it("names its own limit when that is reached during a call, and keeps the call's error", async () => {
    const clock = new FakeClock();
    const http = new HttpClient({ baseUrl: 'http://127.0.0.1', clock, transport: () => new Promise(() => undefined) });
    const read = (options: CallOptions): Promise<never> =>
      http.request<never>({ method: 'GET', path: '/job' }, options);
    const poll = pollUntilDone({ clock }, { job: 'job', id: '7', read }, { totalTimeoutMs: 5000 });
    const error: unknown = await clock.runUntilSettled(poll).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'TimeoutError',
      timeoutMs: 5000,
      method: undefined,
      path: undefined,
      attempts: undefined,
      message: 'job 7 did not finish within 5000 ms',
      cause: { name: 'TimeoutError', path: '/job' },
    });
  });

  it('polls again after the time limit of a single call', async () => {
    const clock = new FakeClock();
    const http = new HttpClient({
      baseUrl: 'http://127.0.0.1',
      clock,
      transport: () => new Promise(() => undefined),
      maxRetries: 0,
    });
    const read = (options: CallOptions): Promise<never> =>
      http.request<never>({ method: 'GET', path: '/job' }, options);
    const poll = pollUntilDone(
      { clock },
      { job: 'job', id: '7', read, accepted: { onSubmitted: undefined } },
      { totalTimeoutMs: 25_000 },
    );
    await expect(clock.runUntilSettled(poll)).rejects.toMatchObject({
      timeoutMs: 25_000,
      cause: { name: 'TimeoutError', path: '/job' },
    });
  });

  it('counts its limit from the moment that it is given', async () => {
    const clock = new FakeClock();
    await clock.advance(3000);
    const read = vi.fn(() => Promise.resolve({ status: 'running' }));
    const target = { job: 'job', id: '7', read, startedAt: 0 };
    await expect(
      clock.runUntilSettled(pollUntilDone({ clock }, target, { totalTimeoutMs: 6000 })),
    ).rejects.toMatchObject({
      timeoutMs: 6000,
    });
    expect(read).toHaveBeenCalledTimes(2);
    expect(clock.monotonic()).toBe(5000);
    await expect(pollUntilDone({ clock }, target, { totalTimeoutMs: 5000 })).rejects.toThrow(TimeoutError);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('ends on abort during a wait', async () => {
    const controller = new AbortController();
    const { clock, poll } = startPoll(['running'], { signal: controller.signal });
    const result = expect(poll).rejects.toMatchObject({ name: 'AbortError' });
    await clock.advance(2500);
    controller.abort();
    await result;
    expect(clock.pendingDelays).toEqual([]);
  });

  it.each([
    { pollIntervalMs: 0 },
    { totalTimeoutMs: -1 },
    { pollIntervalMs: Number.NaN },
    { pollIntervalMs: '2000' as never },
    { totalTimeoutMs: ['5'] as never },
  ])('refuses %j', async (options) => {
    await expect(startPoll([], options).poll).rejects.toThrow(ConfigurationError);
  });
});
