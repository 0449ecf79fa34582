import type { Clock } from '../http/internal.js';
import { checkTimeLimits } from '../options.js';
import type { StreamSettings } from './options.js';
import type { Liveness } from './protocol.js';

/** Detects that an open connection is dead. */
export interface Heartbeat {
  /** Called when any data arrives. */
  heard(): void;
  stop(): void;
}

/** The connection of a {@link Heartbeat}. */
export interface HeartbeatTarget {
  /** Sends a ping or a heartbeat frame, if there is any. */
  beat(): void;
  /** Whether reading is paused, so that an answer would stay unread. */
  isPaused(): boolean;
  dead(why: string): void;
}

/** Begins to watch a connection, in the way that its protocol needs. */
export function startHeartbeat(settings: StreamSettings, liveness: Liveness, target: HeartbeatTarget): Heartbeat {
  const { clock, abilities, pingIntervalMs, pongTimeoutMs, idleTimeoutMs } = settings;
  if (liveness.kind === 'websocket') {
    return abilities.isWs
      ? new PingHeartbeat(clock, target, pingIntervalMs, pongTimeoutMs)
      : new IdleHeartbeat(clock, target, pingIntervalMs, idleTimeoutMs);
  }
  if (liveness.kind === 'silence') {
    const { timeoutMs } = liveness;
    checkTimeLimits({ timeoutMs });
    return new IdleHeartbeat(clock, target, timeoutMs, timeoutMs);
  }
  const { intervalMs } = liveness;
  if (liveness.kind === 'beat') {
    const { timeoutMs } = liveness;
    checkTimeLimits({ intervalMs, timeoutMs });
    return new PingHeartbeat(clock, target, intervalMs, timeoutMs);
  }
  checkTimeLimits({ intervalMs });
  return new AcknowledgedHeartbeat(clock, target, intervalMs, liveness.maxMissed);
}

/** If a timer fires later than this, the process was blocked, which says nothing about the peer. */
const LATE_MS = 500;

/**
 * Sends pings and waits for an answer (protocol 5); anything that arrives counts. No verdict while reading is paused or
 * after the process was blocked, since the pong may then be unread in the socket.
 */
class PingHeartbeat implements Heartbeat {
  readonly #clock: Clock;
  readonly #target: HeartbeatTarget;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  #timer: unknown;
  #pingedAt: number;
  #awaitsAnswer = false;

  constructor(clock: Clock, target: HeartbeatTarget, intervalMs: number, timeoutMs: number) {
    this.#clock = clock;
    this.#target = target;
    this.#intervalMs = intervalMs;
    this.#timeoutMs = timeoutMs;
    this.#pingedAt = clock.monotonic();
    this.#waitToPing();
  }

  heard(): void {
    if (!this.#awaitsAnswer) return;
    this.#clock.clearTimeout(this.#timer);
    this.#waitToPing();
  }

  stop(): void {
    this.#awaitsAnswer = false;
    this.#clock.clearTimeout(this.#timer);
  }

  #waitToPing(): void {
    this.#awaitsAnswer = false;
    const delayMs = this.#pingedAt + this.#intervalMs - this.#clock.monotonic();
    this.#timer = this.#clock.setTimeout(
      () => {
        this.#pingedAt = this.#clock.monotonic();
        this.#waitForAnswer();
        this.#target.beat();
      },
      Math.max(0, delayMs),
    );
  }

  #waitForAnswer(): void {
    this.#awaitsAnswer = true;
    const dueAt = this.#clock.monotonic() + this.#timeoutMs;
    this.#timer = this.#clock.setTimeout(() => {
      if (this.#target.isPaused()) this.#waitToPing();
      else if (this.#clock.monotonic() - dueAt > LATE_MS) this.#waitForAnswer();
      else this.#target.dead(`no answer to a ping within ${this.#timeoutMs} ms`);
    }, this.#timeoutMs);
  }
}

/** Sends heartbeat frames and detects silence, for runtimes that cannot ping (protocol 5) and for other protocols. */
class IdleHeartbeat implements Heartbeat {
  readonly #clock: Clock;
  readonly #target: HeartbeatTarget;
  readonly #idleTimeoutMs: number;
  #beatTimer: unknown;
  #idleTimer: unknown;
  #heardAt: number;

  constructor(clock: Clock, target: HeartbeatTarget, intervalMs: number, idleTimeoutMs: number) {
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#clock = clock;
    this.#target = target;
    this.#heardAt = clock.monotonic();
    this.#waitToBeat(intervalMs);
    this.#waitForSilence(idleTimeoutMs);
  }

  heard(): void {
    this.#heardAt = this.#clock.monotonic();
  }

  stop(): void {
    this.#clock.clearTimeout(this.#beatTimer);
    this.#clock.clearTimeout(this.#idleTimer);
  }

  #waitToBeat(intervalMs: number): void {
    this.#beatTimer = this.#clock.setTimeout(() => {
      this.#waitToBeat(intervalMs);
      this.#target.beat();
    }, intervalMs);
  }

  #waitForSilence(delayMs: number): void {
    const dueAt = this.#clock.monotonic() + delayMs;
    this.#idleTimer = this.#clock.setTimeout(() => {
      const now = this.#clock.monotonic();
      const leftMs = this.#heardAt + this.#idleTimeoutMs - now;
      if (leftMs > 0) this.#waitForSilence(leftMs);
      else if (now - dueAt > LATE_MS || this.#target.isPaused()) this.#waitForSilence(LATE_MS);
      else this.#target.dead(`silent for ${this.#idleTimeoutMs} ms`);
    }, delayMs);
  }
}

/**
 * Counts the heartbeat frames that the server does not acknowledge. A time limit would not do: the acknowledgement of a
 * further beat could arrive just before it.
 */
class AcknowledgedHeartbeat implements Heartbeat {
  readonly #clock: Clock;
  readonly #target: HeartbeatTarget;
  readonly #intervalMs: number;
  readonly #maxMissed: number;
  #timer: unknown;
  #missed = 0;

  constructor(clock: Clock, target: HeartbeatTarget, intervalMs: number, maxMissed: number) {
    this.#clock = clock;
    this.#target = target;
    this.#intervalMs = intervalMs;
    this.#maxMissed = maxMissed;
    this.#wait(intervalMs);
  }

  heard(): void {
    this.#missed = 0;
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  #wait(delayMs: number): void {
    const dueAt = this.#clock.monotonic() + delayMs;
    this.#timer = this.#clock.setTimeout(() => {
      // The acknowledgements are unread.
      if (this.#target.isPaused()) this.#missed = 0;
      if (this.#missed < this.#maxMissed) {
        this.#missed += 1;
        this.#wait(this.#intervalMs);
        this.#target.beat();
      } else if (this.#clock.monotonic() - dueAt > LATE_MS) this.#wait(LATE_MS);
      else this.#target.dead(`${this.#maxMissed} heartbeats in a row were not acknowledged`);
    }, delayMs);
  }
}
