import { toHex } from '../hash.js';
import { abortable, type KeyValueStore } from '../http/internal.js';

/**
 * Result of {@link claim}: the caller may handle the webhook and owns this mark, another handler is at work, or it was
 * handled before.
 */
export type Claim = { readonly mark: string } | 'handling' | 'done';

/**
 * Returns the keys of a webhook in the store, one for each secret. So webhooks of senders with different secrets never
 * collide, and a delivery after a rotation of secrets is still recognized. A key does not reveal the secret.
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

const claiming = new WeakMap<KeyValueStore, Set<string>>();

/**
 * Marks a webhook as `state` under all its keys, unless it is already marked. Each mark is unique, so that its owner
 * recognizes it: a client that loses its connection may send the command again, and finds the mark of its own.
 *
 * @throws what the store throws; `AbortError` as soon as `signal` is aborted. What the store marked before is released
 * then, if it can be: its answer may have been lost, and the sender retries.
 */
export async function claim(
  store: KeyValueStore,
  keys: readonly string[],
  state: 'handling' | 'done',
  ttlMs: number,
  signal?: AbortSignal,
): Promise<Claim> {
  const mark = `${state}:${crypto.randomUUID()}`;
  const taken = claiming.get(store) ?? new Set<string>();
  claiming.set(store, taken);
  if (keys.some((key) => taken.has(key))) return 'handling';
  for (const key of keys) taken.add(key);
  const claimed: string[] = [];
  try {
    for (const key of keys) {
      const found = await claimKey(store, key, mark, ttlMs, signal);
      if (found !== mark) {
        await forget(store, claimed, mark);
        return found.startsWith('handling') ? 'handling' : 'done';
      }
      claimed.push(key);
    }
    return { mark };
  } catch (error) {
    forget(store, keys, mark).catch(() => undefined);
    throw error;
  } finally {
    for (const key of keys) taken.delete(key);
  }
}

/** @returns the mark of the key, which is `mark` if the key was free. */
async function claimKey(
  store: KeyValueStore,
  key: string,
  mark: string,
  ttlMs: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  const ask = <T>(answer: T): Promise<Awaited<T>> => abortable(Promise.resolve(answer), signal);
  if (store.add !== undefined && (await ask(store.add(key, mark, ttlMs)))) return mark;
  const known = await ask(store.get(key));
  if (known !== undefined && known !== null) return typeof known === 'string' ? known : 'done';
  // The other delivery has failed in between. The sender's next retry finds the id free.
  if (store.add !== undefined) return 'handling';
  await ask(store.set(key, mark, ttlMs));
  return mark;
}

/** Marks a webhook as handled under all its keys. */
export async function markDone(store: KeyValueStore, keys: readonly string[], ttlMs: number): Promise<void> {
  for (const key of keys) await store.set(key, 'done', ttlMs);
}

/**
 * Marks a duplicate under all its keys: a secret that was added after the first delivery has none yet, and may be the
 * only one left when the next duplicate arrives.
 */
export async function markDuplicate(store: KeyValueStore, keys: readonly string[], ttlMs: number): Promise<void> {
  if (keys.length > 1) await markDone(store, keys, ttlMs);
}

/**
 * Releases a webhook, so that the sender's retry is accepted.
 *
 * @param mark - releases only keys with this mark: if it has expired, another delivery may have been handled.
 */
export async function forget(store: KeyValueStore, keys: readonly string[], mark?: string): Promise<void> {
  for (const key of keys) if (mark === undefined || (await store.get(key)) === mark) await store.delete(key);
}
