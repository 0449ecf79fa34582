import { RequestValidationError, type Issue } from '../../errors.js';
import { checkKind } from '../../options.js';
import { safeParse, toIssues } from '../../http/internal.js';
import type { EntityMatch } from '../judge/assertion.js';
import type { Evaluation } from '../judge/evaluate.js';
import { roundedShare } from '../judge/numbers.js';
import { recognition, type EntityCounts } from '../judge/scores.js';
import { simulationSchema } from '../schemas.js';
import type { Simulation, SimulationResult } from '../types.js';
import type { UnsupportedPart } from './unsupported.js';

/** One case of a suite. */
export interface SuiteCase {
  /** Identifies the case in reports, journals and comparisons; unique in its suite. */
  readonly id: string;
  /** Description for reports. */
  readonly name?: string | undefined;
  /** The conversation and its assertions. */
  readonly simulation: Simulation;
}

/** Why a case has no verdict. */
export interface CaseError {
  /** Name of the error's class, e.g. `TimeoutError`. */
  readonly name: string;
  readonly message: string;
}

/** The outcome of one case. */
export interface CaseResult extends SuiteCase {
  /** `passed` and `failed` are verdicts; `errored` means that a call failed and there is no verdict. */
  readonly status: 'passed' | 'failed' | 'errored';
  /** Id of the simulation, if it was submitted. */
  readonly simulationId?: string | undefined;
  /** The simulation's final state; absent if errored. */
  readonly result?: SimulationResult | undefined;
  /** The verdict in detail; absent if errored. */
  readonly evaluation?: Evaluation | undefined;
  /** The error, if errored. */
  readonly error?: CaseError | undefined;
  /** Time from the submission to the end in ms, including polls and waits. */
  readonly elapsedMs: number;
  /** Whether the result is from the journal of an earlier run. */
  readonly resumed: boolean;
}

/** Totals over the cases of a suite. */
export interface SuiteSummary extends Pick<Evaluation, 'intentAccuracy' | 'entities' | 'confusion'> {
  /** Number of cases whose assertions all hold. */
  readonly passed: number;
  /** Number of cases with a failed assertion. */
  readonly failed: number;
  /** Number of cases without a verdict. */
  readonly errored: number;
  /** Share of all cases that passed, in percent, two decimals. */
  readonly passRate: number;
  /** Number of assertions that hold, in cases with a verdict. */
  readonly passedAssertions: number;
  /** Number of all assertions in cases with a verdict. */
  readonly totalAssertions: number;
  /** Number of assertions that the runner judged only in part; absent if it judged all. */
  readonly uncheckedAssertions?: number | undefined;
}

/** Result of a suite. `loadRun` reads its `JSON.stringify`. */
export interface SuiteRun {
  /** Time of the start; ISO 8601, UTC. */
  readonly startedAt: string;
  /** Duration in ms; of a resumed suite, that of the last run. */
  readonly elapsedMs: number;
  /** How entities were judged. */
  readonly entityMatch: EntityMatch;
  /** Parts of the suite that the runner does not support; absent if it supports all. */
  readonly unsupported?: readonly UnsupportedPart[] | undefined;
  /** One result for each case, in their order. */
  readonly results: readonly CaseResult[];
  /** Totals over all cases. */
  readonly summary: SuiteSummary;
}

/**
 * Checks all cases before the first is submitted.
 *
 * @throws `RequestValidationError` with all problems of all cases, including duplicate ids.
 */
export function checkCases(cases: readonly SuiteCase[]): void {
  checkKind('cases', cases, 'a list of objects');
  const issues: Issue[] = [];
  const seen = new Set<string>();
  cases.forEach(({ id, simulation }, index) => {
    if (typeof id !== 'string' || id === '')
      issues.push({ path: `[${index}].id`, message: 'expected at least 1 character' });
    if (seen.has(id))
      issues.push({ path: `[${index}].id`, message: `${JSON.stringify(id)} is already the id of another case` });
    seen.add(id);
    const checked = safeParse(simulationSchema, simulation);
    if (checked.success) return;
    const found = checked.issues.map((issue) => ({ ...issue, path: [index, 'simulation', ...issue.path] }));
    issues.push(...toIssues({ issues: found }));
  });
  if (issues.length > 0) throw new RequestValidationError('suite', issues);
}

export function summarize(results: readonly Pick<CaseResult, 'status' | 'evaluation'>[]): SuiteSummary {
  const count = (status: CaseResult['status']): number => results.filter((result) => result.status === status).length;
  const evaluations = results.flatMap(({ evaluation }) => evaluation ?? []);
  const verdicts = evaluations.flatMap((evaluation) => evaluation.verdicts);
  const unchecked = verdicts.filter((verdict) => verdict.unchecked !== undefined).length;
  const total = (counted: keyof EntityCounts): number =>
    evaluations.reduce((sum, { entities }) => sum + entities[counted], 0);
  return {
    passed: count('passed'),
    failed: count('failed'),
    errored: count('errored'),
    passRate: roundedShare(count('passed') * 100, results.length, 2),
    passedAssertions: verdicts.filter(({ passed }) => passed).length,
    totalAssertions: verdicts.length,
    ...(unchecked > 0 ? { uncheckedAssertions: unchecked } : {}),
    ...recognition(verdicts, {
      truePositives: total('truePositives'),
      falsePositives: total('falsePositives'),
      falseNegatives: total('falseNegatives'),
    }),
  };
}
