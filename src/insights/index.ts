/**
 * Cards for the agent's desktop, and feedback for training.
 *
 * Guide: [Insights](../../docs/insights.md).
 *
 * @module agent-assist-sdk/insights
 */

export { InsightsClient } from './client.js';
export { feedbackFrom } from './feedback-from.js';
export type { InsightCard, InsightDecision, InsightFeedback, PushOptions } from './types.js';
