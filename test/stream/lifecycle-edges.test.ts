import { describe, expect, test, vi } from 'vitest';
import { AbortError } from 'agent-assist-sdk';
import type { StreamReconnecting } from 'agent-assist-sdk/stream';
import { closeCodes } from '#dist/stream/connection/close-codes.js';
import { FakeWs } from './fake-sockets.js';
import { CountingAuth, fakeWsStream, fragment, namesOf, openFakeWs, recordingLogger, settle } from './helpers.js';

describe('connect', () => {
  test('is one run however often and whenever it is called', async () => {
    const { clock, net, stream } = fakeWsStream();
    const first = Promise.all([stream.connect(), stream.connect()]);
    await settle();
    expect(net.sockets).toHaveLength(1);
    net.last.open();
    await first;
    await stream.connect();
    await settle();
    expect(net.sockets).toHaveLength(1);
    net.last.closed(1006);
    await settle();
    await stream.connect();
    await clock.advance(30_000);
    expect(net.sockets).toHaveLength(2);
    await stream.close();
  });

  test('takes an address of http for the socket of the same', async () => {
    for (const [streamUrl, opened] of [
      ['http://localhost:8080/s', 'ws://localhost:8080/s'],
      ['https://tenant.test/s', 'wss://tenant.test/s'],
    ] as const) {
      const { net, stream } = await openFakeWs({ streamUrl });
      expect(net.last.url).toBe(opened);
      await stream.close();
    }
  });

  test('gives an attempt 20 s by default', async () => {
    const { clock, net, seen, stream } = fakeWsStream({ connectTimeoutMs: undefined });
    stream.connect().catch(() => undefined);
    await clock.advance(19_999);
    expect(net.last.isLive).toBe(true);
    await clock.advance(1);
    expect(net.last.isLive).toBe(false);
    expect((seen[0]?.[1] as StreamReconnecting).error.message).toContain('did not open within 20000 ms');
    await stream.close();
  });
});

describe('an end', () => {
  test('by an error stays one, whatever is closed or aborted after it', async () => {
    const controller = new AbortController();
    const { net, seen, stream } = await openFakeWs({ signal: controller.signal });
    net.last.closed(1008);
    await settle();
    await stream.close();
    controller.abort();
    expect(stream.state).toBe('terminated');
    expect(namesOf(seen)).toEqual(['open', 'close', 'terminated']);
    await expect(stream.connect()).rejects.toMatchObject({ closeCode: 1008 });
    await expect(stream.events().next()).rejects.toMatchObject({ closeCode: 1008 });
  });

  test('by close stays one, whatever is aborted after it', async () => {
    const controller = new AbortController();
    const { stream } = await openFakeWs({ signal: controller.signal });
    await stream.close();
    controller.abort();
    await expect(stream.connect()).rejects.toThrow(/stream is closed|stream was closed/);
    expect(await stream.events().next()).toEqual({ done: true, value: undefined });
  });

  test('leaves an iteration whose own signal was aborted before with its AbortError', async () => {
    const { net, stream } = await openFakeWs();
    net.last.closed(1008);
    await settle();
    await expect(stream.events({ signal: AbortSignal.abort() }).next()).rejects.toBeInstanceOf(AbortError);
  });
});

test('the log tells what a stream goes through, each by its level', async () => {
  const logger = recordingLogger();
  const { clock, net } = await openFakeWs({ logger });
  net.last.frame('nonsense');
  net.last.closed(1006);
  await clock.advance(30_000);
  net.last.open();
  net.last.closed(1008);
  await settle();
  expect(logger.lines.map(({ level, fields }) => [level, fields])).toEqual([
    ['info', { connection: 1 }],
    ['warn', { issues: [{ path: '', message: 'not valid JSON' }] }],
    ['info', { code: 1006 }],
    ['warn', { attempt: 1 }],
    ['info', { connection: 2 }],
    ['info', { code: 1008 }],
    ['error', undefined],
  ]);
});

test('the error of a connection that ended says host, path, code, and the reason where there is one', async () => {
  const { clock, net, seen } = await openFakeWs({ streamUrl: 'wss://tenant.test:8443/a/stream?region=eu' });
  for (const reason of ['', 'maintenance']) {
    net.last.closed(1012, reason);
    await clock.advance(30_000);
    net.last.open();
  }
  const messages = seen.flatMap(([name, event]) => (name === 'reconnecting' ? [event.error.message] : []));
  expect(messages).toEqual([
    'Stream tenant.test:8443/a/stream: closed with code 1012',
    'Stream tenant.test:8443/a/stream: closed with code 1012 (maintenance)',
  ]);
});

test('the table of close codes that is exported is the one that is followed', async () => {
  for (const [code, action] of Object.entries(closeCodes)) {
    const { auth, net, stream } = await openFakeWs();
    net.last.frame(fragment('i', '1'));
    net.last.closed(Number(code));
    await settle();
    const followed =
      stream.state === 'terminated' ? 'terminate' : auth.invalidated.length > 0 ? 'refresh-token' : 'reconnect';
    expect([code, followed]).toEqual([code, action]);
    await stream.close();
  }
});

test('a runtime without a WebSocket is told so, unless it is given one', async () => {
  vi.resetModules();
  // What the package is in a browser-like runtime that has none.
  vi.doMock('#web-socket', () => import('#dist/stream/connection/web-socket.browser.js'));
  vi.stubGlobal('WebSocket', undefined);
  try {
    const { AssistStream, ConfigurationError } = await import('agent-assist-sdk');
    const options = { streamUrl: 'wss://tenant.test/s', streamToken: 'header', auth: new CountingAuth() } as const;
    expect(() => new AssistStream(options)).toThrow(ConfigurationError);
    expect(new AssistStream({ ...options, WebSocket: FakeWs as never }).state).toBe('idle');
  } finally {
    vi.unstubAllGlobals();
    vi.doUnmock('#web-socket');
    vi.resetModules();
  }
});

test('a package ws that cannot be loaded ends the stream', async () => {
  vi.resetModules();
  vi.doMock('isomorphic-ws', () => {
    throw new Error('Cannot find package');
  });
  try {
    const { AssistStream, ConfigurationError } = await import('agent-assist-sdk');
    const stream = new AssistStream({
      streamUrl: 'wss://tenant.test/s',
      streamToken: 'header',
      auth: new CountingAuth(),
    });
    await expect(stream.connect()).rejects.toThrow(ConfigurationError);
    expect(stream.state).toBe('terminated');
  } finally {
    vi.doUnmock('isomorphic-ws');
    vi.resetModules();
  }
});
