import { AbortError, EnrichmentError, TimeoutError } from '../errors.js';
import { abortable, systemClock, validateRequest } from '../http/internal.js';
import { checkKind, checkTimeLimits } from '../options.js';
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
import { TimeLimit } from './time-limit.js';

/** Studio waits 5 s for its HTTP action. Half a second is left for the network. */
export const DEFAULT_TOTAL_TIMEOUT_MS = 4500;

/**
 * Loads all parts in parallel, with one deadline (protocol 9). When the result is known, remaining loads are aborted.
 *
 * @throws `RequestValidationError` for an invalid request, before any source is called; `EnrichmentError` as soon as a
 * required source fails, or at the deadline; `AbortError` if `signal` is aborted; `ConfigurationError` for a time limit
 * that is not positive.
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
  const { totalTimeoutMs = DEFAULT_TOTAL_TIMEOUT_MS, clock = systemClock, signal } = options;
  checkTimeLimits({ totalTimeoutMs });
  checkSources(sources);
  const checked = validateRequest(enrichmentRequest, request, 'enrichment request');
  const whole = new TimeLimit(clock, totalTimeoutMs, signal);
  try {
    return await loadAll(sources, checked, whole, options);
  } finally {
    whole.end();
  }
}

/** @throws {@link ConfigurationError} without sources, and for a time limit of a source that is not positive. */
export function checkSources(sources: EnrichmentSources): void {
  checkKind('sources', sources, 'object', 'an object, e.g. customerDataSources(client)');
  for (const [name, { timeoutMs }] of Object.entries(sources)) {
    checkTimeLimits({ [`${name}.timeoutMs`]: timeoutMs });
  }
}

/** Returns whether the enrichment fails if this source fails. */
export function isRequired(source: EnrichmentSource, partial: boolean | undefined): boolean {
  return source.required ?? partial !== true;
}

/** Loads the parts of a checked {@link enrich}; `whole` is the remaining time. */
export async function loadAll<S extends EnrichmentSources>(
  sources: S,
  request: EnrichmentRequest,
  whole: TimeLimit,
  { partial, cache }: Pick<EnrichOptions, 'partial' | 'cache'>,
): Promise<Enrichment<S>> {
  const outcomes = await Promise.all(
    Object.entries(sources).map(async ([name, source]) => {
      try {
        return { name, part: await loadPart(name, source, request, whole, cache) };
      } catch (error) {
        if (!(error instanceof EnrichmentError) || isRequired(source, partial)) throw error;
        return { name, part: source.empty ?? null, failure: error };
      }
    }),
  );
  return {
    data: Object.fromEntries(outcomes.map(({ name, part }) => [name, part])) as EnrichmentData<S>,
    failures: outcomes.flatMap(({ failure }) => failure ?? []),
  };
}

async function loadPart(
  name: string,
  source: EnrichmentSource,
  request: EnrichmentRequest,
  whole: TimeLimit,
  cache: EnrichmentCache | undefined,
): Promise<unknown> {
  const { timeoutMs } = source;
  const own =
    timeoutMs === undefined
      ? undefined
      : new TimeLimit(whole.clock, Math.min(timeoutMs, whole.remainingMs()), whole.signal);
  const limit = own ?? whole;
  const load = async ({ signal, remainingMs }: LoadContext): Promise<unknown> =>
    source.load(request, { signal, remainingMs });
  try {
    if (limit.signal.aborted) throw new AbortError(limit.signal.reason);
    if (cache === undefined) return await abortable(load(limit), limit.signal);
    return await cache.load(JSON.stringify([name, source.cacheKey?.(request) ?? request.customerNumber]), limit, load);
  } catch (error) {
    const timedOut = limit.expired || whole.expired || error instanceof TimeoutError;
    if (whole.signal.aborted && !timedOut) throw new AbortError(whole.signal.reason);
    throw new EnrichmentError(name, timedOut, error);
  } finally {
    own?.end();
  }
}
