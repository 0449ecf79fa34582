import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LinkedMap } from '../../src/linked-map.js';

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const command = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key }),
  fc.record({ do: fc.constant('delete' as const), key }),
  fc.record({ do: fc.constant('shift' as const) }),
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
);

test('agrees with a Map whose entries are deleted before they are set', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const map = new LinkedMap<string, number>();
      const model = new Map<string, number>();
      commands.forEach((step, value) => {
        switch (step.do) {
          case 'set':
            model.delete(step.key);
            model.set(step.key, value);
            map.set(step.key, value);
            break;
          case 'delete':
            expect(map.delete(step.key)).toBe(model.delete(step.key));
            break;
          case 'shift': {
            const [first] = model;
            expect(map.shift()).toBe(first?.[1]);
            if (first !== undefined) model.delete(first[0]);
            break;
          }
          case 'clear':
            model.clear();
            map.clear();
        }
        const entries = [...model];
        expect([...map]).toEqual(entries);
        expect([map.size, map.first, map.last]).toEqual([model.size, entries[0]?.[1], entries.at(-1)?.[1]]);
        for (const name of ['a', 'b', 'c', 'd', 'e']) expect(map.get(name)).toBe(model.get(name));
      });
    }),
  );
});

test('keeps as many entries as its capacity, those that were set last', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(key, { maxLength: 30 }), (capacity, keys) => {
      const map = new LinkedMap<string, number>(capacity);
      keys.forEach((name, value) => map.set(name, value));
      const latest = [...new Set(keys.toReversed())].slice(0, capacity).reverse();
      expect([...map].map(([name]) => name)).toEqual(latest);
    }),
  );
});
