import { AbortError, EnrichmentError, TimeoutError } from '../errors.js';
import {
  SharedCalls,
  abortable,
  checkResult,
  systemClock,
  unwantedReason,
  validateRequest,
  type Clock,
} from '../http/internal.js';
import { checkKind, checkOptions, checkTimeLimits, signalKind } from '../options.js';
import type { EnrichmentCache } from './cache.js';
import { enrichmentRequest } from './schemas.js';
import type {
  Enrichment,
  EnrichmentData,
  EnrichmentInput,
  EnrichmentRequest,
  EnrichmentSource,
  EnrichmentSources,
  EnrichOptions,
  LoadContext,
} from './types.js';

/** Studio waits 5 s for its HTTP action. Half a second is left for the network. */
export const DEFAULT_TOTAL_TIMEOUT_MS = 4500;

/**
 * Loads all parts in parallel, with one deadline (protocol 9). When the result is known, remaining loads are aborted.
 *
 * @throws `RequestValidationError` for an invalid request, before any source is called; `EnrichmentError` as soon as a
 * required source fails, or at the deadline; `AbortError` if `signal` is aborted; `ConfigurationError` for a time limit
 * that is not positive, or an unknown option.
 *
 * @example
 * ```ts
 * import { buildPromptContext, customerDataSources, enrich } from 'agent-assist-sdk/enrichment';
 *
 * const { data, failures } = await enrich(customerDataSources(client), request, { partial: true });
 * console.log(buildPromptContext(data), failures.map(({ source }) => source));
 * ```
 */
export async function enrich<S extends EnrichmentSources>(
  sources: S,
  request: EnrichmentInput,
  options: EnrichOptions = {},
): Promise<Enrichment<S>> {
  checkOptions('enrich', options, {
    totalTimeoutMs: true,
    partial: 'a boolean',
    cache: true,
    signal: signalKind,
    clock: 'a clock with monotonic()',
  });
  const { totalTimeoutMs = DEFAULT_TOTAL_TIMEOUT_MS, clock = systemClock, signal } = options;
  checkTimeLimits({ totalTimeoutMs });
  checkSources(sources, options.cache);
  const checked = validateRequest(enrichmentRequest, request, 'enrichment request');
  const { partial, cache } = options;
  return loadAll(sources, checked, { clock, signal, endsAt: clock.monotonic() + totalTimeoutMs, partial, cache });
}

/** @throws {@link ConfigurationError} for an invalid source or cache, or a source's time limit that is not positive. */
export function checkSources(sources: EnrichmentSources, cache: EnrichmentCache | undefined): void {
  if (cache !== undefined) checkKind('cache', cache, 'an EnrichmentCache with load()');
  checkKind('sources', sources, 'an object', 'an object, e.g. customerDataSources(client)');
  for (const [name, source] of Object.entries(sources)) {
    checkKind(name, source, 'a source with load()');
    const { timeoutMs, cacheKey = () => '' } = source;
    checkKind(`${name}.cacheKey`, cacheKey, 'a function');
    checkTimeLimits({ [`${name}.timeoutMs`]: timeoutMs });
  }
}

/** Returns whether the enrichment fails if this source fails. */
export function isRequired(source: EnrichmentSource, partial: boolean | undefined): boolean {
  return source.required ?? partial !== true;
}

/** The time of an enrichment. */
export interface EnrichmentTime {
  readonly clock: Clock;
  /** The deadline, by `clock.monotonic`. */
  readonly endsAt: number;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
}

/** How the parts of an enrichment are loaded. */
type Loading = EnrichmentTime & Pick<EnrichOptions, 'partial' | 'cache'>;

/** Loads the parts of a checked {@link enrich}. */
export async function loadAll<S extends EnrichmentSources>(
  sources: S,
  request: EnrichmentRequest,
  loading: Loading,
): Promise<Enrichment<S>> {
  const { signal, partial } = loading;
  if (signal?.aborted === true) throw new AbortError(signal.reason);
  const ended = new AbortController();
  const loads = Object.entries(sources).map(async ([name, source]) => {
    try {
      return { name, part: await loadPart(name, source, request, { ...loading, signal: ended.signal }) };
    } catch (error) {
      const failure = new EnrichmentError(name, error instanceof TimeoutError, error);
      if (isRequired(source, partial)) throw failure;
      return { name, part: source.empty ?? null, failure };
    }
  });
  try {
    const outcomes = await abortable(Promise.all(loads), signal);
    return {
      data: Object.fromEntries(outcomes.map(({ name, part }) => [name, part])) as EnrichmentData<S>,
      failures: outcomes.flatMap(({ failure }) => failure ?? []),
    };
  } catch (error) {
    ended.abort(unwantedReason());
    throw error;
  }
}

/** @throws `TimeoutError` at the limit of the source or of the enrichment; what the source throws. */
async function loadPart(
  name: string,
  source: EnrichmentSource,
  request: EnrichmentRequest,
  { clock, endsAt, signal, cache }: Loading,
): Promise<unknown> {
  const timeoutMs = Math.max(0, Math.min(source.timeoutMs ?? Infinity, endsAt - clock.monotonic()));
  const timeoutError = (cause?: Error): Error =>
    new TimeoutError(`${name}: did not load within ${Math.round(timeoutMs)} ms`, timeoutMs, { cause });
  // Not begun: a busy server would work for requests whose time is over.
  if (timeoutMs === 0) throw timeoutError();
  const load = async (context: LoadContext): Promise<unknown> => source.load(request, context);
  const limit = { clock, timeoutMs, timeoutError, signal };
  // Not shared, but aborted like a shared one when it is no longer waited for.
  if (cache === undefined) return new SharedCalls<unknown>(clock).join(name, load, limit);
  const key = source.cacheKey?.(request) ?? request.customerNumber;
  // A promise would be the same key for all customers.
  checkResult(`${name}.cacheKey()`, key, 'a string');
  return cache.load(JSON.stringify([name, key]), limit, load);
}
