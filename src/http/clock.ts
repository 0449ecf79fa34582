import { AbortError } from '../errors.js';
import { namingCaller } from './guard.js';

/** A timer that a {@link Clock} handed out. */
export type TimerHandle = unknown;

/**
 * Where the SDK takes its time from. Give a fake one in tests; every wait, deadline and expiry of the SDK follows it.
 */
export interface Clock {
  /** Wall-clock time, in ms since the epoch. May jump when the system's time is set. */
  now(): number;
  /** Milliseconds from an arbitrary start that never jump; deadlines are measured with it. */
  monotonic(): number;
  /** Calls back once, after `delayMs`. */
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  /** Cancels a timer of this clock. */
  clearTimeout(timer: TimerHandle): void;
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
 * @throws `AbortError` when `signal` is aborted first.
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
