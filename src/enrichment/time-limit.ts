import { startLimit, unwantedReason, type Clock } from '../http/internal.js';

/** An abort signal that ends with its parent or after a time limit, whichever is first. */
export class TimeLimit {
  readonly clock: Clock;
  readonly #controller = new AbortController();
  readonly #endsAt: number;
  readonly #release: () => void;
  #expired = false;

  constructor(clock: Clock, limitMs: number, parent?: AbortSignal) {
    this.clock = clock;
    this.#endsAt = clock.monotonic() + limitMs;
    const stopLimit = startLimit(clock, limitMs, () => {
      this.#expired = true;
      this.#controller.abort(new DOMException('The time is over', 'TimeoutError'));
    });
    const onAbort = (): void => {
      this.#controller.abort(parent?.reason);
    };
    this.#release = () => {
      stopLimit();
      parent?.removeEventListener('abort', onAbort);
    };
    if (parent?.aborted === true) onAbort();
    else parent?.addEventListener('abort', onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the time limit was reached. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Remaining time in ms, at least 0. */
  readonly remainingMs = (): number => Math.max(0, this.#endsAt - this.clock.monotonic());

  /** Aborts what is in progress, and clears the timer. */
  end(): void {
    this.#release();
    this.#controller.abort(unwantedReason());
  }
}
