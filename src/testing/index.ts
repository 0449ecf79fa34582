/**
 * An embedded Agent Assist tenant for tests, on real sockets: `startTenant()`. For Node (and Bun, Deno); never part of
 * a production bundle.
 *
 * Guide: [Testing your service](../../docs/testing.md).
 *
 * @module agent-assist-sdk/testing
 */
export { startTenant, Tenant, type TenantOptions, type TenantPlatform } from './tenant.js';
export { HttpProblem, type HttpProblemDetails } from './server/problem.js';
export { type Route, type RouteAnswer, type RouteContext } from './server/router.js';
export { allScopes, type ClientAuthMethod, type TenantClient } from './server/clients.js';
export { type ApiKeyOptions } from './server/authorization.js';
export { type Grant, type IssuedToken } from './server/tokens.js';
export {
  formatHttpDate,
  type BodyFault,
  type DelayFault,
  type DropFault,
  type Fault,
  type HttpDateForm,
  type InjectedFault,
  type Injection,
  type RetryAfter,
  type RevokedTokenFault,
  type StatusFault,
} from './server/faults.js';
export { RequestLog, type RecordedRequest, type WaitOptions } from './server/request-log.js';
export { type RouteSelector, type SelectableRequest } from './server/route-selector.js';
export { garbageFrames, outOfShapeEvents, TenantStream } from './stream/stream.js';
export { TenantConnection, type ReceivedFrame, type TokenPlace } from './stream/connection.js';
export {
  fragmentsOf,
  type Conversation,
  type ConversationTurn,
  type PlayedEvent,
  type PlayedEventType,
  type PlayOptions,
  type PlayResult,
} from './stream/play.js';
export { loadConversations, type ConversationSource, type LoadedConversations } from './stream/conversations.js';
export { sampleConversations } from './fixtures/sample-conversations.js';
export { valence } from './nlu/valence.js';
export { defaultPlaybook, suggestionsFor, type PlaybookRule, type TenantSuggestion } from './fixtures/playbook.js';
export { defaultArticles, type TenantArticle } from './fixtures/articles.js';
export {
  TenantInsights,
  type DesktopCard,
  type InsightDecisionEvent,
  type PushedInsights,
  type TrainingFeedback,
} from './routes/insights.js';
export { TenantCalibrations, type TenantCalibration, type TenantCalibrationJob } from './routes/calibration.js';
export { TenantAudit, type AuditPageQuirk, type TenantAuditEntry } from './routes/audit.js';
export { TenantWebhooks, type RegisteredWebhook, type WebhookDelivery } from './routes/webhooks.js';
export { TenantKnowledge } from './routes/knowledge.js';
export { TenantSuggestions, type SuggestionRule, type SuggestQuestion } from './routes/suggestions.js';
export { Company, startCompany, type CompanyOptions } from './company/company.js';
export { type CompanyCustomer } from './routes/company.js';
export {
  TenantSimulations,
  type SimulationScript,
  type TenantBotVersion,
  type TenantEnvironment,
  type TenantSimulation,
  type TenantSimulationJob,
  type TrainOptions,
} from './routes/simulation.js';
export { Nlu, type TrainingExample, type Understanding } from './nlu/classifier.js';
export type { FoundEntity } from './nlu/entities.js';
export { sampleUtterances } from './fixtures/sample-utterances.js';
