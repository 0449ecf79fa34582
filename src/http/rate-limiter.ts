import { QueueFullError } from '../errors.js';
import { checkCounts, checkOptions, checkTimeLimits } from '../options.js';
import { abortable, sleep, systemClock, withinLimit, type Clock } from './clock.js';

/** Options of {@link RateLimiter}. */
export interface RateLimiterOptions {
  /** Limit of attempts that arrive in any `windowMs`. */
  readonly maxCalls: number;
  /** Length of the window in ms. */
  readonly windowMs: number;
  /**
   * Limit of waiting calls; above it the queue is full.
   *
   * @defaultValue 1,000
   */
  readonly capacity?: number | undefined;
  /**
   * Source of time.
   *
   * @defaultValue the system clock
   */
  readonly clock?: Clock | undefined;
}

/** A wait for a rate limit. */
export interface RateLimitWait {
  /** Expected duration in ms. */
  readonly waitMs: number;
  /** `hold` if the server asked for it by `Retry-After`, `quota` if the known limit is reached. */
  readonly reason: 'hold' | 'quota';
}

/** Options of a wait for a turn. */
export interface WaitLimit {
  /** Limit of the wait in ms, over all attempts of the call. A longer wait is not started. */
  readonly maxWaitMs: number;
  /** Creates the error that replaces a longer wait. */
  readonly waitError: (waitMs: number) => Error;
  /** Called when a wait begins. */
  readonly onWait?: ((wait: RateLimitWait) => void) | undefined;
}

const NO_LIMIT: WaitLimit = { maxWaitMs: Infinity, waitError: () => new Error('waits without a limit') };

/** The turn of a call. */
export interface Turn {
  /** Waits until another attempt may be sent, and counts it. Pass it as `HttpRequest.beforeAttempt`. */
  readonly slot: (signal?: AbortSignal) => Promise<void>;
  /** Pauses this turn and later ones for so many ms, as `Retry-After` asks. */
  readonly holdOff: (delayMs: number) => void;
}

/**
 * Enforces the platform's rate limit on the client: attempts, retries included, start in order, and at most `maxCalls`
 * arrive in any `windowMs`.
 *
 * A request arrives some time between its start and its response. A slot is therefore free again `windowMs` after the
 * response, so that the server never counts more than this limiter.
 */
export class RateLimiter {
  readonly #maxCalls: number;
  readonly #windowMs: number;
  readonly #capacity: number;
  readonly #clock: Clock;
  /** End times of the latest attempts, oldest first; at most `maxCalls`. */
  readonly #ended: number[] = [];
  #attemptIsOpen = false;
  /** Concurrent attempts in progress, and the wait for one of them to end. */
  #beside = 0;
  #anyEnded = Promise.withResolvers<undefined>();
  #heldUntil = -Infinity;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #inLine = 0;

  /** @throws `ConfigurationError` for a number out of range. */
  constructor(options: RateLimiterOptions) {
    checkOptions('RateLimiter', options, { maxCalls: true, windowMs: true, capacity: true, clock: true });
    const { maxCalls, windowMs, capacity = 1000, clock = systemClock } = options;
    checkCounts({ maxCalls, capacity });
    checkTimeLimits({ windowMs });
    this.#maxCalls = maxCalls;
    this.#windowMs = windowMs;
    this.#capacity = capacity;
    this.#clock = clock;
  }

