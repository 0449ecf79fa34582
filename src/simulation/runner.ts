import type { PollOptions } from '../http/internal.js';
import type { Simulation, SimulationResult } from './types.js';

/**
 * A part of a simulation that not every runner can carry out or judge: which bot, environment and version answer, the
 * pauses before inputs, the conversation itself (the inputs are judged one by one, without what came before), the variables
 * that it starts with, the least confidence, the entities, and the values of entities whose types are found.
 */
export type SimulationPart =
  'target' | 'delay' | 'context' | 'conversation' | 'confidence' | 'entities' | 'entityValues';

/** What a runner cannot do, each part with the reason in a sentence. */
export type UnsupportedParts = Partial<Readonly<Record<SimulationPart, string>>>;

/** How a {@link SimulationRunner} runs one simulation. */
export interface RunOptions extends PollOptions<SimulationResult> {
  /**
   * Goes on with a run that was accepted earlier, by the id that `onSubmitted` was given.
   *
   * @defaultValue starts a new one
   */
  readonly submittedId?: string | undefined;
  /**
   * Called with the id of the run once it was accepted, and awaited before it is polled. The journal of a suite keeps the
   * id. What it throws or rejects with ends the run.
   */
  readonly onSubmitted?: ((runId: string) => unknown) | undefined;
}

/**
 * What a suite runs its simulations on; `SimulationClient` is one. A runner whose runs cannot be found again calls no
 * `onSubmitted`: an interrupted case then runs again.
 */
export interface SimulationRunner {
  /** What it cannot do. `runSuite` refuses or notes it; absent where it can do everything. */
  readonly unsupported?: UnsupportedParts | undefined;
  /** Most inputs of one simulation; absent where there is no limit. */
  readonly maxInputs?: number | undefined;
  /**
   * Runs a simulation to its end.
   *
   * @returns the final state. What the runner cannot tell is absent; a simulation that `FAILED` is a result, not an error.
   * @throws (as rejection) `NotFoundError` if the run of `submittedId` is gone; a suite then starts a new one. `TimeoutError`
   * after `totalTimeoutMs`, `AbortError`, and what its calls throw.
   */
  run(simulation: Simulation, options?: RunOptions): Promise<SimulationResult>;
}
