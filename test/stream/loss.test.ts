import { describe, expect, test } from 'vitest';
import { AssistStream, ConfigurationError, QueueFullError, type StreamItem } from 'agent-assist-sdk';
import { systemClock } from 'agent-assist-sdk/http';
import { FakeClock } from '../helpers/fake-clock.js';
import { CountingAuth, fakeWsStream, fragment, openFakeWs, patient, settle, textOf } from './helpers.js';
import { notes } from './notes-protocol.js';
import { Peer, sendAll } from './peer.js';

describe('a consumer is told where events may be missing', () => {
  test('after a reconnection, by an event and in the iteration', async () => {
    const { clock, net, stream } = await openFakeWs();
    const gaps: unknown[] = [];
    stream.on('gap', (gap) => gaps.push(gap));
    const events = stream.events();
    for (const text of ['1', '2']) {
      net.last.frame(fragment('i', text));
      net.last.closed(1006);
      await clock.advance(30_000);
      net.last.open();
    }
    await stream.close();
    const items: StreamItem[] = [];
    for await (const item of events) items.push(item);
    expect(items.map(textOf)).toEqual(['1', 'GAP', '2', 'GAP']);
    expect(gaps).toEqual([1, 2].map(() => ({ type: 'GAP', reason: 'reconnect' })));
  });

  test('once for several reconnections in a row, however full its buffer', async () => {
    for (const overflow of ['pause', 'fail', 'drop-oldest'] as const) {
      const { clock, net, stream } = await openFakeWs();
      const events = stream.events({ capacity: 1, overflow, maxPauseMs: 1_000_000 });
      net.last.frame(fragment('i', '1'));
      for (let times = 0; times < 5; times += 1) {
        net.last.closed(1006);
        await clock.advance(30_000);
        net.last.open();
      }
      expect(events.size).toBe(2);
      await stream.close();
    }
  });

  test('where drop-oldest dropped, before what is left', async () => {
    const { net, stream } = await openFakeWs();
    const gaps: unknown[] = [];
    stream.on('gap', ({ reason }) => gaps.push(reason));
    const events = stream.events({ capacity: 1, overflow: 'drop-oldest' });
    for (const text of ['1', '2', '3']) net.last.frame(fragment('i', text));
    expect((await events.next()).value).toEqual({ type: 'GAP', reason: 'overflow' });
    expect(textOf((await events.next()).value)).toBe('3');
    expect([events.dropped, gaps]).toEqual([2, ['overflow']]);
  });

  test('busy while the server loses its patience, over a real socket', async () => {
    await using peer = await Peer.start();
    const quick = { minReconnectDelayMs: 1, maxReconnectDelayMs: 2 };
    await using stream = new AssistStream({ streamUrl: peer.url, auth: new CountingAuth(), ...quick });
    const events = stream.events({ capacity: 10 });
    await stream.connect();
    const first = await peer.next();
    await sendAll(
      first.socket,
      Array.from({ length: 10 }, (_, index) => fragment('i', String(index))),
    );
    await expect.poll(() => stream.state).toBe('paused');
    first.socket.terminate();
    await first.closed;
    expect(stream.state).not.toBe('open');
    const taken: string[] = [];
    for await (const item of events) {
      taken.push(textOf(item));
      if (taken.at(-1) === 'GAP') break;
    }
    expect(taken).toEqual([...Array.from({ length: 10 }, (_, index) => String(index)), 'GAP']);
    expect(stream.state).toBe('open');
  });
});

