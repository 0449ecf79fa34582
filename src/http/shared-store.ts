import type { Clock } from './clock.js';
import { withinLimit } from './clock.js';
import { isThenable } from './guard.js';
import type { Logger } from './logger.js';
import { redact } from './redact.js';

/**
 * A store that processes share, or a `MemoryStore` within one. Any Keyv 5 fits as it is; `redisStore` of
 * `agent-assist-sdk/redis` has `add` too. All values are strings.
 *
 * A store that fails or takes longer than a second counts as empty and never fails a call. That is logged once, the store
 * is left alone for five seconds, and then one operation tries it again.
 */
export interface KeyValueStore {
  /** The value under a key; `undefined` or `null` where there is none. */
  get(key: string): unknown;
  /** Keeps a value for `ttlMs`. */
  set(key: string, value: string, ttlMs: number): unknown;
  /** Forgets a key. */
  delete(key: string): unknown;
  /**
   * Sets a value for `ttlMs` unless the key has one, in one step: `SET key value PX ttlMs NX` in Redis.
   *
   * @returns (also as a promise) whether it was set.
   */
  add?: ((key: string, value: string, ttlMs: number) => boolean | Promise<boolean>) | undefined;
}

/** Marks a store to which access tokens may be given as they are. Registered, so that two copies of the package agree. */
export const keepsSecrets: unique symbol = Symbol.for('agent-assist-sdk.keeps-secrets') as never;

const TIMEOUT_MS = 1000;
const PAUSE_MS = 5000;

/** Where a {@link CircuitBreaker} takes its time from and reports to. */
export interface BreakerContext {
  readonly clock: Clock;
  /** From `resolveLogger`. */
  readonly logger: Logger;
}

/**
 * Stands between the SDK and a service that it can do without. An operation gets one second; after a failure the service
 * is left alone for five seconds, and then one operation tries it again. The first failure is logged, and so is its end.
 */
export class CircuitBreaker {
  readonly #subject: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #opensAt: number | undefined;

  /** @param subject - the service, for log lines. */
  constructor(subject: string, { clock, logger }: BreakerContext) {
    this.#subject = subject;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Runs one operation. Never rejects.
   *
   * @param what - the operation, for the log line.
   * @param secrets - what a message of the service must not show.
   * @param onLate - gets the result of an operation that was given up, to undo it.
   * @returns the result, or `undefined` when the operation failed, took too long or was not tried.
   */
  async run<T>(
    what: string,
    work: () => T | PromiseLike<T>,
    secrets: readonly string[] = [],
    onLate?: (result: T) => void,
  ): Promise<T | undefined> {
    const now = this.#clock.monotonic();
    if (this.#opensAt !== undefined) {
      if (now < this.#opensAt) return undefined;
      this.#opensAt = now + PAUSE_MS;
    }
    try {
      let result = work();
      if (isThenable(result)) result = await this.#inTime(Promise.resolve(result), onLate);
      if (this.#opensAt !== undefined) this.#logger.info(`${this.#subject}: answers again`);
      this.#opensAt = undefined;
      return result;
    } catch (error) {
      // The error itself stays out of the log: clients of a store hang the failed command, value and all, on it.
      const reason = redact(error instanceof Error ? error.message : 'unknown', secrets);
      const log = this.#opensAt === undefined ? 'warn' : 'debug';
      this.#opensAt = this.#clock.monotonic() + PAUSE_MS;
      this.#logger[log](`${this.#subject}: ${what} failed: ${reason}; doing without until it answers again`, {
        reason,
      });
      return undefined;
    }
  }

  #inTime<T>(result: Promise<T>, onLate: ((result: T) => void) | undefined): Promise<T> {
    const timeoutError = (): Error => {
      if (onLate !== undefined) void result.then(onLate, () => undefined);
      return new Error(`no answer within ${TIMEOUT_MS} ms`);
    };
    return withinLimit(() => result, { clock: this.#clock, timeoutMs: TIMEOUT_MS, timeoutError });
  }
}

/** A {@link KeyValueStore} behind a {@link CircuitBreaker}: what it cannot answer is a miss. Nothing here rejects. */
export class SharedStore {
  readonly #store: KeyValueStore;
  readonly #breaker: CircuitBreaker;

  constructor(subject: string, store: KeyValueStore, context: BreakerContext) {
    this.#store = store;
    this.#breaker = new CircuitBreaker(subject, context);
  }

  /** The text under a key, if there is one. */
  async get(key: string): Promise<string | undefined> {
    const value = await this.#breaker.run('read', () => this.#store.get(key));
    return typeof value === 'string' ? value : undefined;
  }

  /** Keeps a text. @param secrets - parts of it that no log line may show. */
  async set(key: string, value: string, ttlMs: number, secrets: readonly string[] = []): Promise<void> {
    await this.#breaker.run('write', () => this.#store.set(key, value, ttlMs), [value, ...secrets]);
  }

  /** Forgets a key. */
  async delete(key: string): Promise<void> {
    await this.#breaker.run('delete', () => this.#store.delete(key));
  }

  /** Sets a text unless there is one. @returns whether it was set; `undefined` where the store cannot tell. */
  async add(key: string, value: string, ttlMs: number): Promise<boolean | undefined> {
    if (this.#store.add === undefined) return undefined;
    return this.#breaker.run(
      'add',
      () => this.#store.add?.(key, value, ttlMs),
      [],
      (isSet) => {
        if (isSet === true) void this.delete(key);
      },
    );
  }
}
