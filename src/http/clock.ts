import { AbortError, AgentAssistError } from '../errors.js';

/** Source of time for the SDK. Every wait, deadline and expiry follows it; pass a fake one in tests. */
export interface Clock {
  /** Wall-clock time in ms since the epoch. May jump if the system's time is set. */
  now(): number;
  /** Time in ms from an arbitrary start; never jumps. Measures deadlines. */
  monotonic(): number;
  /** Calls `callback` once, after `delayMs`. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  /** Cancels a timer of this clock. */
  clearTimeout(timer: unknown): void;
}

/** The longest delay of the runtimes' timers; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The system clock. Timers longer than 2^31 − 1 ms (24.8 days) fire after that time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // A deadline may have passed between reading the time and here; Node warns of negative delays.
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.max(0, Math.min(delayMs, MAX_TIMER_MS))),
  clearTimeout: (timer) => {
    clearTimeout(timer as Parameters<typeof clearTimeout>[0]);
  },
};

/**
 * Waits at least `delayMs`: a runtime's timer may fire a millisecond early.
 *
 * @throws `AbortError` as soon as `signal` is aborted, or if it already is.
 */
export async function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  const endsAt = clock.monotonic() + delayMs;
  let timer: unknown;
  const wait = new Promise<void>((resolve) => {
    const onTimer = (): void => {
      const leftMs = endsAt - clock.monotonic();
      if (leftMs <= 0) resolve();
      else timer = clock.setTimeout(onTimer, Math.min(Math.ceil(leftMs), MAX_TIMER_MS));
    };
    timer = clock.setTimeout(onTimer, Math.min(delayMs, MAX_TIMER_MS));
  });
  try {
    await abortable(wait, signal);
  } finally {
    clock.clearTimeout(timer);
  }
}

/**
 * Lets one caller stop waiting for shared work: settles like `work`, or rejects if `signal` is aborted. The work itself
 * continues.
 *
 * @throws `AbortError` if `signal` is aborted first.
 */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal?.aborted === true) work.catch(() => undefined);
  return withinLimit(() => work, { signal });
}

const noted = new WeakMap<AbortSignal, Error | AbortSignal>();

/**
 * Stores the last failure of work that is being retried under this signal, or the `failure` signal of shared work that
 * it waits for. An abort or a timeout can then name the reason.
 */
export function noteFailure(signal: AbortSignal | undefined, failure: Error | AbortSignal): void {
  if (signal !== undefined) noted.set(signal, failure);
}

/** Returns the last failure of the work under this signal. */
export function lastFailure(signal: AbortSignal): Error | undefined {
  let found = noted.get(signal);
  while (found instanceof AbortSignal) found = noted.get(found);
  return found;
}

/** Returns the end of a message about a time limit, from the last failure of the work. */
export function because(failure: Error | undefined): string {
  return failure === undefined ? '' : `: ${failure.message}`;
}

/**
 * Turns of the event loop, about 1 ms each, in which the next part of a received response is read. Few would do for the
 * headers or the body, but decompressing takes a thread, which a busy machine may hold up.
 */
const TURNS_TO_READ = 100;

/** Pieces of bodies that were read so far, by anyone: as long as there are more, what has arrived is still being read. */
let piecesRead = 0;

/** Notes that a piece of a body was read, so that a late timer waits for the next one. */
export function notePiece(): void {
  piecesRead += 1;
}

/**
 * Calls `onReached` at a time limit. If a blocked event loop delays the timer, received data is read first: as long as
 * pieces of bodies are read and for some turns of the event loop, but at most for as long as the timer was late.
 *
 * @returns a function that stops the timer.
 */
export function startTimer(
  { clock, timeoutMs }: Pick<TimeLimit, 'clock' | 'timeoutMs'>,
  onReached: () => void,
): () => void {
  const endsAt = clock.monotonic() + timeoutMs;
  let readUntil: number | undefined;
  let turnsLeft = TURNS_TO_READ;
  let piecesSeen = 0;
  const onTimer = (): void => {
    const now = clock.monotonic();
    readUntil ??= now + (now - endsAt);
    if (piecesSeen !== piecesRead) turnsLeft = TURNS_TO_READ;
    piecesSeen = piecesRead;
    if (now >= readUntil || turnsLeft === 0) {
      onReached();
      return;
    }
    turnsLeft -= 1;
    // Turns of the event loop are no time of a clock, which may stand still.
    turn = systemClock.setTimeout(onTimer, 0);
  };
  let turn: unknown;
  const timer = clock.setTimeout(onTimer, timeoutMs);
  return () => {
    clock.clearTimeout(timer);
    systemClock.clearTimeout(turn);
  };
}

/** Options of {@link withinLimit}. */
export interface TimeLimit {
  /** Source of time. */
  readonly clock: Clock;
  /** The time limit in ms. */
  readonly timeoutMs: number;
  /** Creates the error at the limit, from the last failure if the work was being retried. */
  readonly timeoutError: (lastFailure?: Error) => Error;
  /** Aborts the work. */
  readonly signal?: AbortSignal | undefined;
}

/** A wait that only the caller's signal limits. */
interface Unlimited {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: undefined;
}

/** What ends a wait early. */
export type Limit = TimeLimit | Unlimited;

/**
 * Runs `work` under a time limit and the caller's signal. Ends at either of them, even if `work` ignores its signal.
 *
 * @throws the error of `timeoutError`, or an `AbortError`; otherwise what `work` throws.
 */
export async function withinLimit<T>(work: (signal: AbortSignal) => Promise<T>, limit: Limit): Promise<T> {
  const { signal } = limit;
  if (signal?.aborted === true) throw new AbortError(signal.reason);
  const controller = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const end = (error: Error): void => {
    reject(error);
    controller.abort(error);
  };
  const onAbort = (): void => {
    end(new AbortError(signal?.reason, lastFailure(controller.signal)));
  };
  // First, so that an `AbortController` instead of its signal throws here and not in the timer, where nobody could
  // catch it.
  signal?.addEventListener('abort', onAbort);
  const stopTimer =
    limit.timeoutMs === undefined
      ? undefined
      : startTimer(limit, () => {
          end(limit.timeoutError(lastFailure(controller.signal)));
        });
  try {
    Promise.resolve(work(controller.signal)).then(resolve, reject);
    return await namingCaller(promise);
  } finally {
    stopTimer?.();
    signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * Waits for `work` and adds the waiting caller to the stack of its error. An error created in a timer or an event
 * handler has no stack that leads to the caller, and one from deep within the SDK has no room for it; here the engine
 * can follow the chain of `await`s. Free as long as nothing fails. Errors of other packages keep their stack.
 */
export async function namingCaller<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AgentAssistError) {
      // If the failure came at once, the caller's own `await` is still about to begin.
      await Promise.resolve();
      // V8, JavaScriptCore and SpiderMonkey have it; other engines may not.
      (Error as Partial<Pick<ErrorConstructor, 'captureStackTrace'>>).captureStackTrace?.(error);
    }
    throw error;
  }
}
