/**
 * Cards to the agent's desktop, and what the agent did with them back to training.
 *
 * Guide: [Insights](../../docs/insights.md).
 *
 * @module agent-assist-sdk/insights
 */

export { InsightsClient, type PushOptions } from './client.js';
export { feedbackFrom, type InsightDecision } from './feedback-from.js';
export type { InsightCard, InsightFeedback } from './schemas.js';
