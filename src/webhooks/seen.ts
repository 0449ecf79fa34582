import { ConfigurationError } from '../errors.js';
import { systemClock, type Clock } from '../http/index.js';

/**
 * Remembers which webhooks were accepted. Any Keyv fits as it is; give a fleet's processes one that they share. `get`
 * and `set` are two steps: within one process two deliveries of the same id never pass both, across processes they can
 * when they arrive within the time of one `get`.
 */
export interface SeenWebhookStore {
  /** What was set for this id; `undefined` or `null` when nothing was or its time is over. */
  get(id: string): unknown;
  /** Remembers an id for `ttlMs`. */
  set(id: string, value: string, ttlMs: number): unknown;
  /** Forgets an id. */
  delete(id: string): unknown;
}

/** What {@link claim} found: the id is the caller's now, someone is at work on it, or it was done before. */
export type Claim = 'claimed' | 'handling' | 'done';

const claiming = new WeakMap<SeenWebhookStore, Set<string>>();

/** Marks an id as `value`, unless it is marked already. */
export async function claim(store: SeenWebhookStore, id: string, value: 'handling' | 'done', ttlMs: number): Promise<Claim> {
  const ids = claiming.get(store) ?? new Set<string>();
  claiming.set(store, ids);
  if (ids.has(id)) return 'handling';
  ids.add(id);
  try {
    const known = await store.get(id);
    if (known !== undefined && known !== null) return known === 'handling' ? 'handling' : 'done';
    await store.set(id, value, ttlMs);
    return 'claimed';
  } finally {
    ids.delete(id);
  }
}

/** Options of {@link MemorySeenStore}. */
export interface MemorySeenStoreOptions {
  /** How many ids are remembered; beyond that the oldest is forgotten. Default 10,000. */
  readonly maxEntries?: number | undefined;
  /** Source of time. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** A {@link SeenWebhookStore} in memory, for a single process. */
export class MemorySeenStore implements SeenWebhookStore {
  readonly #entries = new Map<string, { readonly value: string; readonly expiresAt: number }>();
  readonly #maxEntries: number;
  readonly #clock: Clock;

  /** @throws {@link ConfigurationError} for a bad `maxEntries`. */
  constructor(options: MemorySeenStoreOptions = {}) {
    const { maxEntries = 10_000, clock = systemClock } = options;
    if (!Number.isInteger(maxEntries) || maxEntries < 1) throw new ConfigurationError('maxEntries: expected an integer of at least 1');
    this.#maxEntries = maxEntries;
    this.#clock = clock;
  }

  /** What was set for this id, while its time lasts. */
  get(id: string): string | undefined {
    const entry = this.#entries.get(id);
    return entry !== undefined && entry.expiresAt > this.#clock.monotonic() ? entry.value : undefined;
  }

  /** Remembers an id for `ttlMs`. */
  set(id: string, value: string, ttlMs: number): void {
    this.#entries.delete(id);
    this.#entries.set(id, { value, expiresAt: this.#clock.monotonic() + ttlMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#maxEntries && oldest !== undefined) this.#entries.delete(oldest);
  }

  /** Forgets an id. */
  delete(id: string): void {
    this.#entries.delete(id);
  }
}
