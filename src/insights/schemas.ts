import * as z from 'zod/mini';
import { isIsoMoment } from '../http/internal.js';

/** A card for the agent's desktop (protocol 8). The cards of `toAssistCards` are such. */
export interface InsightCard {
  /** Id of the insight; comes back in accept and reject events. Not empty. */
  readonly id: string;
  /** Title of the card. */
  readonly title: string;
  /** Rank among the cards of its question, 1 being the best. */
  readonly priority: number;
  /** How well the insight answers the question. */
  readonly score: number;
  /** Where the source can be read; may be empty. */
  readonly citation: string;
  /** A short text. */
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
  /** When: a `Date`, or ISO 8601 with `Z` or an offset, e.g. `2026-03-01T10:00:00+02:00`. Sent in UTC. Default: now. */
  readonly timestamp?: Date | string | undefined;
}

const notEmpty = z.string().check(z.minLength(1));

// Unknown fields of a card are left out: a card on the wire has exactly these.
export const insightCards: z.ZodMiniType<InsightCard[]> = z.array(
  z.object({
    id: notEmpty,
    title: z.string(),
    priority: z.int().check(z.minimum(1)),
    score: z.number(),
    citation: z.string(),
    snippet: z.string(),
    interactionId: notEmpty,
  }),
);

export const insightDisplay: z.ZodMiniType<{ displayType: string; autoDismiss: boolean }> = z.object({
  displayType: z._default(notEmpty, 'CARD'),
  autoDismiss: z._default(z.boolean(), true),
});

function isMoment(value: unknown): boolean {
  return value instanceof Date ? !Number.isNaN(value.getTime()) : isIsoMoment(value);
}

const timestamp = z.pipe(
  z.custom<Date | string>(isMoment, 'must be a Date, or ISO 8601 with Z or an offset'),
  z.transform((value) => new Date(value).toISOString()),
);

export const insightFeedback: z.ZodMiniType<{
  interactionId: string;
  insightId: string;
  action: string;
  timestamp?: string | undefined;
}> = z.object({
  interactionId: notEmpty,
  insightId: notEmpty,
  action: notEmpty,
  timestamp: z.optional(timestamp),
});
