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
export { flowKnowledge, type FlowKnowledgeMapping, type FlowKnowledgeQuery } from './flow/knowledge.js';
export { flowSuggestions, type FlowSuggestionMapping } from './flow/suggestions.js';
export type {
  FlowAnswer,
  FlowClientOptions,
  FlowErrorEvent,
  FlowFinalPingEvent,
  FlowInput,
  FlowOutput,
  FlowOutputEvent,
  FlowStreamEvents,
  FlowStreamInput,
  FlowTypingEvent,
  FlowUnconfirmedEvent,
} from './flow/types.js';
export { flowProtocol, type FlowProtocol, type FlowProtocolOptions } from './flow/protocol.js';
export { cognigyAi, type CognigyAiOptions, type CognigyAiPlatform } from './platform.js';
export { flowRunner, type FlowRunnerOptions } from './flow/runner.js';
export {
  SimulatorClient,
  type SimulatorBatch,
  type SimulatorBatchDraft,
  type SimulatorPage,
  type SimulatorPageQuery,
  type SimulatorRunConfig,
  type SimulatorScenario,
} from './simulator/client.js';
export { NluClient, type NluQuery, type NluScore } from './nlu/client.js';
export { nluRunner, type NluRunnerOptions } from './nlu/runner.js';
export { PlaybookClient, type PlaybookRunOptions } from './playbooks/client.js';
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
  PlaybookStep,
  PlaybookStepDraft,
  PlaybookStepResult,
  PlaybookTarget,
  PlaybookTask,
} from './playbooks/types.js';
