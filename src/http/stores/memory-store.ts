import { ConfigurationError } from '../../errors.js';
import { LinkedMap } from '../../linked-map.js';
import { checkCounts, checkOptions } from '../../options.js';
import { systemClock, type Clock } from '../clock.js';

/** Options of {@link MemoryStore}. */
export interface MemoryStoreOptions {
  /** Limit of entries. Above it, the least recently read entry is evicted. @defaultValue 1,000 */
  readonly maxEntries?: number | undefined;
  /** Source of time. @defaultValue the system clock */
  readonly clock?: Clock | undefined;
}

interface Entry<T> {
  readonly value: T;
  readonly expiresAt: number;
}

/** @throws {@link ConfigurationError} for a time that is not above 0. */
export function checkTtl(ttlMs: number): void {
  if (typeof ttlMs !== 'number' || !(ttlMs > 0)) throw new ConfigurationError('ttlMs: expected ms above 0');
}

/** A `KeyValueStore` in memory with a limited number of entries, which expire. Caches use it by default. */
export class MemoryStore<T = unknown> {
  readonly #clock: Clock;
  // Reading an entry sets it again, so the first is the least recently read.
  readonly #entries: LinkedMap<string, Entry<T>>;

  /** @throws `ConfigurationError` if `maxEntries` is not an integer of at least 1. */
  constructor(options: MemoryStoreOptions = {}) {
    checkOptions('MemoryStore', options, { maxEntries: true, clock: 'a clock with monotonic()' });
    const { maxEntries = 1000, clock = systemClock } = options;
    checkCounts({ maxEntries });
    this.#entries = new LinkedMap(maxEntries);
    this.#clock = clock;
  }

  /** Number of entries, including expired ones that have not been read since they expired. Never above `maxEntries`. */
  get size(): number {
    return this.#entries.size;
  }

  /** Returns the value of a key until it expires. Reading does not extend its lifetime. */
  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAt > this.#clock.monotonic()) {
      this.#entries.set(key, entry);
      return entry.value;
    }
    this.#entries.delete(key);
    return undefined;
  }

  /**
   * Stores a value for `ttlMs`, which may be `Infinity`.
   *
   * @throws `ConfigurationError` if `ttlMs` is not above 0: Keyv would store an entry that never expires.
   */
  set(key: string, value: T, ttlMs: number): void {
    checkTtl(ttlMs);
    this.#entries.set(key, { value, expiresAt: this.#clock.monotonic() + ttlMs });
  }

  /**
   * Keeps a value for `ttlMs` unless there is one.
   *
   * @returns whether it was kept.
   * @throws `ConfigurationError` if `ttlMs` is not above 0.
   */
  add(key: string, value: T, ttlMs: number): boolean {
    checkTtl(ttlMs);
    const isFree = this.get(key) === undefined;
    if (isFree) this.set(key, value, ttlMs);
    return isFree;
  }

  /** Deletes a key. */
  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Deletes all entries. */
  clear(): void {
    this.#entries.clear();
  }
}
