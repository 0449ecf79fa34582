import type { CallOptions } from '../http/internal.js';

/** A card for the agent's desktop (protocol 8). The result of `toAssistCards` fits. */
export interface InsightCard {
  /** Id of the insight, repeated in accept and reject events. Not empty. */
  readonly id: string;
  readonly title: string;
  /** Rank among the cards of its question; 1 is the best. */
  readonly priority: number;
  /** Relevance of the insight to the question. */
  readonly score: number;
  /** Link to the source; may be empty. */
  readonly citation: string;
  readonly snippet: string;
  /** Interaction of the card. Not empty. */
  readonly interactionId: string;
}

/** What an agent did with an insight (protocol 4). */
export interface InsightFeedback {
  /** Interaction of the insight. Not empty. */
  readonly interactionId: string;
  /** Id of the insight. Not empty. */
  readonly insightId: string;
  /** The action. Not empty. */
  readonly action: 'accepted' | 'rejected' | (string & {});
  /**
   * Time of the action: a `Date`, or ISO 8601 with `Z` or an offset, e.g. `2026-03-01T10:00:00+02:00`. Sent in UTC.
   *
   * @defaultValue now
   */
  readonly timestamp?: Date | string | undefined;
}

/** Options of `InsightsClient.push`: how the desktop shows the cards (protocol 4), and call options. */
export interface PushOptions extends CallOptions {
  /** Kind of display. @defaultValue `CARD` */
  readonly displayType?: 'CARD' | (string & {}) | undefined;
  /** Whether the desktop removes the cards by itself. @defaultValue true */
  readonly autoDismiss?: boolean | undefined;
}

/** An agent's decision. The stream events `INSIGHT_ACCEPTED` and `INSIGHT_REJECTED` fit (protocol 5). */
export interface InsightDecision {
  readonly type: 'INSIGHT_ACCEPTED' | 'INSIGHT_REJECTED';
  readonly interactionId: string;
  readonly insightId: string;
  /** The server's own name of the decision, if the event has one. */
  readonly action?: string | undefined;
}
