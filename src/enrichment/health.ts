import { TimeoutError } from '../errors.js';
import { withinLimit, type Clock } from '../http/internal.js';
import { EnrichmentCache } from './cache.js';
import { isRequired } from './enrich.js';
import type { EnrichmentSource, EnrichmentSources } from './types.js';

/** Health of a service; `unknown` if its source has no `check`. */
export type ServiceHealth = 'ok' | 'failed' | 'timeout' | 'unknown';

/** The response of `GET /healthz`. */
export interface HealthReport {
  /** `ok` if every service responds, `degraded` if only optional ones do not, else `failed`. */
  readonly status: 'ok' | 'degraded' | 'failed';
  /** Each service, by the name of its source. */
  readonly services: Readonly<Record<string, ServiceHealth>>;
}

const CHECK_TIMEOUT_MS = 2000;

const REPORT_LIFETIME_MS = 5000;

/**
 * Checks all sources that have a `check`, with two seconds for each. Requests that arrive during a round of checks, or
 * within five seconds after it, share its report.
 */
export function healthReporter(
  sources: EnrichmentSources,
  partial: boolean | undefined,
  clock: Clock,
): () => Promise<HealthReport> {
  const reports = new EnrichmentCache({ ttlMs: REPORT_LIFETIME_MS, clock });
  // Without a limit: each check has its own, so a round is worth joining until its end.
  return () => reports.load('', {}, () => checkAll(sources, partial, clock));
}

async function checkAll(sources: EnrichmentSources, partial: boolean | undefined, clock: Clock): Promise<HealthReport> {
  const checks = await Promise.all(
    Object.entries(sources).map(async ([name, source]) => ({
      name,
      health: await check(source, clock),
      required: isRequired(source, partial),
    })),
  );
  const failing = checks.filter(({ health }) => health === 'failed' || health === 'timeout');
  const degraded = failing.length > 0 ? 'degraded' : 'ok';
  return {
    status: failing.some(({ required }) => required) ? 'failed' : degraded,
    services: Object.fromEntries(checks.map(({ name, health }) => [name, health])),
  };
}

async function check(source: EnrichmentSource, clock: Clock): Promise<ServiceHealth> {
  if (source.check === undefined) return 'unknown';
  const timeoutMs = Math.min(CHECK_TIMEOUT_MS, source.timeoutMs ?? Infinity);
  const endsAt = clock.monotonic() + timeoutMs;
  const remainingMs = (): number => Math.max(0, endsAt - clock.monotonic());
  const timeoutError = (): Error => new TimeoutError('The check did not finish in time', timeoutMs);
  try {
    await withinLimit(async (signal) => source.check?.({ signal, remainingMs }), { clock, timeoutMs, timeoutError });
    return 'ok';
  } catch (error) {
    return error instanceof TimeoutError ? 'timeout' : 'failed';
  }
}
