import { checkCounts, checkOptions, checkTimeLimits } from '../../options.js';
import { systemClock, type Clock } from '../clock.js';
import { LimiterQueue, type RateLimit, type Turn, type WaitLimit } from './limiter-queue.js';
import { MemoryQuota } from './memory-quota.js';

/** Options of {@link RateLimiter}. */
export interface RateLimiterOptions {
  /** Limit of attempts that arrive in any `windowMs`. */
  readonly maxCalls: number;
  /** Length of the window in ms. */
  readonly windowMs: number;
  /** Limit of waiting calls; above it the queue is full. @defaultValue 1,000 */
  readonly capacity?: number | undefined;
  /** Source of time. @defaultValue the system clock */
  readonly clock?: Clock | undefined;
}

/**
 * Enforces the platform's rate limit on the client: attempts, retries included, start in order, and at most `maxCalls`
 * arrive in any `windowMs`.
 *
 * A request arrives some time between its start and its response. A slot is therefore free again `windowMs` after the
 * response, so that the server never counts more than this limiter.
 */
export class RateLimiter implements RateLimit {
  readonly #queue: LimiterQueue;

  /** @throws `ConfigurationError` for a number out of range. */
  constructor(options: RateLimiterOptions) {
    checkOptions('RateLimiter', options, {
      maxCalls: 'anything',
      windowMs: 'anything',
      capacity: true,
      clock: 'a clock with monotonic()',
    });
    const { maxCalls, windowMs, capacity = 1000, clock = systemClock } = options;
    checkCounts({ maxCalls, capacity });
    checkTimeLimits({ windowMs });
    this.#queue = new LimiterQueue(new MemoryQuota({ maxCalls, windowMs, clock }), { capacity, clock });
  }

  /** Runs `work` after all earlier calls, as {@link RateLimit.run} says. */
  run<T>(work: (turn: Turn) => Promise<T>, signal?: AbortSignal, limit?: WaitLimit): Promise<T> {
    return this.#queue.run(work, signal, limit);
  }

  /** Waits in order until another attempt may run concurrently, as {@link RateLimit.enter} says. */
  enter(signal?: AbortSignal): Promise<() => void> {
    return this.#queue.enter(signal);
  }
}