describe('a pause', () => {
  test('that lasts longer than maxPauseMs fails the iteration, and reading goes on', async () => {
    const { clock, net, stream } = await openFakeWs();
    const events = stream.events({ capacity: 1 });
    net.last.frame(fragment('i', '1'));
    await clock.advance(29_999);
    expect([net.last.isPaused, stream.state]).toEqual([true, 'paused']);
    await clock.advance(1);
    expect([net.last.isPaused, stream.state]).toEqual([false, 'open']);
    expect(textOf((await events.next()).value)).toBe('1');
    await expect(events.next()).rejects.toThrow(QueueFullError);
    await stream.close();
    expect(clock.pendingDelays).toEqual([]);
  });

  test('ends after maxPauseMs when a slow consumer has made some room', async () => {
    const { clock, net, stream } = await openFakeWs();
    const events = stream.events({ capacity: 4, maxPauseMs: 1000 });
    for (const text of ['1', '2', '3', '4']) net.last.frame(fragment('i', text));
    await events.next();
    await clock.advance(1000);
    expect(net.last.isPaused).toBe(false);
    expect(textOf((await events.next()).value)).toBe('2');
    expect(() => stream.events({ maxPauseMs: 0 })).toThrow(ConfigurationError);
  });
});

describe('an event', () => {
  test.each([
    ['the system clock', systemClock],
    ['a clock that stands still', new FakeClock()],
  ])('that comes along with the handshake reaches a listener added after connect, on %s', async (_, clock) => {
    await using peer = await Peer.start();
    const early = peer.next().then(({ socket }) => sendAll(socket, [fragment('i', 'early')]));
    await using stream = new AssistStream({ streamUrl: peer.url, auth: new CountingAuth(), clock });
    await stream.connect();
    const received = new Promise((resolve) => stream.on('TRANSCRIPT_FRAGMENT', resolve));
    await early;
    expect(await received).toEqual(fragment('i', 'early'));
  });

  test('that comes in one packet with the last message of the handshake reaches such a listener, too', async () => {
    await using peer = await Peer.start();
    void peer.next().then(({ socket, raw }) => {
      socket.on('message', () => {
        raw.cork();
        socket.send('{"command":"CONNECTED"}');
        socket.send('{"command":"NOTE","topic":"t","text":"a|b"}');
        socket.close(1001);
        raw.uncork();
      });
    });
    await using stream = new AssistStream({ streamUrl: peer.url, auth: new CountingAuth(), protocol: notes });
    await stream.connect();
    const seen: string[] = [];
    stream.on('NOTE', ({ text }) => seen.push(text));
    stream.on('close', () => seen.push('closed'));
    await expect.poll(() => seen).toEqual(['a', 'b', 'closed']);
  });

  test('that was delivered is not delivered again, as far as idOf says and memory reaches', async () => {
    const { net, seen } = await openFakeWs({
      idOf: (event) => {
        if (textOf(event) === 'throws') throw new Error('no');
        return textOf(event) === 'any' ? undefined : textOf(event);
      },
    });
    for (const text of ['1', '1', '2', 'any', 'any', 'throws', 'throws', '1']) net.last.frame(fragment('i', text));
    const texts = (): unknown[] =>
      seen.flatMap(([name, event]) => (name === 'TRANSCRIPT_FRAGMENT' ? [event.text] : []));
    expect(texts()).toEqual(['1', '2', 'any', 'any', 'throws', 'throws']);
    for (let index = 0; index < 10_000; index += 1) net.last.frame(fragment('i', `x${index}`));
    net.last.frame(fragment('i', '1'));
    expect(texts().at(-1)).toBe('1');
  });
});

