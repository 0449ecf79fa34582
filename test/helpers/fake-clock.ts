import type { Clock } from 'agent-assist-sdk/http';

/** Real time without any sign of work, in ms, after which sockets are taken to be silent. */
const QUIET_MS = 250;
/** What one turn of the event loop counts for at most: a process that was held up has not listened meanwhile. */
const TURN_MS = 5;

interface PendingTimer {
  readonly id: number;
  readonly dueAt: number;
  readonly callback: () => void;
}

/** A clock that moves only when told to. Timers fire in order of their due time, then of their creation. */
export class FakeClock implements Clock {
  #elapsedMs = 0;
  #nextId = 1;
  #timers: PendingTimer[] = [];
  readonly #startedAt: number;
  #requestsUnderWay = 0;

  /** The global `fetch`; while one of its answers is awaited, `runUntilSettled` fires no limit. */
  readonly fetch: typeof fetch = async (...args) => {
    this.#requestsUnderWay += 1;
    try {
      return await fetch(...args);
    } finally {
      this.#requestsUnderWay -= 1;
    }
  };

  constructor(startedAt: number = Date.parse('2026-01-01T00:00:00Z')) {
    this.#startedAt = startedAt;
  }

  now(): number {
    return this.#startedAt + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = { id: this.#nextId++, dueAt: this.#elapsedMs + Math.max(0, delayMs), callback };
    this.#timers.push(timer);
    return timer.id;
  }

  clearTimeout(timer: unknown): void {
    this.#timers = this.#timers.filter(({ id }) => id !== timer);
  }

  /** Delays in ms, from now, of the timers that are pending. */
  get pendingDelays(): number[] {
    return this.#timers.map(({ dueAt }) => dueAt - this.#elapsedMs).sort((a, b) => a - b);
  }

  /** Moves time forward, firing what falls due, and lets promises settle after each timer. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsedMs + ms;
    for (;;) {
      await settle();
      const due = this.#timers.filter(({ dueAt }) => dueAt <= end).sort((a, b) => a.dueAt - b.dueAt || a.id - b.id)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter(({ id }) => id !== due.id);
      this.#elapsedMs = Math.max(this.#elapsedMs, due.dueAt);
      due.callback();
    }
    this.#elapsedMs = end;
    await settle();
  }

  /**
   * Advances from timer to timer until `work` settles; for code that waits on this clock and on real sockets. Timers of
   * `ioLimitMs` and more are taken as limits on the sockets' work: they fire only when nothing has happened for a
   * quarter of a real second and no request of this clock's `fetch` is under way, so that a real answer comes first.
   */
  async runUntilSettled<T>(work: PromiseLike<T>, ioLimitMs = 5000): Promise<T> {
    const settled = new AbortController();
    const done = (): void => {
      settled.abort();
    };
    work.then(done, done);
    const isSettled = (): boolean => settled.signal.aborted;
    let quietMs = 0;
    let turnedAt = performance.now();
    let timers = this.#nextId;
    while (!isSettled()) {
      await settle();
      const now = performance.now();
      quietMs += Math.min(now - turnedAt, TURN_MS);
      turnedAt = now;
      if (this.#nextId !== timers || this.#requestsUnderWay > 0) {
        timers = this.#nextId;
        quietMs = 0;
      }
      if (isSettled()) break;
      const [next] = this.pendingDelays;
      if (next !== undefined && (next < ioLimitMs || quietMs > QUIET_MS)) {
        await this.advance(next);
        quietMs = 0;
      } else {
        // Nothing to do but to wait for sockets: leaves the processor to others meanwhile.
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    return work;
  }
}

async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
