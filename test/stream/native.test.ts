import { describe, expect, test } from 'vitest';
import { AssistStream, AuthClient, type WebSocketConstructor } from 'agent-assist-sdk';
import { startTenant } from 'agent-assist-sdk/testing';
import {
  CountingAuth,
  fakeNativeStream,
  fakeWsStream,
  namesOf,
  openFakeNative,
  record,
  settle,
  wellFormedEvents,
  patient,
} from './helpers.js';
import { Peer } from './peer.js';

const NodeWebSocket: WebSocketConstructor = globalThis.WebSocket;

describe("Node's own WebSocket", () => {
  test('carries the token in the query, delivers, reconnects and closes', async () => {
    await using tenant = await startTenant();
    const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, scopes: ['streaming:subscribe'] });
    await using stream = new AssistStream({
      platform: tenant.platform,
      auth,
      WebSocket: NodeWebSocket,
      minReconnectDelayMs: 1,
      maxReconnectDelayMs: 2,
    });
    const seen = record(stream);
    await stream.connect(patient);
    expect(tenant.stream.connections[0]?.tokenIn).toBe('query');
    tenant.stream.burst(wellFormedEvents);
    tenant.stream.sendGarbage();
    await expect.poll(() => namesOf(seen).filter((name) => name === 'invalid').length).toBe(9);
    expect(seen.slice(1, 6).map(([, event]) => event)).toEqual(wellFormedEvents);
    tenant.stream.closeAll(1001, 'rotation');
    await expect.poll(() => namesOf(seen).slice(-3)).toEqual(['close', 'reconnecting', 'open']);
    expect(seen.at(-3)).toEqual(['close', { code: 1001, reason: 'rotation' }]);
    const [connection] = await tenant.stream.waitForConnections();
    await stream.close();
    expect(await connection?.closed).toBe(1000);
    expect(tenant.stream.maxConcurrentConnections).toBe(1);
  });

  test('100 cuts lose, double and reorder nothing', async () => {
    await using peer = await Peer.start();
    await using stream = new AssistStream({
      streamUrl: peer.url,
      streamToken: 'header',
      auth: new CountingAuth(),
      WebSocket: NodeWebSocket,
      minReconnectDelayMs: 1,
      maxReconnectDelayMs: 2,
    });
    const listened: number[] = [];
    stream.on('TRANSCRIPT_FRAGMENT', ({ text }) => listened.push(Number(text)));
    await stream.connect(patient);
    let sent = 0;
    for (let cut = 0; cut < 100; cut += 1) {
      const { socket, closed } = await peer.next();
      for (let index = 0; index < 10; index += 1)
        socket.send(JSON.stringify({ type: 'TRANSCRIPT_FRAGMENT', interactionId: 'i', text: String(sent++) }));
      socket.close(1012);
      await closed;
    }
    await expect.poll(() => listened.length).toBe(sent);
    expect(listened).toEqual(Array.from({ length: sent }, (_, number) => number));
    expect(peer.mostOpen).toBe(1);
  });

  test('a refusal shows no status there and is tried again', async () => {
    await using tenant = await startTenant();
    tenant.inject({ route: '/api/v1/streaming/agentassist', fault: { kind: 'status', status: 503 }, times: 2 });
    const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, scopes: ['streaming:subscribe'] });
    await using stream = new AssistStream({
      platform: tenant.platform,
      auth,
      WebSocket: NodeWebSocket,
      minReconnectDelayMs: 1,
      maxReconnectDelayMs: 2,
    });
    const seen = record(stream);
    await stream.connect(patient);
    expect(namesOf(seen)).toEqual(['reconnecting', 'reconnecting', 'open']);
  });

  test('frames that are too large are left out and the connection stays', async () => {
    await using peer = await Peer.start();
    await using stream = new AssistStream({
      streamUrl: peer.url,
      streamToken: 'query',
      auth: new CountingAuth(),
      WebSocket: NodeWebSocket,
      maxFrameBytes: 100,
    });
    const seen = record(stream);
    await stream.connect(patient);
    const { socket } = await peer.next();
    const frame = (text: string): string => JSON.stringify({ type: 'TRANSCRIPT_FRAGMENT', interactionId: 'i', text });
    const empty = Buffer.byteLength(frame(''));
    for (const text of [
      'x'.repeat(100 - empty),
      'x'.repeat(101 - empty),
      'ä'.repeat((100 - empty) / 2),
      'ä'.repeat((102 - empty) / 2),
      'x'.repeat(500),
    ]) {
      socket.send(frame(text));
    }
    socket.send(frame('end'));
    await expect.poll(() => seen.at(-1)).toMatchObject(['TRANSCRIPT_FRAGMENT', { text: 'end' }]);
    expect(namesOf(seen)).toEqual([
      'open',
      'TRANSCRIPT_FRAGMENT',
      'invalid',
      'TRANSCRIPT_FRAGMENT',
      'invalid',
      'invalid',
      'TRANSCRIPT_FRAGMENT',
    ]);
    expect(seen[2]).toEqual(['invalid', { issues: [{ path: '', message: 'must be at most 100 bytes' }] }]);
  });
});

