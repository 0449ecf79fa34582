import { AbortError } from '../errors.js';
import { noteFailure, withinLimit, type Clock, type Limit } from './clock.js';

let unwanted: AbortError | undefined;

/**
 * Returns the reason for aborting a call that nobody waits for. Shared: an abort without a reason creates a costly
 * `DOMException`.
 */
export function unwantedReason(): AbortError {
  unwanted ??= new AbortError('no caller is waiting for it');
  return unwanted;
}

/** The wait for a call. */
export interface Wait {
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
  /** Remaining time in ms, at least 0. */
  readonly remainingMs: () => number;
}

interface SharedCall<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  readonly remainingMs: () => number;
  callers: number;
}

/**
 * Lets identical concurrent calls share one. A shared call belongs to all who wait for it: it continues when one of
 * them leaves and is aborted when the last one does.
 *
 * It has the time limit of the caller who started it. Others join only if it has at least half of their own time left;
 * otherwise they start another call, which later callers join.
 */
export class SharedCalls<T> {
  readonly #clock: Clock;
  readonly #calls = new Map<string | symbol, SharedCall<T>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Joins the call with this key, or starts it.
   *
   * @param limit - of this caller's wait.
   * @throws the error of the limit; `AbortError` if its signal is aborted; what the call rejects with.
   */
  async join(key: string | symbol, start: (wait: Wait) => Promise<T>, limit: Limit): Promise<T> {
    const { signal, timeoutMs = Infinity } = limit;
    if (signal?.aborted === true) throw new AbortError(signal.reason);
    const call = this.#joinable(key, timeoutMs) ?? this.#start(key, start, timeoutMs);
    call.callers += 1;
    noteFailure(signal, call.controller.signal);
    const wait = (ended: AbortSignal): Promise<T> => {
      noteFailure(ended, call.controller.signal);
      return call.result;
    };
    try {
      return await withinLimit(wait, limit);
    } finally {
      call.callers -= 1;
      if (call.callers === 0) {
        this.#forget(key, call);
        try {
          call.controller.abort(unwantedReason());
        } catch {
          // Cloudflare Workers: another request began the call, and only that request's context may abort it.
        }
      }
    }
  }

  /** Returns whether a call with this key is in progress. */
  has(key: string | symbol): boolean {
    return this.#calls.has(key);
  }

  /** Aborts the calls in progress and waits for their end. */
  async abort(): Promise<void> {
    const calls = [...this.#calls.values()];
    for (const { controller } of calls) controller.abort(unwantedReason());
    await Promise.allSettled(calls.map(({ result }) => result));
  }

  /** Keeps later callers from joining the calls in progress. */
  clear(): void {
    this.#calls.clear();
  }

  #joinable(key: string | symbol, timeoutMs: number): SharedCall<T> | undefined {
    const call = this.#calls.get(key);
    return call !== undefined && call.remainingMs() >= timeoutMs / 2 ? call : undefined;
  }

  #start(key: string | symbol, start: (wait: Wait) => Promise<T>, timeoutMs: number): SharedCall<T> {
    const controller = new AbortController();
    const endsAt = this.#clock.monotonic() + timeoutMs;
    const remainingMs = (): number => Math.max(0, endsAt - this.#clock.monotonic());
    const run = async (): Promise<T> => start({ signal: controller.signal, remainingMs });
    const settle = async (): Promise<T> => {
      try {
        return await run();
      } finally {
        // Before any caller gets the result: later callers find it in the cache.
        this.#forget(key, call);
      }
    };
    const call: SharedCall<T> = {
      result: settle(),
      controller,
      remainingMs,
      callers: 0,
    };
    this.#calls.set(key, call);
    return call;
  }

  #forget(key: string | symbol, call: SharedCall<T>): void {
    if (this.#calls.get(key) === call) this.#calls.delete(key);
  }
}
