import type { RedisClient } from 'agent-assist-sdk/redis';
import type { FakeClock } from '../helpers/fake-clock.js';

/** What the script of the rate limit promises, written once more in another language; `*.foreign.test.ts` run the script. */
export class RedisModel {
  readonly #clock: FakeClock;
  readonly #ended = new Map<string, number>();
  readonly #open = new Map<string, number>();
  readonly #waiting = new Map<string, { since: number; seen: number }>();
  #heldUntil = 0;
  isDown = false;
  /** How long a command takes. */
  latencyMs = 0;
  asked = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  readonly client: RedisClient = {
    call: async (_command, _script, ...rest) => {
      this.asked += 1;
      if (this.isDown) throw new Error('no redis');
      const result = this.#evaluate(rest.slice(6));
      if (this.latencyMs > 0) await new Promise<void>((done) => void this.#clock.setTimeout(done, this.latencyMs));
      return result;
    },
  };

  /** Forgets everything, as a Redis that starts again. */
  clear(): void {
    for (const kept of [this.#ended, this.#open, this.#waiting]) kept.clear();
    this.#heldUntil = 0;
  }

  #evaluate([operation, id = '', ...rest]: string[]): [wait: number, isHeld: number] {
    const [limit = 0, window = 0, attempt = 0, patience = 0, waited = 0, hold = 0] = rest.slice(0, 6).map(Number);
    const now = Math.floor(this.#clock.now());
    for (let index = 6; index < rest.length; index += 3) {
      const [state, known = '', since] = rest.slice(index, index + 3);
      this.#open.delete(known);
      (state === 'open' ? this.#open : this.#ended).set(known, now - Number(since));
    }
    for (const [lost, startedAt] of this.#open)
      if (startedAt <= now - attempt) {
        this.#open.delete(lost);
        this.#ended.set(lost, startedAt + attempt);
      }
    for (const [old, endedAt] of this.#ended) if (endedAt < now - window) this.#ended.delete(old);
    if (hold > 0) this.#heldUntil = Math.max(this.#heldUntil, now + hold);
    if (operation === 'leave') {
      this.#open.delete(id);
      this.#waiting.delete(id);
    }
    if (operation !== 'take') return [-1, 0];
    for (const [gone, { seen }] of this.#waiting) if (seen <= now - patience) this.#waiting.delete(gone);
    this.#open.delete(id);
    this.#waiting.set(id, { since: this.#waiting.get(id)?.since ?? now - waited, seen: now });
    const before = [...this.#waiting].sort(([a, x], [b, y]) => x.since - y.since || (a < b ? -1 : 1));
    const index = before.findIndex(([name]) => name === id) - limit + this.#ended.size + this.#open.size;
    if (index < 0 && this.#heldUntil < now) {
      this.#waiting.delete(id);
      this.#open.set(id, now);
      return [-1, 0];
    }
    const isKnown = index < this.#ended.size;
    const oldest = [...this.#ended.values()].sort((a, b) => a - b)[isKnown ? index : index % limit] ?? now;
    const windowEnd = index < 0 ? 0 : oldest + window * (isKnown ? 1 : 1 + Math.floor(index / limit));
    return [Math.max(windowEnd, this.#heldUntil) - now, this.#heldUntil > windowEnd ? 1 : 0];
  }
}
