import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { AssistStream, AuthClient, type AssistStreamOptions } from 'agent-assist-sdk';
import { startTenant } from 'agent-assist-sdk/testing';
import type { FakeClock } from '../helpers/fake-clock.js';
import { FakeWs } from './fake-sockets.js';
import {
  CountingAuth,
  fakeWsStream,
  fragment,
  namesOf,
  openFakeNative,
  openFakeWs,
  record,
  settle,
  patient,
} from './helpers.js';
import { Peer } from './peer.js';

/** Advances to a timer that fires late, so that the sockets are read before the next one is set. */
async function advanceAndRead(clock: FakeClock, ms: number): Promise<void> {
  const { length } = clock.pendingDelays;
  await clock.advance(ms);
  await expect.poll(() => clock.pendingDelays).toHaveLength(length);
}

describe('where pings can be sent', () => {
  test('pings every 20 s as long as the pongs come', async () => {
    const { clock, net, stream } = await openFakeWs();
    for (let pings = 1; pings <= 5; pings += 1) {
      await clock.advance(19_999);
      expect(net.last.pings).toBe(pings - 1);
      await clock.advance(1);
      expect(net.last.pings).toBe(pings);
      net.last.emit('pong', Buffer.alloc(0));
    }
    expect(stream.state).toBe('open');
    expect(net.sockets).toHaveLength(1);
  });

  test('pings at its interval also when that is shorter than the wait for a pong', async () => {
    const { clock, net } = await openFakeWs({ pingIntervalMs: 200, pongTimeoutMs: 10_000 });
    for (let pings = 1; pings <= 5; pings += 1) {
      await clock.advance(200);
      expect(net.last.pings).toBe(pings);
      net.last.emit('pong', Buffer.alloc(0));
    }
    await clock.advance(200 + 9_999);
    expect(net.last.isLive).toBe(true);
    await clock.advance(1);
    expect(net.sockets[0]?.isLive).toBe(false);
  });

  test('gives a connection up 10 s after a ping without an answer, and not before', async () => {
    const { clock, net, seen } = await openFakeWs();
    await clock.advance(29_999);
    expect(net.last.isLive).toBe(true);
    await clock.advance(1);
    expect(net.sockets[0]?.isLive).toBe(false);
    expect(namesOf(seen)).toEqual(['open', 'close', 'reconnecting']);
    expect(seen[2]?.[1]).toMatchObject({ error: { closeCode: 1006 } });
    expect((seen[2]?.[1] as { error: Error }).error.message).toContain('no response to a ping within 10000 ms');
  });

  test.each(['an event', 'a heartbeat', 'an invalid frame', 'a binary frame', 'a ping'])(
    '%s counts as life',
    async (kind) => {
      const { clock, net } = await openFakeWs();
      for (let round = 0; round < 3; round += 1) {
        await clock.advance(20_000);
        if (kind === 'an event') net.last.frame(fragment('i', 't'));
        else if (kind === 'a heartbeat') net.last.frame({ type: 'HEARTBEAT' });
        else if (kind === 'an invalid frame') net.last.frame('nonsense');
        else if (kind === 'a binary frame') net.last.emit('message', Buffer.alloc(1), true);
        else net.last.emit('ping', Buffer.alloc(0));
      }
      await clock.advance(9_999);
      expect(net.sockets).toHaveLength(1);
      expect(net.last.isLive).toBe(true);
      expect(net.last.sent).toEqual([]);
    },
  );

  test('judges nothing while reading is paused, and again from the next ping on', async () => {
    const { clock, net, stream } = await openFakeWs();
    const events = stream.events({ capacity: 2 });
    net.last.frame(fragment('i', '1'));
    net.last.frame(fragment('i', '2'));
    expect(net.last.isPaused).toBe(true);
    await clock.advance(600_000);
    expect(net.last.isLive).toBe(true);
    await events.next();
    expect(net.last.isPaused).toBe(false);
    await clock.advance(30_000);
    expect(net.sockets[0]?.isLive).toBe(false);
  });

  test('a pause that ends just before the deadline leaves time to read the pong', async () => {
    const { clock, net, stream } = await openFakeWs();
    await clock.advance(20_000);
    const events = stream.events({ capacity: 1 });
    net.last.frame(fragment('i', '1'));
    await clock.advance(9_999);
    await events.next();
    await clock.advance(1);
    expect(net.last.isLive).toBe(true);
  });

  test('so does one during which the ping was sent', async () => {
    const { clock, net, stream } = await openFakeWs();
    const events = stream.events({ capacity: 1 });
    await clock.advance(19_000);
    net.last.frame(fragment('i', '1'));
    await clock.advance(10_999);
    await events.next();
    await clock.advance(1);
    expect([net.last.pings, net.last.isLive]).toEqual([1, true]);
  });

  test('a process that was held up blames itself and not the peer', async () => {
    const { clock, net } = await openFakeWs();
    await clock.advance(20_000);
    // The timer that falls due at 30 s fires at 36 s.
    const monotonic = clock.monotonic.bind(clock);
    clock.monotonic = () => monotonic() + 6000;
    await advanceAndRead(clock, 10_000);
    expect(net.last.isLive).toBe(true);
    await clock.advance(10_000);
    expect(net.sockets[0]?.isLive).toBe(false);
  });

  test('its times are options', async () => {
    const { clock, net } = await openFakeWs({ pingIntervalMs: 100, pongTimeoutMs: 300 });
    await clock.advance(399);
    expect([net.last.pings, net.last.isLive]).toEqual([1, true]);
    net.last.emit('pong', Buffer.alloc(0));
    await clock.advance(1);
    await clock.advance(0);
    expect([net.last.pings, net.last.isLive]).toEqual([2, true]);
    await clock.advance(300);
    expect(net.sockets[0]?.isLive).toBe(false);
  });
});

