import * as z from 'zod/mini';
import { absentable, anyString, finiteNumber, jsonObject, listOf, numberFrom } from '../http/internal.js';
import type { Suggestion, SuggestRequest, SuggestResult } from './types.js';

/** A request that passed validation. */
export type CheckedSuggestRequest = SuggestRequest & Required<Pick<SuggestRequest, 'context'>>;

/** Exactly these four fields are sent, whatever else the caller's object has. */
export const suggestRequest: z.ZodMiniType<CheckedSuggestRequest> = z.object({
  interactionId: anyString,
  transcript: anyString,
  sentimentScore: z.optional(finiteNumber),
  context: z._default(jsonObject, {}),
});

const suggestion: z.ZodMiniType<Suggestion> = z.looseObject({
  text: anyString,
  confidence: absentable(numberFrom(0, 1)),
  source: absentable(anyString),
});

export const suggestionList: z.ZodMiniType<readonly Suggestion[]> = listOf(suggestion);

export const suggestResult: z.ZodMiniType<SuggestResult> = z.looseObject({ suggestions: suggestionList });
