import { QueueFullError, TimeoutError } from '../../errors.js';
import { withinLimit, type Clock } from '../../http/internal.js';

/** Limit of waiting work: the limit of a suite's concurrent cases. */
const CAPACITY = 1000;

/** Limits concurrent work; the rest waits, in order. */
export class Slots {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number, clock: Clock) {
    this.#free = count;
    this.#clock = clock;
  }

  /**
   * Runs `work` in a slot.
   *
   * @throws `QueueFullError`; `TimeoutError` and `AbortError` while it waits; and what `work` throws.
   */
  async use<T>(
    work: () => Promise<T>,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
  ): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else {
      if (this.#waiting.length >= CAPACITY) throw new QueueFullError('queue of playbook runs', CAPACITY);
      const timeoutError = (): Error => new TimeoutError(`no playbook could start within ${timeoutMs} ms`, timeoutMs);
      await withinLimit((ended) => this.#turn(ended), { clock: this.#clock, timeoutMs, timeoutError, signal });
    }
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  #turn(ended: AbortSignal): Promise<void> {
    return new Promise((start, reject) => {
      this.#waiting.push(start);
      ended.addEventListener('abort', () => {
        const place = this.#waiting.indexOf(start);
        // If the slot was assigned at the same moment, it passes to the next.
        if (place < 0) this.#release();
        else this.#waiting.splice(place, 1);
        reject(ended.reason as Error);
      });
    });
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
