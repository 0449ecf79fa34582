import type { CallOptions, HttpClientOptions, Instrumentation, KeyValueStore } from '../http/internal.js';
import type { TermMatch } from '../text.js';

/** State of an interaction, for which suggestions are requested (protocol 4). */
export interface SuggestRequest {
  readonly interactionId: string;
  /** The transcript so far, or its relevant part. */
  readonly transcript: string;
  /** The customer's sentiment, negative below 0. Any finite number is sent; omit it if unknown. */
  readonly sentimentScore?: number | undefined;
  /** Other data for the bot; must be expressible as JSON. @defaultValue `{}` */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
}

/** A suggested reply. Unknown fields are kept. */
export interface Suggestion {
  /** Suggested text for the agent. */
  readonly text: string;
  /** Confidence of the platform, 0 to 1; absent if it sends no valid value. */
  readonly confidence?: number | undefined;
  /** Source of the suggestion, e.g. a knowledge article. */
  readonly source?: string | undefined;
  readonly [field: string]: unknown;
}

/** The response to a {@link SuggestRequest}. */
export interface SuggestResult {
  /** Suggestions in the platform's order. */
  readonly suggestions: readonly Suggestion[];
  readonly [field: string]: unknown;
}

/** Source of suggestions, e.g. a `SuggestionsClient`. */
export interface SuggestionSource {
  /** Responds to one request, within `totalTimeoutMs` and until `signal` is aborted. */
  suggest(request: SuggestRequest, options: CallOptions): PromiseLike<SuggestResult>;
}

/** Input of a trigger. */
export type TriggerInput = Pick<SuggestRequest, 'transcript' | 'sentimentScore'>;

