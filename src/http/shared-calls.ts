import { AbortError } from '../errors.js';
import { abortable, noteFailure, type Clock } from './clock.js';

let unwanted: AbortError | undefined;

/** The reason for ending what nobody waits for any more. One for all: an abort without a reason makes a costly `DOMException`. */
export function unwantedReason(): AbortError {
  unwanted ??= new AbortError('nobody waits for it any more');
  return unwanted;
}

/** How long somebody waits. */
export interface Wait {
  /** Aborted when the wait is over. */
  readonly signal: AbortSignal;
  /** Time in ms that is left, at least 0. */
  readonly remainingMs: () => number;
}

interface SharedCall<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  readonly remainingMs: () => number;
  callers: number;
}

/**
 * Lets equal calls that are in flight at the same time share one. It belongs to all who wait for it: it goes on when one
 * of them leaves and is aborted when the last one does.
 *
 * A call has the time of the caller who began it, so it is joined only while at least half of the joiner's own time is
 * left to it; otherwise the joiner begins another, which later ones join.
 */
export class SharedCalls<T> {
  readonly #clock: Clock;
  readonly #calls = new Map<string | symbol, SharedCall<T>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Joins the call with this key, or starts it. */
  async join(key: string | symbol, start: (wait: Wait) => Promise<T>, caller: Wait): Promise<T> {
    const call = this.#joinable(key, caller) ?? this.#start(key, start, caller);
    call.callers += 1;
    noteFailure(caller.signal, call.controller.signal);
    try {
      return await abortable(call.result, caller.signal);
    } finally {
      call.callers -= 1;
      if (call.callers === 0) {
        this.#forget(key, call);
        call.controller.abort(unwantedReason());
      }
    }
  }

  /** Lets nobody join the calls that are in progress. */
  clear(): void {
    this.#calls.clear();
  }

  #joinable(key: string | symbol, caller: Wait): SharedCall<T> | undefined {
    const call = this.#calls.get(key);
    return call !== undefined && call.remainingMs() >= caller.remainingMs() / 2 ? call : undefined;
  }

  #start(key: string | symbol, start: (wait: Wait) => Promise<T>, caller: Wait): SharedCall<T> {
    const controller = new AbortController();
    const endsAt = this.#clock.monotonic() + caller.remainingMs();
    const remainingMs = (): number => Math.max(0, endsAt - this.#clock.monotonic());
    const run = async (): Promise<T> => start({ signal: controller.signal, remainingMs });
    const call: SharedCall<T> = {
      // Forgotten before any caller hears of the result: who asks from then on finds it where it is kept.
      result: run().finally(() => {
        this.#forget(key, call);
      }),
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
