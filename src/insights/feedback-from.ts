import type { InsightDecision, InsightFeedback } from './types.js';

/**
 * The feedback for training that a decision on the stream calls for: the event's own `action`, else `accepted` or
 * `rejected` by its type.
 *
 * @example
 * ```ts
 * import { feedbackFrom } from 'agent-assist-sdk/insights';
 *
 * stream.on('INSIGHT_ACCEPTED', (event) => insights.feedback(feedbackFrom(event)));
 * ```
 */
export function feedbackFrom(decision: InsightDecision): InsightFeedback {
  const { type, interactionId, insightId } = decision;
  // An empty action says nothing, and no feedback with one could be sent.
  const action = decision.action ?? '';
  return {
    interactionId,
    insightId,
    action: action !== '' ? action : type === 'INSIGHT_ACCEPTED' ? 'accepted' : 'rejected',
  };
}
