import { sleep, type Clock } from '../http/index.js';

/** A pause that all cases of a suite keep together, once the server has asked one of them to slow down. */
export class RateGate {
  readonly #clock: Clock;
  #openAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Closes the gate for `delayMs`, unless it is closed for longer already. */
  close(delayMs: number): void {
    this.#openAt = Math.max(this.#openAt, this.#clock.monotonic() + delayMs);
  }

  /** Resolves when the gate is open. Rejects with an `AbortError` when `signal` is aborted first. */
  async passage(signal: AbortSignal): Promise<void> {
    for (;;) {
      const delayMs = this.#openAt - this.#clock.monotonic();
      if (delayMs <= 0) return;
      await sleep(this.#clock, delayMs, signal);
    }
  }
}
