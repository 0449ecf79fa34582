/**
 * The one family of errors of this package. Whatever a client, the stream or a helper rejects with is an
 * {@link AgentAssistError}; the classes below say what happened and what can be done about it.
 *
 * No message, property or cause of these errors holds a token, a secret or an `Authorization` value.
 *
 * What to do about each: [Errors](../docs/errors.md).
 *
 * @module agent-assist-sdk/errors
 */

/** One thing that is wrong with a value, and where. */
export interface Issue {
  /** Where in the value, e.g. `alert_triggers[0].threshold`; empty for the value as a whole. */
  readonly path: string;
  /** What is wrong there. Never contains the offending value itself. */
  readonly message: string;
}

/** Base class of every error that this package throws. */
export class AgentAssistError extends Error {
  /** Name of the class; `AbortError` and `TimeoutError` are those of the platform's own APIs too. */
  override name = 'AgentAssistError';
}

/** An option or a combination of options makes no sense; thrown before anything is sent. */
export class ConfigurationError extends AgentAssistError {
  override name = 'ConfigurationError';
}

/** What was called is closed, or was closed while the call waited. It stays so; make a new one. */
export class ClosedError extends AgentAssistError {
  override name = 'ClosedError';

  constructor(what: string) {
    super(`The ${what} was closed`);
  }
}

function listIssues(issues: readonly Issue[]): string {
  return issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
}

/** A request breaks its rules. Nothing was sent; `issues` names every broken rule (protocol 3). */
export class RequestValidationError extends AgentAssistError {
  override name = 'RequestValidationError';
  /** Every broken rule, each with its path. */
  readonly issues: readonly Issue[];

  constructor(subject: string, issues: readonly Issue[]) {
    super(`Invalid ${subject}: ${listIssues(issues)}`);
    this.issues = issues;
  }
}

/** What is known of the call that an error belongs to. */
export interface CallInfo {
  /** HTTP method. */
  readonly method: string;
  /** Path of the URL, without host and query. */
  readonly path: string;
  /** Requests that were sent for this call, the first one included. */
  readonly attempts: number;
}

/** Base of all errors that belong to one REST call. */
export abstract class CallError extends AgentAssistError {
  /** HTTP method. */
  readonly method: string;
  /** Path of the URL, without host and query. */
  readonly path: string;
  /** Requests that were sent for this call, the first one included. */
  readonly attempts: number;

  constructor(message: string, call: CallInfo, options?: ErrorOptions) {
    super(message, options);
    this.method = call.method;
    this.path = call.path;
    this.attempts = call.attempts;
  }
}

/** No usable answer arrived: refused, reset, DNS failure, or a body that ended early. */
export class ConnectionError extends CallError {
  override name = 'ConnectionError';
  /** The system's code where there is one, e.g. `ECONNREFUSED`. */
  readonly code: string | undefined;
  /** Host and port of the URL. */
  readonly host: string | undefined;
  /** Whether the same call will fail in the same way again, e.g. by a certificate; it is not repeated then. */
  readonly permanent: boolean;

  constructor(
    message: string,
    call: CallInfo,
    options?: ErrorOptions & {
      code?: string | undefined;
      host?: string | undefined;
      permanent?: boolean | undefined;
    },
  ) {
    super(message, call, options);
    this.code = options?.code;
    this.host = options?.host;
    this.permanent = options?.permanent ?? false;
  }
}

/**
 * A time limit was reached: that of one attempt, or the total of a call. Where more than one call was waited for, or
 * none, as by a poll, an `AssistEngine` or a webhook's receiver, `path` names what was.
 */
export class TimeoutError extends CallError {
  override name = 'TimeoutError';
  /** The limit that was reached, in ms. */
  readonly timeoutMs: number;

  constructor(message: string, call: CallInfo, timeoutMs: number, options?: ErrorOptions) {
    super(message, call, options);
    this.timeoutMs = timeoutMs;
  }
}

/**
 * The caller's `AbortSignal` ended the operation. Its `name` is `AbortError`, as on every platform API. Its `cause` is the
 * last failure of what was being repeated when it ended, otherwise the signal's reason.
 */
