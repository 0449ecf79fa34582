import { fromBase64Url, toBase64 } from '../../bytes.js';
import { ConfigurationError } from '../../errors.js';
import { checkOptions, required } from '../../options.js';
import { resolveLogger, type Logger } from '../logger.js';
import { checkedStore, fullKey, type KeyValueStore } from './shared-store.js';
import { forTokens } from './shared-token.js';

/** Options of {@link encryptedStore}. */
export interface EncryptedStoreOptions {
  /**
   * Keys of 32 bytes in base64, e.g. from `openssl rand -base64 32`. The first one encrypts, all of them decrypt. To
   * replace a key, add the new one at the end everywhere, then move it to the front everywhere, then remove the old
   * one.
   */
  readonly keys: readonly (string | undefined)[];
  /** Logs once when a value cannot be decrypted. @defaultValue no logging */
  readonly logger?: Logger | undefined;
}

interface NamedKey {
  readonly id: string;
  readonly key: CryptoKey;
}

const VERSION = 'v1';
const IV_BYTES = 12;

/**
 * Encrypts the values of a store with AES-256-GCM by WebCrypto, each with its own IV. The key of an entry, with the
 * `keyPrefix` of `redisStore`, is authenticated with its value, so that nobody can swap two entries. The keys of
 * entries are not encrypted.
 *
 * A value that no key decrypts counts as missing: it was written with another key, changed, or not encrypted.
 *
 * @throws `ConfigurationError` for a key that is not 32 bytes in base64, which it does not quote, and without a store.
 *
 * @example
 * ```ts
 * import { encryptedStore } from 'agent-assist-sdk/http';
 * import KeyvRedis from '@keyv/redis';
 * import { Keyv } from 'keyv';
 *
 * const store = encryptedStore(new Keyv(new KeyvRedis('redis://127.0.0.1')), { keys: [process.env['TOKEN_STORE_KEY']] });
 * ```
 */
export function encryptedStore(store: KeyValueStore, options: EncryptedStoreOptions): KeyValueStore {
  checkedStore(store);
  checkOptions('encryptedStore', options, { keys: 'anything', logger: true });
  const given: unknown = options.keys;
  if (!Array.isArray(given) || given.length === 0)
    throw new ConfigurationError('keys: expected at least one key, e.g. from `openssl rand -base64 32`');
  const keys = Promise.all(options.keys.map((key, index) => importKey(keyBytes(`keys[${index}]`, key))));
  // A rejection is reported by the operations that wait for it.
  keys.catch(() => undefined);
  const logger = resolveLogger(options.logger);
  const algorithm = (iv: Uint8Array<ArrayBuffer>, name: string): AesGcmParams => ({
    name: 'AES-GCM',
    iv,
    additionalData: new TextEncoder().encode(fullKey(store, name)),
  });
  let isReported = false;

  const encrypt = async (name: string, value: string): Promise<string> => {
    const [first] = await keys;
    if (first === undefined) throw new ConfigurationError('keys: expected at least one key');
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const data = await crypto.subtle.encrypt(algorithm(iv, name), first.key, new TextEncoder().encode(value));
    return [VERSION, first.id, toBase64Url(iv), toBase64Url(new Uint8Array(data))].join('.');
  };

  const decrypt = async (name: string, value: unknown): Promise<string | undefined> => {
    if (value === undefined || value === null) return undefined;
    const [version, id, iv = '', data = ''] = typeof value === 'string' ? value.split('.') : [];
    const known = (await keys).find((key) => key.id === id);
    try {
      if (version !== VERSION || known === undefined) throw new Error('another key');
      const plain = await crypto.subtle.decrypt(algorithm(fromBase64Url(iv), name), known.key, fromBase64Url(data));
      return new TextDecoder().decode(plain);
    } catch {
      if (!isReported) logger.warn('Encrypted store: a value cannot be decrypted with any of the keys and is ignored');
      isReported = true;
      return undefined;
    }
  };

  const { add } = store;
  return forTokens({
    get: async (name) => decrypt(name, await store.get(name)),
    set: async (name, value, ttlMs) => store.set(name, await encrypt(name, value), ttlMs),
    delete: (name) => store.delete(name),
    add: add && (async (name, value, ttlMs) => add.call(store, name, await encrypt(name, value), ttlMs)),
  });
}

/**
 * Allows an unencrypted store for access tokens: the store holds them, and id tokens, as plain text until they expire.
 * Protect it like a password: separate credentials, encrypted transport, no dumps to a log.
 *
 * @throws `ConfigurationError` without a store.
 *
 * @example
 * ```ts
 * import { MemoryStore, unencryptedStore } from 'agent-assist-sdk/http';
 *
 * const store = unencryptedStore(new MemoryStore());
 * ```
 */
export function unencryptedStore(store: KeyValueStore): KeyValueStore {
  const { add } = checkedStore(store);
  return forTokens({
    get: (name) => store.get(name),
    set: (name, value, ttlMs) => store.set(name, value, ttlMs),
    delete: (name) => store.delete(name),
    add: add && ((name, value, ttlMs) => add.call(store, name, value, ttlMs)),
  });
}

/** @throws {@link ConfigurationError} */
function keyBytes(name: string, key: string | undefined): Uint8Array<ArrayBuffer> {
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  try {
    bytes = fromBase64Url(required(name, key).trim());
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
  }
  if (bytes?.length === 32) return bytes;
  throw new ConfigurationError(`${name}: expected 32 bytes in base64, e.g. from \`openssl rand -base64 32\``);
}

async function importKey(bytes: Uint8Array<ArrayBuffer>): Promise<NamedKey> {
  const [key, digest] = await Promise.all([
    crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']),
    crypto.subtle.digest('SHA-256', bytes),
  ]);
  return { id: toBase64Url(new Uint8Array(digest, 0, 6)), key };
}

function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
