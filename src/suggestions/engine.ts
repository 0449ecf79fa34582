import canonicalize from 'canonicalize';
import {
  AuthenticationError,
  OAuthError,
  PermissionDeniedError,
  AbortError,
  ConfigurationError,
  NotSupportedError,
  RequestValidationError,
  TimeoutError,
} from '../errors.js';
import { sha256Hex } from '../hash.js';
import {
  because,
  MemoryStore,
  SharedCalls,
  SharedStore,
  checkResult,
  errorText,
  guarded,
  lastFailure,
  resolveInstrumentation,
  resolveLogger,
  systemClock,
  validateRequest,
  type Clock,
  type Instruments,
  type Logger,
  type Wait,
} from '../http/internal.js';
import { isRecord, readJson, writeJson } from '../json.js';
import { checkFields, checkKind, checkOptions, checkTimeLimits, signalOf, type Known } from '../options.js';
import { suggestionPolicy } from './policy.js';
import { suggestionList, suggestRequest, type CheckedSuggestRequest } from './schemas.js';
import { keywordTrigger, sentimentTrigger } from './triggers.js';
import type {
  AssistEngineOptions,
  AssistMetrics,
  AssistOutcome,
  HandleOptions,
  Suggestion,
  SuggestionPolicy,
  SuggestionSource,
  SuggestRequest,
  Trigger,
  TriggerInput,
  TriggerReason,
} from './types.js';

/** Suggestions for the agent if the call fails, so that the panel is never blank (protocol 8). */
export const fallbackSuggestions: readonly Suggestion[] = [
  { text: 'I understand your concern. Let me connect you with a specialist.', confidence: 0.85 },
  { text: 'Would you like me to explain our resolution options?', confidence: 0.8 },
];

/** Limit of pauses, one for each interaction and reason. */
const MAX_PAUSES = 10_000;

interface Answer {
  readonly status: 'fresh' | 'cached';
  readonly suggestions: readonly Suggestion[];
}

/** The names of {@link AssistEngineOptions} other than `clock`, to check options. */
export const engineOptions: Known<Omit<AssistEngineOptions, 'clock'>> = {
  client: 'anything',
  triggers: 'a list of functions',
  pauseMs: 'a number',
  policy: 'a function; e.g. suggestionPolicy({ … })',
  store: 'a store with get()',
  cacheTtlMs: 'a number',
  fallback: 'a list of objects',
  totalTimeoutMs: true,
  onMetrics: 'a function',
  instrumentation: 'an object',
  logger: true,
};