export class AbortError extends AgentAssistError {
  override name = 'AbortError';

  /** The reason of the signal. */
  readonly reason: unknown;

  /** @param lastFailure - why what was ended had failed before and was being repeated. */
  constructor(reason: unknown, lastFailure?: Error) {
    const failure = lastFailure === undefined ? '' : `; its last failure: ${lastFailure.message}`;
    super(`The operation was aborted${failure}`, { cause: lastFailure ?? reason });
    this.reason = reason;
  }
}

/** An answer is not JSON or breaks its schema. The body itself is not part of the error. */
export class ResponseValidationError extends CallError {
  override name = 'ResponseValidationError';
  /** HTTP status of the answer. */
  readonly status: number;
  /** Every place where the answer breaks its schema. */
  readonly issues: readonly Issue[];

  constructor(call: CallInfo, status: number, issues: readonly Issue[]) {
    super(`${call.method} ${call.path} answered ${status} with an unexpected body: ${listIssues(issues)}`, call);
    this.status = status;
    this.issues = issues;
  }
}

/** An answer is larger than `maxResponseBytes` of `HttpClient`; the rest of it was not read (protocol 3). */
export class ResponseTooLargeError extends CallError {
  override name = 'ResponseTooLargeError';
  /** HTTP status of the answer. */
  readonly status: number;
  /** The limit in bytes, after decompression. */
  readonly maxBytes: number;

  constructor(call: CallInfo, status: number, maxBytes: number) {
    super(`${call.method} ${call.path} answered ${status} with more than ${maxBytes} bytes`, call);
    this.status = status;
    this.maxBytes = maxBytes;
  }
}

/** What an error answer said. */
export interface ApiErrorInfo extends CallInfo {
  /** HTTP status. */
  readonly status: number;
  /** Request id from the answer's headers. */
  readonly requestId?: string | undefined;
  /** The server's own message, cut to 500 characters, with credentials removed. */
  readonly serverMessage?: string | undefined;
  /** The server's own code, e.g. `invalid_client`. */
  readonly code?: string | undefined;
  /** The wait that the server asked for, in ms. */
  readonly retryAfterMs?: number | undefined;
  /** Scopes that the call needs. */
  readonly scopes?: readonly string[] | undefined;
}

function describeApiError(info: ApiErrorInfo): string {
  const said = info.serverMessage === undefined ? '' : `: ${info.serverMessage}`;
  const attempts = info.attempts === 1 ? '' : ` after ${info.attempts} attempts`;
  const wait = info.retryAfterMs === undefined ? '' : ` (asks for a wait of ${info.retryAfterMs} ms)`;
  return `${info.method} ${info.path} answered ${info.status}${attempts}${said}${wait}`;
}

/** The server answered with an error status. Statuses that matter have a class of their own below. */
export class ApiError extends CallError {
  override name = 'ApiError';
  /** HTTP status. */
  readonly status: number;
  /** Request id from the answer's headers, to quote to the platform's support. */
  readonly requestId: string | undefined;
  /** The server's own message, cut to 500 characters, with credentials removed. */
  readonly serverMessage: string | undefined;
  /** The server's own error code where its body has one. */
  readonly code: string | undefined;
  /** The wait that the server asked for by `Retry-After`, in ms (RFC 9110 §10.2.3). */
  readonly retryAfterMs: number | undefined;

  constructor(info: ApiErrorInfo, message: string = describeApiError(info)) {
    super(message, info);
    this.status = info.status;
    this.requestId = info.requestId;
    this.serverMessage = info.serverMessage;
    this.code = info.code;
    this.retryAfterMs = info.retryAfterMs;
  }
}

/** 400: the server could not read the request. */
export class BadRequestError extends ApiError {
  override name = 'BadRequestError';
}

/** 401: no valid credentials, even after a fresh token. */
export class AuthenticationError extends ApiError {
  override name = 'AuthenticationError';
}

/** 403: the credentials are valid and not enough; `scopes` names what the call needs (protocol 4). */
export class PermissionDeniedError extends ApiError {
  override name = 'PermissionDeniedError';
  /** Scopes that the call needs. */
  readonly scopes: readonly string[];

