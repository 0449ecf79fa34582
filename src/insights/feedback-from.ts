import type { InsightDecision, InsightFeedback } from './types.js';
import { checkFields } from '../options.js';

/**
 * Creates the feedback of a decision on the stream: the event's own `action`, else `accepted` or `rejected` by its
 * type.
 *
 * @throws `ConfigurationError` for a type or an id that is not a string.
 *
 * @example
 * ```ts
 * import { feedbackFrom } from 'agent-assist-sdk/insights';
 *
 * stream.on('INSIGHT_ACCEPTED', (event) => insights.feedback(feedbackFrom(event)));
 * ```
 */
export function feedbackFrom(decision: InsightDecision): InsightFeedback {
  checkFields('decision', decision, { type: 'a string', interactionId: 'a string', insightId: 'a string' });
  const { type, interactionId, insightId } = decision;
  // An empty action has no meaning, and feedback with one would be refused.
  const action = decision.action ?? '';
  return {
    interactionId,
    insightId,
    action: action !== '' ? action : type === 'INSIGHT_ACCEPTED' ? 'accepted' : 'rejected',
  };
}
