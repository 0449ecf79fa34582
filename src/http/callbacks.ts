import { TimeoutError } from '../errors.js';
import { withinLimit, type Clock, type TimeLimit } from './clock.js';

/** Returns whether a value has a `then`. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}

/** Does work of the caller at once, and reports what it throws or rejects with. Nothing waits for it. */
export function attempt(work: () => unknown, onError: (error: unknown) => void): void {
  try {
    const result = work();
    if (isThenable(result)) Promise.resolve(result).catch(onError);
  } catch (error) {
    onError(error);
  }
}

/** Time limit in ms of a callback whose promise is awaited. */
export const CALLBACK_TIMEOUT_MS = 300_000;

/** Returns a time limit whose error begins with `problem`, e.g. `onFlush did not finish`. */
export function callbackLimit(problem: string, clock: Clock, timeoutMs: number = CALLBACK_TIMEOUT_MS): TimeLimit {
  return { clock, timeoutMs, timeoutError: () => new TimeoutError(`${problem} within ${timeoutMs} ms`, timeoutMs) };
}

/** Calls a function at once, and waits within the limit if it returns a promise. */
export async function callWithin(callback: () => unknown, limit: TimeLimit): Promise<void> {
  const result = callback();
  if (!isThenable(result)) return;
  const settled = Promise.resolve(result);
  // Nobody waits for it if the limit's signal is already aborted.
  settled.catch(() => undefined);
  await withinLimit(() => settled, limit);
}

/**
 * Calls a handler at once, and waits for it within the limit. Its signal is aborted at the limit and with `signal`; a
 * handler that ignores `signal` is awaited until the limit.
 */
export function handleWithin(
  handler: (signal: AbortSignal) => unknown,
  limit: TimeLimit,
  signal: AbortSignal | undefined,
): Promise<void> {
  return withinLimit(async (limited) => {
    const result = handler(signal === undefined ? limited : AbortSignal.any([signal, limited]));
    if (isThenable(result)) await result;
  }, limit);
}

/**
 * Calls the caller's functions within a time limit, and passes their errors to `onError`. Keeps errors of `onError` itself
 * for {@link Callbacks.settled}, so that no failure is lost.
 */
export class Callbacks<Subject> {
  readonly #onError: (error: unknown, subject: Subject) => unknown;
  readonly #limit: TimeLimit;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /** @param limit - of each call; that of `onError` is {@link CALLBACK_TIMEOUT_MS}. */
  constructor(onError: (error: unknown, subject: Subject) => unknown, limit: TimeLimit) {
    this.#onError = onError;
    this.#limit = limit;
  }

  /** Calls a function at once and does not wait for its promise. Never throws. */
  call(callback: () => unknown, subject: Subject): void {
    const running = this.#reporting(callWithin(callback, this.#limit), subject);
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }

  /** Calls a handler at once. The promise settles when it has ended or reached its limit, and never rejects. */
  run(handler: (signal: AbortSignal) => unknown, subject: Subject, signal: AbortSignal | undefined): Promise<void> {
    return this.#reporting(handleWithin(handler, this.#limit, signal), subject);
  }

  /** Reports an error at once. The promise never rejects. */
  async report(error: unknown, subject: Subject): Promise<void> {
    try {
      await callWithin(() => this.#onError(error, subject), callbackLimit('onError did not finish', this.#limit.clock));
    } catch (failure) {
      this.#failure ??= { error: failure };
    }
  }

  /** Resolves when every call has ended; rejects with the first failure of `onError`, if it had one. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #reporting(call: Promise<void>, subject: Subject): Promise<void> {
    try {
      await call;
    } catch (error) {
      await this.report(error, subject);
    }
  }
}
