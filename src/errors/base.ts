/**
 * The stable code of an error class. Compare it if `instanceof` does not work, e.g. across two copies of the package or
 * after `JSON.stringify`; see [Errors](../../docs/errors.md#codes).
 */
export type ErrorCode =
  | 'aborted'
  | 'api_error'
  | 'audit_trail_failed'
  | 'bad_request'
  | 'closed'
  | 'conflict'
  | 'connection_failed'
  | 'enrichment_failed'
  | 'invalid_configuration'
  | 'invalid_request'
  | 'invalid_response'
  | 'invalid_suite_file'
  | 'invalid_webhook'
  | 'not_found'
  | 'not_supported'
  | 'oauth_error'
  | 'pagination_failed'
  | 'permission_denied'
  | 'queue_full'
  | 'rate_limited'
  | 'recording_failed'
  | 'request_too_large'
  | 'response_too_large'
  | 'server_error'
  | 'stream_failed'
  | 'timeout'
  | 'unauthenticated'
  | 'unprocessable_entity'
  | 'webhook_verification_failed';

/** A problem with a value, and its path. */
export interface Issue {
  /** Path of the problem, e.g. `alert_triggers[0].threshold`; empty for the whole value. */
  readonly path: string;
  /** Describes the problem. Never contains the invalid value. */
  readonly message: string;
}

/** The JSON form of an error. */
export interface ErrorJson {
  /** Name of the class. */
  readonly name: string;
  readonly message: string;
  /** The stable code. */
  readonly code: ErrorCode;
  /** HTTP status, if there is one. */
  readonly status?: number | undefined;
  /** Request id of the response, if there is one. */
  readonly requestId?: string | undefined;
  /** Message of the cause, if it is an error. */
  readonly cause?: string | undefined;
}

/** Base class of every error that this package throws. */
export abstract class AgentAssistError extends Error {
  /** Name of the class; also `AbortError` and `TimeoutError`, as in web APIs. */
  override name = 'AgentAssistError';
  /** Stable code of the class. */
  abstract readonly code: ErrorCode;
  /** HTTP status, if the class has one. */
  declare readonly status?: number | undefined;
  /** Request id from the response headers, if the class has one. */
  declare readonly requestId?: string | undefined;

  /** Returns name, message, code, status, request id and the cause's message, without secrets, for logs. */
  toJSON(): ErrorJson {
    const { name, message, code, status, requestId, cause } = this;
    return { name, message, code, status, requestId, cause: cause instanceof Error ? cause.message : undefined };
  }
}

/** Joins the issues into one text for a message. */
export function listIssues(issues: readonly Issue[]): string {
  return issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
}

/** An option or a combination of options is invalid. Thrown before anything is sent. */
export class ConfigurationError extends AgentAssistError {
  override name = 'ConfigurationError';
  override readonly code = 'invalid_configuration';
}

/** The object is closed, or was closed while the call waited. It cannot be reopened; create a new one. */
export class ClosedError extends AgentAssistError {
  override name = 'ClosedError';
  override readonly code = 'closed';

  constructor(what: string) {
    super(`The ${what} was closed`);
  }
}

/** A request is invalid and was not sent. `issues` lists all problems (protocol 3). */
export class RequestValidationError extends AgentAssistError {
  override name = 'RequestValidationError';
  override readonly code = 'invalid_request';
  /** All problems, each with its path. */
  readonly issues: readonly Issue[];

  constructor(subject: string, issues: readonly Issue[]) {
    super(`Invalid ${subject}: ${listIssues(issues)}`);
    this.issues = issues;
  }
}

/**
 * The platform has no such call, so nothing was sent. `Platform.unsupported` of the preset lists these calls; an entry
 * in `paths` overrides it.
 */
export class NotSupportedError extends AgentAssistError {
  override name = 'NotSupportedError';
  override readonly code = 'not_supported';
  /** Name of the platform, e.g. `Cognigy.AI`. */
  readonly platform: string;
  /** Name of the call among the `paths`, e.g. `calibration`. */
  readonly call: string;
  /** What to do instead. */
  readonly instead: string;

  constructor(platform: string, call: string, instead: string) {
    super(`${platform} has no call '${call}'. Instead: ${instead}`);
    this.platform = platform;
    this.call = call;
    this.instead = instead;
  }
}

/** The body of a request is larger than the platform accepts (`Platform.maxRequestBytes`). Nothing was sent. */
export class RequestTooLargeError extends AgentAssistError {
  override name = 'RequestTooLargeError';
  override readonly code = 'request_too_large';
  /** Size of the body in bytes. */
  readonly bytes: number;
  /** The limit in bytes. */
  readonly maxBytes: number;

  /** @param request - the request, e.g. `POST /v2.0/flows`. */
  constructor(request: string, bytes: number, maxBytes: number) {
    super(`${request}: the body has ${bytes} bytes, the platform accepts at most ${maxBytes}`);
    this.bytes = bytes;
    this.maxBytes = maxBytes;
  }
}

/**
 * The operation was aborted by the caller's `AbortSignal`. Its `name` is `AbortError`, as in web APIs. Its `cause` is
 * the last failure before the abort, otherwise the signal's reason.
 */
export class AbortError extends AgentAssistError {
  override name = 'AbortError';
  override readonly code = 'aborted';
  /** The reason of the signal. */
  readonly reason: unknown;

  /** @param lastFailure - the failure that was being retried. */
  constructor(reason: unknown, lastFailure?: Error) {
    const failure = lastFailure === undefined ? '' : `; its last failure: ${lastFailure.message}`;
    super(`The operation was aborted${failure}`, { cause: lastFailure ?? reason });
    this.reason = reason;
  }
}

/** A queue or buffer is full. The refused item was neither sent nor stored. */
export class QueueFullError extends AgentAssistError {
  override name = 'QueueFullError';
  override readonly code = 'queue_full';
  /** Number of items that the queue holds. */
  readonly capacity: number;

  /** @param queue - name of the queue, e.g. `calibration queue`. */
  constructor(queue: string, capacity: number) {
    super(`The ${queue} is full (capacity ${capacity})`);
    this.capacity = capacity;
  }
}

// Older runtimes would fail later, in the middle of a call, with `Promise.withResolvers is not a function`.
if (!('withResolvers' in Promise)) {
  const { process } = globalThis as { process?: { readonly version?: string } };
  const found = process?.version === undefined ? '' : `; this is Node ${process.version}`;
  throw new ConfigurationError(`agent-assist-sdk needs Node 22 or later, or a browser from 2024 or later${found}`);
}
