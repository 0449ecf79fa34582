import {
  AuthenticationError,
  OAuthError,
  PermissionDeniedError,
  AbortError,
  ConfigurationError,
  RequestValidationError,
  TimeoutError,
} from '../errors.js';
import { sha256Hex } from '../hash.js';
import {
  MemoryStore,
  SharedCalls,
  errorText,
  guarded,
  resolveLogger,
  systemClock,
  validateRequest,
  withinLimit,
  type CallOptions,
  type Clock,
  type Logger,
  type Wait,
} from '../http/internal.js';
import { checkTimeLimits } from '../options.js';
import type { SuggestionStore } from './cache.js';
import { fallbackSuggestions } from './fallback.js';
import { canonicalRequest } from './key.js';
import { assistMetrics, type AssistMetrics } from './metrics.js';
import type { AssistOutcome, CachedOutcome, FreshOutcome } from './outcome.js';
import { suggestionPolicy, type SuggestionPolicy } from './policy.js';
import {
  suggestionList,
  suggestRequest,
  type CheckedSuggestRequest,
  type Suggestion,
  type SuggestRequest,
  type SuggestResult,
} from './schemas.js';
import { evaluateTriggers, keywordTrigger, sentimentTrigger, type Trigger, type TriggerReason } from './triggers.js';

/** Where the engine gets suggestions from; a `SuggestionsClient` is one. */
export interface SuggestionSource {
  /** Answers one request, within `totalTimeoutMs` and for as long as `signal` is not aborted. */
  suggest(request: SuggestRequest, options: CallOptions): PromiseLike<SuggestResult>;
}

/** The collaborators of {@link AssistEngine}. */
export interface AssistEngineOptions<Update extends SuggestRequest = SuggestRequest> {
  /** Where suggestions come from. */
  readonly client: SuggestionSource;
  /** What makes the engine ask. Default: the keyword and the sentiment trigger of protocol 8. */
  readonly triggers?: readonly Trigger<Update>[] | undefined;
  /**
   * How long, in ms, a reason that led to a question leads to no other one of its interaction; 0: it always does. A
   * transcript that grows names its keyword in every update. Default 30,000.
   */
  readonly pauseMs?: number | undefined;
  /** What an agent may see. Default: the policy of protocol 8. */
  readonly policy?: SuggestionPolicy | undefined;
  /** Where answers are kept. Default: a {@link MemoryStore} of 500 (protocol 8). */
  readonly store?: SuggestionStore | undefined;
  /** How long an answer is kept, in ms. Default 120,000 (protocol 8). */
  readonly cacheTtlMs?: number | undefined;
  /** What the agent sees when the platform gives nothing. Default: {@link fallbackSuggestions}. */
  readonly fallback?: readonly Suggestion[] | undefined;
  /** Limit in ms from the question to the outcome, the store's time included. Default 5,000. */
  readonly totalTimeoutMs?: number | undefined;
  /** Receives the record of each query that had an outcome. What it throws or rejects with is logged and ignored. */
  readonly onMetrics?: ((record: AssistMetrics) => unknown) | undefined;
  /** Source of time. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Receives log lines. Default: none are written. */
  readonly logger?: Logger | undefined;
}

/** Options of one {@link AssistEngine.handle}. */
export interface HandleOptions {
  /** Ends the wait; `handle` rejects with an `AbortError`. Others who wait for an equal question go on. */
  readonly signal?: AbortSignal | undefined;
}

/** How many pauses are kept, one for each interaction and reason. */
const MAX_PAUSES = 10_000;

interface Answer {
  readonly status: (FreshOutcome | CachedOutcome)['status'];
  readonly suggestions: readonly Suggestion[];
}

/**
 * The agent-assist loop for one interaction state: triggers, cache, platform, policy, and fixed suggestions where the
 * platform gives none (protocol 8).
 *
 * @example
 * ```ts
 * import { AssistEngine, type AssistStream, type SuggestionsClient } from 'agent-assist-sdk';
 *
 * export function assist(stream: AssistStream, client: SuggestionsClient): void {
 *   const engine = new AssistEngine({ client, onMetrics: (record) => console.log(JSON.stringify(record)) });
 *   stream.on('INTERACTION_UPDATE', async ({ payload }) => {
 *     const { status, suggestions } = await engine.handle(payload);
 *     console.log(status, suggestions.map(({ text }) => text));
 *   });
 * }
 * ```
 */
