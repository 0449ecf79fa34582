import { ConfigurationError } from '../errors.js';
import {
  CircuitBreaker,
  LimiterQueue,
  MemoryQuota,
  abortable,
  resolveLogger,
  sleep,
  systemClock,
  type Clock,
  type Logger,
  type Quota,
  type RateLimit,
  type RateLimitWait,
} from '../http/internal.js';
import { checkCounts, checkOptions, checkTimeLimits } from '../options.js';
import { commandSender, type RedisClient } from './commands.js';
import { RATE_LIMIT_SCRIPT } from './rate-limit-script.js';

/** Options of {@link redisRateLimiter}. */
export interface RedisRateLimiterOptions {
  /** Name of the limit, e.g. `acme:calibrations`. Processes with the same name, limit and window share it. */
  readonly name: string;
  /** Limit of attempts that arrive in any `windowMs`, of all processes together. */
  readonly maxCalls: number;
  /** Length of the window in ms. */
  readonly windowMs: number;
  /** Limit of waiting calls of this process; above it the queue is full. @defaultValue 1,000 */
  readonly capacity?: number | undefined;
  /**
   * Limit of an attempt's duration in ms. The slot of a process that dies during an attempt stays taken for this time.
   *
   * @defaultValue 60,000
   */
  readonly maxAttemptMs?: number | undefined;
  /** Logs once when Redis fails. @defaultValue no logging */
  readonly logger?: Logger | undefined;
  /** Source of time for the waits. The window runs on the time of Redis. @defaultValue the system clock */
  readonly clock?: Clock | undefined;
}

/** Interval of a waiting call's polls in ms. */
const POLL_MS = 500;
/** A waiting call without a poll for this time counts as dead. */
const PATIENCE_MS = 3000;
const REPORT_PAUSE_MS = 5000;

/**
 * Creates a rate limit that all processes of a fleet share: at most `maxCalls` attempts arrive in any `windowMs`. Calls
 * have their turns in order, across processes. A `Retry-After` that one process receives delays all of them.
 *
 * Pass it to `CalibrationClient` or `cognigyAi` as `rateLimiter`, or call its `enter` around custom calls.
 *
 * While Redis fails or takes longer than a second, each process enforces the limit alone, like `RateLimiter`, and logs
 * that once. When Redis responds again, it counts the attempts made in the meantime.
 *
 * @throws `ConfigurationError` for an option that is unknown or out of range.
 *
 * @example
 * ```ts
 * import { CalibrationClient } from 'agent-assist-sdk';
 * import { redisRateLimiter } from 'agent-assist-sdk/redis';
 * import { Redis } from 'ioredis';
 *
 * const redis = new Redis('redis://127.0.0.1');
 * const rateLimiter = redisRateLimiter(redis, { name: 'acme:calibrations', maxCalls: 10, windowMs: 60_000 });
 * const calibrations = new CalibrationClient(http, { rateLimiter });
 * ```
 */
export function redisRateLimiter(client: RedisClient, options: RedisRateLimiterOptions): RateLimit {
  checkOptions('redisRateLimiter', options, {
    name: 'anything',
    maxCalls: 'anything',
    windowMs: 'anything',
    capacity: true,
    maxAttemptMs: true,
    logger: true,
    clock: 'a clock with monotonic()',
  });
  const { name, maxCalls, windowMs, capacity = 1000, maxAttemptMs = 60_000, clock = systemClock } = options;
  if (typeof name !== 'string' || !/^[^{}]+$/.test(name))
    throw new ConfigurationError('name: expected a string without braces');
  checkCounts({ maxCalls, capacity });
  checkTimeLimits({ windowMs, maxAttemptMs });
  const logger = resolveLogger(options.logger);
  const quota = new RedisQuota(client, { name, maxCalls, windowMs, maxAttemptMs, clock, logger });
  return new LimiterQueue(quota, { capacity, clock });
}

type QuotaOptions = {
  readonly [K in Exclude<keyof RedisRateLimiterOptions, 'capacity'>]-?: NonNullable<RedisRateLimiterOptions[K]>;
};

/** Counts attempts in Redis, and also in memory for times when Redis fails. */
class RedisQuota implements Quota {
  readonly #send: ReturnType<typeof commandSender>;
  readonly #clock: Clock;
  readonly #local: MemoryQuota;
  readonly #breaker: CircuitBreaker;
  readonly #keys: readonly string[];
  readonly #limits: readonly string[];
  readonly #windowMs: number;
  /** The attempts in progress and of the last window, to report them to a Redis that may not know them. */
  readonly #attempts = new Map<string, Attempt>();
  #hold: { readonly until: number; isKnown: boolean } = { until: -Infinity, isKnown: true };
  #later: unknown;

  constructor(client: RedisClient, { name, maxCalls, windowMs, maxAttemptMs, clock, logger }: QuotaOptions) {
    this.#send = commandSender(client);
    this.#clock = clock;
    this.#local = new MemoryQuota({ maxCalls, windowMs, clock });
    this.#breaker = new CircuitBreaker(`Rate limit ${name} on Redis`, { clock, logger });
    // The part in braces keeps the keys together in a cluster. A shorter window of the same name would drop attempts.
    const prefix = `{agent-assist-limit:${name}:${maxCalls}:${Math.ceil(windowMs)}}`;
    this.#keys = ['ended', 'open', 'waiting', 'seen', 'held'].map((part) => `${prefix}:${part}`);
    this.#limits = [maxCalls, Math.ceil(windowMs), Math.ceil(maxAttemptMs), PATIENCE_MS].map(String);
    this.#windowMs = windowMs;
  }

