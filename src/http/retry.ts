import pRetry, { AbortError as StopRetrying } from 'p-retry';
import { sleep, type Clock } from './clock.js';

/** How {@link retry} waits and when it stops. */
export interface RetryOptions {
  /** Source of time. */
  readonly clock: Clock;
  /** Ends a wait at once; `retry` then rejects with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Decides what follows a failed attempt: the wait in ms before the next one, or `undefined` to reject with the
   * attempt's error. May throw to reject with another one.
   *
   * @param attempt - 1 for the first attempt.
   */
  readonly delayAfter: (error: Error, attempt: number) => number | undefined;
}

/**
 * The one retry loop of the SDK: nothing below it repeats a request. A `TypeError` that is not a failed
 * `fetch` is taken for a fault of the program and ends it.
 *
 * @throws what the last attempt threw, or an `AbortError` when `signal` ends a wait.
 */
export async function retry<T>(attempt: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal, delayAfter } = options;
  return pRetry(attempt, {
    retries: Infinity,
    // p-retry's own waits know neither the clock nor Retry-After, so they are switched off and done below.
    minTimeout: 0,
    shouldRetry: async ({ error, attemptNumber }) => {
      const delayMs = delayAfter(error, attemptNumber);
      if (delayMs === undefined) return false;
      await sleep(clock, delayMs, signal);
      return true;
    },
  });
}

/** Makes an attempt of {@link retry} end the whole loop with `error`, without asking `delayAfter`. */
export function stopRetrying(error: unknown): Error {
  return new StopRetrying(error instanceof Error ? error : new Error(String(error)));
}
