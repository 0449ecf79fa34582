import { describe, expect, test } from 'vitest';
import {
  AbortError,
  AssistStream,
  AuthClient,
  ClosedError,
  ConfigurationError,
  OAuthError,
  StreamError,
} from 'agent-assist-sdk';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { namesOf, record, wellFormedEvents } from './helpers.js';
import { garbageFrames } from '../../src/testing/stream/connection-pool.js';
import { outOfShapeEvents } from '../../src/testing/stream/stream.js';

const authFor = (tenant: Tenant): AuthClient =>
  new AuthClient({ platform: tenant.platform, ...tenant.credentials, scopes: ['streaming:subscribe'] });

const quick = { minReconnectDelayMs: 1, maxReconnectDelayMs: 5 };

describe('against a tenant', () => {
  test('delivers each kind of event as it came, unknown fields included', async () => {
    await using tenant = await startTenant();
    await using stream = new AssistStream({ platform: tenant.platform, auth: authFor(tenant) });
    const seen = record(stream);
    await stream.connect();
    tenant.stream.burst(wellFormedEvents);
    tenant.stream.send({ type: 'HEARTBEAT' });
    tenant.stream.send({ type: 'SOMETHING_NEW', interactionId: 'i-1', more: true });
    await expect.poll(() => seen.length).toBe(1 + wellFormedEvents.length + 2);
    expect(seen).toEqual([
      ['open', { connection: 1 }],
      ...wellFormedEvents.map((event) => [event.type, event]),
      ['HEARTBEAT', { type: 'HEARTBEAT' }],
      ['unknown', { type: 'SOMETHING_NEW', interactionId: 'i-1', more: true }],
    ]);
  });

  test('reports garbage and broken shapes with their paths and goes on', async () => {
    await using tenant = await startTenant();
    await using stream = new AssistStream({ platform: tenant.platform, auth: authFor(tenant) });
    const seen = record(stream);
    await stream.connect();
    tenant.stream.sendGarbage();
    tenant.stream.sendOutOfShape();
    tenant.stream.send(wellFormedEvents[1]);
    await expect.poll(() => namesOf(seen).at(-1)).toBe('TRANSCRIPT_FRAGMENT');
    const issues = seen.flatMap(([name, event]) => (name === 'invalid' ? [event.issues] : []));
    expect(issues).toHaveLength(garbageFrames.length + outOfShapeEvents.length);
    expect(issues.at(garbageFrames.length + 3)).toEqual([
      { path: 'payload.transcript', message: 'expected string' },
      { path: 'payload.sentimentScore', message: 'expected number' },
    ]);
    expect(namesOf(seen)).not.toContain('close');
  });

  test.each(['header', 'query'] as const)('carries the token in the %s', async (streamToken) => {
    await using tenant = await startTenant();
    await using stream = new AssistStream({ platform: tenant.platform, streamToken, auth: authFor(tenant) });
    await stream.connect();
    expect(tenant.stream.connections[0]?.tokenIn).toBe(streamToken);
  });

  test('fetches a current token for each connection, and another one when the server refuses it', async () => {
    await using tenant = await startTenant();
    await using stream = new AssistStream({ platform: tenant.platform, auth: authFor(tenant), ...quick });
    const seen = record(stream);
    await stream.connect();
    tenant.revokeTokens();
    tenant.stream.terminateAll();
    await expect.poll(() => namesOf(seen)).toEqual(['open', 'close', 'reconnecting', 'reconnecting', 'open']);
    expect(tenant.issuedTokenCount).toBe(2);
    expect(seen[2]?.[1]).toMatchObject({ error: { closeCode: 1006 } });
    expect(seen[3]?.[1]).toMatchObject({ delayMs: 0, error: { status: 401 } });
  });

  test('outlasts refusals of fresh tokens once one was accepted, the later ones with backoff', async () => {
    await using tenant = await startTenant();
    const options = { platform: tenant.platform, auth: authFor(tenant), ...quick, random: () => 0 };
    await using stream = new AssistStream(options);
    const seen = record(stream);
    await stream.connect();
    tenant.inject({ route: '/api/v1/streaming/agentassist', fault: { kind: 'revoked-token' }, times: 3 });
    tenant.stream.terminateAll();
    await expect.poll(() => namesOf(seen).filter((name) => /open|terminated/.test(name))).toEqual(['open', 'open']);
    const waits = seen.flatMap(([name, event]) => (name === 'reconnecting' ? [event] : []));
    expect(waits.slice(1).map(({ error }) => error.status)).toEqual([401, 401, 401]);
    expect(waits.map(({ delayMs }) => delayMs)).toEqual([1, 0, 1, 1]);
    expect(tenant.issuedTokenCount).toBe(4);
  });

  test('ends on a second refusal of a token in a row if none was ever accepted', async () => {
    await using tenant = await startTenant();
    tenant.inject({ route: '/api/v1/streaming/agentassist', fault: { kind: 'revoked-token' }, times: 5 });
    await using stream = new AssistStream({ platform: tenant.platform, auth: authFor(tenant), ...quick });
    await expect(stream.connect()).rejects.toMatchObject({ name: 'StreamError', status: 401 });
    expect(tenant.issuedTokenCount).toBe(2);
    expect(stream.state).toBe('terminated');
  });

  test('ends on 403, with the same error for everyone', async () => {
    await using tenant = await startTenant();
    tenant.inject({ route: '/api/v1/streaming/agentassist', fault: { kind: 'status', status: 403 } });
    await using stream = new AssistStream({ platform: tenant.platform, auth: authFor(tenant), ...quick });
    const seen = record(stream);
    const next = stream.events().next();
    const [connected, iterated] = await Promise.allSettled([stream.connect(), next]);
    const error = new StreamError(
      `Stream ${new URL(tenant.streamUrl).host}/api/v1/streaming/agentassist: the server responded to the upgrade with 403; the stream needs the scope streaming:subscribe`,
    );
    expect(connected).toMatchObject({ reason: { name: 'StreamError', status: 403, message: error.message } });
    expect(iterated).toMatchObject({ reason: { status: 403 } });
    expect(seen).toMatchObject([['terminated', { error: { status: 403 } }]]);
    await expect(stream.connect()).rejects.toMatchObject({ status: 403 });
    await expect(stream.events().next()).rejects.toMatchObject({ status: 403 });
    expect(tenant.stream.totalConnections).toBe(0);
  });

  test('ends when the token endpoint refuses the client', async () => {
    await using tenant = await startTenant();
    const auth = new AuthClient({
      platform: tenant.platform,
      clientId: 'nobody',
      clientSecret: 'nothing',
      scopes: ['streaming:subscribe'],
    });
    await using stream = new AssistStream({ platform: tenant.platform, auth, ...quick });
    const failure = await stream.connect().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OAuthError);
    expect(failure).toMatchObject({ serverCode: 'invalid_client' });
  });

  test.each([1002, 1003, 1007, 1008, 1009, 1010, 3003, 4403])('ends on close code %i', async (code) => {
    await using tenant = await startTenant();
    await using stream = new AssistStream({ platform: tenant.platform, auth: authFor(tenant), ...quick });
    const seen = record(stream);
    await stream.connect();
    const events = stream.events();
    tenant.stream.send(wellFormedEvents[1]);
    tenant.stream.closeAll(code, 'so it is');
    await expect.poll(() => namesOf(seen)).toEqual(['open', 'TRANSCRIPT_FRAGMENT', 'close', 'terminated']);
    expect(seen[2]).toEqual(['close', { code, reason: 'so it is' }]);
    expect(await events.next()).toEqual({ done: false, value: wellFormedEvents[1] });
    await expect(events.next()).rejects.toMatchObject({ closeCode: code });
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test.each([1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014, 3000, 4000, 4401])(
    'reconnects on close code %i',
    async (code) => {
      await using tenant = await startTenant();
      await using stream = new AssistStream({ platform: tenant.platform, auth: authFor(tenant), ...quick });
      const seen = record(stream);
      await stream.connect();
      tenant.stream.closeAll(code);
      await expect.poll(() => namesOf(seen)).toEqual(['open', 'close', 'reconnecting', 'open']);
      expect(seen[1]).toEqual(['close', { code, reason: '' }]);
      expect(tenant.issuedTokenCount).toBe(code === 3000 || code === 4401 ? 2 : 1);
    },
  );

  test('lets single close codes mean something else', async () => {
    await using tenant = await startTenant();
    await using stream = new AssistStream({
      platform: tenant.platform,
      auth: authFor(tenant),
      ...quick,
      closeCodes: { 1008: 'reconnect', 4000: 'terminate' },
    });
    const seen = record(stream);
    await stream.connect();
    tenant.stream.closeAll(1008);
    await expect.poll(() => namesOf(seen)).toEqual(['open', 'close', 'reconnecting', 'open']);
    tenant.stream.closeAll(4000);
    await expect.poll(() => namesOf(seen).at(-1)).toBe('terminated');
  });

  test('an upgrade refused by 503 is tried again, not before its Retry-After', async () => {
    await using tenant = await startTenant();
    tenant.inject({ route: '/api/v1/streaming/agentassist', fault: { kind: 'status', status: 503, retryAfter: 1 } });
    const maxReconnectDelayMs = 1500;
    const random = () => 0;
    const waits = { minReconnectDelayMs: 1, maxReconnectDelayMs, random };
    await using stream = new AssistStream({ platform: tenant.platform, auth: authFor(tenant), ...waits });
    const seen = record(stream);
    await stream.connect();
    expect(seen[0]).toMatchObject(['reconnecting', { delayMs: 1000, error: { status: 503 } }]);
  });

  test('a wrong address ends the stream at its start', async () => {
    await using tenant = await startTenant();
    await using stream = new AssistStream({
      platform: tenant.platform,
      streamUrl: `${tenant.streamUrl}-not`,
      auth: authFor(tenant),
      ...quick,
    });
    await expect(stream.connect()).rejects.toMatchObject({ name: 'StreamError', status: 404 });
  });

  test('the same 404 later is taken for a server in the middle of a change', async () => {
    await using tenant = await startTenant();
    await using stream = new AssistStream({ platform: tenant.platform, auth: authFor(tenant), ...quick });
    const seen = record(stream);
    await stream.connect();
    tenant.inject({ route: '/api/v1/streaming/agentassist', fault: { kind: 'status', status: 404 } });
    tenant.stream.terminateAll();
    await expect.poll(() => namesOf(seen)).toEqual(['open', 'close', 'reconnecting', 'reconnecting', 'open']);
  });

  test('a server that is not there is tried until it is', async () => {
    const tenant = await startTenant();
    const port = Number(new URL(tenant.origin).port);
    const auth = authFor(tenant);
    await auth.getToken();
    await tenant.close();
    await using stream = new AssistStream({ platform: tenant.platform, auth, ...quick });
    const seen = record(stream);
    const connected = stream.connect();
    await expect.poll(() => seen.length).toBeGreaterThan(3);
    expect(seen[0]).toMatchObject(['reconnecting', { attempt: 1, error: { name: 'StreamError' } }]);
    expect((seen[0]?.[1] as { error: Error }).error.message).toContain('ECONNREFUSED');
    const again = await startTenant({ port });
    await connected;
    await again.close();
  });
});

describe('connect and close', () => {
  test('connect is one connection however often it is called', async () => {
    await using tenant = await startTenant();
    await using stream = new AssistStream({ platform: tenant.platform, auth: authFor(tenant) });
    await Promise.all([stream.connect(), stream.connect()]);
    await stream.connect();
    expect(tenant.stream.totalConnections).toBe(1);
  });

  test('the signal of a connect ends that wait alone', async () => {
    await using tenant = await startTenant();
    await using stream = new AssistStream({ platform: tenant.platform, auth: authFor(tenant) });
    const controller = new AbortController();
    const [given, other] = [stream.connect({ signal: controller.signal }), stream.connect()];
    controller.abort(new Error('enough'));
    await expect(given).rejects.toBeInstanceOf(AbortError);
    await other;
  });

  test('the signal of the stream ends everything', async () => {
    await using tenant = await startTenant();
    const controller = new AbortController();
    await using stream = new AssistStream({
      platform: tenant.platform,
      auth: authFor(tenant),
      signal: controller.signal,
    });
    const seen = record(stream);
    await stream.connect();
    const next = stream.events().next();
    controller.abort();
    await expect(next).rejects.toBeInstanceOf(AbortError);
    await expect(stream.connect()).rejects.toBeInstanceOf(AbortError);
    await stream.close();
    expect(stream.state).toBe('closed');
    expect(namesOf(seen)).toEqual(['open', 'close']);
    await expect.poll(() => tenant.stream.connections).toEqual([]);
  });

  test('a signal that was aborted before keeps the stream from starting', async () => {
    await using tenant = await startTenant();
    await using stream = new AssistStream({
      platform: tenant.platform,
      auth: authFor(tenant),
      signal: AbortSignal.abort(),
    });
    await expect(stream.connect()).rejects.toBeInstanceOf(AbortError);
    expect(tenant.requests.all).toEqual([]);
  });

  test('close says goodbye, ends iterations after what they hold, and is final', async () => {
    await using tenant = await startTenant();
    await using stream = new AssistStream({ platform: tenant.platform, auth: authFor(tenant) });
    const seen = record(stream);
    await stream.connect();
    const [connection] = await tenant.stream.waitForConnections();
    const events = stream.events();
    tenant.stream.send(wellFormedEvents[1]);
    await expect.poll(() => events.size).toBe(1);
    await Promise.all([stream.close(), stream.close()]);
    expect(await connection?.closed).toBe(1000);
    expect(await events.next()).toEqual({ done: false, value: wellFormedEvents[1] });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(namesOf(seen)).toEqual(['open', 'TRANSCRIPT_FRAGMENT', 'close']);
    await expect(stream.connect()).rejects.toBeInstanceOf(ClosedError);
    expect(await stream.events().next()).toEqual({ done: true, value: undefined });
  });

  test('a listener that closes the stream gets no further event', async () => {
    await using tenant = await startTenant();
    await using stream = new AssistStream({ platform: tenant.platform, auth: authFor(tenant) });
    let calls = 0;
    stream.on('TRANSCRIPT_FRAGMENT', async () => {
      calls += 1;
      await stream.close();
    });
    const ended = new Promise((resolve) => stream.on('close', resolve));
    await stream.connect();
    for (let index = 0; index < 50; index += 1) tenant.stream.send(wellFormedEvents[1]);
    await ended;
    expect(calls).toBe(1);
  });

  test('a closed auth client ends it, since waiting would not open it again', async () => {
    await using tenant = await startTenant();
    const auth = authFor(tenant);
    await auth.close();
    await using stream = new AssistStream({ platform: tenant.platform, auth, ...quick });
    const seen = record(stream);
    await expect(stream.connect()).rejects.toMatchObject({
      name: 'ClosedError',
      message: 'The auth client was closed',
    });
    expect(namesOf(seen)).toEqual(['terminated']);
  });

  test('close before and during the first connection rejects connect', async () => {
    await using tenant = await startTenant();
    const never = new AssistStream({ platform: tenant.platform, auth: authFor(tenant) });
    await never.close();
    await expect(never.connect()).rejects.toBeInstanceOf(ClosedError);
    const stream = new AssistStream({ platform: tenant.platform, auth: authFor(tenant) });
    const connected = stream.connect();
    await stream.close();
    await expect(connected).rejects.toBeInstanceOf(ClosedError);
    expect(tenant.stream.connections).toEqual([]);
  });
});

describe('options', () => {
  const valid = {
    streamUrl: 'wss://tenant.test/s',
    streamToken: 'header',
    auth: new AuthClient({ tokenUrl: 'https://t.test', clientId: 'a', clientSecret: 'b', scopes: [] }),
  } as const;
  test.each([
    ['streamUrl', { streamUrl: 'not a url?access_token=canary' }],
    ['streamUrl', { streamUrl: 'ftp://canary.test' }],
    ['streamUrl', { streamUrl: 'wss://user:canary@tenant.test' }],
    ['streamUrl', { streamUrl: 'wss://canary@tenant.test' }],
    ['streamUrl', { streamUrl: 'wss://:canary@tenant.test' }],
    ['streamUrl', { streamUrl: 'wss://tenant.test/#canary' }],
    ['streamToken', { streamToken: 'cookie' }],
    ['auth', { auth: undefined }],
    ['connectTimeoutMs', { connectTimeoutMs: 0 }],
    ['pingIntervalMs', { pingIntervalMs: Number.NaN }],
    ['pongTimeoutMs', { pongTimeoutMs: -1 }],
    ['idleTimeoutMs', { idleTimeoutMs: Infinity }],
    ['maxFrameBytes', { maxFrameBytes: 0 }],
    ['stableAfterMs', { stableAfterMs: 2 ** 31 }],
    ['closeCodes', { closeCodes: { 1000: 'reconnect', 4000: 'canary' } }],
    ['maxReconnectDelayMs', { minReconnectDelayMs: 10, maxReconnectDelayMs: 9 }],
  ])('refuses a wrong %s', (name, options) => {
    let refusal: unknown;
    try {
      new AssistStream({ ...valid, ...options } as never);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(ConfigurationError);
    expect((refusal as Error).message).toMatch(new RegExp(`^${name}: `));
    expect((refusal as Error).message).not.toContain('canary');
  });
});
