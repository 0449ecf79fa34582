import type { CallOptions } from '../http/internal.js';

/** A card for the agent's desktop (protocol 8). The cards of `toAssistCards` are such. */
export interface InsightCard {
  /** Id of the insight; comes back in accept and reject events. Not empty. */
  readonly id: string;
  readonly title: string;
  /** Rank among the cards of its question, 1 being the best. */
  readonly priority: number;
  /** How well the insight answers the question. */
  readonly score: number;
  /** Where the source can be read; may be empty. */
  readonly citation: string;
  readonly snippet: string;
  /** The interaction that the card is for. Not empty. */
  readonly interactionId: string;
}

/** What an agent did with an insight (protocol 4). */
export interface InsightFeedback {
  /** The interaction that the insight was for. Not empty. */
  readonly interactionId: string;
  /** Id of the insight. Not empty. */
  readonly insightId: string;
  /** What the agent did. Not empty. */
  readonly action: 'accepted' | 'rejected' | (string & {});
  /**
   * When: a `Date`, or ISO 8601 with `Z` or an offset, e.g. `2026-03-01T10:00:00+02:00`. Sent in UTC.
   *
   * @defaultValue now
   */
  readonly timestamp?: Date | string | undefined;
}

/** Options of `InsightsClient.push`: how the desktop shows the cards (protocol 4), and those of any call. */
export interface PushOptions extends CallOptions {
  /**
   * Kind of display.
   *
   * @defaultValue `CARD`
   */
  readonly displayType?: 'CARD' | (string & {}) | undefined;
  /**
   * Whether the desktop removes the cards by itself.
   *
   * @defaultValue true
   */
  readonly autoDismiss?: boolean | undefined;
}

/** What an agent decided. The stream events `INSIGHT_ACCEPTED` and `INSIGHT_REJECTED` have this shape (protocol 5). */
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
