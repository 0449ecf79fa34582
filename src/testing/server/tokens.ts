import { randomBytes } from 'node:crypto';
import type { Clock } from '../../http/clock.js';
import { LinkedMap } from '../../linked-map.js';
import { KEPT } from './kept.js';

/** An access token issued by the tenant. */
export interface IssuedToken {
  readonly accessToken: string;
  /** The client that received it. */
  readonly clientId: string;
  /** What it allows. */
  readonly scopes: readonly string[];
  /** Time of issue, in ms since the epoch. */
  readonly issuedAt: number;
  /** Time of expiry, in ms since the epoch. */
  readonly expiresAt: number;
  readonly revoked: boolean;
}

/** The client of a request, and its scopes. */
export interface Grant {
  /** The client's id, or `api-key`. */
  readonly clientId: string;
  /** Its scopes. */
  readonly scopes: ReadonlySet<string>;
}

interface StoredToken extends IssuedToken {
  revoked: boolean;
}

/** Issues, checks and revokes opaque bearer tokens. The last 10,000 are remembered; older ones are unknown (401). */
export class TokenRegistry {
  readonly lifetimeSeconds: number;
  issuedCount = 0;
  readonly #clock: Clock;
  readonly #tokens = new LinkedMap<string, StoredToken>(KEPT);

  constructor(clock: Clock, lifetimeSeconds: number) {
    this.#clock = clock;
    this.lifetimeSeconds = lifetimeSeconds;
  }

  /** The tokens that are remembered, oldest first. */
  get issued(): readonly IssuedToken[] {
    return [...this.#tokens].map(([, token]) => ({ ...token }));
  }

  issue(clientId: string, scopes: readonly string[]): IssuedToken {
    const issuedAt = this.#clock.now();
    const token: StoredToken = {
      accessToken: randomBytes(24).toString('base64url'),
      clientId,
      scopes,
      issuedAt,
      expiresAt: issuedAt + 1000 * this.lifetimeSeconds,
      revoked: false,
    };
    this.#tokens.set(token.accessToken, token);
    this.issuedCount += 1;
    return { ...token };
  }

  /** Returns the grant of a token; `undefined` if it is unknown, expired or revoked. */
  check(accessToken: string): Grant | undefined {
    const token = this.#tokens.get(accessToken);
    if (token === undefined || token.revoked || token.expiresAt <= this.#clock.now()) return undefined;
    return { clientId: token.clientId, scopes: new Set(token.scopes) };
  }

  revoke(accessToken: string): void {
    const token = this.#tokens.get(accessToken);
    if (token !== undefined) token.revoked = true;
  }
}
