/**
 * Cards to the agent's desktop, and what the agent did with them back to training.
 *
 * Guide: [Insights](../../docs/insights.md).
 *
 * @module agent-assist-sdk/insights
 */

export { InsightsClient } from './client.js';
export { feedbackFrom } from './feedback-from.js';
export type { InsightCard, InsightDecision, InsightFeedback, PushOptions } from './types.js';