describe('where pings cannot be sent', () => {
  test('sends heartbeats and judges by silence', async () => {
    const { clock, net, seen } = await openFakeNative();
    await clock.advance(59_999);
    expect(net.last.sent).toEqual(['{"type":"HEARTBEAT"}', '{"type":"HEARTBEAT"}']);
    net.last.frame({ type: 'HEARTBEAT' });
    await clock.advance(59_999);
    expect(net.sockets).toHaveLength(1);
    expect(net.last.isLive).toBe(true);
    net.last.answersClose = false;
    await clock.advance(1);
    expect(namesOf(seen)).toEqual(['open', 'HEARTBEAT', 'close', 'reconnecting']);
    expect(seen[2]).toEqual(['close', { code: 1006, reason: '' }]);
    expect((seen[3]?.[1] as { error: Error }).error.message).toContain('silent for 60000 ms');
  });

  test('a process that was held up blames itself first, and the peer when that stays silent', async () => {
    const { clock, net, seen } = await openFakeNative();
    const monotonic = clock.monotonic.bind(clock);
    // The timer that falls due at 60 s fires at 66 s.
    clock.monotonic = () => monotonic() + 6000;
    await advanceAndRead(clock, 60_000);
    await clock.advance(499);
    expect(namesOf(seen)).toEqual(['open']);
    await clock.advance(1);
    expect(namesOf(seen)).toEqual(['open', 'close', 'reconnecting']);
    expect(net.sockets).toHaveLength(1);
  });

  test('what arrives after a process was held up keeps the connection', async () => {
    const { clock, net, seen } = await openFakeNative();
    const monotonic = clock.monotonic.bind(clock);
    clock.monotonic = () => monotonic() + 6000;
    await advanceAndRead(clock, 60_000);
    net.last.frame({ type: 'HEARTBEAT' });
    await clock.advance(59_999);
    expect(namesOf(seen)).toEqual(['open', 'HEARTBEAT']);
    await clock.advance(1);
    expect(namesOf(seen)).toEqual(['open', 'HEARTBEAT', 'close', 'reconnecting']);
  });

  test('an abandoned socket delivers nothing any more', async () => {
    const { clock, net, seen } = await openFakeNative({ idleTimeoutMs: 1000 });
    const [first] = net.sockets;
    if (first !== undefined) first.answersClose = false;
    await clock.advance(1000);
    await clock.advance(30_000);
    expect(net.sockets).toHaveLength(2);
    net.last.open();
    first?.onmessage?.({ data: JSON.stringify(fragment('i', 'ghost')) });
    first?.onclose?.({ code: 1000, reason: '' });
    expect(namesOf(seen)).toEqual(['open', 'close', 'reconnecting', 'open']);
  });
});

