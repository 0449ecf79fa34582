import { ConfigurationError } from '../errors.js';
import { checkCounts, checkOptions } from '../options.js';
import { systemClock, type Clock } from './clock.js';

/** Options of {@link MemoryStore}. */
export interface MemoryStoreOptions {
  /**
   * How many entries are kept; beyond that the one that was not read for longest goes.
   *
   * @defaultValue 1,000
   */
  readonly maxEntries?: number | undefined;
  /**
   * Source of time.
   *
   * @defaultValue the system clock
   */
  readonly clock?: Clock | undefined;
}

interface Entry<T> {
  readonly value: T;
  readonly expiresAt: number;
}

/**
 * A bounded store in memory whose entries live for a time: what caches and replay protection use until they are given
 * one that several processes share. It has the shape that every store of this package has, and any Keyv too.
 */
export class MemoryStore<T = unknown> {
  readonly #maxEntries: number;
  readonly #clock: Clock;
  // A Map iterates in the order of insertion, so an entry that is read is inserted again and the first is the oldest.
  readonly #entries = new Map<string, Entry<T>>();

  /** @throws `ConfigurationError` if `maxEntries` is not an integer of at least 1. */
  constructor(options: MemoryStoreOptions = {}) {
    checkOptions('MemoryStore', options, { maxEntries: true, clock: true });
    const { maxEntries = 1000, clock = systemClock } = options;
    checkCounts({ maxEntries });
    this.#maxEntries = maxEntries;
    this.#clock = clock;
  }

  /** How many entries are held, expired ones that nobody asked for included. Never above `maxEntries`. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value under this key while its time lasts. Reading does not prolong it. */
  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.expiresAt <= this.#clock.monotonic()) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /**
   * Keeps a value for `ttlMs`, which may be `Infinity`.
   *
   * @throws `ConfigurationError` if it is not above 0: of an entry that was meant to end at once, a Keyv would make one
   * that never ends.
   */
  set(key: string, value: T, ttlMs: number): void {
    if (!(ttlMs > 0)) throw new ConfigurationError('ttlMs: expected ms above 0');
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAt: this.#clock.monotonic() + ttlMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#maxEntries && oldest !== undefined) this.#entries.delete(oldest);
  }

  /** Forgets a key. */
  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
  }
}
