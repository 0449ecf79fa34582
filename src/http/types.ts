import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ApiError, ErrorCode } from '../errors.js';
import type { Clock } from './clock.js';
import type { Logger } from './logger.js';
import type { ApiPaths } from './paths.js';
import type { HeaderNames, Query } from './request.js';
import type { RateLimiter } from './rate-limiter.js';
import type { RetryBudget } from './retry.js';
import type { FetchLike, Transport } from './transport.js';

/**
 * What the HTTP core and the stream need of an authentication method. `AuthClient` (client credentials), `ApiKeyAuth`
 * and `StaticTokenAuth` implement it, and so can a class of yours.
 */
export interface AuthProvider {
  /**
   * A credential that is valid now.
   *
   * @param options.signal - ends this caller's wait only; a fetch that others share goes on.
   */
  getToken(options?: { signal?: AbortSignal | undefined }): Promise<string>;
  /**
   * A credential that is valid now and at hand, or `undefined` when only `getToken` can tell. A call that finds one here
   * needs no time limit for it.
   */
  cachedToken?(): string | undefined;
  /** Says that the server refused this credential. Has no effect when another one is current by now. */
  invalidate(token: string): void | Promise<void>;
  /** The header that carries the credential, e.g. `['authorization', 'Bearer …']`. */
  header(token: string): readonly [name: string, value: string];
}

/** Where a platform is and what it expects: what a preset such as `cognigy()` or `cxone()` returns, given as `platform`. */
export interface Platform {
  /** Name of the platform, for errors. */
  readonly name?: string | undefined;
  /** REST base, without a trailing slash (protocol 4). */
  readonly baseUrl: string;
  /** Token endpoint (protocol 2). */
  readonly tokenUrl: string;
  /** The stream's `ws:` or `wss:` URL (protocol 5). */
  readonly streamUrl: string;
  /**
   * Where the stream's token goes: the `Authorization` header of the upgrade or the query parameter `access_token`. A
   * browser cannot set headers there; it always uses the query.
   */
  readonly streamToken: 'header' | 'query';
  /** Scope that the stream asks for (protocol 2); a refused upgrade names it. */
  readonly streamScope?: string;
  /** Replacements in the table of paths. */
  readonly paths?: Partial<Record<keyof ApiPaths, string | undefined>>;
  /** How client id and secret are sent; absent for the default of `AuthClient`. */
  readonly clientAuthentication?: 'client_secret_post' | 'client_secret_basic' | 'access_key_json';
  /**
   * The calls that the platform does not have, each with what to do instead. Such a call fails with a `NotSupportedError`
   * before anything is sent, unless `paths` has a path for it. `stream` stands for the documents' protocol on an
   * `AssistStream`.
   */
  readonly unsupported?: Partial<Record<keyof ApiPaths | 'stream', string>> | undefined;
  /**
   * Whether credentials have scopes; where they do not, no error names one.
   *
   * @defaultValue true
   */
  readonly hasScopes?: boolean | undefined;
  /**
   * Keeps the limit of requests that the platform has, e.g. a `RateLimiter`; all HTTP clients of this platform share it. An
   * attempt above the limit waits for its turn, in the order of the calls. That wait does not count in the time of the call;
   * `signal` ends it.
   *
   * @defaultValue no limit
   */
  readonly rateLimiter?: Pick<RateLimiter, 'enter'> | undefined;
  /**
   * Largest body of a request in bytes; a larger one is a `RequestTooLargeError` and is not sent.
   *
   * @defaultValue no limit
   */
  readonly maxRequestBytes?: number | undefined;
}

/** What a caller can say about a single call. */
export interface CallOptions {
  /** Ends the call at any moment, waits included; it rejects with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Limit of each attempt in ms, answer's body included.
   *
   * @defaultValue the client's
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Limit of the whole call in ms, over all attempts and waits.
   *
   * @defaultValue the client's
   */
  readonly totalTimeoutMs?: number | undefined;
  /**
   * How often the call may be repeated after its first attempt.
   *
   * @defaultValue the client's
   */
  readonly maxRetries?: number | undefined;
  /** Further headers. They win over the client's; the credential's header cannot be replaced here. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Sent as `X-Idempotency-Key` (or as `headerNames` says), the same in every repeat; makes a POST safe to repeat. 1 to 255 visible ASCII
   * characters.
   */
  readonly idempotencyKey?: string | undefined;
}

/** What happened in one attempt of a call; given to `onAttempt`. */
export interface AttemptInfo {
  /** HTTP method. */
  readonly method: string;
  /** Path of the URL, without host and query. */
  readonly path: string;
  /** The path's template below the base URL, e.g. `/bots/{botId}/versions`; of few values, so fit for a label of a metric. */
  readonly route: string;
  /** Host and port of the URL. */
  readonly host: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Duration of the attempt in ms. */
  readonly durationMs: number;
  /** HTTP status; absent when no answer came. */
  readonly status?: number | undefined;
  /** Code of the error that ended the attempt, e.g. `rate_limited` or `timeout`; absent for a 2xx answer. */
  readonly code?: ErrorCode | undefined;
  /** Code of the system for a failed connection, e.g. `ECONNREFUSED`; never text of the server. */
  readonly systemCode?: string | undefined;
  /** Request id from the answer's headers. */
  readonly requestId?: string | undefined;
  /** The wait in ms before the next attempt; absent when this was the last one. */
  readonly retryDelayMs?: number | undefined;
}

