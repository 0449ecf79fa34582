import type { PollOptions } from '../http/internal.js';
import type { Simulation, SimulationResult } from './types.js';

/**
 * A part of a simulation that some runners do not support: the target (bot, environment and version), the pauses before
 * inputs, the conversation (each input is judged alone), the initial variables, the minimum confidence, the entities,
 * and the values of found entities.
 */
export type SimulationPart =
  'target' | 'delay' | 'context' | 'conversation' | 'confidence' | 'entities' | 'entityValues';

/** The parts that a runner does not support, each with the reason. */
export type UnsupportedParts = Partial<Readonly<Record<SimulationPart, string>>>;

/** Options of {@link SimulationRunner.run}. */
export interface RunOptions extends PollOptions<SimulationResult> {
  /** Id of a run accepted earlier, as passed to `onSubmitted`, to continue. @defaultValue none: starts a new run */
  readonly submittedId?: string | undefined;
  /**
   * Called with the id of the run once it was accepted, and awaited before the first poll. The journal of a suite
   * stores the id. If it throws or rejects, the run fails.
   */
  readonly onSubmitted?: ((runId: string) => unknown) | undefined;
}

/**
 * Runs the simulations of a suite; `SimulationClient` fits. A runner whose runs cannot be continued never calls
 * `onSubmitted`; an interrupted case then runs again.
 */
export interface SimulationRunner {
  /** Parts that it does not support; `runSuite` refuses or notes them. Absent if it supports all. */
  readonly unsupported?: UnsupportedParts | undefined;
  /** Limit of inputs of one simulation; absent without a limit. */
  readonly maxInputs?: number | undefined;
  /**
   * Runs a simulation to its end.
   *
   * @returns the final state. Unsupported parts are absent; a simulation that `FAILED` is a result, not an error.
   * @throws (as rejection) `NotFoundError` if the run of `submittedId` no longer exists; a suite then starts a new one.
   * `TimeoutError` after `totalTimeoutMs`, `AbortError`, and what its calls throw.
   */
  run(simulation: Simulation, options?: RunOptions): Promise<SimulationResult>;
}
