import { AbortError, ConfigurationError } from '../errors.js';
import type { AuthProvider } from '../http/internal.js';
import { checkedToken } from './credentials.js';
import { checkOptions } from '../options.js';

/** Options of {@link ApiKeyAuth}. */
export interface ApiKeyAuthOptions {
  /** The key: visible ASCII characters. `undefined` is refused. */
  readonly apiKey: string | undefined;
  /** Header that carries the key. @defaultValue `x-api-key` */
  readonly headerName?: string | undefined;
  /** Prefix of the key in the header, e.g. `ApiKey ` with its space. @defaultValue none */
  readonly prefix?: string | undefined;
}

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const HEADER_VALUE = /^[\x20-\x7e]*$/;

/**
 * Sends an API key in a header, for tenants without OAuth. The key cannot be renewed: a 401 ends the call.
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

  /** @throws `ConfigurationError` if a header cannot carry the key, the header name or the prefix. */
  constructor(options: ApiKeyAuthOptions) {
    checkOptions('ApiKeyAuth', options, { apiKey: 'a string', headerName: 'a string', prefix: 'a string' });
    const { apiKey, headerName = 'x-api-key', prefix = '' } = options;
    if (!HEADER_NAME.test(headerName)) throw new ConfigurationError('headerName: has characters that are not allowed');
    if (!HEADER_VALUE.test(prefix)) throw new ConfigurationError('prefix: has characters that are not allowed');
    this.#apiKey = checkedToken('apiKey', apiKey);
    this.#headerName = headerName.toLowerCase();
    this.#prefix = prefix;
  }

  /** Returns the key. */
  getToken(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
    return options.signal?.aborted === true
      ? Promise.reject(new AbortError(options.signal.reason))
      : Promise.resolve(this.#apiKey);
  }

  /** Returns the key, unless a subclass overrides `getToken`. */
  cachedToken(): string | undefined {
    return this.getToken === ApiKeyAuth.prototype.getToken ? this.#apiKey : undefined;
  }

  /** Does nothing: there is no other key. */
  invalidate(): void {
    // Nothing to drop.
  }

  /** Returns the configured header with prefix and key. */
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
 * Sends a bearer token that was obtained elsewhere, e.g. by a user's login. The token cannot be renewed: a 401 ends the
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

  /** @throws `ConfigurationError` if a header cannot carry the token. */
  constructor(options: StaticTokenAuthOptions) {
    checkOptions('StaticTokenAuth', options, { token: 'a string' });
    this.#token = checkedToken('token', options.token);
  }

  /** Returns the token. */
  getToken(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
    return options.signal?.aborted === true
      ? Promise.reject(new AbortError(options.signal.reason))
      : Promise.resolve(this.#token);
  }

  /** Returns the token, unless a subclass overrides `getToken`. */
  cachedToken(): string | undefined {
    return this.getToken === StaticTokenAuth.prototype.getToken ? this.#token : undefined;
  }

  /** Does nothing: there is no other token. */
  invalidate(): void {
    // Nothing to drop.
  }

  /** Returns `Authorization: Bearer …` (RFC 6750 §2.1). */
  header(token: string): readonly [name: string, value: string] {
    return ['authorization', `Bearer ${token}`];
  }
}
