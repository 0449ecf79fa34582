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
export { CopilotClient } from './copilot/client.js';
export type { CopilotClientOptions, CopilotFeedback, CopilotSearchRequest, IdTokenProvider } from './copilot/types.js';
export type {
  AssistCardBase,
  AssistCardEvent,
  ContactSummaryEvent,
  CopilotHealthEvent,
  GuidanceAlertEvent,
  KnowledgeAnswer,
  NotificationEvents,
  NotificationProtocolOptions,
  SentimentScale,
  ServerErrorEvent,
  SuggestedResponse,
} from './notifications/types.js';
export { ExpertClient } from './expert/client.js';
export type { ExpertClientOptions, ExpertQuery, ExpertServerKey } from './expert/types.js';
export { readIdToken, type CxoneIdentity } from './id-token.js';
export { cxoneArea, type CxoneAreaOptions, type CxonePlatform } from './platform.js';
export { agenticProtocol, notificationProtocol } from './notifications/protocol.js';
export { ccaiTopic, copilotHealthTopic, copilotTopic, guidanceTopic, transcriptTopic } from './notifications/topics.js';
