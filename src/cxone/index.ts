/**
 * Real CXone tenants: discovery, notification socket, Expert and Agent Copilot.
 *
 * Guide: [CXone](../../docs/cxone.md).
 *
 * @module agent-assist-sdk/cxone
 */

export {
  connectCxone,
  discoverCxone,
  type ConnectCxoneOptions,
  type CxoneConnection,
  type DiscoverCxoneOptions,
} from './discovery.js';
export {
  CopilotClient,
  type CopilotClientOptions,
  type CopilotFeedback,
  type CopilotSearchRequest,
  type IdTokenProvider,
} from './copilot/client.js';
export type { SentimentScale } from './notifications/decode-guidance.js';
export type {
  AssistCardBase,
  AssistCardEvent,
  ContactSummaryEvent,
  CopilotHealthEvent,
  GuidanceAlertEvent,
  KnowledgeAnswer,
  NotificationEvents,
  ServerErrorEvent,
  SuggestedResponse,
} from './notifications/events.js';
export type { ExpertServerKey } from './expert/auth.js';
export { ExpertClient, type ExpertClientOptions, type ExpertQuery } from './expert/client.js';
export { readIdToken, type CxoneIdentity } from './id-token.js';
export { cxoneArea, type CxoneAreaOptions, type CxonePlatform } from './platform.js';
export { agenticProtocol, notificationProtocol, type NotificationProtocolOptions } from './notifications/protocol.js';
export { ccaiTopic, copilotHealthTopic, copilotTopic, guidanceTopic, transcriptTopic } from './notifications/topics.js';