export class AssistEngine<Update extends SuggestRequest = SuggestRequest> {
  readonly #client: SuggestionSource;
  readonly #triggers: readonly Trigger<Update>[];
  readonly #pauseMs: number;
  /** What was asked last, by interaction and reason. */
  readonly #pauses: MemoryStore<string>;
  readonly #policy: SuggestionPolicy;
  readonly #store: SuggestionStore;
  readonly #cacheTtlMs: number;
  readonly #fallback: readonly Suggestion[];
  readonly #totalTimeoutMs: number;
  readonly #onMetrics: (record: AssistMetrics) => void;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #toldOfRefusal = false;
  readonly #calls: SharedCalls<Answer>;

  /** @throws `ConfigurationError` for a time out of its range. */
  constructor(options: AssistEngineOptions<Update>) {
    const { clock = systemClock, cacheTtlMs = 120_000, totalTimeoutMs = 5000, pauseMs = 30_000 } = options;
    if (!(pauseMs >= 0)) throw new ConfigurationError('pauseMs: expected ms of at least 0');
    if (!(cacheTtlMs > 0)) throw new ConfigurationError('cacheTtlMs: expected ms above 0');
    checkTimeLimits({ totalTimeoutMs });
    this.#client = options.client;
    this.#triggers = options.triggers ?? [keywordTrigger(), sentimentTrigger()];
    this.#pauseMs = pauseMs;
    this.#pauses = new MemoryStore({ maxEntries: MAX_PAUSES, clock });
    this.#policy = options.policy ?? suggestionPolicy();
    this.#store = options.store ?? new MemoryStore({ maxEntries: 500, clock });
    this.#cacheTtlMs = cacheTtlMs;
    this.#fallback = options.fallback ?? fallbackSuggestions;
    this.#totalTimeoutMs = totalTimeoutMs;
    this.#clock = clock;
    this.#calls = new SharedCalls(clock);
    this.#logger = resolveLogger(options.logger);
    this.#onMetrics = guarded('onMetrics', options.onMetrics, this.#logger);
  }

  /**
   * Handles one interaction state. The payload of an `INTERACTION_UPDATE` fits as it is.
   *
   * A reason that led to a question leads to no other one of its interaction for `pauseMs`, unless the question is the same
   * or got no answer; with no other reason the outcome is `skipped`.
   *
   * The cache holds the platform's answers; the policy looks at every one that is handed out. Equal questions in flight
   * share one call, as long as it has at least half of their own time left. Whatever the call rejects with leads to the fixed suggestions, with the reason in `error`, but for
   * two: what the caller did wrong, and the caller's own abort.
   *
   * @throws (as rejection) `RequestValidationError` when the payload breaks its rules, `ConfigurationError` from the
   * client, `AbortError`, and what a trigger or the policy throws.
   */
  async handle(payload: Update, options: HandleOptions = {}): Promise<AssistOutcome> {
    const { signal } = options;
    if (signal?.aborted === true) throw new AbortError(signal.reason);
    const request = validateRequest(suggestRequest, payload, 'interaction');
    const outcome = await this.#outcome(payload, request, signal);
    this.#onMetrics(assistMetrics(request.interactionId, outcome, this.#clock.now()));
    return outcome;
  }

