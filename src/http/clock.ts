import { AbortError, AgentAssistError } from '../errors.js';

/**
 * Where the SDK takes its time from. Give a fake one in tests; every wait, deadline and expiry of the SDK follows it.
 */
export interface Clock {
  /** Wall-clock time, in ms since the epoch. May jump when the system's time is set. */
  now(): number;
  /** Milliseconds from an arbitrary start that never jump; deadlines are measured with it. */
  monotonic(): number;
  /** Calls back once, after `delayMs`. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  /** Cancels a timer of this clock. */
  clearTimeout(timer: unknown): void;
}

/** The longest delay that the platforms' timers hold; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The system's clock. A timer of more than 2^31 − 1 ms (24.8 days) rings after so long. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS)),
  clearTimeout: (timer) => {
    clearTimeout(timer as Parameters<typeof clearTimeout>[0]);
  },
};

/**
 * Waits `delayMs` on the given clock, never less: a platform's timer may ring a millisecond early.
 *
 * @throws `AbortError` as soon as `signal` is aborted, also when it is already.
 */
export async function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) throw new AbortError(signal.reason);
  const endsAt = clock.monotonic() + delayMs;
  const wait = new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      clock.clearTimeout(timer);
      reject(new AbortError(signal?.reason));
    };
    const onTimer = (): void => {
      const leftMs = endsAt - clock.monotonic();
      if (leftMs > 0) {
        timer = clock.setTimeout(onTimer, Math.min(Math.ceil(leftMs), MAX_TIMER_MS));
        return;
      }
      signal?.removeEventListener('abort', onAbort);
      resolve();
    };
    // First, so that something else than a signal throws here, and not in the timer, where nobody could catch it.
    signal?.addEventListener('abort', onAbort, { once: true });
    let timer = clock.setTimeout(onTimer, Math.min(delayMs, MAX_TIMER_MS));
  });
  await namingCaller(wait);
}

/**
 * Lets one caller stop waiting for work that others share: settles as `work` does, or rejects when `signal` is
 * aborted. The work itself goes on.
 *
 * @throws `AbortError` if `signal` is aborted first.
 */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return namingCaller(work);
  if (signal.aborted) {
    work.catch(() => undefined);
    throw new AbortError(signal.reason);
  }
  const wait = new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      reject(new AbortError(signal.reason));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
  return namingCaller(wait);
}

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

/** Not every engine has it; V8, JavaScriptCore and SpiderMonkey do. */
const { captureStackTrace } = Error as Partial<Pick<ErrorConstructor, 'captureStackTrace'>>;

/**
 * Waits for `work` and lets its error name who waits. An error that was made in a timer or an event handler has no stack
 * that leads to the caller, and one from deep within the SDK has no room for it; here the engine can follow the chain
 * of `await`s. Costs nothing as long as nothing fails. Errors of other packages keep their own stack.
 */
export async function namingCaller<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AgentAssistError) {
      // Where the failure came at once, the caller's own `await` of it is still about to begin.
      await Promise.resolve();
      captureStackTrace?.(error);
    }
    throw error;
  }
}
