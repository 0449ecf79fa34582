import type { DroppedSuggestion } from './policy.js';
import type { Suggestion } from './schemas.js';
import type { TriggerReason } from './triggers.js';

/** What came of one interaction state, whatever its `status`. */
export interface AssistOutcomeBase {
  /** What the agent may see; the policy let it through. */
  readonly suggestions: readonly Suggestion[];
  /** Why suggestions were asked for; empty when they were not. */
  readonly reasons: readonly TriggerReason[];
  /** What the policy kept from the agent, and why. */
  readonly dropped: readonly DroppedSuggestion[];
  /** Time from the call of `handle` to its outcome, in ms. */
  readonly durationMs: number;
}

/** No trigger fired, or only for reasons that led to a question a moment ago; nothing was asked. */
export interface SkippedOutcome extends AssistOutcomeBase {
  /** Nothing was asked. */
  readonly status: 'skipped';
}

/** The platform answered just now; an equal question that was in flight may have been shared. */
export interface FreshOutcome extends AssistOutcomeBase {
  /** The platform answered. */
  readonly status: 'fresh';
}

/** The answer came from the cache. */
export interface CachedOutcome extends AssistOutcomeBase {
  /** The cache answered. */
  readonly status: 'cached';
}

/** The platform gave no answer; the suggestions are the fixed ones. */
export interface FallbackOutcome extends AssistOutcomeBase {
  /** The fixed suggestions. */
  readonly status: 'fallback';
  /** Why there was no answer: what the call rejected with. */
  readonly error: unknown;
}

/** What came of one interaction state. */
export type AssistOutcome = SkippedOutcome | FreshOutcome | CachedOutcome | FallbackOutcome;
