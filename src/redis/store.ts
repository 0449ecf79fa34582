import { checkTtl, withKeyPrefix, type KeyValueStore } from '../http/internal.js';
import { checkOptions } from '../options.js';
import { commandSender, type RedisClient } from './commands.js';

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /** Prefix of every key. Give each tenant, and each use, its own, e.g. `acme:tokens:`. @defaultValue empty */
  readonly keyPrefix?: string | undefined;
}

/** A {@link KeyValueStore} that can store a value in one step only if the key is free. */
export interface AddingStore extends KeyValueStore {
  /** Stores a value for `ttlMs` unless the key has one. @returns whether it was stored. */
  add(key: string, value: string, ttlMs: number): Promise<boolean>;
}

/**
 * Creates a store on Redis with all operations: `get`, `set`, `delete` and an atomic `add` (`SET … NX`), for
 * `AuthClient`, `AssistEngine`, `EnrichmentCache` and the receiver of webhooks.
 *
 * @throws `ConfigurationError` for an unknown option or client.
 *
 * @example
 * ```ts
 * import { AssistEngine } from 'agent-assist-sdk';
 * import { redisStore } from 'agent-assist-sdk/redis';
 * import { createClient } from 'redis';
 *
 * const redis = createClient({ url: 'redis://127.0.0.1', disableOfflineQueue: true });
 * redis.on('error', (error) => console.error(error));
 * redis.connect().catch((error) => console.error(error));
 * const engine = new AssistEngine({ client: suggestions, store: redisStore(redis, { keyPrefix: 'acme:answers:' }) });
 * ```
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): AddingStore {
  checkOptions('redisStore', options, { keyPrefix: 'a string' });
  const { keyPrefix = '' } = options;
  const send = commandSender(client);
  const set = async (key: string, value: string, ttlMs: number, ...conditions: string[]): Promise<unknown> => {
    checkTtl(ttlMs);
    const expiry = ttlMs === Infinity ? [] : ['PX', String(Math.max(1, Math.floor(ttlMs)))];
    return send('SET', keyPrefix + key, value, ...expiry, ...conditions);
  };
  const store: AddingStore = {
    get: (key) => send('GET', keyPrefix + key),
    set,
    delete: (key) => send('DEL', keyPrefix + key),
    add: async (key, value, ttlMs) => (await set(key, value, ttlMs, 'NX')) !== null,
  };
  return withKeyPrefix(store, keyPrefix);
}