  async #outcome(
    payload: Update,
    request: CheckedSuggestRequest,
    signal: AbortSignal | undefined,
  ): Promise<AssistOutcome> {
    const startedAt = this.#clock.monotonic();
    const reasons = evaluateTriggers(this.#triggers, { ...payload, ...request });
    const canonical = canonicalRequest(request);
    const pauses = reasons.map((reason) => pauseKey(request.interactionId, reason));
    // An equal question costs no call.
    if (pauses.every((key) => this.#isPaused(key, canonical)))
      return { status: 'skipped', suggestions: [], reasons: [], dropped: [], durationMs: 0 };
    if (this.#pauseMs > 0) for (const key of pauses) this.#pauses.set(key, canonical ?? '', this.#pauseMs);
    let answer:
      Answer | { readonly status: 'fallback'; readonly suggestions: readonly Suggestion[]; readonly error: unknown };
    try {
      answer = await this.#answerInTime(request, canonical, signal);
    } catch (error) {
      for (const key of pauses) this.#pauses.delete(key);
      if (signal?.aborted === true) throw new AbortError(signal.reason);
      if (error instanceof RequestValidationError || error instanceof ConfigurationError) throw error;
      this.#logFallback(error);
      answer = { status: 'fallback', suggestions: this.#fallback, error };
    }
    const { approved, dropped } = this.#policy(answer.suggestions);
    const durationMs = this.#clock.monotonic() - startedAt;
    return { ...answer, suggestions: approved, reasons, dropped, durationMs };
  }

  /** Wrong credentials meet every question until someone mends them: one loud line. */
  #logFallback(error: unknown): void {
    const isRefused =
      error instanceof OAuthError || error instanceof AuthenticationError || error instanceof PermissionDeniedError;
    const level = isRefused && !this.#toldOfRefusal ? 'error' : 'warn';
    this.#toldOfRefusal ||= isRefused;
    this.#logger[level](`No suggestions from the platform, the fixed ones are used: ${errorText(error)}`, { error });
  }

  #isPaused(key: string, canonical: string | undefined): boolean {
    const asked = this.#pauses.get(key);
    return asked !== undefined && asked !== (canonical ?? '');
  }

  /** The limit holds here as well, so that a store or a client that hangs cannot leave the panel blank. */
  async #answerInTime(
    request: CheckedSuggestRequest,
    canonical: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const clock = this.#clock;
    const timeoutMs = this.#totalTimeoutMs;
    const endsAt = clock.monotonic() + timeoutMs;
    const remainingMs = (): number => Math.max(0, endsAt - clock.monotonic());
    const timeoutError = (): Error => new TimeoutError(`No suggestions within ${timeoutMs} ms`, timeoutMs);
    // A request without a canonical form equals no other.
    const key = canonical ?? Symbol('unlike any other');
    const answer = (wait: Wait): Promise<Answer> => this.#answer(canonical, request, wait);
    const join = (leave: AbortSignal): Promise<Answer> => this.#calls.join(key, answer, { signal: leave, remainingMs });
    return withinLimit(join, { clock, signal, timeoutMs, timeoutError });
  }

  async #answer(canonical: string | undefined, request: CheckedSuggestRequest, wait: Wait): Promise<Answer> {
    const { signal, remainingMs } = wait;
    const key = canonical === undefined ? undefined : await sha256Hex(canonical);
    const kept = key === undefined ? undefined : await this.#read(key);
    if (kept !== undefined) return { status: 'cached', suggestions: kept };
    // The store may have taken all the time, and the callers may have left.
    if (signal.aborted) throw new AbortError(signal.reason);
    const { suggestions } = await this.#client.suggest(request, { signal, totalTimeoutMs: Math.max(1, remainingMs()) });
    if (key !== undefined) void this.#keep(key, suggestions);
    return { status: 'fresh', suggestions };
  }

  async #read(key: string): Promise<readonly Suggestion[] | undefined> {
    try {
      const value = await this.#store.get(key);
      // What comes from a shared store is as foreign as what comes from the wire.
      if (value === undefined || value === null) return undefined;
      return validateRequest(suggestionList, value, 'stored suggestions');
    } catch (error) {
      this.#logger.warn(`The suggestion store gave nothing usable: ${errorText(error)}`, { error });
      return undefined;
    }
  }

  async #keep(key: string, suggestions: readonly Suggestion[]): Promise<void> {
    try {
      await this.#store.set(key, suggestions, this.#cacheTtlMs);
    } catch (error) {
      this.#logger.warn(`The suggestion store kept nothing: ${errorText(error)}`, { error });
    }
  }
}

/** A sentiment is one reason, whatever its score. */
function pauseKey(interactionId: string, reason: TriggerReason): string {
  const what = reason.type === 'keyword' ? reason.keyword : reason.type === 'custom' ? reason.name : '';
  return JSON.stringify([interactionId, reason.type, what]);
}
