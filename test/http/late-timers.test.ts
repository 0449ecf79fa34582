import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import {
  AssistEngine,
  AuthClient,
  HttpClient,
  SuggestionsClient,
  TimeoutError,
  type Clock,
  type HttpClientOptions,
} from 'agent-assist-sdk';
import { enrich } from 'agent-assist-sdk/enrichment';
import { withinLimit } from '#dist/http/internal.js';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { blockingServer, JumpingClock } from '../helpers/blocked-loop.js';

// What has arrived before the limit counts, even if the event loop was blocked so that the timer is seen first.

const TRANSPORTS: Readonly<Record<string, Partial<HttpClientOptions>>> = {
  default: {},
  fetch: { fetch: (...args) => fetch(...args) },
  undici: { transport: new NodeTransport().send },
};
const anything = z.unknown();
const LIMITS = { timeoutMs: 1000, maxRetries: 0 };

describe.each(Object.entries(TRANSPORTS))('a call over the transport %s', (_, options) => {
  it.each([100, 60_000])('that was answered by %i bytes in time is done, and a PUT is sent once', async (length) => {
    await using server = await blockingServer({ text: 'x'.repeat(length) }, 2000);
    const { clock, url: baseUrl } = server;
    const http = new HttpClient({ baseUrl, clock, timeoutMs: 1000, ...options });
    const { attempts } = await http.request({ method: 'PUT', path: '/thing', json: {} }).withResponse();
    expect(attempts).toBe(1);
    expect(server.requests()).toBe(1);
  });

  it('that was answered by few bytes in time is done, even if they are many when decompressed', async () => {
    await using server = await blockingServer({ text: 'x'.repeat(8_000_000) }, 2000);
    const { clock, url: baseUrl } = server;
    const http = new HttpClient({ baseUrl, clock, ...LIMITS, ...options });
    await http.request({ method: 'PUT', path: '/zipped', json: {}, response: anything });
    expect(server.requests()).toBe(1);
  });
});

it('counts for a token', async () => {
  await using server = await blockingServer({ access_token: 't', token_type: 'Bearer', expires_in: 3600 }, 2000);
  const { clock, url: tokenUrl } = server;
  const auth = new AuthClient({ tokenUrl, clientId: 'id', clientSecret: 'secret', clock, ...LIMITS });
  expect(await auth.getToken()).toBe('t');
});

it('counts for the engine and its client alike', async () => {
  await using server = await blockingServer({ suggestions: [{ text: 'Hello', confidence: 0.9 }] }, 9000);
  const { clock, url: baseUrl } = server;
  const client = new SuggestionsClient(new HttpClient({ baseUrl, clock }));
  const engine = new AssistEngine({ client, totalTimeoutMs: 5000 });
  const question = { interactionId: 'call-1', transcript: 'a refund', sentimentScore: 0 };
  expect(await engine.handle(question)).toMatchObject({ status: 'fresh' });
});

it('counts for the engine and a long answer of its client', async () => {
  await using server = await blockingServer({ suggestions: [{ text: 'x'.repeat(8_000_000), confidence: 0.9 }] }, 9000);
  const { clock, url: baseUrl } = server;
  const client = new SuggestionsClient(new HttpClient({ baseUrl, clock, paths: { suggest: '/zipped' } }));
  const engine = new AssistEngine({ client, totalTimeoutMs: 5000 });
  const question = { interactionId: 'call-1', transcript: 'a refund', sentimentScore: 0 };
  expect(await engine.handle(question)).toMatchObject({ status: 'fresh' });
});

it('counts for an enrichment', async () => {
  await using server = await blockingServer({ name: 'Ada' }, 9000);
  const { clock, url } = server;
  const load = async (): Promise<unknown> => (await fetch(url)).json();
  const request = { sessionId: 's', customerNumber: '1', intent: 'hello' };
  const { data } = await enrich({ profile: { load, timeoutMs: 1000 } }, request, { clock });
  expect(data).toEqual({ profile: { name: 'Ada' } });
});

it('counts for whatever else has a limit, as a store or the handler of a webhook', async () => {
  await using server = await blockingServer('done', 2000);
  const work = async (): Promise<unknown> => (await fetch(server.url)).json();
  const timeoutError = (): Error => new Error('too late');
  expect(await withinLimit(work, { clock: server.clock, timeoutMs: 1000, timeoutError })).toBe('done');
});

it('ends on a clock that jumps past the limit and then stands still', async () => {
  const timers: (() => void)[] = [];
  const time = { ms: 0 };
  const clock: Clock = {
    now: () => time.ms,
    monotonic: () => time.ms,
    setTimeout: (callback) => timers.push(callback),
    clearTimeout: () => undefined,
  };
  const work = (): Promise<never> => new Promise(() => undefined);
  const timeoutError = (): Error => new Error('too late');
  const done = withinLimit(work, { clock, timeoutMs: 1000, timeoutError });
  time.ms = 2000;
  for (const fire of timers.splice(0)) fire();
  await expect(done).rejects.toThrow('too late');
});

it('ends what has not arrived all the same', async () => {
  const clock = new JumpingClock();
  const http = new HttpClient({
    baseUrl: 'http://127.0.0.1',
    clock,
    ...LIMITS,
    transport: () => {
      clock.jump(2000);
      return new Promise(() => undefined);
    },
  });
  await expect(http.request({ method: 'GET', path: '/thing' })).rejects.toBeInstanceOf(TimeoutError);
});
