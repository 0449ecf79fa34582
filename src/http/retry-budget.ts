import { ConfigurationError } from '../errors.js';

const RETRY_COST = 5;
const TIMEOUT_COST = 10;
const SUCCESS_REFUND = 1;

/**
 * Limits how many repeats all calls of a client make together. While the platform is healthy nobody notices; when it
 * fails for everybody, the budget is soon empty and calls fail after their first attempt, so that a storm of failures
 * ends in fewer requests instead of more.
 *
 * A repeat costs 5 tokens, one after a timeout 10. A call that succeeds pays back what its last repeat cost, or 1. A 429
 * that names its wait costs nothing: there the server paces its callers.
 */
export class RetryBudget {
  readonly #capacity: number;
  #tokens: number;

  /**
   * @param options.capacity - tokens of a full budget. Default 500, which is 100 repeats.
   * @throws `ConfigurationError` when the capacity is negative or not a number.
   */
  constructor(options: { readonly capacity?: number | undefined } = {}) {
    const { capacity = 500 } = options;
    if (!(capacity >= 0)) throw new ConfigurationError('capacity: must be at least 0');
    this.#capacity = capacity;
    this.#tokens = capacity;
  }

  /** Tokens that are left. */
  get tokens(): number {
    return this.#tokens;
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