  async take(
    askedAt: number,
    announce: (wait: RateLimitWait) => void,
    signal: AbortSignal | undefined,
  ): Promise<() => void> {
    const id = crypto.randomUUID();
    let endLocal: () => void;
    let isShared: boolean;
    try {
      isShared = await this.#takeShared(id, askedAt, announce, signal);
      // Attempts of this process are within the limit of all, so this waits only while Redis fails.
      endLocal = await this.#local.take(askedAt, announce, signal);
      // Redis may have recovered during that wait.
      isShared ||= await this.#takeShared(id, askedAt, announce, signal);
    } catch (error) {
      void this.#run('leave', id, 0);
      throw error;
    }
    this.#attempts.set(id, { state: 'open', since: this.#clock.monotonic(), known: isShared ? 'open' : undefined });
    if (!isShared) this.#reportLater();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      endLocal();
      this.#attempts.set(id, { state: 'ended', since: this.#clock.monotonic(), known: undefined });
      void this.#run('report', '', 0);
    };
  }

  holdOff(delayMs: number): void {
    this.#local.holdOff(delayMs);
    const until = this.#clock.monotonic() + delayMs;
    if (until <= this.#hold.until) return;
    this.#hold = { until, isKnown: false };
    void this.#run('report', '', 0);
  }

  forecast(ahead: number): RateLimitWait {
    return this.#local.forecast(ahead);
  }

  /** @returns whether Redis gave a slot; `false` while it fails. */
  async #takeShared(
    id: string,
    askedAt: number,
    announce: (wait: RateLimitWait) => void,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    for (;;) {
      const waitedMs = Math.round(this.#clock.monotonic() - askedAt);
      const wait = await abortable(this.#run('take', id, waitedMs), signal);
      if (wait === undefined || wait.waitMs < 0) return wait !== undefined;
      announce(wait);
      await sleep(this.#clock, Math.min(wait.waitMs + 1, POLL_MS), signal);
    }
  }

  /** @returns the wait for a slot, negative if it was taken; `undefined` while Redis fails. */
  async #run(operation: Operation, id: string, waitedMs: number): Promise<RateLimitWait | undefined> {
    const now = this.#clock.monotonic();
    for (const [attempt, { state, since }] of this.#attempts)
      if (state === 'ended' && now - since > this.#windowMs) this.#attempts.delete(attempt);
    const news = [...this.#attempts].filter(([, { state, known }]) => state !== known);
    const hold = this.#hold;
    const wait = await this.#breaker.run(
      operation,
      () =>
        this.#evaluate(operation, id, [
          waitedMs,
          hold.isKnown ? 0 : Math.max(0, Math.ceil(hold.until - now)),
          ...news.flatMap(([attempt, { state, since }]) => [state, attempt, Math.floor(now - since)]),
        ]),
      [],
      () => {
        // An attempt in progress now has its slot. Without the breaker, since Redis has just answered.
        if (operation === 'take' && this.#attempts.get(id)?.state !== 'open')
          this.#evaluate('leave', id, [0, 0]).catch(() => undefined);
      },
    );
    if (wait === undefined) {
      // A Redis that failed may have lost its data, so everything is reported again.
      for (const attempt of this.#attempts.values()) attempt.known = undefined;
      this.#hold.isKnown = false;
      this.#reportLater();
    } else {
      for (const [, attempt] of news) attempt.known = attempt.state;
      hold.isKnown = true;
    }
    return wait;
  }

  /** The other processes do not wait for what Redis does not know. */
  #reportLater(): void {
    const isHeld = this.#hold.until > this.#clock.monotonic();
    if (this.#later !== undefined || (this.#attempts.size === 0 && !isHeld)) return;
    this.#later = this.#clock.setTimeout(() => {
      this.#later = undefined;
      void this.#run('report', '', 0);
    }, REPORT_PAUSE_MS);
    // The timer must not keep a finished process alive.
    (this.#later as { readonly unref?: () => void }).unref?.();
  }

  async #evaluate(operation: Operation, id: string, told: readonly (string | number)[]): Promise<RateLimitWait> {
    const args = [...this.#keys, operation, id, ...this.#limits, ...told.map(String)];
    const answer = await this.#send('EVAL', RATE_LIMIT_SCRIPT, String(this.#keys.length), ...args);
    const [waitMs, isHeld] = Array.isArray(answer) ? answer.map(Number) : [];
    if (waitMs === undefined || Number.isNaN(waitMs)) throw new TypeError('an answer that is not a wait');
    return { waitMs, reason: isHeld === 1 ? 'hold' : 'quota' };
  }
}

type Operation = 'take' | 'leave' | 'report';

interface Attempt {
  readonly state: 'open' | 'ended';
  /** Start or end, by `Clock.monotonic`. */
  readonly since: number;
  /** The state that Redis knows. */
  known: Attempt['state'] | undefined;
}
