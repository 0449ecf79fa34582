import type { CallOptions, Clock, Instrumentation, KeyValueStore, Logger } from '../http/internal.js';
import type { TermMatch } from '../text.js';

/** One state of an interaction to ask suggestions for (protocol 4). */
export interface SuggestRequest {
  readonly interactionId: string;
  /** What was said so far, or the part of it that matters. */
  readonly transcript: string;
  /** The customer's sentiment, negative below 0. Any finite number is sent; omit it when it is unknown. */
  readonly sentimentScore?: number | undefined;
  /**
   * Anything else that the bot should know; must be expressible as JSON.
   *
   * @defaultValue `{}`
   */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
}

/** One suggested answer. Unknown fields are kept. */
export interface Suggestion {
  /** What the agent may say. */
  readonly text: string;
  /** How sure the platform is, 0 to 1; absent when it sends no valid value. */
  readonly confidence?: number | undefined;
  /** Where it comes from, e.g. a knowledge article. */
  readonly source?: string | undefined;
  readonly [field: string]: unknown;
}

/** The answer to a {@link SuggestRequest}. */
export interface SuggestResult {
  /** Suggestions in the platform's order. */
  readonly suggestions: readonly Suggestion[];
  readonly [field: string]: unknown;
}

/** Where the engine gets suggestions from, e.g. a `SuggestionsClient`. */
export interface SuggestionSource {
  /** Answers one request, within `totalTimeoutMs` and until `signal` is aborted. */
  suggest(request: SuggestRequest, options: CallOptions): PromiseLike<SuggestResult>;
}

/** What a trigger looks at. */
export interface TriggerInput {
  readonly transcript: string;
  /** The customer's sentiment, negative below 0; absent when it is unknown. */
  readonly sentimentScore?: number | undefined;
}

/** A keyword was said. */
export interface KeywordReason {
  readonly type: 'keyword';
  /** The keyword as it was configured. */
  readonly keyword: string;
}

/** The sentiment fell below the threshold. */
export interface SentimentReason {
  readonly type: 'sentiment';
  readonly score: number;
  readonly threshold: number;
}

/** A custom trigger fired. */
export interface CustomReason {
  readonly type: 'custom';
  /** Name of the trigger. */
  readonly name: string;
}

/** Why a trigger fired. */
export type TriggerReason = KeywordReason | SentimentReason | CustomReason;

/**
 * Returns every reason to ask for suggestions; an empty list means that the trigger does not fire. It gets everything
 * that the engine handles, so a custom trigger may read further fields: `Trigger<InteractionUpdate>`.
 */
export type Trigger<Input extends TriggerInput = TriggerInput> = (input: Input) => readonly TriggerReason[];

/** Options of `keywordTrigger`. */
export interface KeywordTriggerOptions {
  /**
   * Words or phrases.
   *
   * @defaultValue `refund`, `cancel`, `complaint`, `escalate` (protocol 8)
   */
  readonly keywords?: readonly string[] | undefined;
  /**
   * `contains` finds `refund` inside `refunded` too; `whole-word` only where no letter, digit, combining mark or
   * underscore of any script touches it.
   *
   * @defaultValue `contains` (protocol 8)
   */
  readonly match?: TermMatch | undefined;
}

/** Options of `sentimentTrigger`. */
export interface SentimentTriggerOptions {
  /**
   * Fires below this, not at it.
   *
   * @defaultValue −0.4 (protocol 8)
   */
  readonly threshold?: number | undefined;
}

/** The text has a prohibited phrase. */
export interface PhraseViolation {
  readonly type: 'phrase';
  /** The phrase as it was configured. */
  readonly phrase: string;
}

/** The confidence is too low or missing. */
export interface ConfidenceViolation {
  readonly type: 'confidence';
  /** Confidence of the suggestion, 0 to 1. */
  readonly confidence?: number | undefined;
  readonly minConfidence: number;
}

/** A policy rule that a suggestion breaks. */
export type PolicyViolation = PhraseViolation | ConfidenceViolation;

/** A suggestion that the policy rejects. */
export interface DroppedSuggestion {
  readonly suggestion: Suggestion;
  /** Every rule that it breaks, phrases first. */
  readonly violations: readonly PolicyViolation[];
}

/** What a policy decided. */
export interface PolicyVerdict {
  /** What the agent may see, in the original order. */
  readonly approved: readonly Suggestion[];
  readonly dropped: readonly DroppedSuggestion[];
}

/** Sorts suggestions into approved and dropped ones. */
export type SuggestionPolicy = (suggestions: readonly Suggestion[]) => PolicyVerdict;

