/**
 * All errors of this package. Every error that a client, the stream or a helper throws is an {@link AgentAssistError}.
 * Its class and its `code` identify the failure.
 *
 * No message, property or cause contains a token, a secret or an `Authorization` value.
 *
 * How to handle each: [Errors](../docs/errors.md).
 *
 * @module agent-assist-sdk/errors
 */
export {
  AbortError,
  AgentAssistError,
  ClosedError,
  ConfigurationError,
  NotSupportedError,
  QueueFullError,
  RequestTooLargeError,
  RequestValidationError,
  type ErrorCode,
  type ErrorJson,
  type Issue,
} from './errors/base.js';
export {
  ApiError,
  AuthenticationError,
  BadRequestError,
  CallError,
  ConflictError,
  ConnectionError,
  NotFoundError,
  OAuthError,
  PaginationError,
  PermissionDeniedError,
  RateLimitError,
  ResponseTooLargeError,
  ResponseValidationError,
  ServerError,
  TimeoutError,
  UnprocessableEntityError,
  type ApiErrorInfo,
  type CallInfo,
} from './errors/call.js';
export {
  AuditTrailError,
  EnrichmentError,
  RecordingError,
  StreamError,
  SuiteFileError,
  WebhookPayloadError,
  WebhookVerificationError,
  type AuditTrailReason,
  type FileIssue,
  type RecordingReason,
  type WebhookVerificationReason,
} from './errors/features.js';
