import { RateLimiter, type HttpClient, type RateLimit, type RateLimitWait } from '../http/internal.js';

/** What the calibrations of one HTTP client share. */
export interface Line {
  readonly limiter: RateLimit;
  /** The last accepted reweight job, unless it is known to have ended. */
  reweightJobId: string | undefined;
  /** The job that a call waits for, and this wait: it holds up the whole line. */
  running: { readonly jobId: string; readonly wait: RateLimitWait } | undefined;
  /** Called for the waits of the calls in the line. */
  readonly listeners: Set<(wait: RateLimitWait) => void>;
}

const lines = new WeakMap<HttpClient, Line>();

/** Returns the line of an HTTP client: all its calibrations wait in one. */
export function lineOf(http: HttpClient): Line {
  let line = lines.get(http);
  if (line === undefined) {
    line = {
      limiter: new RateLimiter({ maxCalls: 10, windowMs: 60_000, clock: http.clock }),
      reweightJobId: undefined,
      running: undefined,
      listeners: new Set(),
    };
    lines.set(http, line);
  }
  return line;
}
