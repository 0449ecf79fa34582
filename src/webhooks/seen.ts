import { toHex } from '../hash.js';
import { abortable } from '../http/internal.js';

/**
 * Remembers which webhooks were accepted. Any Keyv fits as it is; give a fleet's processes one that they share.
 *
 * Without `add`, `get` and `set` are two steps: within one process two deliveries of the same id never pass both, across
 * processes they can when they arrive within the time of one `get`. With `add` they never do.
 */
export interface SeenWebhookStore {
  /** What was set under this key; `undefined` or `null` when nothing was or its time is over. */
  get(key: string): unknown;
  /** Remembers a value for `ttlMs`. */
  set(key: string, value: string, ttlMs: number): unknown;
  /** Forgets a key. */
  delete(key: string): unknown;
  /**
   * Sets a value for `ttlMs` unless the key has one, in one step; `SET key value PX ttlMs NX` in Redis.
   *
   * @returns (also as a promise) whether it was set.
   */
  add?: ((key: string, value: string, ttlMs: number) => boolean | Promise<boolean>) | undefined;
}

/** What {@link claim} found: the webhook is the caller's now, someone is at work on it, or it was done before. */
export type Claim = 'claimed' | 'handling' | 'done';

/**
 * The keys of a webhook in the store: one for each secret, so that webhooks of senders with different secrets never meet,
 * and one that is delivered again after a change of secrets is recognized. The secret cannot be read from a key.
 *
 * @internal
 */
export async function seenKeys(id: string, keys: readonly CryptoKey[], namespace = ''): Promise<string[]> {
  return Promise.all(
    keys.map(async (key) => {
      const mark = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(`seen.${namespace}`));
      return `${toHex(new Uint8Array(mark, 0, 8))}:${id}`;
    }),
  );
}

const claiming = new WeakMap<SeenWebhookStore, Set<string>>();

/**
 * Marks a webhook as `value` under all its keys, unless it is marked already.
 *
 * @throws what the store throws; `AbortError` as soon as `signal` ends, and then the store is asked nothing more.
 */
export async function claim(
  store: SeenWebhookStore,
  keys: readonly string[],
  value: 'handling' | 'done',
  ttlMs: number,
  signal?: AbortSignal,
): Promise<Claim> {
  const taken = claiming.get(store) ?? new Set<string>();
  claiming.set(store, taken);
  if (keys.some((key) => taken.has(key))) return 'handling';
  for (const key of keys) taken.add(key);
  const claimed: string[] = [];
  try {
    for (const key of keys) {
      const found = await claimKey(store, key, value, ttlMs, signal);
      if (found !== 'claimed') {
        await forget(store, claimed);
        return found;
      }
      claimed.push(key);
    }
    return 'claimed';
  } finally {
    for (const key of keys) taken.delete(key);
  }
}

async function claimKey(
  store: SeenWebhookStore,
  key: string,
  value: string,
  ttlMs: number,
  signal: AbortSignal | undefined,
): Promise<Claim> {
  const ask = <T>(answer: T): Promise<Awaited<T>> => abortable(Promise.resolve(answer), signal);
  if (store.add !== undefined && (await ask(store.add(key, value, ttlMs)))) return 'claimed';
  const known = await ask(store.get(key));
  if (known !== undefined && known !== null) return known === 'handling' ? 'handling' : 'done';
  // Whoever had added it has let go in between: the sender's next repeat finds it free.
  if (store.add !== undefined) return 'handling';
  await ask(store.set(key, value, ttlMs));
  return 'claimed';
}

/** Marks a webhook as done under all its keys. */
export async function markDone(store: SeenWebhookStore, keys: readonly string[], ttlMs: number): Promise<void> {
  for (const key of keys) await store.set(key, 'done', ttlMs);
}

/** Lets the sender's repeat in. */
export async function forget(store: SeenWebhookStore, keys: readonly string[]): Promise<void> {
  for (const key of keys) await store.delete(key);
}
