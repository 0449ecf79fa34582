import pRetry, { AbortError as StopRetrying } from 'p-retry';
import { ApiError, ConfigurationError, ConnectionError, TimeoutError } from '../errors.js';
import { sleep, type Clock } from './clock.js';

/** How {@link retry} waits and when it stops. */
export interface RetryOptions {
  /** Source of time. */
  readonly clock: Clock;
  /** Ends a wait at once; `retry` then rejects with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Decides what follows a failed attempt: the wait in ms before the next one, or `undefined` to reject with the
   * attempt's error. May throw to reject with another one.
   *
   * @param attempt - 1 for the first attempt.
   */
  readonly delayAfter: (error: Error, attempt: number) => number | undefined;
}

/**
 * The only retry loop of the SDK. A `TypeError` that is not a failed `fetch` counts as a programming error and ends it.
 *
 * @throws what the last attempt threw, or an `AbortError` if `signal` ends a wait.
 */
export async function retry<T>(attempt: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal, delayAfter } = options;
  return pRetry(attempt, {
    retries: Infinity,
    // p-retry's own waits know neither the clock nor Retry-After, so they are switched off and done below.
    minTimeout: 0,
    shouldRetry: async ({ error, attemptNumber }) => {
      const delayMs = delayAfter(error, attemptNumber);
      if (delayMs === undefined) return false;
      await sleep(clock, delayMs, signal);
      return true;
    },
  });
}

/** Makes an attempt of {@link retry} end the whole loop with `error`, without asking `delayAfter`. */
export function stopRetrying(error: unknown): Error {
  return new StopRetrying(error instanceof Error ? error : new Error(String(error)));
}

/** Limits of {@link backoffDelay}. */
export interface BackoffOptions {
  /**
   * Upper end of the first wait, in ms.
   *
   * @defaultValue 1,000
   */
  readonly initialMs?: number | undefined;
  /**
   * Upper end of any wait, in ms.
   *
   * @defaultValue 30,000
   */
  readonly maxMs?: number | undefined;
}

/**
 * Exponential backoff with full jitter (protocol 3): a random time between 0 and a limit that starts at `initialMs`
 * and doubles with each retry up to `maxMs`.
 *
 * @param retry - 1 for the first retry.
 * @param random - a number from 0 to below 1.
 * @returns ms to wait.
 */
export function backoffDelay(retry: number, random: () => number, options: BackoffOptions = {}): number {
  const { initialMs = 1000, maxMs = 30_000 } = options;
  return Math.round(random() * Math.min(maxMs, initialMs * 2 ** (retry - 1)));
}

/** 503, and what proxies send in its place. */
const UNAVAILABLE: ReadonlySet<number> = new Set([503, 520, 521, 522, 523, 524, 529]);

const REPEATABLE_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 504, ...UNAVAILABLE]);

/** Whether the failure says that the server did nothing, which makes any call safe to repeat. */
function nothingWasDone(error: Error): boolean {
  if (error instanceof ApiError)
    return error.status === 429 || (UNAVAILABLE.has(error.status) && error.retryAfterMs !== undefined);
  return error instanceof ConnectionError && error.systemCode === 'ECONNREFUSED';
}

/**
 * Whether a call may be repeated after this failure (protocol 3).
 *
 * @param safeToRepeat - whether doing it twice does no harm.
 */
export function isRepeatable(error: Error, safeToRepeat: boolean): boolean {
  if (!safeToRepeat) return nothingWasDone(error);
  if (error instanceof ApiError) return REPEATABLE_STATUSES.has(error.status);
  return (error instanceof ConnectionError && !error.permanent) || error instanceof TimeoutError;
}

const RETRY_COST = 5;
const TIMEOUT_COST = 10;
const SUCCESS_REFUND = 1;
const DEFAULT_CAPACITY = 500;
/** Two repeats for each call that an upstream cuts off by starting again. */
const TOKENS_PER_CALL = 2 * RETRY_COST;

/**
 * Limits how many repeats all calls of a client make together. While the platform is healthy nobody notices; when it
 * fails for everybody, the budget is soon empty and calls fail after their first attempt, so that a storm of failures
 * ends in fewer requests instead of more. It grows with the traffic: a full one has 500 tokens, or 10 for each call that
 * was in progress at the busiest moment, so that a busy client outlives an upstream's restart.
 *
 * A repeat costs 5 tokens, one after a timeout 10. A call that succeeds pays back what its last repeat cost, or 1. A 429
 * that names its wait costs nothing: there the server paces its callers.
 */
export class RetryBudget {
  readonly #grows: boolean;
  #capacity: number;
  #callsUnderWay = 0;
  #tokens: number;

  /**
   * @param options.capacity - tokens of a full budget. Default 500, which is 100 repeats, and more with the
   * traffic; a number given here stays as it is.
   * @throws `ConfigurationError` if the capacity is negative or not a number.
   */
  constructor(options: { readonly capacity?: number | undefined } = {}) {
    const { capacity = DEFAULT_CAPACITY } = options;
    if (!(capacity >= 0)) throw new ConfigurationError('capacity: must be at least 0');
    this.#grows = options.capacity === undefined;
    this.#capacity = capacity;
    this.#tokens = capacity;
  }

  /** Tokens that are left. */
  get tokens(): number {
    return this.#tokens;
  }

  /** Counts a call that begins. */
  callBegan(): void {
    this.#callsUnderWay += 1;
    const growth = this.#grows ? this.#callsUnderWay * TOKENS_PER_CALL - this.#capacity : 0;
    if (growth <= 0) return;
    this.#capacity += growth;
    this.#tokens += growth;
  }

  /** Counts a call that ended, in whatever way. */
  callEnded(): void {
    this.#callsUnderWay -= 1;
  }

  /**
   * Takes the tokens for one repeat.
   *
   * @returns what it cost, to be handed to {@link RetryBudget.refund} when the call succeeds; `undefined` when too few are left.
   */
  take(reason: 'failure' | 'timeout'): number | undefined {
    const cost = reason === 'timeout' ? TIMEOUT_COST : RETRY_COST;
    if (cost > this.#tokens) return undefined;
    this.#tokens -= cost;
    return cost;
  }

  /** Pays back after a call that succeeded. */
  refund(cost: number = SUCCESS_REFUND): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + cost);
  }
}
