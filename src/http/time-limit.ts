import { AbortError } from '../errors.js';
import type { Clock } from './clock.js';
import { namingCaller } from './stack.js';

/** How long {@link withinLimit} lets its work take. */
export interface TimeLimit {
  /** Source of time. */
  readonly clock: Clock;
  /** The limit in ms. */
  readonly timeoutMs: number;
  /** Makes the error that says so when the limit is reached. */
  readonly timeoutError: () => Error;
  /** Ends the work before that. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` under a time limit and the caller's signal. Ends when either is reached even if `work` ignores the
 * signal that it is given.
 *
 * @throws what `timeoutError` makes, or an `AbortError`; otherwise what `work` throws.
 */
export async function withinLimit<T>(work: (signal: AbortSignal) => Promise<T>, limit: TimeLimit): Promise<T> {
  const { clock, timeoutMs, timeoutError, signal } = limit;
  if (signal?.aborted === true) throw new AbortError(signal.reason);
  const controller = new AbortController();
  const settled = new Promise<T>((resolve, reject) => {
    const end = (error: Error): void => {
      stopWatching();
      reject(error);
      controller.abort(error);
    };
    const onAbort = (): void => {
      end(new AbortError(signal?.reason));
    };
    // First, so that an `AbortController` in place of its signal throws here, and not in the timer, where nobody could catch it.
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer = clock.setTimeout(() => {
      end(timeoutError());
    }, timeoutMs);
    const stopWatching = (): void => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const run = async (): Promise<void> => {
      try {
        resolve(await work(controller.signal));
      } catch (error) {
        reject(error);
      } finally {
        stopWatching();
      }
    };
    void run();
  });
  return namingCaller(settled);
}
