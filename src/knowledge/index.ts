export { toAssistCards, type AssistCard, type AssistCardOptions } from './assist-cards.js';
export { KnowledgeClient, type SearchAllOptions } from './client.js';
export type { Article, KnowledgePage, KnowledgeQuery } from './schemas.js';
