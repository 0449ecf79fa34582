import { AbortError, ConfigurationError } from '../errors.js';
import { isHeaderName, type AuthProvider } from '../http/internal.js';
import { checkedToken } from './credentials.js';
import { checkOptions, signalOf } from '../options.js';

/** Options of {@link ApiKeyAuth}. */
export interface ApiKeyAuthOptions {
  /** The key: visible ASCII characters. `undefined` is refused. */
  readonly apiKey: string | undefined;
  /** Header that carries the key. @defaultValue `x-api-key` */
  readonly headerName?: string | undefined;
  /** Prefix of the key in the header, e.g. `ApiKey ` with its space. @defaultValue none */
  readonly prefix?: string | undefined;
}

/** A credential that cannot be renewed. */
abstract class FixedCredential implements AuthProvider {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** Returns the credential. */
  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws is a rejection
  async getToken(options?: { readonly signal?: AbortSignal | undefined }): Promise<string> {
    const signal = signalOf('getToken', options);
    if (signal?.aborted === true) throw new AbortError(signal.reason);
    return this.#value;
  }

  /** Returns the credential, unless a subclass overrides `getToken`. */
  cachedToken(): string | undefined {
    return this.getToken === FixedCredential.prototype.getToken ? this.#value : undefined;
  }

  /** Does nothing: there is no other credential. */
  invalidate(): void {
    // Nothing to drop.
  }

  abstract header(token: string): readonly [name: string, value: string];
}

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
export class ApiKeyAuth extends FixedCredential {
  readonly #headerName: string;
  readonly #prefix: string;

  /** @throws `ConfigurationError` if a header cannot carry the key, the header name or the prefix. */
  constructor(options: ApiKeyAuthOptions) {
    checkOptions('ApiKeyAuth', options, { apiKey: 'a string', headerName: 'a string', prefix: 'a string' });
    const { headerName = 'x-api-key', prefix = '' } = options;
    if (!isHeaderName(headerName)) throw new ConfigurationError('headerName: has characters that are not allowed');
    if (!HEADER_VALUE.test(prefix)) throw new ConfigurationError('prefix: has characters that are not allowed');
    super(checkedToken('apiKey', options.apiKey));
    this.#headerName = headerName.toLowerCase();
    this.#prefix = prefix;
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
export class StaticTokenAuth extends FixedCredential {
  /** @throws `ConfigurationError` if a header cannot carry the token. */
  constructor(options: StaticTokenAuthOptions) {
    checkOptions('StaticTokenAuth', options, { token: 'a string' });
    super(checkedToken('token', options.token));
  }

  /** Returns `Authorization: Bearer …` (RFC 6750 §2.1). */
  header(token: string): readonly [name: string, value: string] {
    return ['authorization', `Bearer ${token}`];
  }
}
