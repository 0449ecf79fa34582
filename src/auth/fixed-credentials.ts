import { AbortError, ConfigurationError } from '../errors.js';
import type { AuthProvider } from '../http/internal.js';
import { checkedToken } from './credentials.js';
import { checkOptions } from '../options.js';

/** Options of {@link ApiKeyAuth}. */
export interface ApiKeyAuthOptions {
  /** The key: visible ASCII characters. `undefined` is refused. */
  readonly apiKey: string | undefined;
  /**
   * Header that carries the key.
   *
   * @defaultValue `x-api-key`
   */
  readonly headerName?: string | undefined;
  /**
   * Stands before the key in the header, e.g. `ApiKey ` with its space.
   *
   * @defaultValue nothing
   */
  readonly prefix?: string | undefined;
}

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const HEADER_VALUE = /^[\x20-\x7e]*$/;

/**
 * An API key in a header, for tenants that use one instead of OAuth. It cannot be renewed: a 401 ends the call.
 *
 * @example
 * ```ts
 * import { ApiKeyAuth, HttpClient, cognigy } from 'agent-assist-sdk';
 *
 * const http = new HttpClient({ platform: cognigy({ tenant: 'acme' }), auth: new ApiKeyAuth({ apiKey: 'key' }) });
 * ```
 */
export class ApiKeyAuth implements AuthProvider {
  readonly #apiKey: string;
  readonly #headerName: string;
  readonly #prefix: string;

  /** @throws `ConfigurationError` if the key, the header's name or the prefix cannot stand in a header. */
  constructor(options: ApiKeyAuthOptions) {
    checkOptions('ApiKeyAuth', options, { apiKey: true, headerName: true, prefix: true });
    const { apiKey, headerName = 'x-api-key', prefix = '' } = options;
    if (!HEADER_NAME.test(headerName)) throw new ConfigurationError('headerName: has characters that are not allowed');
    if (!HEADER_VALUE.test(prefix)) throw new ConfigurationError('prefix: has characters that are not allowed');
    this.#apiKey = checkedToken('apiKey', apiKey);
    this.#headerName = headerName.toLowerCase();
    this.#prefix = prefix;
  }

  /** The key. */
  getToken(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
    return options.signal?.aborted === true
      ? Promise.reject(new AbortError(options.signal.reason))
      : Promise.resolve(this.#apiKey);
  }

  /** The key, unless a subclass has its own `getToken`. */
  cachedToken(): string | undefined {
    return this.getToken === ApiKeyAuth.prototype.getToken ? this.#apiKey : undefined;
  }

  /** Has no effect: there is no other key. */
  invalidate(): void {
    // Nothing to drop.
  }

  /** The configured header with prefix and key. */
  header(token: string): readonly [name: string, value: string] {
    return [this.#headerName, this.#prefix + token];
  }
}

/** Options of {@link StaticTokenAuth}. */
export interface StaticTokenAuthOptions {
  /** The token: visible ASCII characters. `undefined` is refused. */
  readonly token: string | undefined;
}

/**
 * One bearer token that somebody else obtained, e.g. of a person who is logged in. It cannot be renewed: a 401 ends the
 * call.
 *
 * @example
 * ```ts
 * import { HttpClient, StaticTokenAuth, cognigy } from 'agent-assist-sdk';
 *
 * const http = new HttpClient({ platform: cognigy({ tenant: 'acme' }), auth: new StaticTokenAuth({ token: 'token' }) });
 * ```
 */
export class StaticTokenAuth implements AuthProvider {
  readonly #token: string;

  /** @throws `ConfigurationError` if the token cannot stand in a header. */
  constructor(options: StaticTokenAuthOptions) {
    checkOptions('StaticTokenAuth', options, { token: true });
    this.#token = checkedToken('token', options.token);
  }

  /** The token. */
  getToken(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
    return options.signal?.aborted === true
      ? Promise.reject(new AbortError(options.signal.reason))
      : Promise.resolve(this.#token);
  }

  /** The token, unless a subclass has its own `getToken`. */
  cachedToken(): string | undefined {
    return this.getToken === StaticTokenAuth.prototype.getToken ? this.#token : undefined;
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
