import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/** How long a lease outlives its holder, in ms. */
export const LEASE_MS = 3000;
/** Interval in ms at which a standby checks whether the lease was released. */
const ASK_MS = 250;

const ifMine = (command: string): string =>
  `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call(${command}) end return 0`;

/** An exclusive right, stored in Redis: it expires if its holder dies. */
export class Lease implements AsyncDisposable {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #owner: string;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #heldUntil: number;

  private constructor(redis: Redis, key: string, owner: string, heldUntil: number) {
    this.#redis = redis;
    this.#key = key;
    this.#owner = owner;
    this.#heldUntil = heldUntil;
    this.#timer = setInterval(() => void this.#renew(), LEASE_MS / 3);
  }

  /** Waits until nobody else holds the lease. */
  static async acquire(redis: Redis, key: string, signal: AbortSignal): Promise<Lease> {
    const owner = randomUUID();
    for (;;) {
      const askedAt = performance.now();
      if ((await redis.set(key, owner, 'PX', LEASE_MS, 'NX')) === 'OK')
        return new Lease(redis, key, owner, askedAt + LEASE_MS);
      // Exactly when the lease of a dead holder expires.
      await wait(Math.min(ASK_MS, Math.max(0, await redis.pttl(key)) + 1), undefined, { signal });
    }
  }

  /** Aborted when another process may have the lease. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Whether the lease is held, by this process's own clock: after a suspension, a process knows at once that its lease
   * has expired.
   */
  get isHeld(): boolean {
    return !this.#lost.signal.aborted && performance.now() < this.#heldUntil;
  }

  /** Releases the lease, so that a standby need not wait until it expires. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    if (this.isHeld) await this.#redis.eval(ifMine(`'DEL', KEYS[1]`), 1, this.#key, this.#owner);
  }

  async #renew(): Promise<void> {
    if (!this.isHeld) this.#lost.abort();
    if (this.#lost.signal.aborted) return;
    const askedAt = performance.now();
    const renewed = await this.#redis
      .eval(ifMine(`'PEXPIRE', KEYS[1], ${LEASE_MS}`), 1, this.#key, this.#owner)
      .catch(() => undefined);
    if (renewed === 1) this.#heldUntil = askedAt + LEASE_MS;
    if (renewed === 0) this.#lost.abort();
  }
}
