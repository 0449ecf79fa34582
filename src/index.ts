/**
 * Typed clients for NICE Cognigy.AI and CXone Agent Assist on one retrying HTTP core and one event stream. The subpaths
 * contain everything beyond the clients, the engine and the stream.
 *
 * @module
 */

// From the clients' files, not the features' indexes, so that nothing else is loaded with them.
export {
  AbortError,
  AgentAssistError,
  ApiError,
  AuditTrailError,
  AuthenticationError,
  BadRequestError,
  CallError,
  ClosedError,
  ConfigurationError,
  ConflictError,
  ConnectionError,
  EnrichmentError,
  NotFoundError,
  NotSupportedError,
  OAuthError,
  PaginationError,
  PermissionDeniedError,
  QueueFullError,
  RateLimitError,
  RecordingError,
  RequestTooLargeError,
  RequestValidationError,
  ResponseTooLargeError,
  ResponseValidationError,
  ServerError,
  StreamError,
  SuiteFileError,
  TimeoutError,
  UnprocessableEntityError,
  WebhookPayloadError,
  WebhookVerificationError,
  type ApiErrorInfo,
  type CallInfo,
  type ErrorCode,
  type ErrorJson,
  type Issue,
} from './errors.js';

export type { AttemptInfo, AuthProvider, CallOptions, HttpClientOptions, HttpRequest } from './http/types.js';
export { ApiPromise, HttpClient, type ApiResponse } from './http/client.js';
export type { Clock } from './http/clock.js';
export type { HeaderNames } from './http/headers.js';
export type { Logger } from './http/logger.js';
export type { ListAllOptions, Page, PagedIterable } from './http/pages.js';
export type { ApiPaths } from './http/paths.js';
export type { PollOptions } from './http/poller.js';
export type { KeyValueStore } from './http/stores/shared-store.js';
export type { Transport } from './http/transport.js';

export {
  ApiKeyAuth,
  AuthClient,
  StaticTokenAuth,
  type AccessKey,
  type ApiKeyAuthOptions,
  type AuthClientOptions,
  type ClientAuthentication,
  type StaticTokenAuthOptions,
} from './auth/index.js';

export { cognigy, cxone, type CognigyOptions, type Platform, type PlatformOptions } from './platforms/index.js';

export {
  AssistStream,
  handleInOrder,
  type AssistStreamEvents,
  type AssistStreamOptions,
  type AssistStreamState,
  type CloseAction,
  type ConnectOptions,
  type EventHandler,
  type EventIteration,
  type EventsOptions,
  type HandleInOrderOptions,
  type HandlerContext,
  type InteractionEvent,
  type InteractionEvents,
  type Overflow,
  type StreamItem,
  type StreamListener,
  type StreamProtocol,
  type TokenlessStreamOptions,
  type WebSocketConstructor,
  type WebSocketLike,
} from './stream/index.js';

export {
  AssistEngine,
  SuggestionsClient,
  keywordTrigger,
  sentimentTrigger,
  suggestionPolicy,
  type AssistEngineOptions,
  type AssistMetrics,
  type AssistOutcome,
  type DroppedSuggestion,
  type HandleOptions,
  type KeywordTriggerOptions,
  type PolicyOptions,
  type PolicyVerdict,
  type PolicyViolation,
  type SentimentTriggerOptions,
  type SuggestRequest,
  type SuggestResult,
  type Suggestion,
  type SuggestionPolicy,
  type SuggestionSource,
  type Trigger,
  type TriggerInput,
  type TriggerReason,
} from './suggestions/index.js';

export { KnowledgeClient } from './knowledge/client.js';
export type { Article, KnowledgePage, KnowledgeQuery, SearchAllOptions } from './knowledge/types.js';

export { InsightsClient } from './insights/client.js';
export type { InsightCard, InsightFeedback, PushOptions } from './insights/types.js';

export { CalibrationClient } from './calibration/client.js';
export type {
  ApplyAllOptions,
  ApplyOptions,
  Calibration,
  CalibrationBatch,
  CalibrationClientOptions,
  CalibrationJob,
  CalibrationProgress,
  CalibrationResult,
  CalibrationStatus,
  RunOptions,
} from './calibration/types.js';

export { SimulationClient } from './simulation/client.js';
export type {
  BotEnvironment,
  BotVersion,
  Simulation,
  SimulationResult,
  SimulationStatus,
  SimulationTarget,
  SubmittedSimulation,
  TargetCheck,
} from './simulation/types.js';

export { WebhooksClient } from './webhooks/client.js';
export type { WebhookRegistration, WebhookRegistrationRequest } from './webhooks/types.js';

export { AuditClient } from './audit/client.js';
export type { AuditLogEntry, AuditLogPage, AuditLogQuery } from './audit/types.js';
