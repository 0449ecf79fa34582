import { confusionTable, type ConfusionTable } from './confusion.js';
import { roundedShare } from './decimals.js';
import { scoreEntities, type EntityScores } from './entity-scores.js';
import type { CaseResult } from './cases.js';

/** Totals over the cases of a suite. */
export interface SuiteSummary {
  /** Cases with a verdict that all holds. */
  readonly passed: number;
  /** Cases with a verdict that something does not hold. */
  readonly failed: number;
  /** Cases without a verdict. */
  readonly errored: number;
  /** Passed cases of all cases, in per cent, two decimals. */
  readonly passRate: number;
  /** Assertions that hold, of the cases with a verdict. */
  readonly passedAssertions: number;
  /** All assertions of the cases with a verdict. */
  readonly totalAssertions: number;
  /** Share of those assertions whose intent was recognised; 0 to 1, four decimals. */
  readonly intentAccuracy: number;
  /** How well entities were found. */
  readonly entities: EntityScores;
  /** Which intents were taken for which. */
  readonly confusion: ConfusionTable;
}

/** Sums up the results of cases. */
export function summarize(results: readonly Pick<CaseResult, 'status' | 'evaluation'>[]): SuiteSummary {
  const count = (status: CaseResult['status']): number => results.filter((result) => result.status === status).length;
  const evaluations = results.flatMap(({ evaluation }) => evaluation ?? []);
  const verdicts = evaluations.flatMap((evaluation) => evaluation.verdicts);
  const total = (counted: 'truePositives' | 'falsePositives' | 'falseNegatives'): number =>
    evaluations.reduce((sum, { entities }) => sum + entities[counted], 0);
  return {
    passed: count('passed'),
    failed: count('failed'),
    errored: count('errored'),
    passRate: roundedShare(count('passed') * 100, results.length, 2),
    passedAssertions: verdicts.filter(({ passed }) => passed).length,
    totalAssertions: verdicts.length,
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
