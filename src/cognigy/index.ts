/**
 * Real Cognigy.AI installations: URLs, flows, audit events and bots.
 *
 * Guide: [Cognigy.AI](../../docs/cognigy.md).
 *
 * @module agent-assist-sdk/cognigy
 */

export { AuditEventsClient } from './audit/client.js';
export type { AuditEvent, AuditEventActor, AuditEventPage, AuditEventQuery } from './audit/types.js';
export { FlowClient } from './flow/client.js';
export { flowKnowledge } from './flow/knowledge.js';
export { flowSuggestions } from './flow/suggestions.js';
export type {
  FlowAnswer,
  FlowClientOptions,
  FlowErrorEvent,
  FlowFinalPingEvent,
  FlowInput,
  FlowKnowledgeMapping,
  FlowKnowledgeQuery,
  FlowOutput,
  FlowOutputEvent,
  FlowProtocol,
  FlowProtocolOptions,
  FlowStreamEvents,
  FlowStreamInput,
  FlowSuggestionMapping,
  FlowTypingEvent,
  FlowUnconfirmedEvent,
} from './flow/types.js';
export { flowProtocol } from './flow/protocol.js';
export { cognigyAi, type CognigyAiOptions, type CognigyAiPlatform } from './platform.js';
export { flowRunner, type FlowRunnerOptions } from './flow/runner.js';
export { SimulatorClient } from './simulator/client.js';
export type {
  SimulatorBatch,
  SimulatorBatchDraft,
  SimulatorPage,
  SimulatorPageQuery,
  SimulatorRunConfig,
  SimulatorScenario,
} from './simulator/types.js';
export { NluClient } from './nlu/client.js';
export type { NluQuery, NluScore } from './nlu/types.js';
export { nluRunner, type NluRunnerOptions } from './nlu/runner.js';
export { PlaybookClient } from './playbooks/client.js';
export { playbookRunner, type PlaybookRunnerOptions } from './playbooks/runner.js';
export type {
  Playbook,
  PlaybookAssert,
  PlaybookAssertResult,
  PlaybookDraft,
  PlaybookOutcome,
  PlaybookPage,
  PlaybookQuery,
  PlaybookRun,
  PlaybookRunOptions,
  PlaybookStep,
  PlaybookStepDraft,
  PlaybookStepResult,
  PlaybookTarget,
  PlaybookTask,
  ScheduledTask,
} from './playbooks/types.js';