describe('a WebSocket like that of browsers', () => {
  test('is given a URL alone, since headers throw there', async () => {
    const { net, stream } = await openFakeNative();
    expect(net.last.argumentCount).toBe(1);
    expect(net.last.url).toBe('wss://tenant.test/stream?access_token=token-1');
    expect(net.last.binaryType).toBe('arraybuffer');
    await stream.close();
  });

  test.each(['on', 'ping'])('is not taken for that of ws by a method named %s alone', async (name) => {
    const { net, stream } = fakeNativeStream();
    Object.defineProperty(net.WebSocket.prototype, name, { value: () => undefined });
    const parts = fakeNativeStream({ WebSocket: net.WebSocket });
    parts.stream.connect(patient).catch(() => undefined);
    await settle();
    expect([net.last.argumentCount, net.last.url]).toEqual([1, 'wss://tenant.test/stream?access_token=token-1']);
    expect(() => parts.stream.events({ overflow: 'pause' })).toThrow(/overflow/);
    await Promise.all([stream.close(), parts.stream.close()]);
  });

  test('is not paused by a method of that name alone, nor is one like that of ws without it', async () => {
    const native = fakeNativeStream();
    Object.defineProperty(native.net.WebSocket.prototype, 'pause', { value: () => undefined });
    const ws = fakeWsStream();
    Object.defineProperty(ws.net.WebSocket.prototype, 'pause', { value: undefined });
    for (const { WebSocket } of [native.net, ws.net]) {
      const { stream } = fakeWsStream({ WebSocket });
      expect(() => stream.events({ overflow: 'pause' })).toThrow(/overflow/);
      expect(stream.events({ capacity: 1 }).size).toBe(0);
      await stream.close();
    }
  });

  test('keeps the query of the URL', async () => {
    const { net, stream } = await openFakeNative({ streamUrl: 'wss://tenant.test/stream?region=eu&access_token=old' });
    expect(new URL(net.last.url).search).toBe('?region=eu&access_token=token-1');
    await stream.close();
  });

  test('reports binary frames and goes on', async () => {
    const { net, seen } = await openFakeNative();
    net.last.frame(new ArrayBuffer(3));
    net.last.frame(wellFormedEvents[1]);
    expect(seen.slice(1)).toEqual([
      ['invalid', { issues: [{ path: '', message: 'expected a text frame' }] }],
      ['TRANSCRIPT_FRAGMENT', wellFormedEvents[1]],
    ]);
  });

  test('drops the token when it fails to open, since that may be why', async () => {
    const { auth, clock, net, seen, stream } = fakeNativeStream();
    const connected = stream.connect(patient);
    await settle();
    for (let failures = 0; failures < 3; failures += 1) {
      net.last.closed(1006);
      await settle();
      await clock.advance(30_000);
    }
    expect(auth.invalidated).toEqual(['token-1', 'token-2', 'token-3']);
    net.last.open();
    await connected;
    net.last.closed(0);
    await settle();
    expect(seen.at(-2)).toEqual(['close', { code: 1006, reason: '' }]);
    expect(auth.invalidated).toHaveLength(3);
    await stream.close();
  });

  test('that fails to open is tried again, and one that is slow is abandoned', async () => {
    const { clock, net, seen, stream } = fakeNativeStream({ connectTimeoutMs: 3000 });
    const connected = stream.connect(patient);
    await settle();
    net.last.onerror?.({});
    net.last.closed(1006);
    await clock.advance(1500);
    const [, slow] = net.sockets;
    await clock.advance(3000);
    await clock.advance(2000);
    expect(net.sockets).toHaveLength(3);
    slow?.onopen?.();
    expect(stream.state).toBe('connecting');
    net.last.open();
    await connected;
    expect(namesOf(seen)).toEqual(['reconnecting', 'reconnecting', 'open']);
    await stream.close();
  });
});