  constructor(info: ApiErrorInfo) {
    const scopes = info.scopes ?? [];
    const needed = scopes.length === 0 ? '' : ` (the call needs the scope ${scopes.join(' ')})`;
    super(info, describeApiError(info) + needed);
    this.scopes = scopes;
  }
}

/** 404: no such resource. */
export class NotFoundError extends ApiError {
  override name = 'NotFoundError';
}

/** 409: conflicts with the state of the resource, e.g. an idempotency key that was used for another body. */
export class ConflictError extends ApiError {
  override name = 'ConflictError';
}

/** 422: the server understood the request and refuses its content. */
export class UnprocessableEntityError extends ApiError {
  override name = 'UnprocessableEntityError';
}

/** 429: too many requests. `retryAfterMs` is the wait that the server asked for, when it named one. */
export class RateLimitError extends ApiError {
  override name = 'RateLimitError';
}

/** 5xx: the server failed. */
export class ServerError extends ApiError {
  override name = 'ServerError';
}

/**
 * The token endpoint refused (RFC 6749 §5.2). `code` is e.g. `invalid_client` or `invalid_scope`, `serverMessage` the
 * `error_description`.
 */
export class OAuthError extends ApiError {
  override name = 'OAuthError';
}

/** So many calls wait in a queue of this package already that one more is refused. Nothing of it was sent. */
export class QueueFullError extends AgentAssistError {
  override name = 'QueueFullError';
  /** How many calls may wait. */
  readonly maxWaiting: number;

  constructor(maxWaiting: number) {
    super(`${maxWaiting} calls wait already`);
    this.maxWaiting = maxWaiting;
  }
}

/** A list of pages cannot be followed to its end, e.g. since a cursor came back twice. */
export class PaginationError extends AgentAssistError {
  override name = 'PaginationError';
}

/** The stream ended and will not reconnect, or could not be opened. */
export class StreamError extends AgentAssistError {
  override name = 'StreamError';
  /** WebSocket close code (RFC 6455 §7.4) where the connection was closed by one. */
  readonly closeCode: number | undefined;
  /** HTTP status where the upgrade was refused by one. */
  readonly status: number | undefined;

  constructor(
    message: string,
    options?: ErrorOptions & { closeCode?: number | undefined; status?: number | undefined },
  ) {
    super(message, options);
    this.closeCode = options?.closeCode;
    this.status = options?.status;
  }
}

/**
 * Why {@link WebhookVerificationError} was thrown: a header is missing or unreadable, the timestamp is outside the
 * tolerance, no signature fits any secret, the body is compressed and no signature fits it, or the id was accepted before.
 */
export type WebhookVerificationReason =
  | 'missing_header'
  | 'malformed_header'
  | 'timestamp_too_old'
  | 'timestamp_too_new'
  | 'no_matching_signature'
  | 'compressed_body'
  | 'replayed';

/** A webhook is not proven to come from its sender, or came before (protocol 10). Its body was not looked at. */
export class WebhookVerificationError extends AgentAssistError {
  override name = 'WebhookVerificationError';
  /** What failed. */
  readonly reason: WebhookVerificationReason;

  constructor(reason: WebhookVerificationReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A webhook is genuine, but its body is not a JSON event `{type, timestamp, data}` (protocol 10). */
export class WebhookPayloadError extends AgentAssistError {
  override name = 'WebhookPayloadError';
  /** Everything that is wrong with the body, each with its path. */
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(`Invalid webhook body: ${listIssues(issues)}`);
    this.issues = issues;
  }
}

/**
 * Why {@link AuditTrailError} was thrown: the file was changed by someone else meanwhile, cannot be read as a trail, or
 * the system could not write it.
 */
export type AuditTrailReason = 'conflict' | 'broken' | 'write_failed';

/** A record could not be added to an audit trail, or the trail could not be opened. */
export class AuditTrailError extends AgentAssistError {
  override name = 'AuditTrailError';
  /** What failed. */
  readonly reason: AuditTrailReason;
  /** The trail's file. */
  readonly path: string;

  constructor(reason: AuditTrailReason, path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.reason = reason;
    this.path = path;
  }
}
