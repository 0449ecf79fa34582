/**
 * Articles of the knowledge base, and cards made from them.
 *
 * Guide: [Insights](../../docs/insights.md).
 *
 * @module agent-assist-sdk/knowledge
 */

export { toAssistCards } from './assist-cards.js';
export { KnowledgeClient } from './client.js';
export type {
  Article,
  AssistCard,
  AssistCardOptions,
  KnowledgePage,
  KnowledgeQuery,
  KnowledgeSource,
  SearchAllOptions,
} from './types.js';
