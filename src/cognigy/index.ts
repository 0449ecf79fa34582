/**
 * Real Cognigy.AI installations: where they are, their flows, audit events and bots.
 *
 * @module agent-assist-sdk/cognigy
 */

export { FlowClient } from './flow-client.js';
export { flowKnowledge, type FlowKnowledgeMapping, type FlowKnowledgeQuery } from './flow-knowledge.js';
export { flowSuggestions, type FlowSuggestionMapping } from './flow-suggestions.js';
export type { FlowAnswer, FlowClientOptions, FlowInput, FlowOutput } from './flow-types.js';
export { cognigyAi, type CognigyAiOptions, type CognigyAiPlatform } from './platform.js';
