import { AbortError, ApiError, ClosedError, ConfigurationError } from '../errors.js';
import {
  abortable,
  backoffDelay,
  namingCaller,
  parseUrl,
  requestOptions,
  resolveLogger,
  SharedCalls,
  shareToken,
  systemClock,
  type AccessToken,
  type AuthProvider,
  type Clock,
  type Logger,
  type SharedToken,
  type TokenStore,
} from '../http/internal.js';
import { checkOptions, signalOf } from '../options.js';
import { checkedCredentials, checkedScopes, tokenRequest } from './credentials.js';
import { tokenFetcher } from './token-endpoint.js';
import type { AuthClientOptions } from './types.js';

/** Shortest pause after a failed refresh in the background. */
const MIN_PAUSE_MS = 500;
/** There is one token, so its requests have one key. */
const TOKEN = 'token';

/**
 * Returns how long a token is still valid, in ms, by the stricter of both clocks: the monotonic one stops on some
 * systems while the machine sleeps, and the wall clock can be set back.
 */
function remainingMs(token: AccessToken, clock: Clock): number {
  const age = Math.max(clock.monotonic() - token.issuedAtMonotonic, clock.now() - token.issuedAt);
  return token.lifetimeMs - age;
}

/**
 * Fetches access tokens by OAuth 2.0 client credentials (RFC 6749 §4.4, protocol 2) or CXone's access-key login, and
 * keeps the current token. Concurrent calls share one token request. If all of them stop waiting, the client aborts it.
 *
 * A call shortly before the token expires (`refreshMarginMs`) still uses it and starts a refresh in the background. If
 * the refresh fails, the client logs the failure. While the token is valid, later calls start another refresh, with
 * growing pauses.
 *
 * If the server sends no valid `expires_in`, the client keeps the token for five minutes. It logs an invalid one at
 * `warn`.
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
export class AuthClient implements AuthProvider, AsyncDisposable {
  readonly #fetchToken: (signal: AbortSignal) => Promise<AccessToken>;
  readonly #shared: SharedToken | undefined;
  readonly #refreshMarginMs: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #logger: Logger;
  readonly #refresh: SharedCalls<AccessToken>;
  #current: AccessToken | undefined;
  /** The token that a server refused last, and the count of refusals. */
  #refused: string | undefined;
  #refusals = 0;
  /** Lifetime of the newest token in ms: no older one lives longer than that from now on. */
  #lifetimeMs = 3_600_000;
  #failures = 0;
  #nextEarlyRefreshAt = -Infinity;
  #closed = false;

  /** @throws `ConfigurationError` for an invalid option; it names the option, not its value. */
  constructor(options: AuthClientOptions) {
    checkOptions('AuthClient', options, {
      ...requestOptions,
      platform: 'an object',
      tokenUrl: true,
      clientId: 'a string',
      clientSecret: 'a string',
      accessKey: 'an object',
      scopes: 'a list of strings',
      clientAuthentication: true,
      refreshMarginMs: 'a number',
      store: 'a store with get()',
      allowInsecureRequests: 'a boolean',
    });
    const { platform, tokenUrl: givenUrl = platform?.tokenUrl } = options;
    if (givenUrl === undefined) throw new ConfigurationError('tokenUrl: missing; pass platform or tokenUrl');
    const credentials = checkedCredentials({
      ...options,
      clientAuthentication: options.clientAuthentication ?? platform?.clientAuthentication,
    });
    const scopes = checkedScopes(options.scopes);
    if (scopes.length > 0 && credentials.accessKey !== undefined)
      throw new ConfigurationError('scopes: an access key has the rights of its user; omit the scopes');
    const { refreshMarginMs = 60_000, store, clock = systemClock, random = Math.random } = options;
    const logger = resolveLogger(options.logger);
    if (!(refreshMarginMs >= 0 && refreshMarginMs < Infinity)) {
      throw new ConfigurationError('refreshMarginMs: expected ms of at least 0');
    }
    if (store !== undefined && !(shareToken in Object(store)))
      throw new ConfigurationError(
        'store: it would hold access tokens unencrypted; wrap it in encryptedStore, or in unencryptedStore to allow that',
      );
    const tokenUrl = parseUrl(givenUrl, 'tokenUrl');
    // As long as an attempt at the token endpoint may take.
    const leaseMs = options.timeoutMs ?? 10_000;
    const identity = {
      tokenUrl: tokenUrl.href,
      clientId: credentials.clientId,
      accessKeyId: credentials.accessKey?.id,
      scopes,
    };
    this.#fetchToken = tokenFetcher(tokenUrl, tokenRequest(credentials, scopes), options);
    this.#shared = (store as TokenStore | undefined)?.[shareToken](identity, { clock, random, logger, leaseMs });
    this.#refreshMarginMs = refreshMarginMs;
    this.#clock = clock;
    this.#random = random;
    this.#logger = logger;
    this.#refresh = new SharedCalls(clock);
  }

  /**
   * Returns a valid access token, and fetches one if needed. Within the margin before its expiry, it returns the
   * current token immediately and refreshes it in the background.
   *
   * @param options.signal - ends only this caller's wait; the request is aborted when no caller is waiting for it.
   * @throws (as rejection) `OAuthError` with a `serverCode` such as `invalid_client` if the token endpoint refuses the
   * client; `ResponseValidationError` for a response without a valid Bearer token; `AbortError`; and what
   * `HttpClient.request` rejects with. Failures are not cached.
   */
  getToken(options?: { readonly signal?: AbortSignal | undefined }): Promise<string> {
    return namingCaller(this.#get(options).then(({ value }) => value));
  }

  /**
   * Returns the OpenID id token that came with the current access token; `undefined` if the server issues none. It is
   * as secret as the access token. A refresh replaces both. The client does not check its signature, because it comes
   * from the token endpoint itself (OpenID Connect Core §3.1.3.7).
   *
   * @throws (as rejection) what `getToken` rejects with.
   */
  getIdToken(options?: { readonly signal?: AbortSignal | undefined }): Promise<string | undefined> {
    return namingCaller(this.#get(options).then(({ idToken }) => idToken));
  }

  /**
   * Returns the current token if it is valid. Within the margin, refreshes it in the background like
   * {@link AuthClient.getToken}. With a `store` it returns `undefined`: only `getToken` checks whether another process
   * reported the token as refused.
   */
  cachedToken(): string | undefined {
    if (this.#shared !== undefined) return undefined;
    // A subclass with its own `getToken` decides.
    return this.getToken === AuthClient.prototype.getToken ? this.#valid()?.value : undefined;
  }

  /**
   * Reports that a server refused this token (401). Drops it here and, with a `store`, in all processes that share it.
   * The token is not used again, unless the token endpoint issues it again.
   */
  invalidate(token: string): void {
    if (this.#drop(token)) this.#shared?.refuse(token, this.#lifetimeMs);
  }

  /** Returns `Authorization: Bearer …` (RFC 6750 §2.1). */
  header(token: string): readonly [name: string, value: string] {
    return ['authorization', `Bearer ${token}`];
  }

  /**
   * Aborts a token request in progress, and waits until writes to the `store` have ended. Afterward `getToken` rejects
   * with a `ClosedError`.
   */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#refresh.abort();
    await this.#shared?.settled();
  }

  /** Calls {@link AuthClient.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #get(options: { readonly signal?: AbortSignal | undefined } | undefined): Promise<AccessToken> {
    const signal = signalOf('getToken', options);
    this.#checkOpen();
    if (signal?.aborted === true) throw new AbortError(signal.reason);
    for (;;) {
      const current = this.#valid();
      if (current === undefined) return this.#join(signal);
      if (this.#shared === undefined) return current;
      if (await abortable(this.#shared.isRefused(current.value), signal)) this.#drop(current.value);
      else if (this.#valid() === current) return current;
      this.#checkOpen();
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new ClosedError('auth client');
  }

  /** Returns the current token if it is valid. */
  #valid(): AccessToken | undefined {
    const current = this.#current;
    if (this.#closed || current === undefined) return undefined;
    const leftMs = remainingMs(current, this.#clock);
    if (leftMs <= 0) return undefined;
    if (leftMs <= this.#marginMs(current)) this.#refreshEarly();
    return current;
  }

  /**
   * Returns how long before its expiry a token is refreshed, in ms. A margin above half the lifetime would refresh
   * short-lived tokens too often; a tenth of the lifetime replaces it.
   */
  #marginMs({ lifetimeMs }: AccessToken): number {
    return this.#refreshMarginMs <= lifetimeMs / 2 ? this.#refreshMarginMs : lifetimeMs / 10;
  }

  /** @returns whether the refusal was news. */
  #drop(value: string): boolean {
    const isCurrent = this.#current?.value === value;
    // Other calls with the same token report the same refusal.
    if (!isCurrent && this.#refused === value) return false;
    if (isCurrent) this.#current = undefined;
    this.#refused = value;
    this.#refusals += 1;
    return true;
  }

  async #join(signal: AbortSignal | undefined): Promise<AccessToken> {
    try {
      return await this.#refresh.join(TOKEN, (wait) => this.#obtain(wait.signal), { signal });
    } catch (error) {
      throw this.#closed ? new ClosedError('auth client') : error;
    }
  }

  #refreshEarly(): void {
    if (this.#refresh.has(TOKEN) || this.#clock.monotonic() < this.#nextEarlyRefreshAt) return;
    this.#join(undefined).catch((error: unknown) => {
      if (this.#closed) return;
      this.#failures += 1;
      // The fixed part keeps a busy client from retrying at once if the jitter is close to zero.
      const ownPauseMs = MIN_PAUSE_MS + backoffDelay(this.#failures, this.#random);
      const pauseMs = Math.max(ownPauseMs, error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0);
      this.#nextEarlyRefreshAt = this.#clock.monotonic() + pauseMs;
      this.#logger.warn('The token could not be refreshed before its expiry', { error, nextInMs: pauseMs });
    });
  }

  async #obtain(signal: AbortSignal): Promise<AccessToken> {
    const isUsable = (token: AccessToken): boolean =>
      token.value !== this.#refused && remainingMs(token, this.#clock) > this.#marginMs(token);
    const fetch = (fetchSignal: AbortSignal): Promise<AccessToken> => this.#fetch(fetchSignal);
    const token = await (this.#shared?.obtain(isUsable, fetch, signal) ?? fetch(signal));
    this.#current = token;
    this.#lifetimeMs = token.lifetimeMs;
    this.#failures = 0;
    this.#nextEarlyRefreshAt = -Infinity;
    return token;
  }

  /**
   * A server may return the same token until it expires. If that token was refused during the request, the response is
   * stale and the request is retried once; a token that the server returns again is accepted.
   */
  async #fetch(signal: AbortSignal): Promise<AccessToken> {
    for (;;) {
      const refusalsBefore = this.#refusals;
      const token = await this.#fetchToken(signal);
      if (token.value !== this.#refused) return token;
      if (this.#refusals !== refusalsBefore) continue;
      this.#shared?.accept(token.value);
      return token;
    }
  }
}
