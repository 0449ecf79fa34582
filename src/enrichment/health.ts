import { TimeoutError } from '../errors.js';
import { abortable, type Clock } from '../http/internal.js';
import { isRequired } from './enrich.js';
import type { EnrichmentSource, EnrichmentSources } from './types.js';
import { TimeLimit } from './time-limit.js';

/** Health of a service; `unknown` if its source has no `check`. */
export type ServiceHealth = 'ok' | 'failed' | 'timeout' | 'unknown';

/** The response of `GET /healthz`. */
export interface HealthReport {
  /** `ok` if every service answers, `degraded` if only optional ones do not, else `failed`. */
  readonly status: 'ok' | 'degraded' | 'failed';
  /** Each service, by the name of its source. */
  readonly services: Readonly<Record<string, ServiceHealth>>;
}

const CHECK_TIMEOUT_MS = 2000;

/** Longer than a check takes, so that at most one round of checks is in progress. */
const REPORT_LIFETIME_MS = 5000;

/** Checks all sources that have a `check`, at most once in five seconds, with two seconds for each. */
export function healthReporter(
  sources: EnrichmentSources,
  partial: boolean | undefined,
  clock: Clock,
): () => Promise<HealthReport> {
  let latest: { readonly report: Promise<HealthReport>; readonly askedAt: number } | undefined;
  return async () => {
    const now = clock.monotonic();
    if (latest === undefined || now - latest.askedAt >= REPORT_LIFETIME_MS) {
      latest = { report: checkAll(sources, partial, clock), askedAt: now };
    }
    return latest.report;
  };
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
  const limit = new TimeLimit(clock, Math.min(CHECK_TIMEOUT_MS, source.timeoutMs ?? Infinity));
  try {
    const { signal, remainingMs } = limit;
    await abortable(source.check({ signal, remainingMs }), signal);
    return 'ok';
  } catch (error) {
    return limit.expired || error instanceof TimeoutError ? 'timeout' : 'failed';
  } finally {
    limit.end();
  }
}
