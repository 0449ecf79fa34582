/**
 * Suggestions for agents, with triggers, cache, policy and fallback around them.
 *
 * Guide: [Suggestions](../../docs/suggestions.md).
 *
 * @module agent-assist-sdk/suggestions
 */

export { SuggestionsClient } from './client.js';
export { AssistEngine, fallbackSuggestions } from './engine.js';
export { suggestionPolicy } from './policy.js';
export { keywordTrigger, sentimentTrigger } from './triggers.js';
export type {
  AssistEngineOptions,
  AssistMetrics,
  AssistOutcome,
  AssistOutcomeBase,
  CachedOutcome,
  ConfidenceViolation,
  CustomReason,
  DroppedSuggestion,
  FallbackOutcome,
  FreshOutcome,
  HandleOptions,
  KeywordReason,
  KeywordTriggerOptions,
  PhraseViolation,
  PolicyOptions,
  PolicyVerdict,
  PolicyViolation,
  SentimentReason,
  SentimentTriggerOptions,
  SkippedOutcome,
  SuggestRequest,
  SuggestResult,
  Suggestion,
  SuggestionPolicy,
  SuggestionSource,
  Trigger,
  TriggerInput,
  TriggerReason,
} from './types.js';
export type { TermMatch } from '../text.js';
