import {
  AuthenticationError,
  CallError,
  NotFoundError,
  OAuthError,
  PermissionDeniedError,
  RateLimitError,
  TimeoutError,
} from '../../errors.js';
import { backoffDelay, sleep, type Clock } from '../../http/internal.js';
import type { Simulation, SimulationResult, SimulationRunner } from '../types.js';

export interface CaseRunner {
  readonly client: SimulationRunner;
  readonly clock: Clock;
  readonly random: () => number;
  readonly gate: RateGate;
  readonly signal: AbortSignal;
  readonly pollIntervalMs: number | undefined;
  readonly totalTimeoutMs: number;
  /** Called once the server has accepted the simulation, before the first poll. */
  readonly onSubmitted: (simulationId: string) => Promise<void>;
  readonly onPaused: (delayMs: number) => void;
}

/**
 * Runs one simulation to its end. A rate limit that outlasts the retries of a call closes the gate for all cases;
 * afterward the case continues.
 *
 * @param submittedId - a simulation of an earlier run to continue; it is submitted again if the server no longer knows
 * it.
 */
export async function runCase(
  simulation: Simulation,
  submittedId: string | undefined,
  runner: CaseRunner,
): Promise<SimulationResult> {
  const { client, clock, gate, signal, pollIntervalMs } = runner;
  const deadline = clock.monotonic() + runner.totalTimeoutMs;
  let simulationId = submittedId;
  let mayBeGone = submittedId !== undefined;
  for (let pauses = 0; ;) {
    await gate.passage(signal);
    const totalTimeoutMs = Math.max(1, Math.ceil(deadline - clock.monotonic()));
    try {
      return await client.run(simulation, {
        pollIntervalMs,
        totalTimeoutMs,
        signal,
        submittedId: simulationId,
        onSubmitted: (acceptedId) => {
          simulationId = acceptedId;
          return runner.onSubmitted(acceptedId);
        },
      });
    } catch (error) {
      if (error instanceof NotFoundError && mayBeGone) {
        simulationId = undefined;
        mayBeGone = false;
        continue;
      }
      if (!(error instanceof RateLimitError)) throw error;
      // A run may have expired during the pause.
      mayBeGone = simulationId !== undefined;
      pauses += 1;
      const delayMs = Math.max(error.retryAfterMs ?? 0, backoffDelay(pauses, runner.random));
      if (clock.monotonic() + delayMs >= deadline) throw error;
      gate.close(delayMs);
      runner.onPaused(delayMs);
    }
  }
}

/** Returns failures that concern one case; throws those that end the suite. */
export async function attempt(
  run: Promise<SimulationResult>,
): Promise<{ result: SimulationResult } | { error: Error }> {
  try {
    return { result: await run };
  } catch (error) {
    if (error instanceof TimeoutError || (error instanceof CallError && !isRefusalOfCredentials(error)))
      return { error };
    throw error;
  }
}

function isRefusalOfCredentials(error: CallError): boolean {
  if (error instanceof OAuthError) return error.status < 429;
  return error instanceof AuthenticationError || error instanceof PermissionDeniedError;
}

/** A pause of all cases of a suite, after the server asked one of them to slow down. */
export class RateGate {
  readonly #clock: Clock;
  #openAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Closes the gate for `delayMs`, unless it is already closed for longer. */
  close(delayMs: number): void {
    this.#openAt = Math.max(this.#openAt, this.#clock.monotonic() + delayMs);
  }

  /** Resolves when the gate is open. Rejects with an `AbortError` if `signal` is aborted first. */
  async passage(signal: AbortSignal): Promise<void> {
    for (;;) {
      const delayMs = this.#openAt - this.#clock.monotonic();
      if (delayMs <= 0) return;
      await sleep(this.#clock, delayMs, signal);
    }
  }
}
