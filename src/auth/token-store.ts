import { sha256Hex } from '../hash.js';
import { redact, withinLimit, type Clock, type Logger } from '../http/internal.js';
import { readJson } from '../json.js';
import type { AccessToken } from './token-cache.js';
import { storedToken } from './schemas.js';

/**
 * Where the processes of a fleet share an access token, so that not each of them fetches its own. Any Keyv 5 fits, and
 * within one process a `Map`.
 *
 * **It stores secrets**: a value is an access token, and the id token if there is one, in plain text and valid until
 * they expire. Protect it like a password: its own credentials, encrypted transport, no dumps to a log. Keys are hashes
 * and contain no secret.
 *
 * The SDK waits at most one second for each call. It logs a failure and fetches a token instead.
 *
 * @example
 * ```ts
 * import { AuthClient, cognigy } from 'agent-assist-sdk';
 * import Keyv from 'keyv';
 * import KeyvRedis from '@keyv/redis';
 *
 * const store = new Keyv({ store: new KeyvRedis('redis://127.0.0.1:6379') });
 * const auth = new AuthClient({ platform: cognigy({ tenant: 'acme' }), clientId: 'id', clientSecret: 'secret', store });
 * ```
 */
export interface TokenStore {
  /** Returns the value of a key; `undefined` or `null` if it is missing. */
  get(key: string): unknown;
  /** Stores a string under a key for `ttlMs` milliseconds. */
  set(key: string, value: string, ttlMs: number): unknown;
  /** Deletes a key. */
  delete(key: string): unknown;
}

/** Identity of a token. Clients share a token only if all of it is equal. */
export interface TokenIdentity {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly accessKeyId: string | undefined;
  readonly scopes: readonly string[];
}

const TIMEOUT_MS = 1000;

async function storeKey({ tokenUrl, clientId, accessKeyId, scopes }: TokenIdentity): Promise<string> {
  const identity = JSON.stringify([
    tokenUrl,
    clientId,
    [...scopes].sort(),
    ...(accessKeyId === undefined ? [] : [accessKeyId]),
  ]);
  return `agent-assist-token-${await sha256Hex(identity)}`;
}

/**
 * One token in a {@link TokenStore}. Never rejects: a store that fails or hangs costs a fetch, not a call. Operations
 * run in order, so that the write of a token cannot overtake its removal.
 */
export class SharedToken {
  readonly #store: TokenStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #identity: TokenIdentity;
  #key: Promise<string> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: TokenStore, identity: TokenIdentity, context: { readonly clock: Clock; readonly logger: Logger }) {
    this.#store = store;
    this.#identity = identity;
    this.#clock = context.clock;
    this.#logger = context.logger;
  }

  /** Returns the stored token if it is valid. */
  async read(): Promise<AccessToken | undefined> {
    const value = await this.#attempt('read', (key) => this.#store.get(key));
    if (value === undefined || value === null) return undefined;
    const result = storedToken.safeParse(jsonIn(value));
    if (!result.success) {
      this.#logger.warn('Token store: the stored value is not a token and is ignored');
      return undefined;
    }
    const { accessToken, idToken, issuedAt, lifetimeMs } = result.data;
    // Another machine's clock may be ahead. Its token then counts as new, not as newer than that.
    const age = Math.max(0, this.#clock.now() - issuedAt);
    return { value: accessToken, idToken, lifetimeMs, issuedAt, issuedAtMonotonic: this.#clock.monotonic() - age };
  }

  /** Stores a token for its lifetime. */
  async write(token: AccessToken): Promise<void> {
    const { value, idToken, issuedAt, lifetimeMs } = token;
    await this.#attempt(
      'write',
      (key) => {
        const ttlMs = Math.floor(issuedAt + lifetimeMs - this.#clock.now());
        if (ttlMs <= 0) return undefined;
        return this.#store.set(key, JSON.stringify({ accessToken: value, idToken, issuedAt, lifetimeMs }), ttlMs);
      },
      [value, idToken ?? ''],
    );
  }

  /** Deletes a token from the store, unless it was replaced. */
  async remove(value: string): Promise<void> {
    await this.#attempt(
      'remove',
      async (key) => {
        const stored = storedToken.safeParse(jsonIn(await this.#store.get(key)));
        if (stored.success && stored.data.accessToken === value) await this.#store.delete(key);
      },
      [value],
    );
  }

  /** Resolves when all operations have ended. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #attempt(what: string, operation: (key: string) => unknown, secrets: readonly string[] = []): Promise<unknown> {
    const run = async (): Promise<unknown> => {
      const work = async (): Promise<unknown> => {
        this.#key ??= storeKey(this.#identity);
        return operation(await this.#key);
      };
      const timeoutError = (): Error => new Error(`no answer within ${TIMEOUT_MS} ms`);
      try {
        return await withinLimit(work, { clock: this.#clock, timeoutMs: TIMEOUT_MS, timeoutError });
      } catch (error) {
        // The error itself is not logged: store clients attach the failed command to it, value included.
        const reason = error instanceof Error ? error.message : 'unknown';
        this.#logger.warn(`Token store: ${what} failed`, { reason: redact(reason, secrets) });
        return undefined;
      }
    };
    const attempt = this.#last.then(run);
    this.#last = attempt;
    return attempt;
  }
}

const jsonIn = (value: unknown): unknown => (typeof value === 'string' ? readJson(value) : undefined);
