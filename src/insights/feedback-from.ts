import type { InsightFeedback } from './schemas.js';

/** What an agent decided. An `INSIGHT_ACCEPTED` or `INSIGHT_REJECTED` event of the stream is one as it is (protocol 5). */
export interface InsightDecision {
  /** `INSIGHT_ACCEPTED` or `INSIGHT_REJECTED`. */
  readonly type: 'INSIGHT_ACCEPTED' | 'INSIGHT_REJECTED';
  /** The interaction that the insight was for. */
  readonly interactionId: string;
  /** Id of the insight. */
  readonly insightId: string;
  /** The server's own name of the decision, where the event has one. */
  readonly action?: string | undefined;
}

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
