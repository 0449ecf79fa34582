import { AgentAssistError, listIssues, type ErrorCode, type Issue } from './base.js';

/** The call that an error belongs to. */
export interface CallInfo {
  readonly method: string;
  /** Path of the URL, without host and query. */
  readonly path: string;
  /** Number of requests sent for this call, the first included. */
  readonly attempts: number;
}

/** Base of all errors that belong to one REST call. */
export abstract class CallError extends AgentAssistError {
  readonly method: string;
  /** Path of the URL, without host and query. */
  readonly path: string;
  /** Number of requests sent for this call, the first included. */
  readonly attempts: number;

  constructor(message: string, call: CallInfo, options?: ErrorOptions) {
    super(message, options);
    this.method = call.method;
    this.path = call.path;
    this.attempts = call.attempts;
  }
}

/**
 * The request failed without a complete response: connection refused or reset, DNS failure, or a body that ended early.
 */
export class ConnectionError extends CallError {
  override name = 'ConnectionError';
  override readonly code = 'connection_failed';
  /** Code of the system or the runtime, if known, e.g. `ECONNREFUSED`. */
  readonly systemCode: string | undefined;
  /** Host and port of the URL. */
  readonly host: string | undefined;
  /** Whether a retry would fail the same way, e.g. because of a certificate. Such a call is not retried. */
  readonly permanent: boolean;

  constructor(
    message: string,
    call: CallInfo,
    options?: ErrorOptions & {
      systemCode?: string | undefined;
      host?: string | undefined;
      permanent?: boolean | undefined;
    },
  ) {
    super(message, call, options);
    this.systemCode = options?.systemCode;
    this.host = options?.host;
    this.permanent = options?.permanent ?? false;
  }
}

/**
 * A time limit was reached: of an attempt, a call, a poll, or other work such as a webhook handler. Its `name` is
 * `TimeoutError`, as in web APIs.
 */
export class TimeoutError extends AgentAssistError {
  override name = 'TimeoutError';
  override readonly code = 'timeout';
  /** The limit that was reached, in ms. */
  readonly timeoutMs: number;
  /** HTTP method, if the limit belongs to a REST call. */
  readonly method: string | undefined;
  /** Path of the URL, without host and query, if the limit belongs to a REST call. */
  readonly path: string | undefined;
  /** Number of requests sent, if the limit belongs to a REST call. */
  readonly attempts: number | undefined;

  constructor(message: string, timeoutMs: number, options?: ErrorOptions & { call?: CallInfo | undefined }) {
    super(message, options);
    this.timeoutMs = timeoutMs;
    this.method = options?.call?.method;
    this.path = options?.call?.path;
    this.attempts = options?.call?.attempts;
  }
}

/** A response is not JSON or does not match its schema. The error does not contain the body. */
export class ResponseValidationError extends CallError {
  override name = 'ResponseValidationError';
  override readonly code = 'invalid_response';
  /** HTTP status of the response. */
  override readonly status: number;
  /** Each problem, with its path. */
  readonly issues: readonly Issue[];

  constructor(call: CallInfo, status: number, issues: readonly Issue[]) {
    super(`${call.method} ${call.path} returned ${status} with an unexpected body: ${listIssues(issues)}`, call);
    this.status = status;
    this.issues = issues;
  }
}

/** A response is larger than `maxResponseBytes` of `HttpClient`. The rest was not read (protocol 3). */
export class ResponseTooLargeError extends CallError {
  override name = 'ResponseTooLargeError';
  override readonly code = 'response_too_large';
  /** HTTP status of the response. */
  override readonly status: number;
  /** The limit in bytes, after decompression. */
  readonly maxBytes: number;

  constructor(call: CallInfo, status: number, maxBytes: number) {
    super(`${call.method} ${call.path} returned ${status} with more than ${maxBytes} bytes`, call);
    this.status = status;
    this.maxBytes = maxBytes;
  }
}

/** Contents of an error response. */
export interface ApiErrorInfo extends CallInfo {
  readonly status: number;
  /** Request id from the response headers, else the `traceId` of the body. */
  readonly requestId?: string | undefined;
  /** The server's own message, cut to 500 characters, with credentials removed. */
  readonly serverMessage?: string | undefined;
  /** The server's own code, e.g. `invalid_client`. */
  readonly serverCode?: string | undefined;
  /** The wait that the server asked for, in ms. */
  readonly retryAfterMs?: number | undefined;
  /** Scopes that the call needs. */
  readonly scopes?: readonly string[] | undefined;
}

