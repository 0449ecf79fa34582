import { expect, test } from 'vitest';
import { JumpingClock } from '../helpers/blocked-loop.js';
import type { FakeNative, FakeWs } from './fake-sockets.js';
import { fakeNativeStream, fakeWsStream, fragment, namesOf } from './helpers.js';

// What arrived while the event loop was blocked is read after the timers that fell due meanwhile; it counts all the same.

/** Blocks the event loop for that long. What arrived meanwhile is read after the timers. */
async function blocked(clock: JumpingClock, ms: number, arrived: () => void): Promise<void> {
  clock.jump(ms);
  await turns();
  arrived();
  await turns();
}

/** Lets the timers of 1 ms ring, which look at the clock. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
}

type FakeStream = ReturnType<typeof fakeWsStream> | ReturnType<typeof fakeNativeStream>;

/** Opens a stream, and waits until it no longer holds frames back. */
async function opened({ stream, net }: Pick<FakeStream, 'stream' | 'net'>): Promise<void> {
  const connected = stream.connect();
  await expect.poll(() => net.sockets.length).toBe(1);
  net.last.open();
  await connected;
  await turns();
}

test('an upgrade that was accepted within the time limit opens the stream', async () => {
  const clock = new JumpingClock();
  const { stream, net, seen } = fakeWsStream({ clock, connectTimeoutMs: 1000 });
  const connected = stream.connect();
  await expect.poll(() => net.sockets.length).toBe(1);
  await blocked(clock, 2000, () => net.last.open());
  await connected;
  expect(namesOf(seen)).toEqual(['open']);
  await stream.close();
});

test('one that was not, does not', async () => {
  const clock = new JumpingClock();
  const { stream, net, seen } = fakeWsStream({ clock, connectTimeoutMs: 1000 });
  const connected = stream.connect();
  connected.catch(() => undefined);
  await expect.poll(() => net.sockets.length).toBe(1);
  await blocked(clock, 2000, () => undefined);
  await expect.poll(() => namesOf(seen)).toEqual(['reconnecting']);
  await stream.close();
});

test.each([
  ['a pong', (socket: FakeWs) => socket.emit('pong', Buffer.alloc(0))],
  ['an event', (socket: FakeWs) => socket.frame(fragment('i', 'text'))],
])('%s that arrived within the time limit is a sign of life', async (_, arrive) => {
  const clock = new JumpingClock();
  const { stream, net } = fakeWsStream({ clock, pingIntervalMs: 1000, pongTimeoutMs: 1000 });
  await opened({ stream, net });
  clock.jump(1000);
  await expect.poll(() => net.last.pings).toBe(1);
  await blocked(clock, 1300, () => arrive(net.last));
  expect(net.sockets.map(({ isLive }) => isLive)).toEqual([true]);
  clock.jump(1000);
  await expect.poll(() => net.last.pings).toBe(2);
  expect(net.sockets.map(({ isLive }) => isLive)).toEqual([true]);
  await stream.close();
});

test('where pings cannot be sent, an event that arrived in time ends the silence', async () => {
  const clock = new JumpingClock();
  const { stream, net } = fakeNativeStream({ clock, pingIntervalMs: 1000, idleTimeoutMs: 1000 });
  await opened({ stream, net });
  await blocked(clock, 1300, () => net.last.frame(fragment('i', 'text')));
  expect(net.sockets.map((socket: FakeNative) => socket.isLive)).toEqual([true]);
  await stream.close();
});
