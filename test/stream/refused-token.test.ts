import { describe, expect, test } from 'vitest';
import type { FakeWs } from './fake-sockets.js';
import { CountingAuth, fakeWsStream, fragment, namesOf, openFakeWs, settle, type Seen, patient } from './helpers.js';

const delaysOf = (seen: readonly Seen[]): number[] =>
  seen.flatMap(([name, event]) => (name === 'reconnecting' ? [event.delayMs] : []));

describe('a refused token', () => {
  test('is dropped and the next one tried at once', async () => {
    const { auth, net, seen, stream } = fakeWsStream();
    const connected = stream.connect(patient);
    await settle();
    net.last.refuse(401);
    await settle();
    expect(auth.invalidated).toEqual(['token-1']);
    expect(net.last.options.headers).toEqual({ authorization: 'Bearer token-2' });
    net.last.open();
    await connected;
    expect(delaysOf(seen)).toEqual([0]);
    await stream.close();
  });

  test("can be named by a close code of one's own, and one of the table be taken back", async () => {
    const { auth, clock, net, seen, stream } = await openFakeWs({
      closeCodes: { 4000: 'refresh-token', 4401: 'reconnect' },
    });
    net.last.frame(fragment('i', '1'));
    net.last.closed(4401);
    await clock.advance(30_000);
    expect(auth.invalidated).toEqual([]);
    net.last.open();
    net.last.frame(fragment('i', '2'));
    net.last.closed(4000);
    await clock.advance(30_000);
    expect(auth.invalidated).toEqual(['token-1']);
    expect(namesOf(seen)).not.toContain('terminated');
    await stream.close();
  });

  test('after a connection that worked is the first one again', async () => {
    const { clock, net, seen, stream } = await openFakeWs();
    for (let round = 0; round < 3; round += 1) {
      net.last.closed(1006);
      await clock.advance(30_000);
      net.last.refuse(401);
      await settle();
      net.last.open();
    }
    expect(namesOf(seen)).not.toContain('terminated');
    await stream.close();
  });

  test('by a close code twice, before anything came, ends the stream', async () => {
    const { auth, clock, net, seen } = await openFakeWs();
    net.last.closed(4401);
    await clock.advance(30_000);
    net.last.open();
    net.last.closed(4401);
    await settle();
    expect(namesOf(seen).at(-1)).toBe('terminated');
    expect(auth.invalidated).toEqual(['token-1', 'token-2']);
  });

  test('by a close code after a connection that worked is outlasted, with growing waits', async () => {
    const { auth, clock, net, seen, stream } = await openFakeWs({ random: () => 0.5 });
    net.last.frame(fragment('i', '1'));
    for (let round = 0; round < 4; round += 1) {
      net.last.closed(4401);
      await clock.advance(30_000);
      net.last.open();
    }
    expect(delaysOf(seen)).toEqual([1500, 2000, 3000, 5000]);
    expect(auth.invalidated).toEqual(['token-1', 'token-2', 'token-3', 'token-4']);
    expect(stream.state).toBe('open');
    await stream.close();
  });

  test.each([
    ['text that is no event', (socket: FakeWs) => socket.frame('nonsense')],
    ['a binary frame', (socket: FakeWs) => void socket.emit('message', Buffer.alloc(1), true)],
  ])('by a close code after %s is the first one again', async (_, say) => {
    const { clock, net, seen, stream } = await openFakeWs();
    for (let round = 0; round < 3; round += 1) {
      say(net.last);
      net.last.closed(4401);
      await clock.advance(30_000);
      net.last.open();
    }
    expect(namesOf(seen)).not.toContain('terminated');
    await stream.close();
  });

  test('that cannot be invalidated does not stop the stream', async () => {
    const auth = new CountingAuth();
    auth.invalidate = () => {
      throw new Error('store is down');
    };
    const { net, stream } = fakeWsStream({ auth });
    const connected = stream.connect(patient);
    await settle();
    net.last.refuse(401);
    await settle();
    net.last.open();
    await connected;
    await stream.close();
  });
});