/** A keyword was said. */
export interface KeywordReason {
  readonly type: 'keyword';
  /** The configured keyword. */
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
 * Returns every reason to request suggestions; an empty list means that the trigger does not fire. It receives the
 * whole input of the engine, so a custom trigger can read further fields: `Trigger<InteractionUpdate>`.
 */
export type Trigger<Input extends TriggerInput = TriggerInput> = (input: Input) => readonly TriggerReason[];

/** Options of `keywordTrigger`. */
export interface KeywordTriggerOptions {
  /** Words or phrases. @defaultValue `refund`, `cancel`, `complaint`, `escalate` (protocol 8) */
  readonly keywords?: readonly string[] | undefined;
  /**
   * `contains` finds `refund` inside `refunded` too; `whole-word` only if no letter, digit, combining mark or
   * underscore of any script touches it.
   *
   * @defaultValue `contains` (protocol 8)
   */
  readonly match?: TermMatch | undefined;
}

/** Options of `sentimentTrigger`. */
export interface SentimentTriggerOptions {
  /** Fires below this value, not at it. @defaultValue −0.4 (protocol 8) */
  readonly threshold?: number | undefined;
}

/** The text contains a prohibited phrase. */
export interface PhraseViolation {
  readonly type: 'phrase';
  /** The configured phrase. */
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
  /** All broken rules, phrases first. */
  readonly violations: readonly PolicyViolation[];
}

/** Decision of a policy. */
export interface PolicyVerdict {
  /** Approved suggestions, in the original order. */
  readonly approved: readonly Suggestion[];
  readonly dropped: readonly DroppedSuggestion[];
}

/** Divides suggestions into approved and dropped ones. */
export type SuggestionPolicy = (suggestions: readonly Suggestion[]) => PolicyVerdict;

/** Options of `suggestionPolicy`. A widget configuration fits. */
export interface PolicyOptions {
  /**
   * A suggestion that contains one of these phrases is dropped.
   *
   * @defaultValue `guarantee full refund`, `legal action`, `sue the company` (protocol 8)
   */
  readonly prohibitedPhrases?: readonly string[] | undefined;
  /** Minimum confidence; a suggestion below it is dropped; 0 to 1. @defaultValue 0.75 (protocol 8) */
  readonly minConfidence?: number | undefined;
  /**
   * What happens to a suggestion without a confidence from 0 to 1. `drop` treats it as too low; `approve` checks only
   * the phrases.
   *
   * @defaultValue `'drop'`
   */
  readonly missingConfidence?: 'drop' | 'approve' | undefined;
}

/** Fields of the result of one interaction state that do not depend on its `status`. */
export interface AssistOutcomeBase {
  /** Suggestions for the agent, approved by the policy. */
  readonly suggestions: readonly Suggestion[];
  /** Why the engine requested suggestions; empty if it did not. */
  readonly reasons: readonly TriggerReason[];
  /** Suggestions that the policy rejected, with the reasons. */
  readonly dropped: readonly DroppedSuggestion[];
  /** Time from the call of `handle` to its outcome, in ms. */
  readonly durationMs: number;
}

/** No trigger fired, or each reason is paused; the engine made no request. */
export interface SkippedOutcome extends AssistOutcomeBase {
  readonly status: 'skipped';
}

/** The platform responded; concurrent identical requests share one call. */
export interface FreshOutcome extends AssistOutcomeBase {
  readonly status: 'fresh';
}

/** The suggestions came from the cache. */
export interface CachedOutcome extends AssistOutcomeBase {
  readonly status: 'cached';
}

/** The call failed; the suggestions are fallback suggestions. */
export interface FallbackOutcome extends AssistOutcomeBase {
  readonly status: 'fallback';
  /** The error of the call. */
  readonly error: unknown;
}

/**
 * Result of one interaction state. Expressible as JSON, so a queue can carry it; an error of this package keeps its
 * code.
 */
export type AssistOutcome = SkippedOutcome | FreshOutcome | CachedOutcome | FallbackOutcome;

/** One query of the engine, for a log or a training pipeline: exactly the fields of protocol 8. */
export type AssistMetrics = Readonly<{
  /** Time of the end of the query: ISO 8601, UTC. */
  timestamp: string;
  interactionId: string;
  /** Whether a trigger fired. */
  triggered: boolean;
  /** Whether the suggestions came from the cache. */
  cached: boolean;
  /** Whether the suggestions are fallback suggestions. */
  fallback: boolean;
  /** Number of approved suggestions. */
  suggestionCount: number;
  eventType: 'AGENT_ASSIST_QUERY';
}>;

/** Options of `AssistEngine`. */
export interface AssistEngineOptions<Update extends SuggestRequest = SuggestRequest> extends Pick<
  HttpClientOptions,
  'clock' | 'logger'
> {
  /** Answers the requests: a `SuggestionsClient`, or another source, e.g. `flowSuggestions`. */
  readonly client: SuggestionSource;
  /** Triggers that request suggestions. @defaultValue the keyword and the sentiment trigger of protocol 8 */
  readonly triggers?: readonly Trigger<Update>[] | undefined;
  /**
   * Time in ms during which a reason does not fire again for the same interaction, since every update of a growing
   * transcript contains its keyword. 0 disables the pause.
   *
   * @defaultValue 30,000
   */
  readonly pauseMs?: number | undefined;
  /** Decides which suggestions an agent may see. @defaultValue the policy of protocol 8 */
  readonly policy?: SuggestionPolicy | undefined;
  /**
   * Cache of responses, as JSON. Give each tenant its own namespace.
   *
   * @defaultValue a `MemoryStore` of 500 entries (protocol 8)
   */
  readonly store?: KeyValueStore | undefined;
  /** Lifetime of cached responses in ms. @defaultValue 120,000 (protocol 8) */
  readonly cacheTtlMs?: number | undefined;
  /** Suggestions for the agent if the call fails. @defaultValue `fallbackSuggestions` */
  readonly fallback?: readonly Suggestion[] | undefined;
  /** Time limit in ms from the request to the outcome, including the store. @defaultValue 5,000 */
  readonly totalTimeoutMs?: number | undefined;
  /** Called with a record of each query with an outcome. Errors that it throws are logged and ignored. */
  readonly onMetrics?: ((record: AssistMetrics) => unknown) | undefined;
  /** Observes outcomes and cache hits, e.g. with `openTelemetry()`. @defaultValue none */
  readonly instrumentation?: Instrumentation | undefined;
}

/** Options of one `AssistEngine.handle` call. */
export interface HandleOptions {
  /** Aborts the wait; `handle` rejects with an `AbortError`. Others that share the call keep waiting. */
  readonly signal?: AbortSignal | undefined;
}
