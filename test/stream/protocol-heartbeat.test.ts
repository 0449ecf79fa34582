import { describe, expect, test } from 'vitest';
import type { Liveness } from 'agent-assist-sdk/stream';
import { settle } from './helpers.js';
import { setup, opened, notes, type Setup } from './notes-protocol.js';

describe('signs of life', () => {
  test('three missed acknowledgements in a row end the connection, whatever else arrives', async () => {
    const { net, clock, seen, said } = await opened();
    await clock.advance(10_000);
    net.last.frame({ command: 'BEAT_ACK' });
    await clock.advance(30_000);
    net.last.frame({ command: 'NOTE', text: 'still talking' });
    expect(said().filter(({ command }) => command === 'BEAT')).toHaveLength(4);
    await clock.advance(9999);
    expect(seen).toEqual(['open 1', 'still talking']);
    await clock.advance(1);
    expect(seen.at(-1)).toBe(
      'Stream tenant.test/notes: closed with code 1006 (3 heartbeats in a row were not acknowledged)',
    );
  });

  test('a further beat is not sent after three missed ones, so that its acknowledgement cannot come in time', async () => {
    const { net, clock, seen, said } = await opened();
    await clock.advance(10_000);
    // The acknowledgement of the first beat takes its time.
    await clock.advance(300);
    net.last.frame({ command: 'BEAT_ACK' });
    await clock.advance(39_700);
    expect(said().filter(({ command }) => command === 'BEAT')).toHaveLength(4);
    expect(seen.at(-1)).toContain('(3 heartbeats in a row were not acknowledged)');
  });

  test('two missed acknowledgements end nothing, whenever they come', async () => {
    const { net, clock, seen } = await opened();
    for (let round = 0; round < 5; round += 1) {
      await clock.advance(29_999);
      net.last.frame({ command: 'BEAT_ACK' });
      await clock.advance(1);
    }
    expect(seen).toEqual(['open 1']);
  });

  test.each<Liveness>([
    { kind: 'acknowledged', frame: '{"command":"BEAT"}', intervalMs: 10_000, maxMissed: 3 },
    { kind: 'silence', timeoutMs: 30_000 },
    { kind: 'beat', frame: '{"command":"BEAT"}', intervalMs: 10_000, timeoutMs: 30_000 },
  ])('a pause gives no verdict by $kind', async (liveness) => {
    const paused: typeof notes = {
      ...notes,
      open: (link) => notes.open({ ...link, connected: () => link.connected(liveness) }),
    };
    const { stream, net, clock, seen } = await opened([], paused);
    const events = stream.events({ capacity: 1, maxPauseMs: 1_000_000 });
    net.last.frame({ command: 'NOTE', text: 'one' });
    expect(stream.state).toBe('paused');
    await clock.advance(100_000);
    await events.next();
    expect(stream.state).toBe('open');
    await clock.advance(29_000);
    expect(seen).toEqual(['open 1', 'one']);
  });
});

describe('other signs of life', () => {
  const connected = async (liveness: Liveness): Promise<Setup> => {
    const parts = setup({
      ...notes,
      open: (link) => {
        link.connected(liveness);
        return { receive: () => link.heartbeat({ type: 'HEARTBEAT' }) };
      },
    });
    const opening = parts.stream.connect();
    await settle();
    parts.net.last.open();
    await opening;
    await parts.clock.advance(0);
    return parts;
  };

  test('where the server beats, its silence ends the connection', async () => {
    const { net, clock, seen } = await connected({ kind: 'silence', timeoutMs: 30_000 });
    await clock.advance(29_999);
    net.last.frame('beat');
    await clock.advance(29_999);
    expect(seen).toEqual(['open 1']);
    await clock.advance(1);
    expect(seen.at(-1)).toContain('closed with code 1006 (silent for 30000 ms)');
    expect(net.last.sent).toEqual([]);
  });

  test('a beat is answered by any frame, in time', async () => {
    const beat = { kind: 'beat', frame: '2', intervalMs: 25_000, timeoutMs: 5000 } as const;
    const { net, clock, seen } = await connected(beat);
    await clock.advance(25_000);
    expect(net.last.sent).toEqual(['2']);
    net.last.frame('any');
    await clock.advance(29_999);
    expect(seen).toEqual(['open 1']);
    await clock.advance(1);
    expect(seen.at(-1)).toContain('closed with code 1006 (no response to a ping within 5000 ms)');
  });

  test.each<Liveness>([
    { kind: 'silence', timeoutMs: 0 },
    { kind: 'beat', frame: '2', intervalMs: Number.NaN, timeoutMs: 1 },
    { kind: 'acknowledged', frame: '2', intervalMs: 2 ** 31, maxMissed: 3 },
  ])('%j has a time that no timer holds', async (liveness) => {
    const { stream, net, seen } = setup({
      ...notes,
      open: (link) => {
        link.connected(liveness);
        return { receive: () => undefined };
      },
    });
    stream.connect().catch(() => undefined);
    await settle();
    net.last.open();
    await settle();
    expect(seen.at(-1)).toMatch(/: the protocol failed: \w+: expected ms above 0 and below 2\^31$/);
  });
});
