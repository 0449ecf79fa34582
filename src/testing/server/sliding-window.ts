export class SlidingWindow {
  readonly #maxCalls: number;
  readonly #windowMs: number;
  readonly #arrivals: number[] = [];

  constructor({ maxCalls, windowMs }: { readonly maxCalls: number; readonly windowMs: number }) {
    this.#maxCalls = maxCalls;
    this.#windowMs = windowMs;
  }

  /** Counts a request that arrives at `now`. Returns 0, or for how many ms there is no room; then it does not count. */
  waitFor(now: number): number {
    const arrivals = this.#arrivals;
    while (arrivals[0] !== undefined && arrivals[0] <= now - this.#windowMs) arrivals.shift();
    const [oldest] = arrivals;
    if (oldest !== undefined && arrivals.length >= this.#maxCalls) return oldest + this.#windowMs - now;
    arrivals.push(now);
    return 0;
  }
}
