import { ConfigurationError } from '../../errors.js';
import type { Clock } from '../../http/internal.js';
import { isRecord } from '../../json.js';
import { checkKind } from '../../options.js';

interface Timer {
  readonly id: number;
  readonly dueAt: number;
  /** Absent once the timer is cancelled. */
  callback: (() => void) | undefined;
}

const isBefore = (a: Timer, b: Timer): boolean => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.id < b.id);

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
  /** A binary heap, the next to fire first: a service may have a timer for each of many interactions. */
  #timers: Timer[] = [];
  #cancelled = 0;
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
    const timer = { id: this.#lastId, dueAt: this.#now + Math.max(0, delayMs || 0), callback };
    this.#add(timer);
    return timer;
  }

  /** Cancels a timer. */
  clearTimeout(timer: unknown): void {
    if (!isRecord(timer) || timer['callback'] === undefined) return;
    timer['callback'] = undefined;
    this.#cancelled += 1;
    if (this.#cancelled <= this.#timers.length / 2) return;
    // Otherwise a clock that stands still would keep all timers that were ever cancelled. A sorted list is a heap.
    this.#timers = this.#timers.filter(({ callback }) => callback).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#cancelled = 0;
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
      const [next] = this.#timers;
      if (next === undefined || !(next.dueAt <= time)) break;
      this.#removeFirst();
      const { callback, dueAt } = next;
      if (callback === undefined) {
        this.#cancelled -= 1;
        continue;
      }
      next.callback = undefined;
      this.#now = Math.max(this.#now, dueAt);
      callback();
    }
    this.#now = time;
  }

  #add(timer: Timer): void {
    const timers = this.#timers;
    let place = timers.push(timer) - 1;
    for (;;) {
      const above = (place - 1) >> 1;
      const other = timers[above];
      if (other === undefined || !isBefore(timer, other)) break;
      timers[place] = other;
      place = above;
    }
    timers[place] = timer;
  }

  #removeFirst(): void {
    const timers = this.#timers;
    const last = timers.pop();
    if (last === undefined || timers.length === 0) return;
    let place = 0;
    for (;;) {
      const [left, right] = [timers[2 * place + 1], timers[2 * place + 2]];
      const isRight = left !== undefined && right !== undefined && isBefore(right, left);
      const next = isRight ? right : left;
      if (next === undefined || !isBefore(next, last)) break;
      timers[place] = next;
      place = 2 * place + (isRight ? 2 : 1);
    }
    timers[place] = last;
  }
}
