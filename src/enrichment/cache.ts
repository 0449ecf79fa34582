import { ConfigurationError } from '../errors.js';
import { MemoryStore, SharedCalls, systemClock } from '../http/internal.js';
import type { EnrichmentCacheOptions, LoadContext } from './types.js';
import { checkOptions } from '../options.js';

interface Kept {
  readonly part: unknown;
}

/**
 * Keeps the parts of enrichments for a short time, per source and customer, and lets requests that need the same part at
 * the same time share one load. Failures are not kept. Give one cache to all enrichments with the same sources, and to
 * no others: it tells parts apart by the source's name and key only. Do not change a part: all callers get the same object.
 *
 * A shared load belongs to all who wait for it: it goes on when one of them leaves and is aborted when the last one does.
 * It has the time of the one who began it, so it is joined only while at least half of the joiner's own time is left to it;
 * otherwise the joiner begins another, which later ones join.
 */
export class EnrichmentCache {
  readonly #ttlMs: number;
  // A part may itself be undefined, so it is kept in an object.
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

  /** Forgets all parts. Loads in progress end as they would, and their results are not kept. */
  clear(): void {
    this.#parts.clear();
    this.#loads.clear();
    this.#clearings += 1;
  }

  /** @internal The kept part, or that of a load which is shared with everyone who asks meanwhile. */
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
