import { ConfigurationError } from '../errors.js';
import { systemClock, type Clock } from '../http/index.js';

/**
 * Where answers are kept between calls. Any Keyv fits as it is, e.g. one on Redis for a fleet; give each tenant a
 * namespace of its own.
 */
export interface SuggestionStore {
  /** The value under this key, or `undefined`. */
  get(key: string): unknown;
  /** Keeps a value for `ttlMs`. What it returns is awaited by nobody, a rejection is logged. */
  set(key: string, value: unknown, ttlMs: number): unknown;
}

/** Options of {@link MemorySuggestionStore}. */
export interface MemorySuggestionStoreOptions {
  /** How many answers are kept; the one that was not read for longest goes first. Default 500 (contract 8). */
  readonly maxEntries?: number | undefined;
  /** Source of time. Default: the system's. */
  readonly clock?: Clock | undefined;
}

interface Entry {
  readonly value: unknown;
  readonly expiresAt: number;
}

/** Keeps answers in memory: the default of `AssistEngine`. A read does not prolong an answer's life. */
export class MemorySuggestionStore implements SuggestionStore {
  readonly #maxEntries: number;
  readonly #clock: Clock;
  // A Map iterates in the order of insertion, so an entry that is read is inserted anew and the first is the oldest.
  readonly #entries = new Map<string, Entry>();

  /** @throws `ConfigurationError` when `maxEntries` is not an integer of at least 1. */
  constructor(options: MemorySuggestionStoreOptions = {}) {
    const { maxEntries = 500, clock = systemClock } = options;
    if (!Number.isInteger(maxEntries) || maxEntries < 1) {
      throw new ConfigurationError('maxEntries: expected an integer of at least 1');
    }
    this.#maxEntries = maxEntries;
    this.#clock = clock;
  }

  /** How many answers are held, expired ones that nobody asked for included. Never above `maxEntries`. */
  get size(): number {
    return this.#entries.size;
  }

  get(key: string): unknown {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.expiresAt <= this.#clock.monotonic()) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: unknown, ttlMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAt: this.#clock.monotonic() + ttlMs });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) break;
      this.#entries.delete(oldest);
    }
  }
}

