/**
 * An embedded Agent Assist tenant for tests, on real sockets: `startTenant()`. For Node (and Bun, Deno); never part of
 * a production bundle.
 *
 * Guide: [Testing your service](../../docs/testing.md).
 *
 * @module agent-assist-sdk/testing
 */
export { startTenant, type Tenant, type TenantOptions } from './tenant.js';
export type { Route, RouteAnswer, RouteContext } from './server/router.js';
export type { ClientAuthMethod, TenantClient } from './server/oauth.js';
export type { ApiKeyOptions } from './server/authorization.js';
export type { Grant, IssuedToken } from './server/tokens.js';
export type { FaultTimes, InjectedFault } from './server/armed-faults.js';
export type {
  BodyFault,
  DelayFault,
  DropFault,
  Fault,
  HttpDateForm,
  Injection,
  RetryAfter,
  RevokedTokenFault,
  StatusFault,
} from './server/faults.js';
export type { RecordedRequest } from './server/recorded-request.js';
export type { RequestLog, RequestWaitOptions, WaitOptions } from './server/request-log.js';
export type { RouteSelector } from './server/route-selector.js';
export type { EmbeddedServer, EmbeddedServerOptions } from './server/embedded-server.js';
export type { TenantStream } from './stream/stream.js';
export type { ConnectionPool } from './stream/connection-pool.js';
export type { TenantConnection, ReceivedFrame, TokenPlace } from './stream/connection.js';
export type {
  Conversation,
  ConversationTurn,
  PlayedEvent,
  PlayedEventType,
  PlayOptions,
  PlayResult,
} from './stream/play.js';
export { loadConversations, type ConversationSource, type LoadedConversations } from './stream/conversations.js';
export { sampleConversations } from './fixtures/sample-conversations.js';
export type { PlaybookRule, TenantSuggestion } from './fixtures/playbook.js';
export type { TenantArticle } from './fixtures/articles.js';
export type { TenantInsights, PushedInsights, TrainingFeedback } from './routes/insights.js';
export type { TenantCalibrations, TenantCalibration, TenantCalibrationJob } from './routes/calibration.js';
export type { TenantAudit, AuditPageQuirk, TenantAuditEntry } from './routes/audit.js';
export type { TenantWebhooks, RegisteredWebhook, WebhookDelivery } from './routes/webhooks.js';
export type { TenantKnowledge } from './routes/knowledge.js';
export type { TenantSuggestions, SuggestionRule } from './routes/suggestions.js';
export { startCxone, type Cxone, type CxoneOptions } from './cxone/cxone.js';
export type { CxoneUser } from './cxone/account.js';
export type { CxoneHosts, NamedWebSocket } from './cxone/hosts.js';
export type { CxoneAccessKey, CxoneClient } from './cxone/login.js';
export type {
  CxoneNotifications,
  NotificationCommand,
  NotificationFault,
  NotificationInjection,
} from './cxone/notifications.js';
export type {
  CcaiSuggestions,
  ContactSummary,
  CopilotElement,
  CxoneFeed,
  CxoneTranscript,
  GuidanceAlert,
  GuidanceScore,
} from './cxone/feed.js';
export type { CopilotQuestion, CopilotRule, CxoneCopilot, KnowledgeFeedback } from './cxone/copilot.js';
export type { ExpertKeys } from './cxone/expert.js';
export type { CxoneCustomer } from './cxone/customers.js';
export type { CxonePlayOptions, CxonePlayResult } from './cxone/play.js';
export { startCognigy, type CognigyTenant, type CognigyOptions } from './cognigy/tenant.js';
export type { CognigyApiKey } from './cognigy/server/authorization.js';
export type { CognigyPageQuirk } from './cognigy/server/pages.js';
export type { CognigyRequestLimit } from './cognigy/server/strictness.js';
export type { CognigyFlow, CognigyFlowInput, CognigyFlowOutput, CognigyFlowScript } from './cognigy/flows/flow.js';
export type { CognigyMessage, CognigySession, CognigySessions } from './cognigy/flows/sessions.js';
export type {
  CognigyChannel,
  CognigyEndpoint,
  CognigyEndpointAnswer,
  CognigyEndpointOptions,
  CognigyEndpoints,
  CognigyTransformers,
} from './cognigy/flows/endpoints.js';
export type { CognigyAuditEvent, CognigyAuditEvents } from './cognigy/routes/audit-events.js';
export type { CognigyAuthorization, CognigyLogin } from './cognigy/routes/login.js';
export type { CognigyTasks, CognigyTaskScript } from './cognigy/flows/tasks.js';
export type { CognigyPersonaTurn, CognigyScenario, CognigySimulator } from './cognigy/flows/simulator.js';
export type { CognigyProject } from './cognigy/routes/project.js';
export type { CognigySocket, CognigySocketEvent, CognigySocketIdentity } from './cognigy/socket/socket.js';
export type { CognigySockets } from './cognigy/socket/sockets.js';
export { startCompany, type Company, type CompanyCustomer } from './company.js';
export type {
  TenantSimulations,
  SimulationScript,
  TenantSimulationJob,
  TenantEnvironment,
  TenantSimulation,
  Understand,
} from './routes/simulation.js';
export type { TrainingExample, Understanding } from './nlu/classifier.js';
export type { FoundEntity } from './nlu/entities.js';
