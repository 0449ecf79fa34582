import * as z from 'zod/mini';
import { absentable, jsonObject, listOf } from '../http/internal.js';

/** What a suggestion is asked for: one state of an interaction (protocol 4). */
export interface SuggestRequest {
  /** The interaction. */
  readonly interactionId: string;
  /** What was said so far, or the part of it that matters. */
  readonly transcript: string;
  /** The customer's sentiment, negative below 0; absent where it is not known. The documents state no range; any finite number is sent. */
  readonly sentimentScore?: number | undefined;
  /** Anything else that the bot should know; must be expressible as JSON. Default `{}`. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
}

/** One proposed answer. Fields that this version does not know are kept. */
export interface Suggestion {
  /** What the agent may say. */
  readonly text: string;
  /** How sure the platform is, 0 to 1; absent where it says nothing, or nothing of the kind. */
  readonly confidence?: number | undefined;
  /** Where it comes from, e.g. a knowledge article. */
  readonly source?: string | undefined;
  readonly [field: string]: unknown;
}

/** The answer to {@link SuggestRequest}. */
export interface SuggestResult {
  /** Proposed answers, in the platform's order. */
  readonly suggestions: readonly Suggestion[];
  readonly [field: string]: unknown;
}

/** A {@link SuggestRequest} that passed its rules. */
export type CheckedSuggestRequest = SuggestRequest & Required<Pick<SuggestRequest, 'context'>>;

/** What travels: exactly these four fields, whatever else the caller's object has. */
export const suggestRequest: z.ZodMiniType<CheckedSuggestRequest> = z.object({
  interactionId: z.string(),
  transcript: z.string(),
  sentimentScore: z.optional(z.number()),
  context: z._default(jsonObject, {}),
});

const suggestion: z.ZodMiniType<Suggestion> = z.looseObject({
  text: z.string(),
  confidence: absentable(z.number().check(z.gte(0), z.lte(1))),
  source: absentable(z.string()),
});

export const suggestionList: z.ZodMiniType<readonly Suggestion[]> = listOf(suggestion);

export const suggestResult: z.ZodMiniType<SuggestResult> = z.looseObject({ suggestions: suggestionList });
