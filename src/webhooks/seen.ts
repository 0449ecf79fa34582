import { abortable } from '../http/index.js';

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

/**
 * Marks an id as `value`, unless it is marked already.
 *
 * @throws what the store throws; `AbortError` as soon as `signal` ends, and then the store is asked nothing more.
 */
export async function claim(
  store: SeenWebhookStore,
  id: string,
  value: 'handling' | 'done',
  ttlMs: number,
  signal?: AbortSignal,
): Promise<Claim> {
  const ids = claiming.get(store) ?? new Set<string>();
  claiming.set(store, ids);
  if (ids.has(id)) return 'handling';
  ids.add(id);
  try {
    const known = await abortable(Promise.resolve(store.get(id)), signal);
    if (known !== undefined && known !== null) return known === 'handling' ? 'handling' : 'done';
    await abortable(Promise.resolve(store.set(id, value, ttlMs)), signal);
    return 'claimed';
  } finally {
    ids.delete(id);
  }
}
