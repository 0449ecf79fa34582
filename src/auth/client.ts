import { ConfigurationError } from '../errors.js';
import {
  namingCaller,
  requestOptions,
  resolveLogger,
  shareToken,
  systemClock,
  type AuthProvider,
  type KeyValueStore,
  type Platform,
  type TokenStore,
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
import { checkOptions } from '../options.js';

/**
 * Options of {@link AuthClient}. `platform` or `tokenUrl` is required. Time limits, retries, transport, logger, clock
 * and random source are those of `HttpClient` and apply to the token endpoint.
 */
export interface AuthClientOptions extends TokenEndpointOptions {
  /** The platform that issues the tokens: the result of a preset such as `cognigy()`. */
  readonly platform?: Pick<Platform, 'tokenUrl' | 'clientAuthentication'> | undefined;
  /**
   * URL of the token endpoint. It may have a query, but no credentials and no fragment (protocol 2).
   *
   * @defaultValue the platform's
   */
  readonly tokenUrl?: string | URL | undefined;
  /** Client id. `undefined`, as from an unset environment variable, is refused. */
  readonly clientId: string | undefined;
  /** Client secret. `undefined` is refused. */
  readonly clientSecret: string | undefined;
  /**
   * Access key of a CXone user. Tokens then come from the password grant (RFC 6749 §4.3), authenticated with the client
   * id and secret. The token has the rights of the key's user, so there are no scopes.
   */
  readonly accessKey?: AccessKey | undefined;
  /**
   * Requested scopes.
   *
   * @defaultValue none: the server decides
   */
  readonly scopes?: readonly string[] | undefined;
  /**
   * How the client authenticates to the token endpoint.
   *
   * @defaultValue the platform's, else `client_secret_basic` with an access key and `client_secret_post` without
   */
  readonly clientAuthentication?: ClientAuthentication | undefined;
  /**
   * How long before its expiry a token is refreshed, in ms. Tokens that live less than twice as long are refreshed when
   * a tenth of their lifetime is left.
   *
   * @defaultValue 60,000
   */
  readonly refreshMarginMs?: number | undefined;
  /**
   * Shares the token with other processes: `encryptedStore` of `agent-assist-sdk/http` around any
   * {@link KeyValueStore}. With a store that has `add`, processes that start together make one token request. A token
   * that a server refused to one process is no longer sent by any other; for this, each call reads one key of the
   * store.
   *
   * @defaultValue none
   *
   * @example
   * ```ts
   * import { AuthClient, cognigy } from 'agent-assist-sdk';
   * import { encryptedStore } from 'agent-assist-sdk/http';
   * import { redisStore } from 'agent-assist-sdk/redis';
   * import { Redis } from 'ioredis';
   *
   * const redis = new Redis(process.env['REDIS_URL'] ?? 'redis://127.0.0.1');
   * const store = encryptedStore(redisStore(redis), { keys: [process.env['TOKEN_STORE_KEY']] });
   * const auth = new AuthClient({ platform: cognigy({ tenant: 'acme' }), clientId: 'id', clientSecret: 'secret', store });
   * ```
   */
  readonly store?: KeyValueStore | undefined;
}

const DEFAULT_REFRESH_MARGIN_MS = 60_000;
/** Default time limit of an attempt at the token endpoint. */
const DEFAULT_LEASE_MS = 10_000;

/**
 * Fetches access tokens by OAuth 2.0 client credentials (RFC 6749 §4.4, protocol 2) or CXone's access-key login. Keeps
 * the current token and refreshes it in the background before it expires. Concurrent calls share one token request.
 *
 * A token without a valid `expires_in` is kept for five minutes.
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

  /** @throws `ConfigurationError` for an invalid option; it names the option, not its value. */
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
    if (givenUrl === undefined) throw new ConfigurationError('tokenUrl: missing; pass platform or tokenUrl');
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
    if (store !== undefined && !(shareToken in store))
      throw new ConfigurationError(
        'store: it would hold access tokens in the clear; wrap it in encryptedStore, or in unencryptedStore to allow that',
      );
    const tokenUrl = parseTokenUrl(givenUrl);
    const endpoint = new TokenEndpoint(tokenUrl, options);
    const request = tokenRequest(credentials, scopes);
    const leaseMs = options.timeoutMs ?? DEFAULT_LEASE_MS;
    const identity = {
      tokenUrl: tokenUrl.href,
      clientId: credentials.clientId,
      accessKeyId: credentials.accessKey?.id,
      scopes,
    };
    this.#cache = new TokenCache({
      fetchToken: (signal) => endpoint.fetch(request, signal),
      shared: (store as TokenStore | undefined)?.[shareToken](identity, { clock, random, logger, leaseMs }),
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
   * @param options.signal - ends this caller's wait only; the request is aborted when nobody waits for it.
   * @throws (as rejection) `OAuthError` with a code such as `invalid_client` if the token endpoint refuses;
   * `ResponseValidationError` for a response without a valid Bearer token; `AbortError`; and what `HttpClient.request`
   * rejects with. Failures are not cached.
   */
  getToken(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
    return namingCaller(this.#cache.get(options.signal).then(({ value }) => value));
  }

  /**
   * Returns the OpenID id token issued with the current access token; `undefined` if the server issues none. It is as
   * secret as the access token, and refreshed together with it. Its signature is not checked, since it comes from the
   * token endpoint itself (OpenID Connect Core §3.1.3.7).
   *
   * @throws (as rejection) what `getToken` rejects with.
   */
  getIdToken(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string | undefined> {
    return namingCaller(this.#cache.get(options.signal).then(({ idToken }) => idToken));
  }

  /**
   * Returns the current token if it is valid. Within the margin, refreshes it in the background like
   * {@link AuthClient.getToken}. With a `store` it returns `undefined`: only `getToken` checks whether another process
   * reported the token as refused.
   */
  cachedToken(): string | undefined {
    if (this.#cache.isShared) return undefined;
    // A subclass with its own `getToken` decides.
    return this.getToken === AuthClient.prototype.getToken ? this.#cache.current()?.value : undefined;
  }

  /**
   * Reports that a server refused this token (401). Drops it here and, with a `store`, in all processes that share it.
   * The token is not used again, unless the token endpoint issues it again.
   */
  invalidate(token: string): void {
    this.#cache.invalidate(token);
  }

  /** Returns `Authorization: Bearer …` (RFC 6750 §2.1). */
  header(token: string): readonly [name: string, value: string] {
    return ['authorization', `Bearer ${token}`];
  }

  /** Aborts a request in progress. Afterward `getToken` rejects with an `AbortError`. */
  close(): Promise<void> {
    return this.#cache.close();
  }

  /** Calls {@link AuthClient.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
