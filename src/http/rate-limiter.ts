import { QueueFullError } from '../errors.js';
import { checkCounts, checkTimeLimits } from '../limits.js';
import { abortable, sleep, type Clock } from './clock.js';

/** Options of {@link RateLimiter}. */
export interface RateLimiterOptions {
  /** How many attempts may arrive in any `windowMs`. */
  readonly limit: number;
  /** Length of the window in ms. */
  readonly windowMs: number;
  /** How many calls may wait for their turn; one more is refused. Default 1,000. */
  readonly maxWaiting?: number | undefined;
  /** Source of time. */
  readonly clock: Clock;
}

/** A call whose turn it is. */
export interface Turn {
  /** Waits until one more attempt may be sent, and counts it. Give it to `HttpRequest.beforeAttempt`. */
  readonly slot: (signal?: AbortSignal) => Promise<void>;
  /** Sends nothing, in this turn or a later one, for so many ms: what a server asks for by `Retry-After`. */
  readonly holdOff: (delayMs: number) => void;
}

/**
 * Keeps a limit that the server has as well, by waiting: calls run one after another in the order in which they were
 * asked for, and of their attempts, repeats included, never more than `limit` arrive within any `windowMs`.
 *
 * When a request arrives lies somewhere between its being sent and its answer. So a slot is free again only when
 * `windowMs` have passed since the answer, and the server's own count can never be higher than this one.
 */
export class RateLimiter {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #maxWaiting: number;
  readonly #clock: Clock;
  /** When the latest attempts were over, oldest first; never more than `limit`. */
  readonly #ended: number[] = [];
  #attemptIsOpen = false;
  #heldUntil = -Infinity;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** @throws `ConfigurationError` when a number is out of its range. */
  constructor(options: RateLimiterOptions) {
    const { limit, windowMs, maxWaiting = 1000, clock } = options;
    checkCounts({ limit, maxWaiting });
    checkTimeLimits({ windowMs });
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#maxWaiting = maxWaiting;
    this.#clock = clock;
  }

  /**
   * Runs `work` when all that came before it are through.
   *
   * @throws (as rejection) `QueueFullError` at once when `maxWaiting` calls wait already; `AbortError` when `signal` ends
   * the wait; and what `work` throws.
   */
  async run<T>(work: (turn: Turn) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#waiting >= this.#maxWaiting) throw new QueueFullError(this.#maxWaiting);
    const before = this.#last;
    const mine = Promise.withResolvers<undefined>();
    this.#last = before.then(() => mine.promise);
    this.#waiting += 1;
    try {
      await abortable(before, signal).finally(() => {
        this.#waiting -= 1;
      });
      return await work({
        slot: (slotSignal) => this.#slot(slotSignal),
        holdOff: (delayMs) => {
          this.#heldUntil = Math.max(this.#heldUntil, this.#clock.monotonic() + delayMs);
        },
      }).finally(() => {
        this.#endAttempt();
      });
    } finally {
      mine.resolve(undefined);
    }
  }

  async #slot(signal: AbortSignal | undefined): Promise<void> {
    this.#endAttempt();
    for (;;) {
      const oldest = this.#ended.length < this.#limit ? undefined : this.#ended[0];
      const windowEnd = oldest === undefined ? -Infinity : oldest + this.#windowMs;
      const waitMs = Math.max(windowEnd, this.#heldUntil) - this.#clock.monotonic();
      // Strictly later, so that the limit also holds on a server that counts both ends of its window.
      if (waitMs < 0) break;
      await sleep(this.#clock, Math.floor(waitMs) + 1, signal);
    }
    this.#attemptIsOpen = true;
  }

  #endAttempt(): void {
    if (!this.#attemptIsOpen) return;
    this.#attemptIsOpen = false;
    this.#ended.push(this.#clock.monotonic());
    if (this.#ended.length > this.#limit) this.#ended.shift();
  }
}