/** Options of `HttpClient`. Either `platform` or `baseUrl` says where the API is. */
export interface HttpClientOptions {
  /** The platform whose API is called: the result of a preset such as `cognigy()`. */
  readonly platform?:
    | Pick<Platform, 'baseUrl' | 'paths' | 'name' | 'unsupported' | 'hasScopes' | 'rateLimiter' | 'maxRequestBytes'>
    | undefined;
  /**
   * REST base, e.g. `https://acme.cognigy.ai/api/v1` (protocol 4). No query, fragment or credentials.
   *
   * @defaultValue the platform's
   */
  readonly baseUrl?: string | URL | undefined;
  /** Supplies the credential of every request. Without it requests carry none. */
  readonly auth?: AuthProvider | undefined;
  /**
   * Sends credentials over plain `http:` to other hosts than this machine too (protocol 2), e.g. to a private installation
   * behind a proxy that adds TLS.
   *
   * @defaultValue false
   */
  readonly allowInsecureRequests?: boolean | undefined;
  /** Replaces single entries of the table of paths, the platform's replacements included. */
  readonly paths?: Partial<Record<keyof ApiPaths, string | undefined>> | undefined;
  /** Replaces single names of headers that this package sends on its own. */
  readonly headerNames?: Partial<Record<keyof HeaderNames, string | undefined>> | undefined;
  /**
   * Limit of each attempt in ms.
   *
   * @defaultValue 10,000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Limit of a whole call in ms, over all attempts and waits.
   *
   * @defaultValue 60,000
   */
  readonly totalTimeoutMs?: number | undefined;
  /**
   * How often a call may be repeated after its first attempt.
   *
   * @defaultValue 3
   */
  readonly maxRetries?: number | undefined;
  /**
   * Largest answer in bytes, after decompression; a larger one is a `ResponseTooLargeError`, and no more of it is read.
   * Of errors, and of calls that need no answer, at most 64 KiB are read.
   *
   * @defaultValue 10,485,760
   */
  readonly maxResponseBytes?: number | undefined;
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sends the requests in place of the default transport, e.g. undici's `fetch` with a `dispatcher`. */
  readonly fetch?: FetchLike | undefined;
  /** Replaces the default transport, e.g. by the one of `agent-assist-sdk/undici`. */
  readonly transport?: Transport | undefined;
  /** Limits the repeats of all calls together; give one instance to several clients to share it. */
  readonly retryBudget?: RetryBudget | undefined;
  /** Called after each attempt. Errors that it throws are logged and ignored. */
  readonly onAttempt?: ((info: AttemptInfo) => unknown) | undefined;
  /**
   * Receives log messages.
   *
   * @defaultValue no logging
   */
  readonly logger?: Logger | undefined;
  /**
   * Source of time.
   *
   * @defaultValue the system clock
   */
  readonly clock?: Clock | undefined;
  /**
   * Source of jitter: numbers from 0 to below 1.
   *
   * @defaultValue `Math.random`
   */
  readonly random?: (() => number) | undefined;
}

/** A call, as the feature clients describe it to `HttpClient.request`. */
export interface HttpRequest<T> {
  /** HTTP method. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below the base URL; `{name}` is replaced by the encoded `pathParams.name`. */
  readonly path: string;
  /** Values for the path. Each becomes exactly one segment; empty, `.` and `..` are refused. */
  readonly pathParams?: Readonly<Record<string, string>> | undefined;
  /** Query parameters; `undefined` is left out, a list is sent as the same name several times. */
  readonly query?: Query | undefined;
  /** Sent as JSON. Already validated. */
  readonly json?: unknown;
  /** Sent form-encoded instead of JSON. */
  readonly form?: URLSearchParams | undefined;
  /** Sent as it is instead of JSON, e.g. since it is signed; `headers` say of what type it is. */
  readonly body?: string | undefined;
  /** Values that must not appear in an error or a log line, be they part of the path or quoted by the server. */
  readonly secrets?: readonly string[] | undefined;
  /** Headers of this kind of call. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether the call may be repeated after a failure that leaves open whether it took effect (protocol 3).
   *
   * @defaultValue true for GET, PUT and DELETE and for calls with an idempotency key, else false
   */
  readonly safeToRepeat?: boolean | undefined;
  /** Scopes that the call needs; named by the error on 403. */
  readonly scopes?: readonly string[] | undefined;
  /**
   * Checks and maps the answer's JSON: a schema of zod, valibot, arktype or any other library that implements
   * [Standard Schema](https://standardschema.dev). An empty body is `undefined`. Without it the answer is not needed: any 2xx but an
   * HTML page resolves with `undefined`.
   */
  readonly response?: StandardSchemaV1<unknown, T> | undefined;
  /**
   * Looks at an error answer before anything else is decided. An error that it returns ends the call without a repeat;
   * `undefined` leaves the answer to the usual rules.
   *
   * @param body - the answer's JSON, `undefined` when it is none.
   */
  readonly refusal?: ((error: ApiError, body: unknown) => Error | undefined) | undefined;
  /** Awaited before each attempt, e.g. for a slot of a rate limiter. These waits do not count in the total time. */
  readonly beforeAttempt?: ((signal: AbortSignal | undefined) => Promise<void>) | undefined;
}
