import { ConfigurationError } from '../../errors.js';
import type { Clock } from '../../http/internal.js';
import { checkKind } from '../../options.js';

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until it gets another time: a replay sets that of each event. Timers fire in the order
 * in which they are due, at their own time, when the clock passes it.
 *
 * @example
 * ```ts
 * import { VirtualClock } from 'agent-assist-sdk/conversations';
 *
 * const clock = new VirtualClock();
 * clock.advanceTo(Date.parse('2026-01-31T09:30:00Z'));
 * clock.setTimeout(() => console.log(clock.now() - Date.parse('2026-01-31T09:30:00Z')), 500);
 * clock.advanceTo(Date.parse('2026-01-31T09:31:00Z')); // 500
 * ```
 */
export class VirtualClock implements Clock {
  readonly #timers = new Map<number, Timer>();
  #now = 0;
  #lastId = 0;

  /** The time in ms since the epoch; 0 before the first. */
  now(): number {
    return this.#now;
  }

  /** Same as {@link VirtualClock.now}, since nobody sets this clock. */
  monotonic(): number {
    return this.#now;
  }

  /** Calls `callback` when the clock passes that time. */
  setTimeout(callback: () => void, delayMs: number): unknown {
    checkKind('callback', callback, 'a function');
    checkKind('delayMs', delayMs, 'a number');
    this.#lastId += 1;
    this.#timers.set(this.#lastId, { dueAt: this.#now + Math.max(0, delayMs), callback });
    return this.#lastId;
  }

  /** Cancels a timer. */
  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  /**
   * Moves the time forward, in ms since the epoch, and fires what falls due.
   *
   * @throws `ConfigurationError` for a value that is not a number, and for a time in the past: a target was used for a second replay.
   */
  advanceTo(time: number): void {
    checkKind('time', time, 'a number');
    if (!(time >= this.#now))
      throw new ConfigurationError('the clock cannot go back; create a new target for each replay');
    for (;;) {
      const [due] = [...this.#timers]
        .filter(([, timer]) => timer.dueAt <= time)
        .sort(([, a], [, b]) => a.dueAt - b.dueAt);
      if (due === undefined) break;
      const [id, { dueAt, callback }] = due;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, dueAt);
      callback();
    }
    this.#now = time;
  }
}
