import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ApiError, ErrorCode } from '../errors.js';
import type { Clock } from './clock.js';
import type { HeaderNames } from './headers.js';
import type { Instrumentation } from './instrumentation.js';
import type { Logger } from './logger.js';
import type { ApiPaths } from './paths.js';
import type { RateLimit } from './limits/limiter-queue.js';
import type { RetryBudget } from './retry.js';
import type { FetchLike, Transport } from './transport.js';

/**
 * Supplies the credentials of the HTTP core and the stream. Implemented by `AuthClient` (client credentials),
 * `ApiKeyAuth` and `StaticTokenAuth`; custom classes fit too.
 */
export interface AuthProvider {
  /** Returns a valid credential. @param options.signal - ends only this caller's wait; a shared fetch continues. */
  getToken(options?: { signal?: AbortSignal | undefined }): Promise<string>;
  /**
   * Returns a valid credential if it is immediately available; `undefined` if only `getToken` can tell. Calls use it
   * without a time limit.
   */
  cachedToken?(): string | undefined;
  /** Reports that the server refused this credential. Does nothing if a newer one is current. */
  invalidate(token: string): void | Promise<void>;
  /** Returns the header of the credential, e.g. `['authorization', 'Bearer …']`. */
  header(token: string): readonly [name: string, value: string];
}

/**
 * URLs and conventions of a platform: the result of a preset such as `cognigy()` or `cxone()`, passed as `platform`.
 */
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
   * Where the stream's token is sent: in the `Authorization` header of the upgrade or in the query parameter
   * `access_token`. Browsers cannot set headers there and always use the query.
   */
  readonly streamToken: 'header' | 'query';
  /** Scope of the stream (protocol 2), named in the error of a refused upgrade. */
  readonly streamScope?: string;
  /** Replacements of paths. */
  readonly paths?: Partial<Record<keyof ApiPaths, string | undefined>>;
  /** How the client authenticates to the token endpoint; absent for the default of `AuthClient`. */
  readonly clientAuthentication?: 'client_secret_post' | 'client_secret_basic' | 'access_key_json';
  /**
   * Calls that the platform does not have, each with an alternative. Such a call fails with a `NotSupportedError`
   * before anything is sent, unless `paths` has a path for it. `stream` stands for the default protocol of an
   * `AssistStream`.
   */
  readonly unsupported?: Partial<Record<keyof ApiPaths | 'stream', string>> | undefined;
  /** Whether credentials have scopes; if not, errors name none. @defaultValue true */
  readonly hasScopes?: boolean | undefined;
  /**
   * Enforces the platform's rate limit, e.g. a `RateLimiter`. All HTTP clients of this platform share it. An attempt
   * above the limit waits for its turn, in the order of the calls. The wait does not count toward the time limits of
   * the call; `signal` ends it.
   *
   * @defaultValue no limit
   */
  readonly rateLimiter?: Pick<RateLimit, 'enter'> | undefined;
  /**
   * Largest body of a request in bytes. A larger one fails with a `RequestTooLargeError` and is not sent.
   *
   * @defaultValue no limit
   */
  readonly maxRequestBytes?: number | undefined;
}

/** Options of a single call. */
export interface CallOptions {
  /** Aborts the call, waits included; it rejects with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /** Time limit of each attempt in ms, including the body of the response. @defaultValue the client's */
  readonly timeoutMs?: number | undefined;
  /** Time limit of the whole call in ms, over all attempts and waits. @defaultValue the client's */
  readonly totalTimeoutMs?: number | undefined;
  /** Limit of retries after the first attempt. @defaultValue the client's */
  readonly maxRetries?: number | undefined;
  /** Additional headers. They override the client's, but not the credential. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Sent as `X-Idempotency-Key` (see `headerNames`), the same in every retry; makes a POST safe to repeat. 1 to 255
   * visible ASCII characters.
   */
  readonly idempotencyKey?: string | undefined;
}

/** One attempt of a call, passed to `onAttempt`. */
export interface AttemptInfo {
  readonly method: string;
  /** Path of the URL, without host and query. */
  readonly path: string;
  /**
   * The path template below the base URL, e.g. `/bots/{botId}/versions`. It has few values, so it can be a label of a
   * metric.
   */
  readonly route: string;
  /** Host and port of the URL. */
  readonly host: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly durationMs: number;
  /** HTTP status; absent without a response. */
  readonly status?: number | undefined;
  /** Code of the error that ended the attempt, e.g. `rate_limited` or `timeout`; absent for a 2xx response. */
  readonly code?: ErrorCode | undefined;
  /** System code of a failed connection, e.g. `ECONNREFUSED`; never text from the server. */
  readonly systemCode?: string | undefined;
  /** Request id from the response headers. */
  readonly requestId?: string | undefined;
  /** Wait in ms before the next attempt; absent for the last one. */
  readonly retryDelayMs?: number | undefined;
}

