import * as z from '../schema.js';
import {
  anyString,
  filledString,
  finiteNumber,
  flag,
  isIsoMoment,
  positiveInteger,
  withDefault,
} from '../http/internal.js';
import type { InsightCard, InsightFeedback } from './types.js';

// Unknown fields of a card are not sent.
export const insightCards: z.Schema<InsightCard[]> = z.array(
  z.object({
    id: filledString,
    title: anyString,
    priority: positiveInteger,
    score: finiteNumber,
    citation: anyString,
    snippet: anyString,
    interactionId: filledString,
  } satisfies z.Fields<InsightCard>),
);

export const insightDisplay: z.Schema<{ displayType: string; autoDismiss: boolean }> = z.object({
  displayType: withDefault(filledString, 'CARD'),
  autoDismiss: withDefault(flag, true),
});

function isMoment(value: unknown): boolean {
  return value instanceof Date ? !Number.isNaN(value.getTime()) : isIsoMoment(value);
}

const timestamp = z.map(z.custom<Date | string>(isMoment, 'must be a Date, or ISO 8601 with Z or an offset'), (value) =>
  new Date(value).toISOString(),
);

export const insightFeedback: z.Schema<
  Omit<InsightFeedback, 'timestamp'> & { readonly timestamp?: string | undefined }
> = z.object({
  interactionId: filledString,
  insightId: filledString,
  action: filledString,
  timestamp: z.optional(timestamp),
} satisfies z.Fields<InsightFeedback>);
