import {
  ApiError,
  ClosedError,
  ConfigurationError,
  ConnectionError,
  RequestValidationError,
  ResponseValidationError,
  type AgentAssistError,
} from '../../errors.js';
import { backoffDelay, refusesClient, type ConnectionFailure } from '../../http/internal.js';
import { closeCodes, type CloseAction } from './close-codes.js';
import type { StreamSettings } from '../options.js';

/** How long a connection was open, and whether any frame arrived in that time. */
export interface Opened {
  readonly forMs: number;
  readonly heard: boolean;
}

/** How an attempt to connect, or its connection, ended. */
export type ConnectionEnd = { readonly error: AgentAssistError } &
  /** No token was available. */
  (
    | { readonly kind: 'no-token' }
    /** The WebSocket constructor threw. */
    | { readonly kind: 'not-created' }
    /** The upgrade was refused with an HTTP status, or the protocol refused the client, even on an open connection. */
    | {
        readonly kind: 'refused';
        readonly status: number | undefined;
        readonly retryAfterMs: number | undefined;
        readonly opened: Opened | undefined;
        readonly code: number;
        readonly reason: string;
      }
    /** The connection failed before it was open. */
    | {
        readonly kind: 'failed';
        readonly failure: ConnectionFailure | undefined;
        /** The runtime cannot tell a refused upgrade from an unreachable server. */
        readonly mayBeRefusal: boolean;
      }
    /** The connection had been open, or the server closed it before the protocol was. */
    | {
        readonly kind: 'closed';
        readonly opened: Opened | undefined;
        /** The server's close code, or 1006. */
        readonly code: number;
        readonly reason: string;
        /** Whether the connection ended because of `reconnect()`. */
        readonly isReplaced: boolean;
      }
  );

/** What the stream does next. */
export type Decision = { /** The server refused the token, or may have. */ readonly dropToken: boolean } & (
  | { readonly action: 'terminate' }
  | { readonly action: 'reconnect'; readonly attempt: number; readonly delayMs: number }
);

/**
 * Decides after each connection whether and when to reconnect (protocol 5).
 *
 * A refused token (401, or such a close code) is dropped and replaced. If the new token is refused too and the server
 * never accepted one, the stream ends: the token was fresh, so the server refuses the client, and a retry cannot help.
 * Once the server has accepted a token, the fault may be on its side, so the stream keeps trying.
 */
export class ReconnectPolicy {
  readonly #settings: StreamSettings;
  #attempts = 0;
  #refusedTokens = 0;
  /** The last one; a provider may return it again. */
  #refusedToken: string | undefined;
  #everOpen = false;
  #everAccepted = false;

  constructor(settings: StreamSettings) {
    this.#settings = settings;
  }

  decide(end: ConnectionEnd, token: string): Decision {
    const opened = 'opened' in end ? end.opened : undefined;
    if (opened !== undefined) this.#everOpen = true;
    const action = this.#classify(end);
    if (opened !== undefined) this.#rememberConnection(opened.forMs, opened.heard || action !== 'refresh-token');
    const isRefused = action === 'refresh-token';
    // Otherwise a revoked token would be used again until it expires.
    const dropToken = isRefused || (end.kind === 'failed' && end.mayBeRefusal);
    if (isRefused) {
      this.#refusedTokens += 1;
      this.#refusedToken = token;
    }
    const isFreshRefused = this.#refusedTokens > 1;
    if (action === 'terminate' || (isFreshRefused && !this.#everAccepted)) return { action: 'terminate', dropToken };
    this.#attempts += 1;
    // Only the first 401 at the handshake is retried immediately, so this cannot loop.
    const isAtOnce = isRefused && !isFreshRefused && end.kind === 'refused' && opened === undefined;
    const delayMs = isAtOnce ? 0 : this.#delayMs(end);
    return { action: 'reconnect', dropToken, attempt: this.#attempts, delayMs };
  }

  /**
   * Whether a connection that subscribes continues without a topic that the server has refused. A first one does not, since
   * its topics may be wrong. A 401 may mean the token, unless that has just replaced a refused one.
   */
  readonly canLoseTopic = (status: number | undefined, token: string): boolean =>
    this.#everOpen && (status === 401 ? this.#refusedTokens > 0 && token !== this.#refusedToken : !isPassing(status));

  #classify(end: ConnectionEnd): CloseAction {
    switch (end.kind) {
      case 'no-token':
        return isFinal(end.error, this.#everOpen) ? 'terminate' : 'reconnect';
      case 'not-created':
        return 'terminate';
      case 'refused':
        return refusalAction(end.status, this.#everOpen);
      case 'failed':
        return isLasting(end.failure, this.#everOpen) ? 'terminate' : 'reconnect';
      case 'closed':
        if (end.isReplaced) return 'reconnect';
        return this.#settings.closeCodes[end.code] ?? closeCodes[end.code] ?? 'reconnect';
    }
  }

  #rememberConnection(openForMs: number, tokenWorked: boolean): void {
    const isStable = openForMs >= this.#settings.stableAfterMs;
    if (isStable) this.#attempts = 0;
    if (!isStable && !tokenWorked) return;
    this.#refusedTokens = 0;
    this.#everAccepted = true;
  }

  /**
   * Returns a delay by exponential backoff with full jitter between the two limits. `Retry-After` raises the lower
   * limit to at most three quarters of the upper one, since many streams may have been told the same.
   */
  #delayMs(end: ConnectionEnd): number {
    const { minReconnectDelayMs, maxReconnectDelayMs: maxMs, random } = this.#settings;
    const shortestMs = Math.max(minReconnectDelayMs, Math.min(askedForMs(end) ?? 0, maxMs * 0.75));
    const limits = { initialMs: shortestMs, maxMs: maxMs - shortestMs };
    return Math.round(shortestMs) + backoffDelay(this.#attempts, random, limits);
  }
}

/** A host name that does not exist is a configuration error if the stream was never open. */
function isLasting(failure: Omit<ConnectionFailure, 'message'> | undefined, everOpen: boolean): boolean {
  return failure !== undefined && (failure.permanent || (failure.systemCode === 'ENOTFOUND' && !everOpen));
}

/** Returns the delay that the stream's server or the token endpoint asks for. */
function askedForMs(end: ConnectionEnd): number | undefined {
  if (end.kind === 'refused') return end.retryAfterMs;
  return end.error instanceof ApiError ? end.error.retryAfterMs : undefined;
}

/**
 * Returns whether a retry of the token request would fail the same way: `invalid_client`, an invalid option, a closed
 * client. Before the stream was first open, a response that is not a token response means a wrong URL.
 */
function isFinal(error: AgentAssistError, everOpen: boolean): boolean {
  if (error instanceof ApiError) return refusesClient(error) || refusalAction(error.status, everOpen) === 'terminate';
  if (error instanceof ResponseValidationError) return !everOpen;
  if (error instanceof ConnectionError) return isLasting(error, everOpen);
  return error instanceof ClosedError || error instanceof ConfigurationError || error instanceof RequestValidationError;
}

/**
 * Reaction to an upgrade that is refused with an HTTP status, and to a refusal in a message, which may have none.
 * Before the stream was first open, a 3xx, a 4xx or no status is final: the configuration is wrong. Later it may be a
 * server that is being changed, so the stream reconnects.
 */
function refusalAction(status: number | undefined, everOpen: boolean): CloseAction {
  if (status === 401) return 'refresh-token';
  if (status === 403) return 'terminate';
  return isPassing(status) || everOpen ? 'reconnect' : 'terminate';
}

function isPassing(status = 400): boolean {
  return status >= 500 || [408, 425, 429].includes(status);
}