/** Options of `HttpClient`. `platform` or `baseUrl` is required. */
export interface HttpClientOptions {
  /** The platform to call: the result of a preset such as `cognigy()`. */
  readonly platform?:
    | Pick<Platform, 'baseUrl' | 'paths' | 'name' | 'unsupported' | 'hasScopes' | 'rateLimiter' | 'maxRequestBytes'>
    | undefined;
  /**
   * REST base, e.g. `https://acme.cognigy.ai/api/v1` (protocol 4). No query, fragment or credentials.
   *
   * @defaultValue the platform's
   */
  readonly baseUrl?: string | URL | undefined;
  /** Supplies the credential of every request. @defaultValue none: requests have no credential */
  readonly auth?: AuthProvider | undefined;
  /**
   * Allows sending credentials over plain `http:` to other machines (protocol 2), e.g. to a private installation behind
   * a proxy that adds TLS.
   *
   * @defaultValue false
   */
  readonly allowInsecureRequests?: boolean | undefined;
  /** Replaces individual paths. @defaultValue the platform's, else those of protocol 4 */
  readonly paths?: Partial<Record<keyof ApiPaths, string | undefined>> | undefined;
  /** Replaces individual names of headers that this package sends or reads. @defaultValue those of protocol 4 */
  readonly headerNames?: Partial<Record<keyof HeaderNames, string | undefined>> | undefined;
  /** Time limit of each attempt in ms. @defaultValue 10,000 */
  readonly timeoutMs?: number | undefined;
  /** Time limit of a whole call in ms, over all attempts and waits. @defaultValue 60,000 */
  readonly totalTimeoutMs?: number | undefined;
  /** Limit of retries after the first attempt. @defaultValue 3 */
  readonly maxRetries?: number | undefined;
  /**
   * Largest response in bytes, after decompression. A larger one fails with a `ResponseTooLargeError`, and the client
   * does not read the rest. It reads at most 64 KiB of an error, and of a body that the call does not need.
   *
   * @defaultValue 10,485,760
   */
  readonly maxResponseBytes?: number | undefined;
  /** Additional headers of every request. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sends the requests, e.g. undici's `fetch` with a `dispatcher`. @defaultValue the global `fetch` */
  readonly fetch?: FetchLike | undefined;
  /**
   * Replaces the default transport, e.g. with `send` of a `NodeTransport` (`agent-assist-sdk/undici`).
   *
   * @defaultValue ky around `fetch`; in browsers, `fetch` alone
   */
  readonly transport?: Transport | undefined;
  /**
   * Limits the retries of all calls together. To share it, pass one instance to several clients.
   *
   * @defaultValue a budget of 500 tokens for this client
   */
  readonly retryBudget?: RetryBudget | undefined;
  /** Called after each attempt. Errors that it throws are logged and ignored. */
  readonly onAttempt?: ((info: AttemptInfo) => unknown) | undefined;
  /** Observes calls and attempts, e.g. with `openTelemetry()`. @defaultValue none */
  readonly instrumentation?: Instrumentation | undefined;
  /** Receives log messages. @defaultValue no logging */
  readonly logger?: Logger | undefined;
  /** Source of time. @defaultValue the system clock */
  readonly clock?: Clock | undefined;
  /** Source of jitter: numbers from 0 to below 1. @defaultValue `Math.random` */
  readonly random?: (() => number) | undefined;
}

/** Query parameters. `undefined` is left out; a list repeats the name. */
export type Query =
  URLSearchParams | Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** A call, passed to `HttpClient.request`. */
export interface HttpRequest<T> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below the base URL. `{name}` is replaced by the encoded `pathParams.name`. */
  readonly path: string;
  /** Values for the path. Each is one segment; empty, `.` and `..` are refused. */
  readonly pathParams?: Readonly<Record<string, string>> | undefined;
  /** Query parameters, as an object or `URLSearchParams`. `undefined` is omitted; a list repeats the name. */
  readonly query?: Query | undefined;
  /** Sent as JSON. Must be validated. */
  readonly json?: unknown;
  /** Sent form-encoded instead of JSON. */
  readonly form?: URLSearchParams | undefined;
  /** Sent unchanged instead of JSON, e.g. if it is signed. `headers` must contain the content type. */
  readonly body?: string | undefined;
  /** Values that must not appear in errors or logs, as part of the path or quoted by the server. */
  readonly secrets?: readonly string[] | undefined;
  /** Headers of this call. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether the call may be retried after a failure with an unknown outcome (protocol 3).
   *
   * @defaultValue true for GET, PUT and DELETE and for calls with an idempotency key, else false
   */
  readonly safeToRepeat?: boolean | undefined;
  /** Scopes of the call, named in the error of a 403. */
  readonly scopes?: readonly string[] | undefined;
  /**
   * Validates and maps the JSON of the response: a schema of zod, valibot, arktype or any other library that implements
   * [Standard Schema](https://standardschema.dev). An empty body is `undefined`. A text that is not JSON is a string,
   * unless it is an HTML page or labeled as JSON. Without a schema, any 2xx except an HTML page resolves with
   * `undefined`.
   */
  readonly response?: StandardSchemaV1<unknown, T> | undefined;
  /**
   * Called with an error response before any other decision. If it returns an error, the call fails with it, without a
   * retry; if it returns `undefined`, the usual rules apply. If it returns a promise, the call fails with a
   * `ConfigurationError`.
   *
   * @param body - the JSON of the response; `undefined` if it is not JSON.
   */
  readonly refusal?: ((error: ApiError, body: unknown) => Error | undefined) | undefined;
  /** Awaited before each attempt, e.g. for a slot of a rate limiter. The wait does not count toward the total time. */
  readonly beforeAttempt?: ((signal: AbortSignal | undefined) => Promise<void>) | undefined;
}
