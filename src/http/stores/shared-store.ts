import { checkKind } from '../../options.js';
import type { Clock } from '../clock.js';
import { withinLimit } from '../clock.js';
import { isThenable } from '../callbacks.js';
import type { Logger } from '../logger.js';
import { redact } from '../redact.js';

/**
 * A store shared by processes, or a `MemoryStore` within one. Any Keyv fits; `redisStore` from `agent-assist-sdk/redis`
 * also has `add`. All values are strings.
 *
 * If a store fails or takes longer than a second, it counts as empty, and the call continues. The SDK logs the failure
 * once and does not call the store for five seconds. Then one operation tries it again.
 */
export interface KeyValueStore {
  /** Returns the value of a key; `undefined` or `null` if it is missing. */
  get(key: string): unknown;
  /** Stores a value for `ttlMs`. */
  set(key: string, value: string, ttlMs: number): unknown;
  /** Deletes a key. */
  delete(key: string): unknown;
  /**
   * Stores a value for `ttlMs` unless the key has one, in one step: `SET key value PX ttlMs NX` in Redis.
   *
   * @returns whether the value was stored; may be a promise.
   */
  add?: ((key: string, value: string, ttlMs: number) => boolean | Promise<boolean>) | undefined;
}

/** Registered, so that two copies of the package agree. */
const keyPrefixOf: unique symbol = Symbol.for('agent-assist-sdk.key-prefix') as never;

/** Notes the prefix that a store adds to every key, for {@link fullKey}. */
export function withKeyPrefix<S extends KeyValueStore>(store: S, keyPrefix: string): S {
  return Object.assign(store, { [keyPrefixOf]: keyPrefix });
}

/** Returns a key with the prefix that its store adds. */
export function fullKey(store: KeyValueStore, key: string): string {
  return ((store as { readonly [keyPrefixOf]?: string })[keyPrefixOf] ?? '') + key;
}

/** @throws `ConfigurationError` if `store` is not a store. */
export function checkedStore(store: KeyValueStore): KeyValueStore {
  for (const method of ['get', 'set', 'delete']) checkKind('store', store, `a store with ${method}()`);
  return store;
}

const TIMEOUT_MS = 1000;
const PAUSE_MS = 5000;
/** A Redis that refuses writes but not reads, e.g. a replica, fails and recovers every few seconds. */
const QUIET_MS = 60_000;

/** Clock and logger of a {@link CircuitBreaker}. */
export interface BreakerContext {
  readonly clock: Clock;
  /** From `resolveLogger`. */
  readonly logger: Logger;
}

/**
 * Guards calls of an optional service. An operation gets one second. After a failure the service is not called for five
 * seconds, and then one operation tries it again. The first failure and the recovery are logged, at most once a minute.
 */
export class CircuitBreaker {
  readonly #subject: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #opensAt: number | undefined;
  #quietUntil = -Infinity;
  #isReported = false;

  /** @param subject - the service, for log messages. */
  constructor(subject: string, { clock, logger }: BreakerContext) {
    this.#subject = subject;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Runs one operation. Never rejects.
   *
   * @param what - the operation, for the log message.
   * @param secrets - values that a message of the service must not show.
   * @param onLate - called with the result of an operation after its time limit, to undo it.
   * @returns the result, or `undefined` if the operation failed, timed out or was not tried.
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
      this.#opensAt = undefined;
      if (this.#isReported) this.#logger.info(`${this.#subject}: responds again`);
      this.#isReported = false;
      return result;
    } catch (error) {
      // The error itself is not logged: store clients attach the failed command to it, value included.
      const reason = redact(error instanceof Error ? error.message : 'unknown', secrets);
      const failedAt = this.#clock.monotonic();
      this.#opensAt = failedAt + PAUSE_MS;
      const isNews = !this.#isReported && failedAt >= this.#quietUntil;
      if (isNews) {
        this.#isReported = true;
        this.#quietUntil = failedAt + QUIET_MS;
      }
      this.#logger[isNews ? 'warn' : 'debug'](
        `${this.#subject}: ${what} failed: ${reason}; continuing without it until it responds again`,
        {
          reason,
        },
      );
      return undefined;
    }
  }

  #inTime<T>(result: Promise<T>, onLate: ((result: T) => void) | undefined): Promise<T> {
    const timeoutError = (): Error => {
      if (onLate !== undefined) void result.then(onLate, () => undefined);
      return new Error(`no response within ${TIMEOUT_MS} ms`);
    };
    return withinLimit(() => result, { clock: this.#clock, timeoutMs: TIMEOUT_MS, timeoutError });
  }
}

/** A {@link KeyValueStore} behind a {@link CircuitBreaker}: a failure counts as a miss. Never rejects. */
export class SharedStore {
  readonly #store: KeyValueStore;
  readonly #breaker: CircuitBreaker;

  /** @throws `ConfigurationError` if `store` is not a store. */
  constructor(subject: string, store: KeyValueStore, context: BreakerContext) {
    this.#store = checkedStore(store);
    this.#breaker = new CircuitBreaker(subject, context);
  }

  /** Returns the text of a key, if there is one. */
  async get(key: string): Promise<string | undefined> {
    const value = await this.#breaker.run('read', () => this.#store.get(key));
    return typeof value === 'string' ? value : undefined;
  }

  /** Stores a text. @param secrets - parts of it that logs must not show. */
  async set(key: string, value: string, ttlMs: number, secrets: readonly string[] = []): Promise<void> {
    await this.#breaker.run('write', () => this.#store.set(key, value, ttlMs), [value, ...secrets]);
  }

  /** Deletes a key. */
  async delete(key: string): Promise<void> {
    await this.#breaker.run('delete', () => this.#store.delete(key));
  }

  /** Stores a text unless the key has one. @returns whether it was stored; `undefined` if the store cannot tell. */
  async add(key: string, value: string, ttlMs: number): Promise<boolean | undefined> {
    if (this.#store.add === undefined) return undefined;
    const isSet: unknown = await this.#breaker.run(
      'add',
      (): unknown => this.#store.add?.(key, value, ttlMs),
      [],
      (isLateSet) => {
        // Past the breaker, since the store has just answered.
        if (Boolean(isLateSet)) void Promise.resolve(this.#store.delete(key)).catch(() => undefined);
      },
    );
    // Clients without TypeScript pass on what Redis answers: `OK` or `null`.
    return isSet === undefined ? undefined : Boolean(isSet);
  }
}
