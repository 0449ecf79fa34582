import { AbortError } from '../errors.js';
import type { AuthProvider } from '../http/internal.js';
import { checkedToken } from './credentials.js';

/** Options of {@link StaticTokenAuth}. */
export interface StaticTokenAuthOptions {
  /** The token: visible ASCII characters. */
  readonly token: string;
}

/**
 * One bearer token that somebody else obtained, e.g. of a person who is logged in. It cannot be renewed: a 401 ends the
 * call.
 *
 * @example
 * ```ts
 * import { HttpClient, StaticTokenAuth, cognigy } from 'agent-assist-sdk';
 *
 * const http = new HttpClient({ ...cognigy({ tenant: 'acme' }), auth: new StaticTokenAuth({ token: 'token' }) });
 * ```
 */
export class StaticTokenAuth implements AuthProvider {
  readonly #token: string;

  /** @throws `ConfigurationError` when the token cannot stand in a header. */
  constructor(options: StaticTokenAuthOptions) {
    this.#token = checkedToken('token', options.token);
  }

  /** The token. */
  getToken(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
    return options.signal?.aborted === true
      ? Promise.reject(new AbortError(options.signal.reason))
      : Promise.resolve(this.#token);
  }

  /** Has no effect: there is no other token. */
  invalidate(): void {
    // Nothing to drop.
  }

  /** `Authorization: Bearer …` (RFC 6750 §2.1). */
  header(token: string): readonly [name: string, value: string] {
    return ['authorization', `Bearer ${token}`];
  }
}
