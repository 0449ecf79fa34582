import { startTimer, type Clock } from '../../http/internal.js';
import { checkTimeLimits } from '../../options.js';
import type { StreamSettings } from '../options.js';
import type { Liveness } from '../protocol.js';

/** Detects that an open connection is dead. */
export interface Heartbeat {
  /** Called when any data arrives. */
  heard(): void;
  stop(): void;
}

/** The connection that is watched. */
export interface Watched {
  readonly isPaused: boolean;
  send(text: string): void;
  /** Returns whether the runtime can ping. */
  ping(): boolean;
  cut(cause: string): void;
}

interface HeartbeatTarget {
  readonly connection: Watched;
  /** Sends a ping or a heartbeat frame, if there is any. */
  readonly beat: () => void;
}

/** Begins to watch a connection, in the way that its protocol needs. */
export function startHeartbeat(settings: StreamSettings, liveness: Liveness, connection: Watched): Heartbeat {
  const { clock, abilities, pingIntervalMs, pongTimeoutMs, idleTimeoutMs } = settings;
  const frame = liveness.kind === 'silence' ? undefined : liveness.frame;
  const beat = (): void => {
    if (liveness.kind === 'websocket' && connection.ping()) return;
    if (frame !== undefined) connection.send(frame);
  };
  const target = { connection, beat };
  if (liveness.kind === 'websocket') {
    return abilities.isWs
      ? pingHeartbeat(clock, target, pingIntervalMs, pongTimeoutMs)
      : idleHeartbeat(clock, target, pingIntervalMs, idleTimeoutMs);
  }
  // `undefined` would be no limit: in plain JavaScript, a missing time would be a beat each millisecond.
  const { intervalMs = Number.NaN, timeoutMs = Number.NaN }: { intervalMs?: number; timeoutMs?: number } = liveness;
  if (liveness.kind === 'silence') {
    checkTimeLimits({ timeoutMs });
    return idleHeartbeat(clock, target, timeoutMs, timeoutMs);
  }
  if (liveness.kind === 'beat') {
    checkTimeLimits({ intervalMs, timeoutMs });
    return pingHeartbeat(clock, target, intervalMs, timeoutMs);
  }
  checkTimeLimits({ intervalMs });
  return acknowledgedHeartbeat(clock, target, intervalMs, liveness.maxMissed);
}

/** If a timer fires later than this, the process was blocked, which says nothing about the peer. */
const LATE_MS = 500;

/**
 * Sends pings and waits for an answer (protocol 5); anything that arrives counts. No verdict while reading is paused or
 * after the process was blocked, since the pong may then be unread in the socket.
 */
function pingHeartbeat(clock: Clock, target: HeartbeatTarget, intervalMs: number, timeoutMs: number): Heartbeat {
  let stopTimer: () => void;
  let pingedAt = clock.monotonic();
  let awaitsAnswer = false;
  const waitToPing = (): void => {
    awaitsAnswer = false;
    const delayMs = pingedAt + intervalMs - clock.monotonic();
    const timer = clock.setTimeout(
      () => {
        pingedAt = clock.monotonic();
        waitForAnswer();
        target.beat();
      },
      Math.max(0, delayMs),
    );
    stopTimer = () => clock.clearTimeout(timer);
  };
  const waitForAnswer = (): void => {
    awaitsAnswer = true;
    const dueAt = clock.monotonic() + timeoutMs;
    stopTimer = startTimer({ clock, timeoutMs }, () => {
      if (target.connection.isPaused) waitToPing();
      else if (clock.monotonic() - dueAt > LATE_MS) waitForAnswer();
      else target.connection.cut(`no response to a ping within ${timeoutMs} ms`);
    });
  };
  waitToPing();
  return {
    heard: () => {
      if (!awaitsAnswer) return;
      stopTimer();
      waitToPing();
    },
    stop: () => {
      awaitsAnswer = false;
      stopTimer();
    },
  };
}

/** Sends heartbeat frames and detects silence, for runtimes that cannot ping (protocol 5) and for other protocols. */
function idleHeartbeat(clock: Clock, target: HeartbeatTarget, intervalMs: number, idleTimeoutMs: number): Heartbeat {
  let beatTimer: unknown;
  let stopIdleTimer: () => void;
  let heardAt = clock.monotonic();
  const waitToBeat = (): void => {
    beatTimer = clock.setTimeout(() => {
      waitToBeat();
      target.beat();
    }, intervalMs);
  };
  const waitForSilence = (delayMs: number): void => {
    const dueAt = clock.monotonic() + delayMs;
    stopIdleTimer = startTimer({ clock, timeoutMs: delayMs }, () => {
      const now = clock.monotonic();
      const leftMs = heardAt + idleTimeoutMs - now;
      if (leftMs > 0) waitForSilence(leftMs);
      else if (now - dueAt > LATE_MS || target.connection.isPaused) waitForSilence(LATE_MS);
      else target.connection.cut(`silent for ${idleTimeoutMs} ms`);
    });
  };
  waitToBeat();
  waitForSilence(idleTimeoutMs);
  return {
    heard: () => {
      heardAt = clock.monotonic();
    },
    stop: () => {
      clock.clearTimeout(beatTimer);
      stopIdleTimer();
    },
  };
}

/**
 * Counts the heartbeat frames that the server does not acknowledge. A time limit would not do: the acknowledgement of a
 * further beat could arrive just before it.
 */
function acknowledgedHeartbeat(
  clock: Clock,
  target: HeartbeatTarget,
  intervalMs: number,
  maxMissed: number,
): Heartbeat {
  let stopTimer: () => void;
  let missed = 0;
  const wait = (delayMs: number): void => {
    const dueAt = clock.monotonic() + delayMs;
    stopTimer = startTimer({ clock, timeoutMs: delayMs }, () => {
      // The acknowledgements are unread.
      if (target.connection.isPaused) missed = 0;
      if (missed < maxMissed) {
        missed += 1;
        wait(intervalMs);
        target.beat();
      } else if (clock.monotonic() - dueAt > LATE_MS) wait(LATE_MS);
      else target.connection.cut(`${maxMissed} heartbeats in a row were not acknowledged`);
    });
  };
  wait(intervalMs);
  return {
    heard: () => {
      missed = 0;
    },
    stop: () => stopTimer(),
  };
}