function describeApiError(info: ApiErrorInfo): string {
  const said = info.serverMessage === undefined ? '' : `: ${info.serverMessage}`;
  const attempts = info.attempts === 1 ? '' : ` after ${info.attempts} attempts`;
  const wait = info.retryAfterMs === undefined ? '' : ` (retry after ${info.retryAfterMs} ms)`;
  return `${info.method} ${info.path} returned ${info.status}${attempts}${said}${wait}`;
}

/** The server returned an error status. Common statuses have their own classes below. */
export class ApiError extends CallError {
  override name = 'ApiError';
  override readonly code: ErrorCode = 'api_error';
  /** HTTP status. */
  override readonly status: number;
  /** Request id from the response headers, else the `traceId` of the body. Give it to the platform's support. */
  override readonly requestId: string | undefined;
  /** The server's own message, cut to 500 characters, with credentials removed. */
  readonly serverMessage: string | undefined;
  /** The server's own error code, if its body has one, e.g. `insufficient_scope`. */
  readonly serverCode: string | undefined;
  /** The wait that the server asked for by `Retry-After`, in ms (RFC 9110 §10.2.3). */
  readonly retryAfterMs: number | undefined;

  constructor(info: ApiErrorInfo, message: string = describeApiError(info)) {
    super(message, info);
    this.status = info.status;
    this.requestId = info.requestId;
    this.serverMessage = info.serverMessage;
    this.serverCode = info.serverCode;
    this.retryAfterMs = info.retryAfterMs;
  }
}

/** 400: the server could not read the request. */
export class BadRequestError extends ApiError {
  override name = 'BadRequestError';
  override readonly code = 'bad_request';
}

/** 401: the credentials are not valid, even with a new token. */
export class AuthenticationError extends ApiError {
  override name = 'AuthenticationError';
  override readonly code = 'unauthenticated';
}

/** 403: the credentials are valid but not sufficient; `scopes` lists the scopes that the call needs (protocol 4). */
export class PermissionDeniedError extends ApiError {
  override name = 'PermissionDeniedError';
  override readonly code = 'permission_denied';
  /** Scopes that the call needs. */
  readonly scopes: readonly string[];

  constructor(info: ApiErrorInfo) {
    const scopes = info.scopes ?? [];
    const isSaid = scopes.every((scope) => info.serverMessage?.includes(scope));
    super(info, describeApiError(info) + (isSaid ? '' : ` (the call needs the scope ${scopes.join(' ')})`));
    this.scopes = scopes;
  }
}

/** 404: the resource does not exist. */
export class NotFoundError extends ApiError {
  override name = 'NotFoundError';
  override readonly code = 'not_found';

  constructor(info: ApiErrorInfo) {
    // A router without the path sends only the status; a service says what is missing.
    const isBare = /^(?:not found)?$/i.test(info.serverMessage ?? '');
    super(info, describeApiError(info) + (isBare ? ' (check ids, baseUrl, and that this platform has the call)' : ''));
  }
}

/** 409: the request conflicts with the state of the resource, e.g. its idempotency key was used with another body. */
export class ConflictError extends ApiError {
  override name = 'ConflictError';
  override readonly code = 'conflict';
}

/** 422: the server refuses the content of the request. */
export class UnprocessableEntityError extends ApiError {
  override name = 'UnprocessableEntityError';
  override readonly code = 'unprocessable_entity';
}

/** 429: too many requests. `retryAfterMs` is the wait that the server asked for, if any. */
export class RateLimitError extends ApiError {
  override name = 'RateLimitError';
  override readonly code = 'rate_limited';
}

/** 5xx: the server failed. */
export class ServerError extends ApiError {
  override name = 'ServerError';
  override readonly code = 'server_error';
}

/**
 * The token endpoint refused the request (RFC 6749 §5.2). `serverCode` is, for example, `invalid_client` or
 * `invalid_scope`, and `serverMessage` is the `error_description`.
 */
export class OAuthError extends ApiError {
  override name = 'OAuthError';
  override readonly code = 'oauth_error';
}

/** A list cannot be read to its end, e.g. because the server returned a cursor twice. */
export class PaginationError extends AgentAssistError {
  override name = 'PaginationError';
  override readonly code = 'pagination_failed';
}
