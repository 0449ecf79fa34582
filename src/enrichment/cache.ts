import { ConfigurationError } from '../errors.js';
import { sha256Hex } from '../hash.js';
import {
  MemoryStore,
  SharedCalls,
  SharedStore,
  resolveInstrumentation,
  resolveLogger,
  systemClock,
  type HttpClientOptions,
  type Instrumentation,
  type Instruments,
  type KeyValueStore,
  type Limit,
  type Logger,
  type Wait,
} from '../http/internal.js';
import { isRecord, readJson, writeJson } from '../json.js';
import { checkOptions } from '../options.js';

/** Options of `EnrichmentCache`. */
export interface EnrichmentCacheOptions extends Pick<HttpClientOptions, 'clock'> {
  /** How long a part is cached, in ms. 0 caches nothing, but shares loads in progress. @defaultValue 30,000 */
  readonly ttlMs?: number | undefined;
  /**
   * Limit of cached parts, one for each source and customer. Above it, the least recently used one is evicted.
   *
   * @defaultValue 10,000
   */
  readonly maxEntries?: number | undefined;
  /**
   * Keeps the parts as JSON where several processes find them, instead of in memory. They are customer data:
   * `encryptedStore` from `agent-assist-sdk/http` encrypts them. Give each set of sources, and each tenant, its own
   * namespace. Keys are hashes.
   *
   * @defaultValue none
   */
  readonly store?: KeyValueStore | undefined;
  /** Called with a `store` that fails. @defaultValue no logging */
  readonly logger?: Logger | undefined;
  /** Observes hits and misses, e.g. `openTelemetry()`. @defaultValue none */
  readonly instrumentation?: Instrumentation | undefined;
}

/** A part may be undefined, so it is wrapped in an object. */
interface Kept {
  readonly part?: unknown;
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
  readonly #memory: MemoryStore<Kept>;
  readonly #shared: SharedStore | undefined;
  readonly #loads: SharedCalls<unknown>;
  readonly #instruments: Instruments | undefined;
  #clearings = 0;

  /** @throws `ConfigurationError` for a `ttlMs` or `maxEntries` out of range. */
  constructor(options: EnrichmentCacheOptions = {}) {
    checkOptions('EnrichmentCache', options, {
      ttlMs: true,
      maxEntries: true,
      store: 'a store with get()',
      logger: true,
      instrumentation: 'an object',
      clock: 'a clock with monotonic()',
    });
    const { ttlMs = 30_000, maxEntries = 10_000, store, clock = systemClock } = options;
    if (!Number.isSafeInteger(ttlMs) || ttlMs < 0)
      throw new ConfigurationError('ttlMs: expected an integer of at least 0');
    this.#loads = new SharedCalls(clock);
    this.#ttlMs = ttlMs;
    this.#memory = new MemoryStore({ maxEntries, clock });
    const context = { clock, logger: resolveLogger(options.logger) };
    this.#instruments = resolveInstrumentation(options.instrumentation, context.logger, clock);
    this.#shared = store === undefined ? undefined : new SharedStore('Enrichment store', store, context);
  }

  /**
   * Clears the cache in memory; a `store` keeps its parts. Loads in progress continue, and their results are not
   * cached.
   */
  clear(): void {
    this.#memory.clear();
    this.#loads.clear();
    this.#clearings += 1;
  }

  /** @internal Returns the cached part, or joins or starts its load. */
  async load<T>(key: string, limit: Limit, start: (context: Wait) => Promise<T>): Promise<T> {
    const report = (result: 'hit' | 'joined' | 'miss'): void =>
      this.#instruments?.record({ type: 'enrichment_lookup', result });
    const kept = this.#memory.get(key);
    if (kept !== undefined) {
      report('hit');
      return kept.part as T;
    }
    const clearings = this.#clearings;
    const own = { isStarted: false };
    const load = async (context: Wait): Promise<T> => {
      own.isStarted = true;
      const shared = this.#shared && (await this.#find(this.#shared, key));
      report(shared === undefined ? 'miss' : 'hit');
      if (shared !== undefined) return shared.part as T;
      const part = await start(context);
      if (this.#ttlMs > 0 && clearings === this.#clearings) this.#keep(key, { part });
      return part;
    };
    const part = this.#loads.join(key, load, limit);
    if (!own.isStarted) report('joined');
    return (await part) as T;
  }

  async #find(store: SharedStore, key: string): Promise<Kept | undefined> {
    if (this.#ttlMs === 0) return undefined;
    const kept = readJson((await store.get(await storeKey(key))) ?? '');
    return isRecord(kept) ? kept : undefined;
  }

  #keep(key: string, kept: Kept): void {
    if (this.#shared === undefined) {
      this.#memory.set(key, kept, this.#ttlMs);
      return;
    }
    const text = writeJson(kept);
    // Not awaited: the caller waits for the part, not for the store.
    if (text !== undefined) void storeKey(key).then((hash) => this.#shared?.set(hash, text, this.#ttlMs));
  }
}

/** Customer numbers stay out of a shared store's keys. */
const storeKey = async (key: string): Promise<string> => `agent-assist-part-${await sha256Hex(key)}`;
