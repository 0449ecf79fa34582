import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AbortError, AssistStream, AuthClient, ConfigurationError } from 'agent-assist-sdk';
import { startTenant } from 'agent-assist-sdk/testing';
import { fragment, openFakeNative, openFakeWs, settle, textOf } from './helpers.js';

describe('an iteration', () => {
  test('yields the events of interactions, in order, from the moment it was asked for', async () => {
    const { net, stream } = await openFakeWs();
    net.last.frame(fragment('i', 'before'));
    const events = stream.events();
    for (const frame of [fragment('a', '1'), { type: 'HEARTBEAT' }, { type: 'NEW' }, 'nonsense', fragment('b', '2')])
      net.last.frame(frame);
    const waiting = events.next();
    const [next, later] = [events.next(), events.next()];
    net.last.frame(fragment('a', '3'));
    const results = await Promise.all([waiting, next, later]);
    expect(results.map(({ value }) => textOf(value))).toEqual(['1', '2', '3']);
    expect([events.size, events.dropped]).toEqual([0, 0]);
  });

  test('goes on over a reconnection', async () => {
    const { clock, net, stream } = await openFakeWs();
    const seen: unknown[] = [];
    const consumer = (async () => {
      for await (const event of stream) seen.push(textOf(event));
    })();
    net.last.frame(fragment('i', '1'));
    net.last.closed(1001);
    await clock.advance(1500);
    net.last.open();
    net.last.frame(fragment('i', '2'));
    await stream.close();
    await consumer;
    expect(seen).toEqual(['1', 'GAP', '2']);
  });

  test('ended by break takes no more, and lets a paused socket go on', async () => {
    const { net, stream } = await openFakeWs();
    const events = stream.events({ capacity: 1 });
    net.last.frame(fragment('i', '1'));
    net.last.frame(fragment('i', '2'));
    expect(net.last.isPaused).toBe(true);
    for await (const event of events) {
      expect(textOf(event)).toBe('1');
      break;
    }
    expect(net.last.isPaused).toBe(false);
    net.last.frame(fragment('i', '3'));
    expect(events.size).toBe(0);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test('ends by its signal at once, also one aborted before', async () => {
    const { net, stream } = await openFakeWs();
    const controller = new AbortController();
    const events = stream.events({ signal: controller.signal });
    net.last.frame(fragment('i', '1'));
    controller.abort();
    await expect(events.next()).rejects.toBeInstanceOf(AbortError);
    expect(await events.next()).toEqual({ done: true, value: undefined });
    await expect(stream.events({ signal: AbortSignal.abort() }).next()).rejects.toBeInstanceOf(AbortError);
    expect(stream.state).toBe('open');
  });

  test('under fail hands out what it holds and then rejects; the stream and others go on', async () => {
    const { net, stream } = await openFakeWs();
    const [events, other] = [stream.events({ capacity: 2, overflow: 'fail' }), stream.events()];
    for (const text of ['1', '2', '3', '4']) net.last.frame(fragment('i', text));
    expect(textOf((await events.next()).value)).toBe('1');
    expect(textOf((await events.next()).value)).toBe('2');
    await expect(events.next()).rejects.toMatchObject({ name: 'QueueFullError', code: 'queue_full' });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(other.size).toBe(4);
    expect(net.last.isPaused).toBe(false);
  });

  test('that was full lets the socket go on when it is half empty, not at the first event taken', async () => {
    const { net, stream } = await openFakeWs();
    const events = stream.events({ capacity: 4 });
    for (const text of ['1', '2', '3', '4']) net.last.frame(fragment('i', text));
    await events.next();
    expect(net.last.isPaused).toBe(true);
    await events.next();
    expect(net.last.isPaused).toBe(false);
  });

  test('that failed and was then left does not reject any more', async () => {
    const { net, stream } = await openFakeWs();
    const events = stream.events({ capacity: 1, overflow: 'fail' });
    net.last.frame(fragment('i', '1'));
    net.last.frame(fragment('i', '2'));
    await events.return?.();
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test('several that are full hold the socket until the last of them has room', async () => {
    const { clock, net, stream } = await openFakeWs();
    const [a, b] = [stream.events({ capacity: 1 }), stream.events({ capacity: 2 })];
    net.last.frame(fragment('i', '1'));
    net.last.frame(fragment('i', '2'));
    await a.next();
    await a.next();
    expect(net.last.isPaused).toBe(true);
    // A new connection begins paused as well.
    net.last.closed(1006);
    await clock.advance(1500);
    net.last.open();
    expect([net.sockets.length, net.last.isPaused]).toEqual([2, true]);
    await b.next();
    await b.next();
    expect(net.last.isPaused).toBe(false);
  });

  test('goes on between two connections, and lets the next one begin unpaused', async () => {
    const { clock, net, stream } = await openFakeWs();
    const events = stream.events({ capacity: 2 });
    net.last.frame(fragment('i', '1'));
    net.last.frame(fragment('i', '2'));
    net.last.closed(1006);
    await clock.advance(1500);
    expect(net.sockets).toHaveLength(2);
    expect(textOf((await events.next()).value)).toBe('1');
    net.last.open();
    expect(net.last.isPaused).toBe(false);
    net.last.frame(fragment('i', '3'));
    expect(net.last.isPaused).toBe(true);
    expect(textOf((await events.next()).value)).toBe('2');
    expect(textOf((await events.next()).value)).toBe('GAP');
    expect(textOf((await events.next()).value)).toBe('3');
  });

  test('holds 1,000 events where nothing else is said', async () => {
    const { net, stream } = await openFakeWs();
    const events = stream.events();
    for (let index = 0; index < 999; index += 1) net.last.frame(fragment('i', String(index)));
    expect(net.last.isPaused).toBe(false);
    net.last.frame(fragment('i', '999'));
    expect([net.last.isPaused, events.size]).toEqual([true, 1000]);
  });

  test('refuses limits and policies that make no sense', async () => {
    const { stream } = await openFakeWs();
    for (const capacity of [0, -1, 1.5, Number.NaN, Infinity])
      expect(() => stream.events({ capacity })).toThrow(ConfigurationError);
    expect(() => stream.events({ overflow: 'explode' as never })).toThrow(ConfigurationError);
  });

  test('where the socket cannot be paused, says so when asked to, and fails rather than grow by default', async () => {
    const { net, stream } = await openFakeNative();
    expect(() => stream.events({ overflow: 'pause' })).toThrow(ConfigurationError);
    const events = stream.events({ capacity: 1 });
    net.last.frame(fragment('i', '1'));
    net.last.frame(fragment('i', '2'));
    expect(textOf((await events.next()).value)).toBe('1');
    await expect(events.next()).rejects.toMatchObject({ name: 'QueueFullError', code: 'queue_full' });
  });
});

test('whatever is pushed and taken, nothing is lost, doubled or out of order, and the bound holds', async () => {
  const step = fc.oneof(
    fc.record({ push: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 6 }) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom('pause' as const, 'drop-oldest' as const),
      async (steps, capacity, overflow) => {
        const { net, stream } = await openFakeWs();
        const events = stream.events({ capacity, overflow });
        let pushed = 0;
        const model: number[] = [];
        let dropped = 0;
        let isToldOf = true;
        for (const action of steps) {
          if ('push' in action) {
            for (let index = 0; index < action.push; index += 1) {
              if (net.last.isPaused) break;
              net.last.frame(fragment('i', String(pushed)));
              model.push(pushed++);
              if (overflow === 'drop-oldest' && model.length > capacity) {
                model.shift();
                dropped += 1;
                isToldOf = false;
              }
            }
          } else {
            for (let index = 0; index < action.take && model.length > 0; index += 1) {
              if (!isToldOf) expect(textOf((await events.next()).value)).toBe('GAP');
              isToldOf = true;
              expect(textOf((await events.next()).value)).toBe(String(model.shift()));
            }
          }
          expect(events.size).toBe(model.length);
          expect(events.size).toBeLessThanOrEqual(capacity);
          expect(events.dropped).toBe(dropped);
          if (overflow === 'drop-oldest') expect(net.last.isPaused).toBe(false);
          if (model.length >= capacity && overflow === 'pause') expect(net.last.isPaused).toBe(true);
          if (model.length <= capacity / 2) expect(net.last.isPaused).toBe(false);
        }
        await stream.close();
        const rest: unknown[] = [];
        for await (const event of events) rest.push(textOf(event));
        expect(rest).toEqual([...(isToldOf ? [] : ['GAP']), ...model.map(String)]);
      },
    ),
    { numRuns: 200 },
  );
});

test('a slow consumer holds the server back instead of growing, over a real socket', async () => {
  const total = 40_000;
  await using tenant = await startTenant();
  const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, scopes: ['streaming:subscribe'] });
  await using stream = new AssistStream({ platform: tenant.platform, auth });
  const events = stream.events({ capacity: 100 });
  await stream.connect();
  const padding = 'x'.repeat(500);
  for (let index = 0; index < total; index += 1) tenant.stream.send(fragment('i', `${index} ${padding}`));
  let isFlushed = false;
  const flushed = tenant.stream.flushed().then(() => (isFlushed = true));
  await expect.poll(() => events.size).toBeGreaterThanOrEqual(100);
  await settle();
  // The limit and what one read of 64 KiB may bring beyond it.
  const bound = 100 + Math.ceil(65_536 / 500);
  expect(events.size).toBeLessThanOrEqual(bound);
  expect(isFlushed).toBe(false);
  let taken = 0;
  let most = 0;
  let misplaced = 0;
  for await (const event of events) {
    if (!textOf(event).startsWith(`${taken} `)) misplaced += 1;
    most = Math.max(most, events.size);
    taken += 1;
    if (taken % 500 === 0) await settle();
    if (taken === total) break;
  }
  await flushed;
  expect(misplaced).toBe(0);
  expect(most).toBeLessThanOrEqual(bound);
  expect(events.dropped).toBe(0);
  expect(tenant.stream.totalConnections).toBe(1);
});
