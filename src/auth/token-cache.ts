import { AbortError, ApiError, ClosedError } from '../errors.js';
import {
  abortable,
  backoffDelay,
  lastFailure,
  noteFailure,
  type AccessToken,
  type Clock,
  type Logger,
  type SharedToken,
} from '../http/internal.js';

/**
 * Returns how long a token is still valid, in ms, by the stricter of both clocks: the monotonic one stops on some
 * systems while the machine sleeps, and the wall clock can be set back.
 */
function remainingMs(token: AccessToken, clock: Clock): number {
  const age = Math.max(clock.monotonic() - token.issuedAtMonotonic, clock.now() - token.issuedAt);
  return token.lifetimeMs - age;
}

/**
 * Returns how long before its expiry a token is refreshed, in ms. A margin above half the lifetime would refresh
 * short-lived tokens too often; a tenth of the lifetime replaces it.
 */
function refreshMarginMs(lifetimeMs: number, wantedMs: number): number {
  return wantedMs <= lifetimeMs / 2 ? wantedMs : lifetimeMs / 10;
}

/** Options of {@link TokenCache}. */
export interface TokenCacheOptions {
  /** Requests a token. */
  readonly fetchToken: (signal: AbortSignal) => Promise<AccessToken>;
  readonly shared: SharedToken | undefined;
  readonly refreshMarginMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const MIN_PAUSE_MS = 500;

/** A refresh in progress, and how many callers wait for it. */
interface Refresh {
  readonly controller: AbortController;
  readonly token: Promise<AccessToken>;
  waiting: number;
}

/**
 * Keeps one access token current, with one refresh at a time.
 *
 * - Without a valid token, callers wait for the refresh, and share it.
 * - Within the margin, callers get the token at once, and a refresh runs in the background. A failed refresh is
 *   logged and retried with growing pauses while the token is valid.
 * - A refresh that nobody waits for is aborted. Failures are not cached.
 */
export class TokenCache {
  readonly #options: TokenCacheOptions;
  #current: AccessToken | undefined;
  #refresh: Refresh | undefined;
  /** The token that a server refused last, and the count of refusals. */
  #refused: string | undefined;
  #refusals = 0;
  /** Lifetime of the newest token in ms: no older one lives longer than that from now on. */
  #lifetimeMs = 3_600_000;
  #failures = 0;
  #nextEarlyRefreshAt = -Infinity;
  #closed = false;

  constructor(options: TokenCacheOptions) {
    this.#options = options;
  }

  /** Returns a valid token. */
  async get(signal: AbortSignal | undefined): Promise<AccessToken> {
    this.#checkOpen();
    if (signal?.aborted === true) throw new AbortError(signal.reason);
    const { shared } = this.#options;
    for (;;) {
      const current = this.current();
      if (current === undefined) return this.#join(this.#refresh ?? this.#start(), signal);
      if (shared === undefined) return current;
      if (await abortable(shared.isRefused(current.value), signal)) this.#drop(current.value);
      else if (this.current() === current) return current;
      this.#checkOpen();
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new ClosedError('auth client');
  }

  /** Returns the current token if it is valid. */
  current(): AccessToken | undefined {
    const current = this.#current;
    if (this.#closed || current === undefined || remainingMs(current, this.#options.clock) <= 0) return undefined;
    if (!this.#isBeforeMargin(current)) this.#refreshEarly();
    return current;
  }

  /** Whether other processes may know better than {@link TokenCache.current}, so that only `get` can tell. */
  get isShared(): boolean {
    return this.#options.shared !== undefined;
  }

  /** Drops the token if it is the current one, and remembers the refusal. */
  invalidate(value: string): void {
    if (this.#drop(value)) this.#options.shared?.refuse(value, this.#lifetimeMs);
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

  /** Aborts the refresh in progress; callers that wait for it get a `ClosedError`. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#refresh?.controller.abort();
    await this.#refresh?.token.catch(() => undefined);
    await this.#options.shared?.settled();
  }

  #isBeforeMargin(token: AccessToken): boolean {
    const margin = refreshMarginMs(token.lifetimeMs, this.#options.refreshMarginMs);
    return remainingMs(token, this.#options.clock) > margin;
  }

  #start(): Refresh {
    const controller = new AbortController();
    const token = this.#obtain(controller.signal).finally(() => {
      if (this.#refresh === refresh) this.#refresh = undefined;
    });
    const refresh: Refresh = { controller, token, waiting: 0 };
    this.#refresh = refresh;
    return refresh;
  }

  async #join(refresh: Refresh, signal: AbortSignal | undefined): Promise<AccessToken> {
    refresh.waiting += 1;
    noteFailure(signal, refresh.controller.signal);
    try {
      return await abortable(refresh.token, signal);
    } catch (error) {
      if (this.#closed) throw new ClosedError('auth client');
      throw error instanceof AbortError ? new AbortError(error.reason, lastFailure(refresh.controller.signal)) : error;
    } finally {
      refresh.waiting -= 1;
      if (refresh.waiting === 0 && this.#refresh === refresh) {
        this.#refresh = undefined;
        refresh.controller.abort();
      }
    }
  }

  #refreshEarly(): void {
    const { clock, random, logger } = this.#options;
    if (this.#refresh !== undefined || clock.monotonic() < this.#nextEarlyRefreshAt) return;
    this.#join(this.#start(), undefined).catch((error: unknown) => {
      if (this.#closed) return;
      this.#failures += 1;
      // The fixed part keeps a busy client from retrying at once if the jitter is close to zero.
      const ownPauseMs = MIN_PAUSE_MS + backoffDelay(this.#failures, random);
      const pauseMs = Math.max(ownPauseMs, error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0);
      this.#nextEarlyRefreshAt = clock.monotonic() + pauseMs;
      logger.warn('The token could not be refreshed before its expiry', { error, nextInMs: pauseMs });
    });
  }

  async #obtain(signal: AbortSignal): Promise<AccessToken> {
    const { shared } = this.#options;
    if (shared === undefined) return this.#keep(await this.#fetch(signal));
    const isUsable = (token: AccessToken): boolean => token.value !== this.#refused && this.#isBeforeMargin(token);
    return this.#keep(await shared.obtain(isUsable, (fetchSignal) => this.#fetch(fetchSignal), signal));
  }

  /**
   * A server may return the same token until it expires. If that token was refused during the request, the response is
   * stale and the request is retried once; a token that the server returns again is accepted.
   */
  async #fetch(signal: AbortSignal): Promise<AccessToken> {
    for (;;) {
      const refusalsBefore = this.#refusals;
      const token = await this.#options.fetchToken(signal);
      if (token.value !== this.#refused) return token;
      if (this.#refusals !== refusalsBefore) continue;
      this.#options.shared?.accept(token.value);
      return token;
    }
  }

  #keep(token: AccessToken): AccessToken {
    this.#current = token;
    this.#lifetimeMs = token.lifetimeMs;
    this.#failures = 0;
    this.#nextEarlyRefreshAt = -Infinity;
    return token;
  }
}
