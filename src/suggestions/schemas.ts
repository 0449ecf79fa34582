import * as z from '../schema.js';
import {
  absentable,
  anyString,
  filledString,
  finiteNumber,
  jsonObject,
  listOf,
  numberFrom,
  withDefault,
} from '../http/internal.js';
import type { Suggestion, SuggestRequest, SuggestResult } from './types.js';

/** A request that passed validation. */
export type CheckedSuggestRequest = SuggestRequest & Required<Pick<SuggestRequest, 'context'>>;

/** Exactly these four fields are sent, whatever else the caller's object has. */
export const suggestRequest: z.Schema<CheckedSuggestRequest> = z.object({
  interactionId: filledString,
  transcript: anyString,
  sentimentScore: z.optional(finiteNumber),
  context: withDefault(jsonObject, {}),
} satisfies z.Fields<CheckedSuggestRequest>);

const suggestion: z.Schema<Suggestion> = z.looseObject({
  text: anyString,
  confidence: absentable(numberFrom(0, 1)),
  source: absentable(anyString),
} satisfies z.Fields<Suggestion>);

export const suggestionList: z.Schema<readonly Suggestion[]> = listOf(suggestion);

export const suggestResult: z.Schema<SuggestResult> = z.looseObject({
  suggestions: suggestionList,
} satisfies z.Fields<SuggestResult>);