/** Options of `suggestionPolicy`. A widget configuration fits. */
export interface PolicyOptions {
  /** @defaultValue `guarantee full refund`, `legal action`, `sue the company` (protocol 8) */
  readonly prohibitedPhrases?: readonly string[] | undefined;
  /**
   * A suggestion below this is dropped; 0 to 1.
   *
   * @defaultValue 0.75 (protocol 8)
   */
  readonly minConfidence?: number | undefined;
  /**
   * What becomes of a suggestion without a confidence: the platform sent none, or no valid one. `drop` counts it as too
   * low, `approve` lets only the phrases decide.
   *
   * @defaultValue `'drop'`
   */
  readonly missingConfidence?: 'drop' | 'approve' | undefined;
}

/** Result of one interaction state, whatever its `status`. */
export interface AssistOutcomeBase {
  /** What the agent may see, approved by the policy. */
  readonly suggestions: readonly Suggestion[];
  /** Why the engine asked; empty when it did not. */
  readonly reasons: readonly TriggerReason[];
  /** What the policy rejected, and why. */
  readonly dropped: readonly DroppedSuggestion[];
  /** Time from the call of `handle` to its outcome, in ms. */
  readonly durationMs: number;
}

/** No trigger fired, or only for reasons that are paused; the engine asked nothing. */
export interface SkippedOutcome extends AssistOutcomeBase {
  readonly status: 'skipped';
}

/** The platform answered; equal requests in flight share one call. */
export interface FreshOutcome extends AssistOutcomeBase {
  readonly status: 'fresh';
}

/** The answer came from the cache. */
export interface CachedOutcome extends AssistOutcomeBase {
  readonly status: 'cached';
}

/** The call failed; the suggestions are the fixed ones. */
export interface FallbackOutcome extends AssistOutcomeBase {
  readonly status: 'fallback';
  /** What the call rejected with. */
  readonly error: unknown;
}

/**
 * Result of one interaction state. Expressible as JSON, so a queue can carry it; an error of this package keeps its
 * code.
 */
export type AssistOutcome = SkippedOutcome | FreshOutcome | CachedOutcome | FallbackOutcome;

/** One query of the engine, for a log or a training pipeline: exactly the fields of protocol 8. */
export interface AssistMetrics {
  /** When the query ended: ISO 8601, UTC. */
  readonly timestamp: string;
  readonly interactionId: string;
  /** Whether a trigger fired. */
  readonly triggered: boolean;
  /** Whether the suggestions came from the cache. */
  readonly cached: boolean;
  /** Whether the suggestions are the fixed ones. */
  readonly fallback: boolean;
  /** How many suggestions the policy approved. */
  readonly suggestionCount: number;
  readonly eventType: 'AGENT_ASSIST_QUERY';
}

/** Options of `AssistEngine`. */
export interface AssistEngineOptions<Update extends SuggestRequest = SuggestRequest> {
  /** Where suggestions come from. */
  readonly client: SuggestionSource;
  /**
   * What makes the engine ask.
   *
   * @defaultValue the keyword and the sentiment trigger of protocol 8
   */
  readonly triggers?: readonly Trigger<Update>[] | undefined;
  /**
   * Time in ms during which a reason does not fire again for the same interaction, since every update of a growing
   * transcript contains its keyword; 0 disables the pause.
   *
   * @defaultValue 30,000
   */
  readonly pauseMs?: number | undefined;
  /**
   * What an agent may see.
   *
   * @defaultValue the policy of protocol 8
   */
  readonly policy?: SuggestionPolicy | undefined;
  /**
   * Where answers are cached, as JSON. Give each tenant a namespace of its own.
   *
   * @defaultValue a `MemoryStore` of 500 entries (protocol 8)
   */
  readonly store?: KeyValueStore | undefined;
  /**
   * How long an answer is cached, in ms.
   *
   * @defaultValue 120,000 (protocol 8)
   */
  readonly cacheTtlMs?: number | undefined;
  /**
   * What the agent sees when the call fails.
   *
   * @defaultValue `fallbackSuggestions`
   */
  readonly fallback?: readonly Suggestion[] | undefined;
  /**
   * Time limit in ms from the request to the outcome, including the store.
   *
   * @defaultValue 5,000
   */
  readonly totalTimeoutMs?: number | undefined;
  /** Receives a record of each query that had an outcome. Its errors and rejections are logged and ignored. */
  readonly onMetrics?: ((record: AssistMetrics) => unknown) | undefined;
  /** Observes outcomes and hits of the cache, e.g. by the one of `agent-assist-sdk/otel`. */
  readonly instrumentation?: Instrumentation | undefined;
  /**
   * Source of time.
   *
   * @defaultValue the system clock
   */
  readonly clock?: Clock | undefined;
  /**
   * Receives log messages.
   *
   * @defaultValue no logging
   */
  readonly logger?: Logger | undefined;
}

/** Options of one `AssistEngine.handle` call. */
export interface HandleOptions {
  /** Cancels the wait; `handle` rejects with an `AbortError`. Others that share the call keep waiting. */
  readonly signal?: AbortSignal | undefined;
}
