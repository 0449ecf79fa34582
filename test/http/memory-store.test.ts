import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import { MemoryStore } from 'agent-assist-sdk/http';
import { FakeClock } from '../helpers/fake-clock.js';

describe('memory store', () => {
  it('keeps a value for its time, whether it is read or not', () => {
    const clock = new FakeClock();
    const store = new MemoryStore({ clock });
    store.set('a', 1, 1000);
    return clock.advance(999).then(async () => {
      expect(store.get('a')).toBe(1);
      await clock.advance(1);
      expect(store.get('a')).toBeUndefined();
      expect(store.size).toBe(0);
    });
  });

  it('holds 1,000 by default and lets the one go that was not read for longest', () => {
    const store = new MemoryStore();
    for (let index = 0; index < 1000; index += 1) store.set(String(index), index, 1000);
    store.get('0');
    store.set('one more', true, 1000);
    expect(store.size).toBe(1000);
    expect(store.get('0')).toBe(0);
    expect(store.get('1')).toBeUndefined();
    expect(store.get('2')).toBe(2);
  });

  it('agrees with a list kept by hand, for any sequence of reads and writes', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const command = fc.oneof(
      fc.record({ do: fc.constant('set' as const), key: name, ttlMs: fc.integer({ min: 1, max: 50 }) }),
      fc.record({ do: fc.constant('get' as const), key: name }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30 }) }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (commands, maxEntries) => {
        let now = 0;
        const clock = new FakeClock();
        clock.monotonic = () => now;
        const store = new MemoryStore({ maxEntries, clock });
        let model: { key: string; value: number; until: number }[] = [];
        commands.forEach((step, value) => {
          if (step.do === 'wait') {
            now += step.ms;
            return;
          }
          const held = model.find(({ key }) => key === step.key);
          model = model.filter(({ key }) => key !== step.key);
          if (step.do === 'set') {
            store.set(step.key, value, step.ttlMs);
            model = [...model, { key: step.key, value, until: now + step.ttlMs }].slice(-maxEntries);
          } else {
            const isAlive = held !== undefined && held.until > now;
            expect(store.get(step.key)).toBe(isAlive ? held.value : undefined);
            if (isAlive) model = [...model, held];
          }
          expect(store.size).toBe(model.length);
        });
      }),
    );
  });

  it.each([0, -1, Number.NaN])('refuses to keep a value for %d ms', (ttlMs) => {
    const store = new MemoryStore();
    expect(() => store.set('a', 1, ttlMs)).toThrow(ConfigurationError);
    expect(store.size).toBe(0);
  });

  it('keeps a value without end until another needs its place', async () => {
    const clock = new FakeClock();
    const store = new MemoryStore({ maxEntries: 1, clock });
    store.set('a', 1, Infinity);
    await clock.advance(1e12);
    expect(store.get('a')).toBe(1);
    store.set('b', 2, 1);
    expect(store.get('a')).toBeUndefined();
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses to hold %d', (maxEntries) => {
    expect(() => new MemoryStore({ maxEntries })).toThrow(ConfigurationError);
  });
});

describe('add', () => {
  it('keeps a value where there is none, and again when its time is over', async () => {
    const clock = new FakeClock();
    const store = new MemoryStore<string>({ clock });
    expect([store.add('a', 'first', 1000), store.add('a', 'second', 1000), store.get('a')]).toEqual([
      true,
      false,
      'first',
    ]);
    await clock.advance(1000);
    expect([store.add('a', 'third', 1000), store.get('a')]).toEqual([true, 'third']);
    expect(() => store.add('b', 'x', 0)).toThrow(ConfigurationError);
  });
});