  /**
   * @internal Runs `work` after all earlier calls.
   * @param limit - limits the wait; without it, the wait is unlimited.
   * @throws (as rejection) `QueueFullError` if `capacity` calls already wait; the error of `limit`, at once if the turn
   * is known to come too late; `AbortError` if `signal` is aborted; and what `work` throws.
   */
  async run<T>(work: (turn: Turn) => Promise<T>, signal?: AbortSignal, limit: WaitLimit = NO_LIMIT): Promise<T> {
    if (this.#waiting >= this.#capacity) throw new QueueFullError('rate limiter', this.#capacity);
    if (this.#inLine > 0) this.#announce(this.#nextWait(this.#inLine), limit.maxWaitMs, limit);
    const before = this.#last;
    const mine = Promise.withResolvers<undefined>();
    this.#last = before.then(() => mine.promise);
    this.#inLine += 1;
    this.#waiting += 1;
    try {
      const queuedAt = this.#clock.monotonic();
      await this.#queue(before, signal, limit).finally(() => {
        this.#waiting -= 1;
      });
      let leftMs = limit.maxWaitMs - (this.#clock.monotonic() - queuedAt);
      const slot = async (slotSignal?: AbortSignal): Promise<void> => {
        leftMs -= await this.#slot(slotSignal, leftMs, limit);
      };
      const holdOff = (delayMs: number): void => {
        this.#heldUntil = Math.max(this.#heldUntil, this.#clock.monotonic() + delayMs);
      };
      return await work({ slot, holdOff }).finally(() => {
        this.#endAttempt();
      });
    } finally {
      this.#inLine -= 1;
      mine.resolve(undefined);
    }
  }

  /**
   * Waits, in the order of the calls, until another concurrent attempt may start.
   *
   * @returns a function that reports the end of the attempt.
   * @throws (as rejection) `QueueFullError` if `capacity` calls already wait; `AbortError`.
   */
  async enter(signal?: AbortSignal): Promise<() => void> {
    await this.run(() => this.#room(signal), signal);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#beside -= 1;
      this.#addEnd();
      this.#anyEnded.resolve(undefined);
      this.#anyEnded = Promise.withResolvers();
    };
  }

  async #room(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const index = this.#ended.length + this.#beside - this.#maxCalls;
      if (index < 0) break;
      const oldest = this.#ended[index];
      if (oldest === undefined) await abortable(this.#anyEnded.promise, signal);
      else {
        const waitMs = oldest + this.#windowMs - this.#clock.monotonic();
        if (waitMs < 0) break;
        await sleep(this.#clock, Math.floor(waitMs) + 1, signal);
      }
    }
    this.#beside += 1;
  }

  #queue(before: Promise<void>, signal: AbortSignal | undefined, limit: WaitLimit): Promise<void> {
    const { maxWaitMs: timeoutMs, waitError } = limit;
    const timeoutError = (): Error => waitError(Math.max(timeoutMs, this.#nextWait(0).waitMs));
    return withinLimit(() => before, { clock: this.#clock, timeoutMs, timeoutError, signal });
  }

  /** Waits for a slot and takes it. @returns the duration of the wait in ms. */
  async #slot(signal: AbortSignal | undefined, leftMs: number, limit: WaitLimit): Promise<number> {
    this.#endAttempt();
    const startedAt = this.#clock.monotonic();
    const waitedMs = (): number => this.#clock.monotonic() - startedAt;
    for (;;) {
      const wait = this.#nextWait(0);
      // Strictly later, so that the limit also holds on a server that counts both ends of its window.
      if (wait.waitMs < 0) break;
      this.#announce(wait, leftMs - waitedMs(), limit);
      await sleep(this.#clock, Math.floor(wait.waitMs) + 1, signal);
    }
    this.#attemptIsOpen = true;
    return waitedMs();
  }

  /** @throws the error of `limit` for a wait that is too long. */
  #announce(wait: RateLimitWait, leftMs: number, { waitError, onWait }: WaitLimit): void {
    if (wait.waitMs > leftMs) throw waitError(Math.ceil(wait.waitMs));
    if (wait.waitMs > 0) onWait?.(wait);
  }

  /** Returns the expected wait of a call behind `ahead` others; negative if it need not wait. */
  #nextWait(ahead: number): RateLimitWait {
    const now = this.#clock.monotonic();
    const index = ahead - (this.#maxCalls - this.#ended.length);
    const oldest = this.#ended[index % this.#maxCalls] ?? now;
    const windowEnd = index < 0 ? -Infinity : oldest + this.#windowMs * (1 + Math.floor(index / this.#maxCalls));
    return {
      waitMs: Math.max(windowEnd, this.#heldUntil) - now,
      reason: this.#heldUntil > windowEnd ? 'hold' : 'quota',
    };
  }

  #endAttempt(): void {
    if (!this.#attemptIsOpen) return;
    this.#attemptIsOpen = false;
    this.#addEnd();
  }

  #addEnd(): void {
    this.#ended.push(this.#clock.monotonic());
    if (this.#ended.length > this.#maxCalls) this.#ended.shift();
  }
}