/**
 * Decides for each state of an interaction what the agent sees (protocol 8). Triggers decide whether to ask. The cache or
 * the platform answers. If the call fails, fallback suggestions take its place. The policy checks every suggestion.
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
  /** The last request, by interaction and reason. */
  readonly #pauses: MemoryStore<string>;
  readonly #policy: SuggestionPolicy;
  readonly #store: SharedStore;
  readonly #cacheTtlMs: number;
  readonly #fallback: readonly Suggestion[];
  readonly #totalTimeoutMs: number;
  readonly #onMetrics: ((record: AssistMetrics) => void) | undefined;
  readonly #instruments: Instruments | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #hasLoggedRefusal = false;
  readonly #calls: SharedCalls<Answer>;

  /** @throws `ConfigurationError` if a time is out of range. */
  constructor(options: AssistEngineOptions<Update>) {
    checkOptions('AssistEngine', options, { ...engineOptions, clock: 'a clock with monotonic()' });
    const { clock = systemClock, cacheTtlMs = 120_000, totalTimeoutMs = 5000, pauseMs = 30_000 } = options;
    if (!(pauseMs >= 0)) throw new ConfigurationError('pauseMs: expected ms of at least 0');
    if (!(cacheTtlMs > 0)) throw new ConfigurationError('cacheTtlMs: expected ms above 0');
    checkTimeLimits({ totalTimeoutMs });
    const { client, triggers = [keywordTrigger(), sentimentTrigger()], policy = suggestionPolicy() } = options;
    checkKind('client', client, 'a source of suggestions with suggest()');

    this.#client = client;
    this.#triggers = triggers;
    this.#pauseMs = pauseMs;
    this.#pauses = new MemoryStore({ maxEntries: MAX_PAUSES, clock });
    this.#policy = policy;
    this.#cacheTtlMs = cacheTtlMs;
    this.#fallback = options.fallback ?? fallbackSuggestions;
    if (!areSuggestions(this.#fallback)) throw new ConfigurationError(`fallback: expected ${EXAMPLE}`);
    this.#totalTimeoutMs = totalTimeoutMs;
    this.#clock = clock;
    this.#calls = new SharedCalls(clock);
    this.#logger = resolveLogger(options.logger);
    const store = options.store ?? new MemoryStore({ maxEntries: 500, clock });
    this.#store = new SharedStore('Suggestion store', store, { clock, logger: this.#logger });
    const { onMetrics } = options;
    this.#onMetrics = onMetrics === undefined ? undefined : guarded('onMetrics', onMetrics, this.#logger);
    this.#instruments = resolveInstrumentation(options.instrumentation, this.#logger, clock);
  }

  /**
   * Handles one interaction state. The payload of an `INTERACTION_UPDATE` fits.
   *
   * After a reason has led to a request, it does not fire again for the same interaction within `pauseMs`, unless the
   * request is the same or failed. If no other reason remains, the outcome is `skipped`.
   *
   * The cache holds the platform's responses, and the policy checks each of them, cached or not. Concurrent identical
   * requests share one call, if it has at least half of the joining request's time left. If a call fails, the outcome
   * has the fallback suggestions, and `error` has the failure.
   *
   * @throws (as rejection) `RequestValidationError` for an invalid payload, `ConfigurationError` and
   * `NotSupportedError` from the client, `AbortError`, and what a trigger or the policy throws.
   */
  async handle(payload: Update, options?: HandleOptions): Promise<AssistOutcome> {
    const signal = signalOf('handle', options);
    if (signal?.aborted === true) throw new AbortError(signal.reason);
    const request = validateRequest(suggestRequest, payload, 'interaction');
    const outcome = await this.#outcome(payload, request, signal);
    this.#onMetrics?.({
      timestamp: new Date(this.#clock.now()).toISOString(),
      interactionId: request.interactionId,
      triggered: outcome.status !== 'skipped',
      cached: outcome.status === 'cached',
      fallback: outcome.status === 'fallback',
      suggestionCount: outcome.suggestions.length,
      eventType: 'AGENT_ASSIST_QUERY',
    });
    const { status, durationMs } = outcome;
    const error = outcome.status === 'fallback' ? outcome.error : undefined;
    this.#instruments?.record({ type: 'assist_outcome', status, durationMs, error });
    return outcome;
  }

  async #outcome(
    payload: Update,
    request: CheckedSuggestRequest,
    signal: AbortSignal | undefined,
  ): Promise<AssistOutcome> {
    const startedAt = this.#clock.monotonic();
    const reasons = reasonsOf(this.#triggers, { ...payload, ...request });
    // Most updates have no reason, and need no canonical form.
    const canonical = reasons.length === 0 ? undefined : canonicalRequest(request);
    const pauses = reasons.map((reason) => pauseKey(request.interactionId, reason));
    const form = canonical ?? '';
    // An equal request costs no call.
    const isPaused = (key: string): boolean => (this.#pauses.get(key) ?? form) !== form;
    if (pauses.every(isPaused)) return { status: 'skipped', suggestions: [], reasons: [], dropped: [], durationMs: 0 };
    if (this.#pauseMs > 0) for (const key of pauses) this.#pauses.set(key, form, this.#pauseMs);
    const timeoutMs = this.#totalTimeoutMs;
    const timeoutError = (cause?: Error): Error =>
      new TimeoutError(`No suggestions within ${timeoutMs} ms${because(cause)}`, timeoutMs, { cause });
    // Here too, since a store or a client that hangs must not leave the panel blank.
    const limit = { clock: this.#clock, signal, timeoutMs, timeoutError };
    const ask = (wait: Wait): Promise<Answer> => this.#answer(canonical, request, wait);
    let answer:
      Answer | { readonly status: 'fallback'; readonly suggestions: readonly Suggestion[]; readonly error: unknown };
    try {
      // A request without a canonical form shares no call.
      answer = await this.#calls.join(canonical ?? Symbol('unique'), ask, limit);
    } catch (error) {
      for (const key of pauses) this.#pauses.delete(key);
      if (signal?.aborted === true) throw new AbortError(signal.reason, lastFailure(signal));
      const isOurs =
        error instanceof RequestValidationError ||
        error instanceof ConfigurationError ||
        error instanceof NotSupportedError;
      if (isOurs) throw error;
      this.#logFallback(error);
      answer = { status: 'fallback', suggestions: this.#fallback, error };
    }
    const verdict = this.#policy(answer.suggestions);
    checkResult('policy()', verdict, 'an object');
    checkFields('policy()', verdict, { approved: 'a list of objects', dropped: 'a list of objects' });
    const { approved, dropped } = verdict;
    const durationMs = this.#clock.monotonic() - startedAt;
    return { ...answer, suggestions: approved, reasons, dropped, durationMs };
  }

  /** Wrong credentials fail every request until someone fixes them: the first failure is logged as an error. */
  #logFallback(error: unknown): void {
    const isRefused =
      error instanceof OAuthError || error instanceof AuthenticationError || error instanceof PermissionDeniedError;
    const level = isRefused && !this.#hasLoggedRefusal ? 'error' : 'warn';
    this.#hasLoggedRefusal ||= isRefused;
    this.#logger[level](`No suggestions from the platform, using the fallback: ${errorText(error)}`, { error });
  }

  async #answer(canonical: string | undefined, request: CheckedSuggestRequest, wait: Wait): Promise<Answer> {
    const { signal, remainingMs } = wait;
    const key = canonical === undefined ? undefined : await sha256Hex(canonical);
    const kept = key === undefined ? undefined : await this.#read(key);
    if (kept !== undefined) return { status: 'cached', suggestions: kept };
    // The callers may have left while the store was slow.
    if (signal.aborted) throw new AbortError(signal.reason);
    const answer = await this.#client.suggest(request, { signal, totalTimeoutMs: Math.max(1, remainingMs()) });
    const { suggestions } = Object(answer) as typeof answer;
    // Not a `ConfigurationError`, which the caller would get instead of the fallback.
    if (!areSuggestions(suggestions)) throw new TypeError(`client.suggest(): expected { suggestions: ${EXAMPLE} }`);
    const text = key === undefined ? undefined : writeJson(suggestions);
    // Not awaited: the agent waits for the answer, not for the store.
    if (key !== undefined && text !== undefined) void this.#store.set(key, text, this.#cacheTtlMs);
    return { status: 'fresh', suggestions };
  }

  async #read(key: string): Promise<readonly Suggestion[] | undefined> {
    const text = await this.#store.get(key);
    if (text === undefined) return undefined;
    try {
      // A shared store is as untrusted as the network.
      return validateRequest(suggestionList, readJson(text), 'stored suggestions');
    } catch (error) {
      this.#logger.warn(`Could not read from the suggestion store: ${errorText(error)}`, { error });
      return undefined;
    }
  }
}

function reasonsOf<Input extends TriggerInput>(triggers: readonly Trigger<Input>[], input: Input): TriggerReason[] {
  return triggers.flatMap((trigger) => {
    const reasons: unknown = trigger(input);
    checkResult(
      'triggers',
      reasons,
      'a list of objects',
      "a list of reasons, e.g. [] or [{ type: 'custom', name: 'vip' }]",
    );
    const list = reasons as readonly unknown[];
    if (list.every(isReason)) return list;
    throw new ConfigurationError("triggers: not a reason; expected e.g. { type: 'custom', name: 'vip' }");
  });
}

/** What a list of suggestions looks like, for messages. */
const EXAMPLE = "[{ text: '…' }]";

function areSuggestions(list: unknown): boolean {
  return Array.isArray(list) && list.every((one: unknown) => typeof (one as Suggestion | null)?.text === 'string');
}

function isReason(reason: unknown): reason is TriggerReason {
  if (!isRecord(reason)) return false;
  const { type, keyword, name } = reason;
  return type === 'sentiment' || typeof { keyword, custom: name }[String(type)] === 'string';
}

/** Returns the canonical JSON (RFC 8785) of a request; `undefined` for a text with a lone surrogate. */
function canonicalRequest(request: CheckedSuggestRequest): string | undefined {
  try {
    return canonicalize(request);
  } catch {
    return undefined;
  }
}

/** A sentiment is one reason, regardless of its score. */
function pauseKey(interactionId: string, reason: TriggerReason): string {
  const what = reason.type === 'keyword' ? reason.keyword : reason.type === 'custom' ? reason.name : '';
  return JSON.stringify([interactionId, reason.type, what]);
}
