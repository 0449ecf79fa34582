import { ConfigurationError } from '../errors.js';

const RETRY_COST = 5;
const TIMEOUT_COST = 10;
const SUCCESS_REFUND = 1;
const DEFAULT_CAPACITY = 500;
/** Two repeats for each call that an upstream cuts off by starting anew. */
const TOKENS_PER_CALL = 2 * RETRY_COST;

/**
 * Limits how many repeats all calls of a client make together. While the platform is healthy nobody notices; when it
 * fails for everybody, the budget is soon empty and calls fail after their first attempt, so that a storm of failures
 * ends in fewer requests instead of more. It grows with the traffic: a full one has 500 tokens, or 10 for each call that
 * was under way at the busiest moment, so that a busy client outlives an upstream's restart.
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
   * @throws `ConfigurationError` when the capacity is negative or not a number.
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
