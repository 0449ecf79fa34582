import { ConfigurationError } from '../errors.js';
import {
  namingCaller,
  requestOptions,
  resolveLogger,
  systemClock,
  type AuthProvider,
  type Platform,
} from '../http/internal.js';
import {
  checkedCredentials,
  checkedScopes,
  tokenRequest,
  type AccessKey,
  type ClientAuthentication,
} from './credentials.js';
import { TokenCache } from './token-cache.js';
import { parseTokenUrl, TokenEndpoint, type TokenEndpointOptions } from './token-endpoint.js';
import { SharedToken, type TokenStore } from './token-store.js';
import { checkOptions } from '../options.js';

/**
 * Options of {@link AuthClient}. Either `platform` or `tokenUrl` says where the token endpoint is. Time limits,
 * repeats, transport, logger, clock and random source are those of `HttpClient` and concern the token endpoint.
 */
export interface AuthClientOptions extends TokenEndpointOptions {
  /** The platform whose tokens are fetched: the result of a preset such as `cognigy()`. */
  readonly platform?: Pick<Platform, 'tokenUrl' | 'clientAuthentication'> | undefined;
  /**
   * The token endpoint. It may have a query, but no credentials and no fragment (protocol 2).
   *
   * @defaultValue the platform's
   */
  readonly tokenUrl?: string | URL | undefined;
  /** Id of the client. `undefined`, as from an environment variable that is not set, is refused. */
  readonly clientId: string | undefined;
  /** Secret of the client. `undefined` is refused. */
  readonly clientSecret: string | undefined;
  /**
   * An access key of a CXone user: tokens then come from the password grant (RFC 6749 §4.3), and the id and secret of the
   * client accompany it. The token has the rights of the key's user, so there are no scopes.
   */
  readonly accessKey?: AccessKey | undefined;
  /**
   * Scopes to ask for.
   *
   * @defaultValue none are named, and the server decides
   */
  readonly scopes?: readonly string[] | undefined;
  /**
   * How id and secret are sent.
   *
   * @defaultValue the platform's, else `client_secret_basic` with an access key and `client_secret_post` without
   */
  readonly clientAuthentication?: ClientAuthentication | undefined;
  /**
   * How long before its expiry a token is refreshed, in ms. Default 60,000. A token that lives less than twice as long
   * is refreshed when a tenth of its lifetime is left.
   */
  readonly refreshMarginMs?: number | undefined;
  /**
   * Shares the token with other processes. It holds secrets: see {@link TokenStore}.
   *
   * @defaultValue none
   */
  readonly store?: TokenStore | undefined;
}

const DEFAULT_REFRESH_MARGIN_MS = 60_000;

/**
 * OAuth 2.0 client credentials (RFC 6749 §4.4, protocol 2) or CXone's access-key login: fetches access tokens, keeps the
 * current one and refreshes it ahead of its expiry while calls go on. Calls that need a token at the same time share one request.
 *
 * A token whose answer names no usable `expires_in` is kept for five minutes.
 *
 * @example
 * ```ts
 * import { AuthClient, HttpClient, cognigy } from 'agent-assist-sdk';
 *
 * const platform = cognigy({ tenant: 'acme' });
 * await using auth = new AuthClient({
 *   platform, clientId: 'id', clientSecret: 'secret', scopes: ['agentassist:read', 'streaming:subscribe'],
 * });
 * const http = new HttpClient({ platform, auth });
 * ```
 */
export class AuthClient implements AuthProvider {
  readonly #cache: TokenCache;

  /** @throws `ConfigurationError` if an option makes no sense; it names the option and not its value. */
  constructor(options: AuthClientOptions) {
    checkOptions('AuthClient', options, {
      ...requestOptions,
      platform: true,
      tokenUrl: true,
      clientId: true,
      clientSecret: true,
      accessKey: true,
      scopes: true,
      clientAuthentication: true,
      refreshMarginMs: true,
      store: true,
      allowInsecureRequests: true,
    });
    const { platform, tokenUrl: givenUrl = platform?.tokenUrl } = options;
    if (givenUrl === undefined) throw new ConfigurationError('tokenUrl: missing; give platform or tokenUrl');
    const credentials = checkedCredentials({
      ...options,
      clientAuthentication: options.clientAuthentication ?? platform?.clientAuthentication,
    });
    const scopes = checkedScopes(options.scopes);
    if (scopes.length > 0 && credentials.accessKey !== undefined)
      throw new ConfigurationError('scopes: an access key has the rights of its user; leave the scopes out');
    const { refreshMarginMs = DEFAULT_REFRESH_MARGIN_MS, store, clock = systemClock, random = Math.random } = options;
    const logger = resolveLogger(options.logger);
    if (!(refreshMarginMs >= 0 && refreshMarginMs < Infinity)) {
      throw new ConfigurationError('refreshMarginMs: expected ms of at least 0');
    }
    const tokenUrl = parseTokenUrl(givenUrl);
    const endpoint = new TokenEndpoint(tokenUrl, options);
    const request = tokenRequest(credentials, scopes);
    const identity = {
      tokenUrl: tokenUrl.href,
      clientId: credentials.clientId,
      accessKeyId: credentials.accessKey?.id,
      scopes,
    };
    this.#cache = new TokenCache({
      fetchToken: (signal) => endpoint.fetch(request, signal),
      shared: store === undefined ? undefined : new SharedToken(store, identity, { clock, logger }),
      refreshMarginMs,
      clock,
      random,
      logger,
    });
  }

  /**
   * Returns a valid access token. Fetches one if needed; within the margin it returns the current token at once and
   * refreshes it in the background.
   *
   * @param options.signal - ends this caller's wait only; the request ends when nobody waits for it any more.
   * @throws (as rejection) `OAuthError` if the token endpoint refuses, with its code, e.g. `invalid_client`;
   * `ResponseValidationError` for an answer without a usable Bearer token; `AbortError`; otherwise what
   * `HttpClient.request` rejects with. A failure is not remembered.
   */
  getToken(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
    return namingCaller(this.#cache.get(options.signal).then(({ value }) => value));
  }

  /**
   * The OpenID id token that came with the current access token; `undefined` where the server grants none. It is as secret
   * as the access token, and refreshed together with it. Its signature is not checked: it came from the token endpoint
   * itself (OpenID Connect Core §3.1.3.7).
   *
   * @throws (as rejection) what `getToken` rejects with.
   */
  getIdToken(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string | undefined> {
    return namingCaller(this.#cache.get(options.signal).then(({ idToken }) => idToken));
  }

  /** The current token, as long as it is valid; refreshes it beside that, as {@link AuthClient.getToken} does. */
  cachedToken(): string | undefined {
    // A class of the caller that has its own way to a token is asked for it.
    return this.getToken === AuthClient.prototype.getToken ? this.#cache.current()?.value : undefined;
  }

  /**
   * Says that a server refused this token (401). Drops it here and from the store, unless another one is current by
   * now. It is not handed out again, except when the token endpoint itself issues the same token again.
   */
  invalidate(token: string): void {
    this.#cache.invalidate(token);
  }

  /** `Authorization: Bearer …` (RFC 6750 §2.1). */
  header(token: string): readonly [name: string, value: string] {
    return ['authorization', `Bearer ${token}`];
  }

  /** Ends a request that is in progress. `getToken` rejects with an `AbortError` from now on. */
  close(): Promise<void> {
    return this.#cache.close();
  }

  /** The same as {@link AuthClient.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
