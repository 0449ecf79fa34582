import { ApiError, ConnectionError, TimeoutError } from '../errors.js';

/** 503, and what proxies send in its place. */
const UNAVAILABLE: ReadonlySet<number> = new Set([503, 520, 521, 522, 523, 524, 529]);

const REPEATABLE_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 504, ...UNAVAILABLE]);

/** Whether the failure says that the server did nothing, which makes any call safe to repeat. */
function nothingWasDone(error: Error): boolean {
  if (error instanceof ApiError)
    return error.status === 429 || (UNAVAILABLE.has(error.status) && error.retryAfterMs !== undefined);
  return error instanceof ConnectionError && error.systemCode === 'ECONNREFUSED';
}

/**
 * Whether a call may be repeated after this failure (protocol 3).
 *
 * @param safeToRepeat - whether doing it twice does no harm.
 */
export function isRepeatable(error: Error, safeToRepeat: boolean): boolean {
  if (!safeToRepeat) return nothingWasDone(error);
  if (error instanceof ApiError) return REPEATABLE_STATUSES.has(error.status);
  return (error instanceof ConnectionError && !error.permanent) || error instanceof TimeoutError;
}
