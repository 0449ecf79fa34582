import { AbortError } from '../errors.js';
import type { Clock } from './clock.js';
import { namingCaller } from './guard.js';

const noted = new WeakMap<AbortSignal, Error | AbortSignal>();

/**
 * Remembers why the work under this signal failed last and is being repeated, or that the work under `failure`, which
 * others may share, is what it waits for. So who gives it up can tell the reason.
 */
export function noteFailure(signal: AbortSignal | undefined, failure: Error | AbortSignal): void {
  if (signal !== undefined) noted.set(signal, failure);
}

/** Why the work under this signal failed last. */
export function lastFailure(signal: AbortSignal): Error | undefined {
  let found = noted.get(signal);
  while (found instanceof AbortSignal) found = noted.get(found);
  return found;
}

/** Turns of the event loop in which what has arrived can be read: headers and body of an answer, one after the other. */
const TURNS_TO_READ = 20;

/**
 * Calls back when a time limit is reached. A timer that rings late, since the event loop was blocked, rings before what
 * has arrived meanwhile is read; so it first gives that some turns of the event loop, for no longer than it was late.
 *
 * @returns ends the watch.
 */
export function startLimit(clock: Clock, timeoutMs: number, onReached: () => void): () => void {
  const endsAt = clock.monotonic() + timeoutMs;
  let readUntil: number | undefined;
  let turnsLeft = TURNS_TO_READ;
  const onTimer = (): void => {
    const now = clock.monotonic();
    readUntil ??= now + (now - endsAt);
    if (now >= readUntil || turnsLeft === 0) {
      onReached();
      return;
    }
    turnsLeft -= 1;
    timer = clock.setTimeout(onTimer, 0);
  };
  let timer = clock.setTimeout(onTimer, timeoutMs);
  return () => {
    clock.clearTimeout(timer);
  };
}

/** How long {@link withinLimit} lets its work take. */
export interface TimeLimit {
  /** Source of time. */
  readonly clock: Clock;
  /** The limit in ms. */
  readonly timeoutMs: number;
  /** Makes the error that says so when the limit is reached, given the last failure of what was being repeated. */
  readonly timeoutError: (lastFailure?: Error) => Error;
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
      end(new AbortError(signal?.reason, lastFailure(controller.signal)));
    };
    // First, so that an `AbortController` in place of its signal throws here, and not in the timer, where nobody could catch it.
    signal?.addEventListener('abort', onAbort, { once: true });
    const stopLimit = startLimit(clock, timeoutMs, () => {
      end(timeoutError(lastFailure(controller.signal)));
    });
    const stopWatching = (): void => {
      stopLimit();
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
