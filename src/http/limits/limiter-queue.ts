import { QueueFullError } from '../../errors.js';
import { withinLimit, type Clock } from '../clock.js';
import { checkKind, checkSignal } from '../../options.js';

/** A wait for a rate limit. */
export interface RateLimitWait {
  /** Expected duration in ms; with the reason `busy`, the longest. */
  readonly waitMs: number;
  /**
   * `hold` if the server asked for it by `Retry-After`, `quota` if the known limit is reached, `busy` while the server
   * accepts no call because of a job.
   */
  readonly reason: 'hold' | 'quota' | 'busy';
}

/** Options of a wait for a turn. */
export interface WaitLimit {
  /** Limit of the wait in ms, over all attempts of the call. A longer wait is not started. */
  readonly maxWaitMs: number;
  /** Creates the error that replaces a longer wait. */
  readonly waitError: (waitMs: number) => Error;
  /**
   * Called when a wait begins, including one that a server asks for while calls are already waiting. Must not throw.
   */
  readonly onWait?: ((wait: RateLimitWait) => void) | undefined;
}

/** The turn of a call. */
export interface Turn {
  /** Waits until another attempt may be sent, and counts it. Pass it as `HttpRequest.beforeAttempt`. */
  readonly slot: (signal?: AbortSignal) => Promise<void>;
  /** Pauses this turn and later ones for the given number of ms, as `Retry-After` asks. */
  readonly holdOff: (delayMs: number) => void;
}

/**
 * Enforces a rate limit with a queue of calls. `RateLimiter` counts within a process, `redisRateLimiter` across
 * processes.
 */
export interface RateLimit {
  /**
   * Runs `work` after all earlier calls of this process. Each attempt in it waits for a slot.
   *
   * @param limit - limits the wait; without it, the wait is unlimited.
   * @throws (as rejection) `QueueFullError` if too many calls already wait; the error of `limit`, immediately if the
   * turn is known to come too late; `AbortError` if `signal` is aborted; and what `work` throws.
   */
  run<T>(work: (turn: Turn) => Promise<T>, signal?: AbortSignal, limit?: WaitLimit): Promise<T>;
  /**
   * Waits in order until another attempt may run concurrently.
   *
   * @returns a function that ends this attempt.
   * @throws (as rejection) `QueueFullError`, immediately, if too many calls already wait; `AbortError`.
   */
  enter(signal?: AbortSignal): Promise<() => void>;
}

/** Counts the attempts of a {@link LimiterQueue}. */
export interface Quota {
  /**
   * Waits for a slot and takes it. Only one call of a queue waits at a time.
   *
   * @param askedAt - time of the call, by `Clock.monotonic`.
   * @param announce - called before each wait; may throw.
   * @returns a function that ends the attempt. Idempotent.
   */
  take(askedAt: number, announce: (wait: RateLimitWait) => void, signal: AbortSignal | undefined): Promise<() => void>;
  /** Gives out no slot for the given number of ms. */
  holdOff(delayMs: number): void;
  /** Expected wait behind `ahead` calls, as far as this process knows. Negative without a wait. */
  forecast(ahead: number): RateLimitWait;
}

const NO_LIMIT: WaitLimit = { maxWaitMs: Infinity, waitError: () => new Error('waits without a limit') };

/** Gives calls their turns in order, and attempts their slots of a {@link Quota}. */
export class LimiterQueue implements RateLimit {
  readonly #quota: Quota;
  readonly #capacity: number;
  readonly #clock: Clock;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** The calls that wait for a turn or have it. */
  readonly #inLine = new Map<Promise<undefined>, WaitLimit>();

  constructor(quota: Quota, { capacity, clock }: { readonly capacity: number; readonly clock: Clock }) {
    this.#quota = quota;
    this.#capacity = capacity;
    this.#clock = clock;
  }

  async run<T>(work: (turn: Turn) => Promise<T>, signal?: AbortSignal, limit: WaitLimit = NO_LIMIT): Promise<T> {
    checkSignal(signal);
    checkKind('limit', limit, 'an object');
    checkKind('work', work, 'a function');
    if (this.#waiting >= this.#capacity) throw new QueueFullError('rate limiter', this.#capacity);
    const { size } = this.#inLine;
    if (size > 0) announce(this.#quota.forecast(size), limit.maxWaitMs, limit);
    const before = this.#last;
    const mine = Promise.withResolvers<undefined>();
    this.#last = before.then(() => mine.promise);
    this.#inLine.set(mine.promise, limit);
    this.#waiting += 1;
    let endAttempt: (() => void) | undefined;
    try {
      const askedAt = this.#clock.monotonic();
      await this.#queue(before, signal, limit).finally(() => {
        this.#waiting -= 1;
      });
      let leftMs = limit.maxWaitMs - (this.#clock.monotonic() - askedAt);
      const slot = async (slotSignal?: AbortSignal): Promise<void> => {
        endAttempt?.();
        const startedAt = this.#clock.monotonic();
        const waitedMs = (): number => this.#clock.monotonic() - startedAt;
        const told = (wait: RateLimitWait): void => {
          announce(wait, leftMs - waitedMs(), limit);
        };
        endAttempt = await this.#quota.take(askedAt, told, slotSignal);
        leftMs -= waitedMs();
      };
      const holdOff = (delayMs: number): void => {
        this.#quota.holdOff(delayMs);
        for (const { onWait } of this.#inLine.values()) onWait?.({ waitMs: delayMs, reason: 'hold' });
      };
      return await work({ slot, holdOff });
    } finally {
      endAttempt?.();
      this.#inLine.delete(mine.promise);
      mine.resolve(undefined);
    }
  }

  enter(signal?: AbortSignal): Promise<() => void> {
    const askedAt = this.#clock.monotonic();
    return this.run(() => this.#quota.take(askedAt, () => undefined, signal), signal);
  }

  #queue(before: Promise<void>, signal: AbortSignal | undefined, limit: WaitLimit): Promise<void> {
    const { maxWaitMs: timeoutMs, waitError } = limit;
    const timeoutError = (): Error => waitError(Math.max(timeoutMs, this.#quota.forecast(0).waitMs));
    return withinLimit(() => before, { clock: this.#clock, timeoutMs, timeoutError, signal });
  }
}

/** @throws the error of the limit if the wait is too long. */
function announce(wait: RateLimitWait, leftMs: number, { waitError, onWait }: WaitLimit): void {
  if (wait.waitMs > leftMs) throw waitError(Math.ceil(wait.waitMs));
  if (wait.waitMs > 0) onWait?.(wait);
}
