// A clock that runs faster than the system's, and knows which of its timers are pending.
import type { Clock } from 'agent-assist-sdk/http';

export class FastClock implements Clock {
  readonly #speed: number;
  readonly #startedAt = performance.now();
  readonly #pending = new Set<NodeJS.Timeout>();

  constructor(speed: number) {
    this.#speed = speed;
  }

  get pendingTimers(): number {
    return this.#pending.size;
  }

  now(): number {
    return performance.timeOrigin + this.#startedAt + this.monotonic();
  }

  monotonic(): number {
    return (performance.now() - this.#startedAt) * this.#speed;
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = setTimeout(
      () => {
        this.#pending.delete(timer);
        callback();
      },
      Math.max(0, delayMs) / this.#speed,
    );
    this.#pending.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#pending.delete(timer as NodeJS.Timeout);
    clearTimeout(timer as NodeJS.Timeout);
  }
}
