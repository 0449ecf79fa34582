/**
 * Cards to the agent's desktop, and what the agent did with them back to training.
 *
 * @module agent-assist-sdk/insights
 */

export { InsightsClient } from './client.js';
export { feedbackFrom, type InsightDecision } from './feedback-from.js';
export type { InsightCard, InsightDisplay, InsightFeedback } from './schemas.js';
