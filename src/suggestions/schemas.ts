import * as z from 'zod/mini';
import { absentable, jsonObject, listOf } from '../http/internal.js';
import type { Suggestion, SuggestRequest, SuggestResult } from './types.js';

/** A request that passed validation. */
export type CheckedSuggestRequest = SuggestRequest & Required<Pick<SuggestRequest, 'context'>>;

/** Exactly these four fields are sent, whatever else the caller's object has. */
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
