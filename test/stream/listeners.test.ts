import { describe, expect, test } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import { fragment, namesOf, openFakeWs, recordingLogger, settle } from './helpers.js';

describe('a listener', () => {
  test('that throws, and one that rejects, are reported and stop nothing', async () => {
    const logger = recordingLogger();
    const { net, seen, stream } = await openFakeWs({ logger });
    const [thrown, rejected] = [new Error('thrown'), new Error('rejected')];
    stream.on('TRANSCRIPT_FRAGMENT', () => {
      throw thrown;
    });
    stream.on('TRANSCRIPT_FRAGMENT', () => Promise.reject(rejected));
    const later: string[] = [];
    stream.on('TRANSCRIPT_FRAGMENT', ({ text }) => later.push(text));
    net.last.frame(fragment('i', '1'));
    net.last.frame(fragment('i', '2'));
    await settle();
    expect(later).toEqual(['1', '2']);
    expect(stream.state).toBe('open');
    const errors = seen.flatMap(([name, event]) => (name === 'error' ? [event] : []));
    expect(errors.map(({ event }) => event)).toEqual(Array.from({ length: 4 }, () => 'TRANSCRIPT_FRAGMENT'));
    expect(errors.map(({ error }) => error)).toEqual([thrown, thrown, rejected, rejected]);
    expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(4);
  });

  test.each([
    () => {
      throw new Error('again');
    },
    () => Promise.reject(new Error('again')),
  ])('of error that fails goes to the log alone', async (failing) => {
    const logger = recordingLogger();
    const { net, stream } = await openFakeWs({ logger });
    let calls = 0;
    stream.on('error', () => {
      calls += 1;
      return failing();
    });
    stream.on('TRANSCRIPT_FRAGMENT', () => {
      throw new Error('first');
    });
    net.last.frame(fragment('i', '1'));
    await settle();
    expect(calls).toBe(1);
    expect(logger.lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
      'A listener of TRANSCRIPT_FRAGMENT failed: Error: first',
      'A listener of error failed: Error: again',
    ]);
  });

  test.each(['open', 'close', 'reconnecting', 'invalid', 'unknown', 'HEARTBEAT'] as const)(
    'of %s that throws stops nothing either',
    async (name) => {
      const { clock, net, seen, stream } = await openFakeWs();
      stream.on(name, () => {
        throw new Error('no');
      });
      net.last.frame('nonsense');
      net.last.frame({ type: 'NEW' });
      net.last.frame({ type: 'HEARTBEAT' });
      net.last.closed(1006);
      await clock.advance(30_000);
      net.last.open();
      net.last.frame(fragment('i', '1'));
      expect(namesOf(seen).filter((seenName) => seenName !== 'error')).toEqual([
        'open',
        'invalid',
        'unknown',
        'HEARTBEAT',
        'close',
        'reconnecting',
        'open',
        'TRANSCRIPT_FRAGMENT',
      ]);
      expect(namesOf(seen)).toContain('error');
    },
  );

  test('of terminated that throws leaves the stream terminated', async () => {
    const { net, seen, stream } = await openFakeWs();
    stream.on('terminated', () => {
      throw new Error('no');
    });
    net.last.closed(1008);
    await settle();
    expect(stream.state).toBe('terminated');
    expect(namesOf(seen).slice(-2)).toEqual(['terminated', 'error']);
  });

  test('is put on and off in a chain', async () => {
    const { net, stream } = await openFakeWs();
    const calls: string[] = [];
    const stays = (): void => void calls.push('stays');
    const leaves = (): void => void calls.push('leaves');
    expect(
      stream.on('HEARTBEAT', stays).on('HEARTBEAT', leaves).off('HEARTBEAT', leaves).once('HEARTBEAT', leaves),
    ).toBe(stream);
    net.last.frame({ type: 'HEARTBEAT' });
    net.last.frame({ type: 'HEARTBEAT' });
    expect(calls).toEqual(['stays', 'leaves', 'stays']);
  });

  test('is called once by once, also when it puts itself on again, and never after off', async () => {
    const { net, stream } = await openFakeWs();
    const calls: string[] = [];
    const again = ({ text }: { text: string }): void => {
      calls.push(`again ${text}`);
      if (text === '1') stream.once('TRANSCRIPT_FRAGMENT', again);
    };
    const removed = (): void => void calls.push('removed');
    const stays = ({ text }: { text: string }): void => void calls.push(`stays ${text}`);
    stream.once('TRANSCRIPT_FRAGMENT', again).once('TRANSCRIPT_FRAGMENT', removed).on('TRANSCRIPT_FRAGMENT', stays);
    stream.off('TRANSCRIPT_FRAGMENT', removed);
    // Never added, so nothing may be removed.
    stream.off('TRANSCRIPT_FRAGMENT', () => undefined);
    for (const text of ['1', '2', '3']) net.last.frame(fragment('i', text));
    expect(calls).toEqual(['again 1', 'stays 1', 'stays 2', 'again 2', 'stays 3']);
    stream.off('TRANSCRIPT_FRAGMENT', stays);
    net.last.frame(fragment('i', '4'));
    expect(calls).toHaveLength(5);
  });
});

test('off removes one registration, the last, as Node does', async () => {
  const { net, stream } = await openFakeWs();
  let calls = 0;
  const listener = (): void => void (calls += 1);
  stream.on('HEARTBEAT', listener).once('HEARTBEAT', listener).on('HEARTBEAT', listener).off('HEARTBEAT', listener);
  for (const expected of [2, 3]) {
    net.last.frame({ type: 'HEARTBEAT' });
    expect(calls).toBe(expected);
  }
});

test.each([
  ['transcriptFragment', "did you mean 'TRANSCRIPT_FRAGMENT'?"],
  ['interaction_update', "did you mean 'INTERACTION_UPDATE'?"],
  ['terminate', "did you mean 'terminated'?"],
  ['message\nforged', 'expected one of INTERACTION_UPDATE, '],
])('a listener of %j, which there is none of, is refused', async (name, hint) => {
  const { stream } = await openFakeWs();
  expect(() => stream.on(name as never, () => undefined)).toThrow(ConfigurationError);
  expect(() => stream.once(name as never, () => undefined)).toThrow(`on: no event ${JSON.stringify(name)}; ${hint}`);
});
