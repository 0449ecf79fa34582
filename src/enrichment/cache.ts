import { ConfigurationError } from '../errors.js';
import { MemoryStore, SharedCalls, systemClock } from '../http/internal.js';
import type { EnrichmentCacheOptions, LoadContext } from './types.js';
import { checkOptions } from '../options.js';

interface Kept {
  readonly part: unknown;
}

/**
 * Caches the parts of enrichments for a short time, per source and customer. Requests that need the same part at the
 * same time share one load. Failures are not cached. Share a cache only among enrichments with the same sources: it
 * distinguishes parts by the source's name and key only. Do not modify a part: all callers get the same object.
 *
 * A shared load belongs to all who wait for it: it continues when one of them leaves and is aborted when the last one
 * does. It has the time limit of the caller who started it. Others join only if it has at least half of their own time
 * left; otherwise they start another load, which later callers join.
 */
export class EnrichmentCache {
  readonly #ttlMs: number;
  // A part may be undefined, so it is wrapped in an object.
  readonly #parts: MemoryStore<Kept>;
  readonly #loads: SharedCalls<unknown>;
  #clearings = 0;

  /** @throws `ConfigurationError` for a `ttlMs` or `maxEntries` out of range. */
  constructor(options: EnrichmentCacheOptions = {}) {
    checkOptions('EnrichmentCache', options, { ttlMs: true, maxEntries: true, clock: true });
    const { ttlMs = 30_000, maxEntries = 10_000, clock = systemClock } = options;
    if (!Number.isSafeInteger(ttlMs) || ttlMs < 0)
      throw new ConfigurationError('ttlMs: expected an integer of at least 0');
    this.#loads = new SharedCalls(clock);
    this.#ttlMs = ttlMs;
    this.#parts = new MemoryStore({ maxEntries, clock });
  }

  /** Clears the cache. Loads in progress continue, and their results are not cached. */
  clear(): void {
    this.#parts.clear();
    this.#loads.clear();
    this.#clearings += 1;
  }

  /** @internal Returns the cached part, or joins or starts its load. */
  async load<T>(key: string, caller: LoadContext, start: (context: LoadContext) => Promise<T>): Promise<T> {
    const kept = this.#parts.get(key);
    if (kept !== undefined) return kept.part as T;
    const clearings = this.#clearings;
    const load = async (context: LoadContext): Promise<T> => {
      const part = await start(context);
      if (this.#ttlMs > 0 && clearings === this.#clearings) this.#parts.set(key, { part }, this.#ttlMs);
      return part;
    };
    return (await this.#loads.join(key, load, caller)) as T;
  }
}
