import { RequestValidationError, type Issue } from '../errors.js';
import { toIssues } from '../http/index.js';
import type { Evaluation } from './evaluate.js';
import { simulationSchema } from './schemas.js';
import type { Simulation, SimulationResult } from './types.js';

/** One case of a suite. */
export interface SuiteCase {
  /** Names the case in reports, journals and comparisons; unique in its suite. */
  readonly id: string;
  /** What the case is about, for readers of a report. */
  readonly name?: string | undefined;
  /** The conversation and what is expected of it. */
  readonly simulation: Simulation;
}

/** Why a case has no verdict. */
export interface CaseError {
  /** Name of the error's class, e.g. `TimeoutError`. */
  readonly name: string;
  /** Its message. */
  readonly message: string;
}

/** The outcome of one case. */
export interface CaseResult extends SuiteCase {
  /** `passed` and `failed` are verdicts; `errored` means that there is none, since a call failed. */
  readonly status: 'passed' | 'failed' | 'errored';
  /** Id of the simulation, once it was submitted. */
  readonly simulationId?: string | undefined;
  /** The simulation's final state; absent when errored. */
  readonly result?: SimulationResult | undefined;
  /** The verdict in detail; absent when errored. */
  readonly evaluation?: Evaluation | undefined;
  /** What went wrong when errored. */
  readonly error?: CaseError | undefined;
  /** From the submission to the end, in ms, polls and waits included. */
  readonly elapsedMs: number;
  /** Whether the outcome was taken from the journal of an earlier run. */
  readonly resumed: boolean;
}

/**
 * Checks all cases before the first is submitted.
 *
 * @throws `RequestValidationError` with every broken rule of every case, and with every id that is used twice.
 */
export function checkCases(cases: readonly SuiteCase[]): void {
  const issues: Issue[] = [];
  const seen = new Set<string>();
  cases.forEach(({ id, simulation }, index) => {
    if (typeof id !== 'string' || id === '')
      issues.push({ path: `[${index}].id`, message: 'expected at least 1 character' });
    if (seen.has(id)) issues.push({ path: `[${index}].id`, message: `${JSON.stringify(id)} names another case too` });
    seen.add(id);
    const checked = simulationSchema.safeParse(simulation);
    if (checked.success) return;
    issues.push(
      ...toIssues(checked.error).map(({ path, message }) => ({
        path: `[${index}].simulation${path && `.${path}`}`,
        message,
      })),
    );
  });
  if (issues.length > 0) throw new RequestValidationError('suite', issues);
}
