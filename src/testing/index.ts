/**
 * An embedded Agent Assist tenant for tests, on real sockets: `startTenant()`. For Node (and Bun, Deno); never part of
 * a production bundle.
 *
 * Guide: [Testing your service](../../docs/testing.md).
 *
 * @module agent-assist-sdk/testing
 */
export { startTenant, Tenant, type TenantOptions, type TenantPlatform } from './tenant.js';
export { HttpProblem, type HttpProblemDetails } from './problem.js';
export { type Route, type RouteAnswer, type RouteContext } from './router.js';
export { allScopes, type ClientAuthMethod, type TenantClient } from './clients.js';
export { type ApiKeyOptions } from './authorization.js';
export { type Grant, type IssuedToken } from './tokens.js';
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
} from './faults.js';
export { RequestLog, type RecordedRequest, type WaitOptions } from './request-log.js';
export { type RouteSelector, type SelectableRequest } from './route-selector.js';
export { garbageFrames, outOfShapeEvents, TenantStream } from './stream.js';
export { TenantConnection, type ReceivedFrame, type TokenPlace } from './connection.js';
export {
  fragmentsOf,
  type Conversation,
  type ConversationTurn,
  type PlayedEvent,
  type PlayedEventType,
  type PlayOptions,
  type PlayResult,
} from './play.js';
export { loadConversations, type ConversationSource, type LoadedConversations } from './conversations.js';
export { sampleConversations } from './sample-conversations.js';
export { valence } from './valence.js';
export { defaultPlaybook, suggestionsFor, type PlaybookRule, type TenantSuggestion } from './playbook.js';
export { defaultArticles, type TenantArticle } from './articles.js';
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
export { Nlu, type TrainingExample, type Understanding } from './routes/nlu.js';
export type { FoundEntity } from './routes/nlu-entities.js';
export { sampleUtterances } from './routes/sample-utterances.js';
