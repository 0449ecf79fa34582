import { RequestValidationError, type Issue } from '../../errors.js';
import { toIssues } from '../../http/internal.js';
import type { EntityMatch } from '../judge/assertion.js';
import type { Evaluation } from '../judge/evaluate.js';
import { roundedShare } from '../judge/numbers.js';
import { confusionTable, scoreEntities, type ConfusionTable, type EntityScores } from '../judge/scores.js';
import { simulationSchema } from '../schemas.js';
import type { Simulation, SimulationResult } from '../types.js';
import type { UnsupportedPart } from './unsupported.js';

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
  /** `passed` and `failed` are verdicts; `errored` means that a call failed, so that there is no verdict. */
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

/** Totals over the cases of a suite. */
export interface SuiteSummary {
  /** Cases whose assertions all hold. */
  readonly passed: number;
  /** Cases with an assertion that fails. */
  readonly failed: number;
  /** Cases without a verdict. */
  readonly errored: number;
  /** Passed cases of all cases, in per cent, two decimals. */
  readonly passRate: number;
  /** Assertions that hold, of the cases with a verdict. */
  readonly passedAssertions: number;
  /** All assertions of the cases with a verdict. */
  readonly totalAssertions: number;
  /** Assertions of which the runner could not judge a part; absent where it judged all. */
  readonly uncheckedAssertions?: number | undefined;
  /** Share of those assertions whose intent was recognized; 0 to 1, four decimals. */
  readonly intentAccuracy: number;
  /** How well entities were found. */
  readonly entities: EntityScores;
  /** Which intents were taken for which. */
  readonly confusion: ConfusionTable;
}

/** The outcome of a suite. `JSON.stringify` of it is what `loadRun` reads. */
export interface SuiteRun {
  /** When it started; ISO 8601, UTC. */
  readonly startedAt: string;
  /** Duration in ms; of a resumed suite only that of the last run. */
  readonly elapsedMs: number;
  /** How entities were judged. */
  readonly entityMatch: EntityMatch;
  /** What the suite asks for and the runner could not do; absent where it did all. */
  readonly unsupported?: readonly UnsupportedPart[] | undefined;
  /** One result for each case, in their order. */
  readonly results: readonly CaseResult[];
  /** Totals over all cases. */
  readonly summary: SuiteSummary;
}

/**
 * Checks all cases before the first is submitted.
 *
 * @throws `RequestValidationError` with all problems of every case, and with every id that is used twice.
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

/** Sums up the results of cases. */
export function summarize(results: readonly Pick<CaseResult, 'status' | 'evaluation'>[]): SuiteSummary {
  const count = (status: CaseResult['status']): number => results.filter((result) => result.status === status).length;
  const evaluations = results.flatMap(({ evaluation }) => evaluation ?? []);
  const verdicts = evaluations.flatMap((evaluation) => evaluation.verdicts);
  const unchecked = verdicts.filter((verdict) => verdict.unchecked !== undefined).length;
  const total = (counted: 'truePositives' | 'falsePositives' | 'falseNegatives'): number =>
    evaluations.reduce((sum, { entities }) => sum + entities[counted], 0);
  return {
    passed: count('passed'),
    failed: count('failed'),
    errored: count('errored'),
    passRate: roundedShare(count('passed') * 100, results.length, 2),
    passedAssertions: verdicts.filter(({ passed }) => passed).length,
    totalAssertions: verdicts.length,
    ...(unchecked > 0 ? { uncheckedAssertions: unchecked } : {}),
    intentAccuracy: roundedShare(verdicts.filter(({ intentMatched }) => intentMatched).length, verdicts.length, 4),
    entities: scoreEntities({
      truePositives: total('truePositives'),
      falsePositives: total('falsePositives'),
      falseNegatives: total('falseNegatives'),
    }),
    confusion: confusionTable(
      verdicts.map(({ assertion, actual }) => ({ expected: assertion.expectedIntent, actual: actual?.intent })),
    ),
  };
}
