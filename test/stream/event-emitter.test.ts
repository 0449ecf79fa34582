import { EventEmitter } from 'eventemitter3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventEmitter as Small } from '#dist/stream/delivery/event-emitter.browser.js';

type Listener = (event: object) => void;

/** The members that the stream uses. */
interface Emitter {
  on(name: string, listener: Listener): unknown;
  once(name: string, listener: Listener): unknown;
  off(name: string, listener: Listener): unknown;
  listeners(name: string): Listener[];
  emit(name: string, event: object): unknown;
}

const names = ['a', 'b'];
const step = fc.record({
  action: fc.constantFrom('on' as const, 'once' as const, 'off' as const, 'emit' as const),
  name: fc.constantFrom(...names),
  listener: fc.nat(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/**
 * Takes the steps, and one more within each call of a listener; returns what was called and what stayed. As in the
 * stream, each registration is a function of its own.
 */
function play(emitter: Emitter, steps: readonly Step[], within: readonly Step[]): unknown {
  const log: string[] = [];
  const left = [...within];
  const known: Listener[] = [];
  const take = ({ action, name, listener }: Step): void => {
    if (action === 'emit') emitter.emit(name, { name });
    else if (action === 'off') emitter.off(name, known[listener % known.length] ?? (() => undefined));
    else emitter[action](name, created());
  };
  const created = (): Listener => {
    const index = known.length;
    const listener: Listener = (event) => {
      log.push(`${index} ${JSON.stringify(event)}`);
      const next = left.shift();
      if (next !== undefined) take(next);
    };
    known.push(listener);
    return listener;
  };
  steps.forEach(take);
  return [log, names.map((name) => emitter.listeners(name).map((each) => known.indexOf(each)))];
}

test('calls, keeps and removes listeners as eventemitter3 does', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.array(step, { maxLength: 8 }), (steps, within) => {
      expect(play(new Small(), steps, within)).toEqual(play(new EventEmitter(), steps, within));
    }),
    { numRuns: 1000 },
  );
});