describe('connect', () => {
  test('ends after its time with the last reason, and leaves nothing behind', async () => {
    const { clock, net, stream } = fakeWsStream();
    const connected = stream.connect({ totalTimeoutMs: 5000 }).catch((error: unknown) => error);
    await settle();
    net.last.fail(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
    await clock.advance(5000);
    expect(await connected).toMatchObject({
      name: 'StreamError',
      message: expect.stringMatching(
        /^Stream tenant\.test\/stream: did not open within 5000 ms: .*ECONNREFUSED; nothing is listening/,
      ) as unknown,
      cause: { name: 'StreamError' },
    });
    expect(stream.state).toBe('closed');
    await stream.close();
    expect(clock.pendingDelays).toEqual([]);
    expect(net.sockets.some(({ isLive }) => isLive)).toBe(false);
  });

  test('ends by its signal with the last reason as the cause, and the stream with it', async () => {
    const { clock, net, stream } = fakeWsStream();
    const controller = new AbortController();
    const connected = stream.connect({ signal: controller.signal }).catch((error: unknown) => error);
    await settle();
    net.last.fail(Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' }));
    await settle();
    controller.abort();
    expect(await connected).toMatchObject({
      name: 'AbortError',
      cause: { message: expect.stringContaining('EAI_AGAIN') as unknown },
    });
    await stream.close();
    expect(clock.pendingDelays).toEqual([]);
  });

  test.each([
    'ENOTFOUND',
    'HPE_INVALID_CONSTANT',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'EPROTO',
  ])('ends at once on %s', async (code) => {
    const { net, stream } = fakeWsStream();
    const connected = stream.connect().catch((error: unknown) => error);
    await settle();
    net.last.fail(Object.assign(new Error('failed'), { code }));
    expect(await connected).toMatchObject({
      name: 'StreamError',
      message: expect.stringMatching(`${code}; .*(?:check|add)`) as unknown,
    });
    expect(stream.state).toBe('terminated');
  });

  test('is what the first next() of an iteration does', async () => {
    const { net, stream } = fakeWsStream();
    const next = stream[Symbol.asyncIterator]().next();
    await settle();
    net.last.open();
    net.last.frame(fragment('i', '1'));
    expect(textOf((await next).value)).toBe('1');
    await stream.close();
  });
});

test('a huge Retry-After is waited for no longer than maxReconnectDelayMs, and not by all at one instant', async () => {
  for (const random of [0, 0.999]) {
    const { net, seen, stream } = fakeWsStream({ random: () => random });
    void stream.connect(patient).catch(() => undefined);
    await settle();
    net.last.refuse(503, { 'retry-after': '86400' });
    await settle();
    const [, event] = seen[0] ?? [];
    expect(event).toMatchObject({ delayMs: random === 0 ? 22_500 : 29_993 });
    await stream.close();
  }
});

test('streams that waited for one token connect spread over that time; a first one that did not wait long at once', async () => {
  const connectedAfter = async (tokenMs: number, random: number): Promise<number> => {
    const parts = fakeWsStream({
      random: () => random,
      auth: {
        header: () => ['a', 'b'],
        invalidate: () => undefined,
        getToken: () => new Promise((resolve) => parts.clock.setTimeout(() => resolve('t'), tokenMs)),
      },
    });
    void parts.stream.connect(patient).catch(() => undefined);
    while (parts.net.sockets.length === 0) await parts.clock.advance(10);
    await parts.stream.close();
    return parts.clock.monotonic();
  };
  expect(await connectedAfter(500, 0.5)).toBe(500);
  expect(await connectedAfter(2000, 0.5)).toBe(3000);
  expect(await connectedAfter(2000, 0)).toBe(2000);
});

test('reconnect replaces the connection and delivers what comes until it is closed', async () => {
  const { clock, net, seen, stream } = await openFakeWs({ closeCodes: { 1000: 'terminate' } });
  const [first] = net.sockets;
  if (first !== undefined) first.answersClose = false;
  stream.reconnect();
  net.last.frame(fragment('i', 'late'));
  net.last.closed(1000);
  await clock.advance(30_000);
  expect(net.sockets).toHaveLength(2);
  net.last.open();
  expect(seen.map(([name]) => name)).toEqual(['open', 'TRANSCRIPT_FRAGMENT', 'close', 'reconnecting', 'open']);
  await stream.close();
  stream.reconnect();
  expect(stream.state).toBe('closed');
});

test('the words of a close frame forge no line of a log', async () => {
  const { net, seen } = await openFakeWs();
  net.last.closed(1012, 'bye\n2026 ERROR forged');
  await settle();
  const messages = seen.flatMap(([name, event]) => (name === 'reconnecting' ? [event.error.message] : []));
  expect(messages).toEqual(['Stream tenant.test/stream: closed with code 1012 (bye 2026 ERROR forged)']);
});
