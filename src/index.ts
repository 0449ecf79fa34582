/**
 * Typed clients for NICE Cognigy.AI and CXone Agent Assist on one retrying HTTP core and one event stream.
 *
 * @module
 */

export {
  AbortError,
  AgentAssistError,
  ApiError,
  AuthenticationError,
  BadRequestError,
  CallError,
  ConfigurationError,
  ConflictError,
  ConnectionError,
  NotFoundError,
  OAuthError,
  PaginationError,
  PermissionDeniedError,
  RateLimitError,
  RequestValidationError,
  ResponseValidationError,
  ServerError,
  StreamError,
  TimeoutError,
  UnprocessableEntityError,
  type ApiErrorInfo,
  type CallInfo,
  type Issue,
} from './errors.js';

export {
  ApiPromise,
  HttpClient,
  Poller,
  RetryBudget,
  defaultPaths,
  paginate,
  systemClock,
  type ApiPaths,
  type ApiResponse,
  type AttemptInfo,
  type AuthProvider,
  type CallOptions,
  type Clock,
  type HttpClientOptions,
  type HttpRequest,
  type Logger,
  type Page,
  type PagedIterable,
  type PollOptions,
  type PollTarget,
  type TimerHandle,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from './http/index.js';

export {
  ApiKeyAuth,
  AuthClient,
  StaticTokenAuth,
  type ApiKeyAuthOptions,
  type AuthClientOptions,
  type ClientAuthentication,
  type StaticTokenAuthOptions,
  type TokenStore,
} from './auth/index.js';

export { cognigy, cxone, type CognigyOptions, type Platform, type PlatformOptions } from './platforms/index.js';

export {
  AssistEngine,
  MemorySuggestionStore,
  SuggestionsClient,
  assistMetrics,
  evaluateTriggers,
  fallbackSuggestions,
  keywordTrigger,
  sentimentTrigger,
  suggestionKey,
  suggestionPolicy,
  type AssistEngineOptions,
  type AssistMetrics,
  type AssistOutcome,
  type AssistOutcomeBase,
  type CachedOutcome,
  type ConfidenceViolation,
  type CustomReason,
  type DroppedSuggestion,
  type FallbackOutcome,
  type FreshOutcome,
  type HandleOptions,
  type KeywordReason,
  type KeywordTriggerOptions,
  type MemorySuggestionStoreOptions,
  type PhraseViolation,
  type PolicyOptions,
  type PolicyVerdict,
  type PolicyViolation,
  type SentimentReason,
  type SentimentTriggerOptions,
  type SkippedOutcome,
  type SuggestRequest,
  type SuggestResult,
  type Suggestion,
  type SuggestionPolicy,
  type SuggestionSource,
  type SuggestionStore,
  type TermMatch,
  type Trigger,
  type TriggerInput,
  type TriggerReason,
} from './suggestions/index.js';

export { createWidgetConfigHandler, widgetConfig, type WidgetConfig } from './widget/index.js';

export {
  QuestionQueue,
  TranscriptBuffer,
  type DialogState,
  type DropReason,
  type FlushReason,
  type QuestionQueueOptions,
  type TranscriptBufferOptions,
  type TranscriptFragment,
  type TranscriptQuestion,
} from './transcripts/index.js';

export {
  KnowledgeClient,
  toAssistCards,
  type Article,
  type AssistCard,
  type AssistCardOptions,
  type KnowledgePage,
  type KnowledgeQuery,
  type SearchAllOptions,
} from './knowledge/index.js';

export {
  InsightsClient,
  feedbackFrom,
  type InsightCard,
  type InsightDecision,
  type InsightDisplay,
  type InsightFeedback,
} from './insights/index.js';
