export { InsightsClient } from './client.js';
export { feedbackFrom, type InsightDecision } from './feedback-from.js';
export type { InsightCard, InsightDisplay, InsightFeedback } from './schemas.js';
