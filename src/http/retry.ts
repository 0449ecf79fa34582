import { ApiError, ConfigurationError, ConnectionError, TimeoutError } from '../errors.js';
import { checkOptions } from '../options.js';

/** Makes an attempt end the retry loop with its cause. */
export class StopRetrying extends Error {
  override readonly cause: Error;

  constructor(reason: unknown) {
    super();
    this.cause = reason instanceof Error ? reason : new Error(String(reason));
  }
}

/** Options of {@link backoffDelay}. */
export interface BackoffOptions {
  /** Upper bound of the first wait in ms. @defaultValue 1,000 */
  readonly initialMs?: number | undefined;
  /** Upper bound of any wait in ms. @defaultValue 30,000 */
  readonly maxMs?: number | undefined;
}

/**
 * Returns a delay by exponential backoff with full jitter (protocol 3): a random time between 0 and a bound that starts
 * at `initialMs` and doubles with each retry up to `maxMs`.
 *
 * @param retry - 1 for the first retry.
 * @param random - a number from 0 to below 1.
 * @returns ms to wait.
 */
export function backoffDelay(retry: number, random: () => number, options: BackoffOptions = {}): number {
  const { initialMs = 1000, maxMs = 30_000 } = options;
  return Math.round(random() * Math.min(maxMs, initialMs * 2 ** (retry - 1)));
}

/** 503, and what proxies send instead of it. */
const UNAVAILABLE: ReadonlySet<number> = new Set([503, 520, 521, 522, 523, 524, 529]);

const REPEATABLE_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 504, ...UNAVAILABLE]);

/** Returns whether the server did nothing, which makes any call safe to repeat. */
function nothingWasDone(error: Error): boolean {
  if (error instanceof ApiError)
    return error.status === 429 || (UNAVAILABLE.has(error.status) && error.retryAfterMs !== undefined);
  return error instanceof ConnectionError && error.systemCode === 'ECONNREFUSED';
}

/**
 * Returns whether a call may be retried after this failure (protocol 3).
 *
 * @param safeToRepeat - whether doing it twice is harmless.
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
/** Two retries for each call that an upstream cuts off during a restart. */
const TOKENS_PER_CALL = 2 * RETRY_COST;

/**
 * Limits the retries of all calls of a client together. While the platform is healthy, it has no effect. If all calls
 * fail, the budget is soon empty, and calls then fail after their first attempt. So an outage leads to fewer requests.
 * The budget has up to 500 tokens, or 10 for each concurrent call at peak if that is more, so that a busy client
 * survives an upstream's restart.
 *
 * A retry costs 5 tokens, or 10 after a timeout. A successful call pays back the cost of its last retry, or 1 token. A
 * retry after a 429 with `Retry-After` is free, because the server paces its callers.
 */
export class RetryBudget {
  readonly #grows: boolean;
  #capacity: number;
  #callsUnderWay = 0;
  #tokens: number;

  /**
   * @param options.capacity - fixed number of tokens in a full budget. By default, 500 tokens (100 retries), growing
   * with the traffic.
   * @throws `ConfigurationError` for another option, or if the capacity is negative or not a number.
   */
  constructor(options: { readonly capacity?: number | undefined } = {}) {
    checkOptions('RetryBudget', options, { capacity: 'a number' });
    const { capacity = DEFAULT_CAPACITY } = options;
    if (!(capacity >= 0)) throw new ConfigurationError('capacity: must be at least 0');
    this.#grows = options.capacity === undefined;
    this.#capacity = capacity;
    this.#tokens = capacity;
  }

  /** Remaining tokens. */
  get tokens(): number {
    return this.#tokens;
  }

  /** Counts the start of a call. */
  callBegan(): void {
    this.#callsUnderWay += 1;
    const growth = this.#grows ? this.#callsUnderWay * TOKENS_PER_CALL - this.#capacity : 0;
    if (growth <= 0) return;
    this.#capacity += growth;
    this.#tokens += growth;
  }

  /** Counts the end of a call, successful or not. */
  callEnded(): void {
    this.#callsUnderWay -= 1;
  }

  /**
   * Takes the tokens of one retry.
   *
   * @returns the cost, for {@link RetryBudget.refund} if the call succeeds; `undefined` if too few tokens are left.
   */
  take(reason: 'failure' | 'timeout'): number | undefined {
    const cost = reason === 'timeout' ? TIMEOUT_COST : RETRY_COST;
    if (cost > this.#tokens) return undefined;
    this.#tokens -= cost;
    return cost;
  }

  /** Pays back tokens after a successful call. @returns how many; fewer than `cost` if the budget is full. */
  refund(cost: number = SUCCESS_REFUND): number {
    const refunded = Math.min(cost, this.#capacity - this.#tokens);
    this.#tokens += refunded;
    return refunded;
  }
}