describe('an end in the middle of a beginning', () => {
  test('a socket that opens after close is not announced', async () => {
    const { clock, net, seen, stream } = fakeWsStream();
    stream.connect(patient).catch(() => undefined);
    await settle();
    net.last.answersClose = false;
    const closed = stream.close();
    net.last.open();
    // What the server sends before it has read the close frame is nobody's any more.
    net.last.frame(fragment('i', '1'));
    net.last.emit('message', Buffer.alloc(1), true);
    net.last.emit('ping', Buffer.alloc(0));
    await clock.advance(2000);
    await closed;
    expect(namesOf(seen)).toEqual([]);
  });

  /** How many turns of the microtask queue lie between a token's arrival and the end of the stream. */
  const turnsBetween = Array.from({ length: 12 }, (_, turns) => turns);

  /** Connects, lets a token arrive, and closes that many turns later. */
  async function closedAfterToken(turns: number, extra: Partial<AssistStreamOptions> = {}) {
    const token = Promise.withResolvers<string>();
    const auth = { header: () => ['a', 'b'] as const, invalidate: () => undefined, getToken: () => token.promise };
    const parts = fakeWsStream({ auth, ...extra });
    parts.stream.connect(patient).catch(() => undefined);
    await settle();
    token.resolve('t');
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    const closed = parts.stream.close();
    await settle();
    return { ...parts, closed };
  }

  test.each(turnsBetween)('a token that arrives %i turns before close leaves no socket', async (turns) => {
    const { closed, net } = await closedAfterToken(turns);
    expect(net.sockets.filter(({ isLive }) => isLive)).toEqual([]);
    await closed;
  });

  test.each(turnsBetween)('nor does one whose socket cannot be made, %i turns before close, fail it', async (turns) => {
    class Throwing extends FakeWs {
      constructor(...args: ConstructorParameters<typeof FakeWs>) {
        super(...args);
        throw new SyntaxError('no');
      }
    }
    const { closed, seen, stream } = await closedAfterToken(turns, { WebSocket: Throwing as never });
    await closed;
    // Late enough, it has ended by itself before.
    if (stream.state === 'closed') expect(namesOf(seen)).toEqual([]);
    else expect(namesOf(seen)).toEqual(['terminated']);
  });

  test('the signal of a stream that has ended is let go', async () => {
    const { signal } = new AbortController();
    const { stream } = await openFakeWs({ signal });
    const events = stream.events({ signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(2);
    await stream.close();
    await events.return?.();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('timers', () => {
  test.each(['ws', 'native'])('none is left after close (%s)', async (kind) => {
    const { clock, stream } = kind === 'ws' ? await openFakeWs() : await openFakeNative();
    expect(clock.pendingDelays.length).toBeGreaterThan(0);
    await stream.close();
    expect(clock.pendingDelays).toEqual([]);
  });

  test('none is left after close while waiting to reconnect', async () => {
    const { clock, net, stream } = await openFakeWs();
    net.last.closed(1006);
    await settle();
    expect(clock.pendingDelays).toEqual([1500]);
    await stream.close();
    expect(clock.pendingDelays).toEqual([]);
    expect(net.sockets).toHaveLength(1);
  });

  test('a peer that does not answer the close frame is waited for 2 s', async () => {
    const { clock, net, stream } = await openFakeWs();
    net.last.answersClose = false;
    let isClosed = false;
    const closed = stream.close().then(() => (isClosed = true));
    await clock.advance(1999);
    expect([isClosed, net.last.closeCalls]).toEqual([false, 1]);
    await clock.advance(1);
    await closed;
    expect(clock.pendingDelays).toEqual([]);
  });

  test('close lets a paused socket read the close frame of its peer', async () => {
    const { net, stream } = await openFakeWs();
    stream.events({ capacity: 1 });
    net.last.frame(fragment('i', '1'));
    expect(net.last.isPaused).toBe(true);
    await stream.close();
    expect(net.last.isPaused).toBe(false);
  });
});

describe('over real sockets', () => {
  test('a server that falls silent is left for another connection', async () => {
    await using tenant = await startTenant();
    const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, scopes: ['streaming:subscribe'] });
    await using stream = new AssistStream({
      platform: tenant.platform,
      auth,
      pingIntervalMs: 20,
      pongTimeoutMs: 20,
      minReconnectDelayMs: 1,
      maxReconnectDelayMs: 2,
    });
    const seen = record(stream);
    await stream.connect(patient);
    tenant.stream.connections[0]?.silence();
    await expect.poll(() => namesOf(seen).slice(0, 4)).toEqual(['open', 'close', 'reconnecting', 'open']);
  });

  test('a consumer that pauses for many pings keeps its healthy connection', async () => {
    await using peer = await Peer.start();
    await using stream = new AssistStream({
      streamUrl: peer.url,
      streamToken: 'header',
      auth: new CountingAuth(),
      pingIntervalMs: 100,
      pongTimeoutMs: 100,
      minReconnectDelayMs: 1,
      maxReconnectDelayMs: 2,
    });
    const events = stream.events({ capacity: 1 });
    await stream.connect(patient);
    const { socket } = await peer.next();
    let pings = 0;
    const fivePings = new Promise<void>((resolve) =>
      socket.on('ping', () => {
        if (++pings === 5) resolve();
      }),
    );
    socket.send(JSON.stringify(fragment('i', '1')));
    socket.send(JSON.stringify(fragment('i', '2')));
    await fivePings;
    expect([peer.total, peer.open, events.size > 0]).toEqual([1, 1, true]);
  });
});
