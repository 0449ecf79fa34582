/**
 * An embedded Agent Assist tenant for tests, on real sockets: `startTenant()`. For Node (and Bun, Deno); never part of
 * a production bundle.
 *
 * Guide: [Testing your service](../../docs/testing.md).
 *
 * @module agent-assist-sdk/testing
 */
export { startTenant, type Tenant, type TenantOptions } from './tenant.js';
export { type Route, type RouteAnswer, type RouteContext } from './server/router.js';
export { type ClientAuthMethod, type TenantClient } from './server/oauth.js';
export { type ApiKeyOptions } from './server/authorization.js';
export { type Grant, type IssuedToken } from './server/tokens.js';
export {
  type BodyFault,
  type DelayFault,
  type DropFault,
  type Fault,
  type FaultTimes,
  type HttpDateForm,
  type InjectedFault,
  type Injection,
  type RetryAfter,
  type RevokedTokenFault,
  type StatusFault,
} from './server/faults.js';
export { type RequestLog, type RecordedRequest, type WaitOptions } from './server/request-log.js';
export { type RouteSelector, type SelectableRequest } from './server/route-selector.js';
export { type EmbeddedServer, type EmbeddedServerOptions } from './server/embedded-server.js';
export { type TenantStream } from './stream/stream.js';
export { type ConnectionPool } from './stream/connection-pool.js';
export { type TenantConnection, type ReceivedFrame, type TokenPlace } from './stream/connection.js';
export {
  type Conversation,
  type ConversationTurn,
  type PlayedEvent,
  type PlayedEventType,
  type PlayOptions,
  type PlayResult,
} from './stream/play.js';
export { loadConversations, type ConversationSource, type LoadedConversations } from './stream/conversations.js';
export { sampleConversations } from './fixtures/sample-conversations.js';
export { type PlaybookRule, type TenantSuggestion } from './fixtures/playbook.js';
export { type TenantArticle } from './fixtures/articles.js';
export {
  type TenantInsights,
  type DesktopCard,
  type InsightDecisionEvent,
  type PushedInsights,
  type TrainingFeedback,
} from './routes/insights.js';
export { type TenantCalibrations, type TenantCalibration, type TenantCalibrationJob } from './routes/calibration.js';
export { type TenantAudit, type AuditPageQuirk, type TenantAuditEntry } from './routes/audit.js';
export { type TenantWebhooks, type RegisteredWebhook, type WebhookDelivery } from './routes/webhooks.js';
export { type TenantKnowledge } from './routes/knowledge.js';
export { type TenantSuggestions, type SuggestionRule, type SuggestQuestion } from './routes/suggestions.js';
export { startCxone, type Cxone, type CxoneOptions } from './cxone/cxone.js';
export { type CxoneUser } from './cxone/account.js';
export { type CxoneHosts, type CxoneNames, type NamedWebSocket } from './cxone/hosts.js';
export { type CxoneAccessKey, type CxoneClient } from './cxone/login.js';
export {
  type CxoneNotifications,
  type NotificationCommand,
  type NotificationFault,
  type NotificationInjection,
} from './cxone/notifications.js';
export {
  type CcaiSuggestions,
  type ContactSummary,
  type CopilotElement,
  type CxoneFeed,
  type CxoneTranscript,
  type GuidanceAlert,
  type GuidanceScore,
} from './cxone/feed.js';
export { type CopilotQuestion, type CopilotRule, type CxoneCopilot, type KnowledgeFeedback } from './cxone/copilot.js';
export { type ExpertKeys } from './cxone/expert.js';
export { type CxoneCustomer } from './cxone/customers.js';
export { type CxonePlayOptions, type CxonePlayResult } from './cxone/play.js';
export { startCognigy, type CognigyTenant, type CognigyOptions } from './cognigy/tenant.js';
export { type CognigyApiKey, type CognigyUser } from './cognigy/server/authorization.js';
export { type CognigyEntity } from './cognigy/server/entities.js';
export { type CognigyPageQuirk } from './cognigy/server/pages.js';
export { type CognigyRequestLimit } from './cognigy/server/strictness.js';
export {
  type CognigyFlow,
  type CognigyFlowInput,
  type CognigyFlowOutput,
  type CognigyFlowScript,
  type CognigyOutput,
} from './cognigy/flows/flow.js';
export { type CognigyMessage, type CognigySession, type CognigySessions } from './cognigy/flows/sessions.js';
export {
  type CognigyChannel,
  type CognigyEndpoint,
  type CognigyEndpointAnswer,
  type CognigyEndpointOptions,
  type CognigyEndpoints,
  type CognigyTransformers,
} from './cognigy/flows/endpoints.js';
export { type CognigyAuditEvent, type CognigyAuditEvents } from './cognigy/routes/audit-events.js';
export { type CognigyAuthorization, type CognigyLogin } from './cognigy/routes/login.js';
export { type CognigyTasks, type CognigyTaskScript, type CognigyTaskStatus } from './cognigy/flows/tasks.js';
export {
  type CognigyPersonaTurn,
  type CognigyScenario,
  type CognigySimulationRun,
  type CognigySimulator,
} from './cognigy/flows/simulator.js';
export { type CognigyProject } from './cognigy/routes/project.js';
export { type CognigySocket, type CognigySocketEvent, type CognigySocketIdentity } from './cognigy/socket/socket.js';
export { type CognigySockets } from './cognigy/socket/sockets.js';
export { startCompany, type Company, type CompanyCustomer } from './company.js';
export {
  type TenantSimulations,
  type SimulationScript,
  type TenantSimulationJob,
  type TrainOptions,
  type TenantBotVersion,
  type TenantEnvironment,
  type TenantSimulation,
  type Understand,
} from './routes/simulation.js';
export { type TrainingExample, type Understanding } from './nlu/classifier.js';
export type { FoundEntity } from './nlu/entities.js';
