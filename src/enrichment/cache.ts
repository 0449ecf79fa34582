import { ConfigurationError } from '../errors.js';
import { MemoryStore, abortable, systemClock, type Clock } from '../http/index.js';
import type { LoadContext } from './sources.js';
import { overReason } from './time-limit.js';

/** Options of {@link EnrichmentCache}. */
export interface EnrichmentCacheOptions {
  /** How long a part is kept, in ms; 0 keeps none and still shares loads under way. Default 30,000. */
  readonly ttlMs?: number | undefined;
  /** How many parts are kept, one for each source and customer; at the bound the one not used for longest goes. Default 10,000. */
  readonly maxEntries?: number | undefined;
  /** Source of time. Default: the system's. */
  readonly clock?: Clock | undefined;
}

interface Kept {
  readonly part: unknown;
}

interface Flight {
  readonly result: Promise<unknown>;
  readonly controller: AbortController;
  readonly remainingMs: () => number;
  waiting: number;
}

/**
 * Keeps the parts of enrichments for a short time, per source and customer, and lets requests that need the same part at
 * the same time share one load. Failures are not kept. Give one cache to all enrichments with the same sources, and to
 * no others: it tells parts apart by the source's name and key only. A part is handed out as it is, so do not change it.
 *
 * A shared load belongs to all who wait for it: it goes on when one of them leaves and is aborted when the last one does.
 * It has the time of the one who began it, so it is joined only while at least half of the joiner's own time is left to it;
 * otherwise the joiner begins another, which later ones join.
 */
export class EnrichmentCache {
  readonly #clock: Clock;
  readonly #ttlMs: number;
  // A part may itself be undefined, so it is kept in an object.
  readonly #parts: MemoryStore<Kept>;
  readonly #flights = new Map<string, Flight>();

  /** @throws `ConfigurationError` for a `ttlMs` or `maxEntries` out of range. */
  constructor(options: EnrichmentCacheOptions = {}) {
    const { ttlMs = 30_000, maxEntries = 10_000, clock = systemClock } = options;
    if (!Number.isSafeInteger(ttlMs) || ttlMs < 0) throw new ConfigurationError('ttlMs must be an integer of at least 0');
    this.#clock = clock;
    this.#ttlMs = ttlMs;
    this.#parts = new MemoryStore({ maxEntries, clock });
  }

  /** Forgets all parts. Loads under way end as they would, and their results are not kept. */
  clear(): void {
    this.#parts.clear();
    this.#flights.clear();
  }

  /** @internal The kept part, or that of a load which is shared with everyone who asks meanwhile. */
  async load<T>(key: string, caller: LoadContext, start: (context: LoadContext) => Promise<T>): Promise<T> {
    const kept = this.#parts.get(key);
    if (kept !== undefined) return kept.part as T;
    const flight = this.#joinable(key, caller) ?? this.#begin(key, caller, start);
    flight.waiting += 1;
    try {
      return (await abortable(flight.result, caller.signal)) as T;
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        this.#forget(key, flight);
        flight.controller.abort(overReason());
      }
    }
  }

  #joinable(key: string, caller: LoadContext): Flight | undefined {
    const flight = this.#flights.get(key);
    return flight !== undefined && flight.remainingMs() >= caller.remainingMs() / 2 ? flight : undefined;
  }

  #begin(key: string, caller: LoadContext, start: (context: LoadContext) => Promise<unknown>): Flight {
    const controller = new AbortController();
    const endsAt = this.#clock.monotonic() + caller.remainingMs();
    const remainingMs = (): number => Math.max(0, endsAt - this.#clock.monotonic());
    const result = (async () => start({ signal: controller.signal, remainingMs }))();
    const flight: Flight = { result, controller, remainingMs, waiting: 0 };
    this.#flights.set(key, flight);
    result.then(
      (part) => {
        if (this.#forget(key, flight) && this.#ttlMs > 0) this.#parts.set(key, { part }, this.#ttlMs);
      },
      // The last one who waits for it forgets it.
      () => undefined,
    );
    return flight;
  }

  /** Whether the flight was still the current one of its key. */
  #forget(key: string, flight: Flight): boolean {
    return this.#flights.get(key) === flight && this.#flights.delete(key);
  }
}
