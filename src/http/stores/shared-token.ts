import * as z from '../../schema.js';
import { finiteNumber, safeParse, tokenText } from '../validation.js';
import { sha256Hex } from '../../hash.js';
import { readJson } from '../../json.js';
import { sleep, type Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import { SharedStore, type KeyValueStore } from './shared-store.js';

/** An access token and its lifetime. */
export interface AccessToken {
  readonly value: string;
  /** OpenID id token of the same response. */
  readonly idToken: string | undefined;
  /** Lifetime in ms, from the start of the request: it cannot end later than on the server. */
  readonly lifetimeMs: number;
  /** Start of the request, by `Clock.now`. */
  readonly issuedAt: number;
  /** Start of the request, by `Clock.monotonic`. */
  readonly issuedAtMonotonic: number;
}

/** Identity of a token. Clients share a token only if all of it is equal. */
export interface TokenIdentity {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly accessKeyId: string | undefined;
  readonly scopes: readonly string[];
}

/** Options of {@link SharedToken}. */
export interface SharedTokenContext {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Duration of a lease in ms. */
  readonly leaseMs: number;
}

/** Registered, so that two copies of the package agree. */
export const shareToken: unique symbol = Symbol.for('agent-assist-sdk.share-token') as never;

/** A store to which access tokens may be given. It brings the code for sharing them, which other clients do not pay for. */
export interface TokenStore extends KeyValueStore {
  readonly [shareToken]: (identity: TokenIdentity, context: SharedTokenContext) => SharedToken;
}

/** Marks a store as one to which access tokens may be given. */
export function forTokens(store: KeyValueStore): TokenStore {
  return Object.assign(store, {
    [shareToken]: (identity: TokenIdentity, context: SharedTokenContext) => new SharedToken(store, identity, context),
  });
}

const storedToken = z.object({
  accessToken: tokenText,
  idToken: z.optional(tokenText),
  issuedAt: finiteNumber,
  lifetimeMs: finiteNumber,
});

/** Pause between two reads while another process fetches, in ms, plus a random time of up to as much. */
const POLL_MS = 100;
const REFUSED = 'refused';

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
 * One token that processes share through a store. A store that fails or hangs costs a fetch, not a call. Reads and
 * writes run in order, so that a read cannot overtake an earlier write.
 */
export class SharedToken {
  readonly #store: SharedStore;
  readonly #context: SharedTokenContext;
  readonly #key: Promise<string>;
  #last: Promise<unknown> = Promise.resolve();
  /** The read of a refusal in progress, and the next one. */
  #looking: Promise<unknown> = Promise.resolve();
  #next: { readonly value: string; readonly isRefused: Promise<boolean> } | undefined;

  constructor(store: KeyValueStore, identity: TokenIdentity, context: SharedTokenContext) {
    this.#store = new SharedStore('Token store', store, context);
    this.#context = context;
    this.#key = storeKey(identity);
  }

  /**
   * Returns the token of the store, or a new one. If the store supports it, one process fetches under a lease, and the
   * others wait for its token until the lease ends.
   *
   * @param isUsable - whether a token of the store is good enough.
   */
  async obtain(
    isUsable: (token: AccessToken) => boolean,
    fetch: (signal: AbortSignal) => Promise<AccessToken>,
    signal: AbortSignal,
  ): Promise<AccessToken> {
    const { clock, random, leaseMs } = this.#context;
    const lease = `${await this.#key}-lease`;
    const owner = crypto.randomUUID();
    // Two leases: when the holder of the first one died, one process takes over and the others wait for its token.
    const waitsUntil = clock.monotonic() + 2 * leaseMs;
    let isLeased: boolean | undefined;
    for (;;) {
      const stored = await this.#inOrder(() => this.#read());
      if (stored !== undefined && isUsable(stored)) {
        if (isLeased === true) this.#release(lease, owner);
        return stored;
      }
      // The second read finds the token of the previous holder of the lease.
      if (isLeased === true || clock.monotonic() >= waitsUntil) break;
      isLeased = await this.#store.add(lease, owner, leaseMs);
      // A client that loses its connection may send the command again, and finds the lease of its own.
      if (isLeased === false) isLeased = (await this.#store.get(lease)) === owner;
      if (isLeased === undefined) break;
      if (!isLeased) await sleep(clock, POLL_MS * (1 + random()), signal);
    }
    try {
      const token = await fetch(signal);
      // Not awaited: callers need the token, not the store.
      void this.#inOrder(() => this.#write(token));
      return token;
    } finally {
      if (isLeased === true) this.#release(lease, owner);
    }
  }

  /** Tells all processes that a server refused this token, for as long as it can live. */
  refuse(value: string, lifetimeMs: number): void {
    void this.#inOrder(async () => this.#store.set(await this.#refusalKey(value), REFUSED, lifetimeMs));
  }

  /** Revokes {@link SharedToken.refuse}: the token endpoint issued the same token again. */
  accept(value: string): void {
    void this.#inOrder(async () => this.#store.delete(await this.#refusalKey(value)));
  }

  /**
   * Returns whether any process reported this token as refused. Callers share a read that starts after all of them
   * asked; one in progress may have missed the latest refusal.
   */
  isRefused(value: string): Promise<boolean> {
    if (this.#next?.value === value) return this.#next.isRefused;
    const isRefused = this.#looking.then(() => {
      if (this.#next === next) this.#next = undefined;
      return this.#isMarked(value);
    });
    const next = { value, isRefused };
    this.#next = next;
    this.#looking = isRefused;
    return isRefused;
  }

  /** Resolves when all operations have ended. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #read(): Promise<AccessToken | undefined> {
    const value = await this.#store.get(await this.#key);
    if (value === undefined) return undefined;
    const result = safeParse(storedToken, readJson(value));
    if (!result.success) {
      this.#context.logger.warn('Token store: the stored value is not a token and is ignored');
      return undefined;
    }
    const { accessToken, idToken, issuedAt, lifetimeMs } = result.data;
    if (await this.#isMarked(accessToken)) return undefined;
    const { clock } = this.#context;
    // Another machine's clock may be ahead. Its token then counts as new, not as newer than that.
    const age = Math.max(0, clock.now() - issuedAt);
    return { value: accessToken, idToken, lifetimeMs, issuedAt, issuedAtMonotonic: clock.monotonic() - age };
  }

  async #write({ value, idToken, issuedAt, lifetimeMs }: AccessToken): Promise<void> {
    const ttlMs = Math.floor(issuedAt + lifetimeMs - this.#context.clock.now());
    if (ttlMs <= 0) return;
    const text = JSON.stringify({ accessToken: value, idToken, issuedAt, lifetimeMs });
    await this.#store.set(await this.#key, text, ttlMs, [value, idToken ?? '']);
  }

  async #isMarked(value: string): Promise<boolean> {
    return (await this.#store.get(await this.#refusalKey(value))) === REFUSED;
  }

  async #refusalKey(value: string): Promise<string> {
    return `${await this.#key}-refused-${await sha256Hex(value)}`;
  }

  #release(lease: string, owner: string): void {
    void this.#inOrder(async () => {
      if ((await this.#store.get(lease)) === owner) await this.#store.delete(lease);
    });
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result;
    return result;
  }
}
