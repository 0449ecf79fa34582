/**
 * Articles of the knowledge base, and cards made of them.
 *
 * Guide: [Insights](../../docs/insights.md).
 *
 * @module agent-assist-sdk/knowledge
 */

export { toAssistCards, type AssistCard, type AssistCardOptions } from './assist-cards.js';
export { KnowledgeClient, type SearchAllOptions } from './client.js';
export type { Article, KnowledgePage, KnowledgeQuery } from './schemas.js';
