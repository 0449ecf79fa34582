/**
 * Suggestions for agents, with triggers, cache, policy and fallback around them.
 *
 * Guide: [Suggestions](../../docs/suggestions.md).
 *
 * @module agent-assist-sdk/suggestions
 */

export type { SuggestionStore } from './cache.js';
export { SuggestionsClient } from './client.js';
export { AssistEngine, type AssistEngineOptions, type HandleOptions, type SuggestionSource } from './engine.js';
export { fallbackSuggestions } from './fallback.js';
export type { AssistMetrics } from './metrics.js';
export type {
  AssistOutcome,
  AssistOutcomeBase,
  CachedOutcome,
  FallbackOutcome,
  FreshOutcome,
  SkippedOutcome,
} from './outcome.js';
export {
  suggestionPolicy,
  type ConfidenceViolation,
  type DroppedSuggestion,
  type PhraseViolation,
  type PolicyOptions,
  type PolicyVerdict,
  type PolicyViolation,
  type SuggestionPolicy,
} from './policy.js';
export type { Suggestion, SuggestRequest, SuggestResult } from './schemas.js';
export {
  keywordTrigger,
  sentimentTrigger,
  type CustomReason,
  type KeywordReason,
  type KeywordTriggerOptions,
  type SentimentReason,
  type SentimentTriggerOptions,
  type Trigger,
  type TriggerInput,
  type TriggerReason,
} from './triggers.js';
export type { TermMatch } from '../text.js';
