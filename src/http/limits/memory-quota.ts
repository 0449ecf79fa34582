import { abortable, sleep, type Clock } from '../clock.js';
import type { Quota, RateLimitWait } from './limiter-queue.js';

/** Counts attempts in memory. */
export class MemoryQuota implements Quota {
  readonly #maxCalls: number;
  readonly #windowMs: number;
  readonly #clock: Clock;
  /** End times of the latest attempts; at most `maxCalls`, a later one in place of the oldest. */
  readonly #ended: number[] = [];
  /** Position of the oldest. */
  #oldest = 0;
  /** Attempts in progress, and the wait for one of them to end. */
  #open = 0;
  #anyEnded = Promise.withResolvers<undefined>();
  #heldUntil = -Infinity;

  constructor(limit: { readonly maxCalls: number; readonly windowMs: number; readonly clock: Clock }) {
    this.#maxCalls = limit.maxCalls;
    this.#windowMs = limit.windowMs;
    this.#clock = limit.clock;
  }

  async take(
    _askedAt: number,
    announce: (wait: RateLimitWait) => void,
    signal: AbortSignal | undefined,
  ): Promise<() => void> {
    for (;;) {
      if (this.#open >= this.#maxCalls) {
        await abortable(this.#anyEnded.promise, signal);
        continue;
      }
      const wait = this.#wait(this.#index());
      // Strictly later, so that the limit also holds on a server that includes both ends of its window.
      if (wait.waitMs < 0) break;
      announce(wait);
      await sleep(this.#clock, Math.floor(wait.waitMs) + 1, signal);
    }
    this.#open += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#open -= 1;
      const isFull = this.#ended.length === this.#maxCalls;
      this.#ended[isFull ? this.#oldest : this.#ended.length] = this.#clock.monotonic();
      if (isFull) this.#oldest = (this.#oldest + 1) % this.#maxCalls;
      this.#anyEnded.resolve(undefined);
      this.#anyEnded = Promise.withResolvers();
    };
  }

  holdOff(delayMs: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, this.#clock.monotonic() + delayMs);
  }

  forecast(ahead: number): RateLimitWait {
    return this.#wait(ahead + this.#ended.length - this.#maxCalls);
  }

  /** Which of the ended attempts has to leave the window before the next one may start; negative if none has to. */
  #index(): number {
    return this.#ended.length + this.#open - this.#maxCalls;
  }

  #wait(index: number): RateLimitWait {
    const now = this.#clock.monotonic();
    const ended = this.#ended[(this.#oldest + index) % this.#maxCalls] ?? now;
    const windowEnd = index < 0 ? -Infinity : ended + this.#windowMs * (1 + Math.floor(index / this.#maxCalls));
    return {
      waitMs: Math.max(windowEnd, this.#heldUntil) - now,
      reason: this.#heldUntil > windowEnd ? 'hold' : 'quota',
    };
  }
}
