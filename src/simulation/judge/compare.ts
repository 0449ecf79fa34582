import { ConfigurationError } from '../../errors.js';
import { checkKind, checkOptions } from '../../options.js';
import type { CaseResult } from '../run/suite.js';
import type { NluResult, SimulationAssertion } from '../types.js';
import { exactDifference, mcnemarExact, roundedShare } from './numbers.js';

/** The part of a case's result that {@link compareRuns} needs; a `CaseResult` fits. */
export interface ComparableCase extends Pick<CaseResult, 'id' | 'status'> {
  /** The verdict on each assertion, with the confidence of the bot. */
  readonly evaluation?:
    | {
        readonly verdicts: readonly {
          readonly assertion: Pick<SimulationAssertion, 'stepIndex'>;
          readonly actual?: Pick<NluResult, 'confidence'> | undefined;
        }[];
      }
    | undefined;
}

/** The part of a run that {@link compareRuns} needs; a `SuiteRun` fits. */
export interface ComparableRun {
  readonly results: readonly ComparableCase[];
}

/** A step whose confidence changed. */
export interface ConfidenceDrift {
  /** Id of the case. */
  readonly id: string;
  /** Position of the step, from 0. */
  readonly stepIndex: number;
  /** Confidence in the baseline, 0 to 1. */
  readonly baseline: number;
  /** Confidence in the candidate, 0 to 1. */
  readonly candidate: number;
  /** Candidate minus baseline. */
  readonly change: number;
}

/** A reason why the gate fails. */
export interface GateFailure {
  /**
   * `regression`: the pass rate fell by more than chance explains, or at all if too few cases are compared;
   * `pass-rate`: it is below `minPassRate`; `errored`: cases of the candidate have no verdict; `nothing-compared`: no
   * case has a verdict in both runs.
   */
  readonly reason: 'regression' | 'pass-rate' | 'errored' | 'nothing-compared';
  readonly message: string;
}

/** Changes from one run to another. */
export interface RunComparison {
  /** Number of cases with a verdict in both runs. All values below except the lists of ids cover these. */
  readonly compared: number;
  /** Ids of cases that passed and now fail. */
  readonly newlyFailing: readonly string[];
  /** Ids of cases that failed and now pass. */
  readonly newlyPassing: readonly string[];
  /** Ids of cases without a verdict in one of the runs. */
  readonly notJudged: readonly string[];
  /** Ids of cases that the candidate lacks. */
  readonly removed: readonly string[];
  /** Ids of cases that the baseline lacks. */
  readonly added: readonly string[];
  /** Confidences that changed by more than 0.1, largest change first. */
  readonly drifts: readonly ConfidenceDrift[];
  /** Pass rate of the baseline over the compared cases, in percent, two decimals. */
  readonly baselinePassRate: number;
  /** Pass rate of the candidate over the compared cases, in percent, two decimals. */
  readonly candidatePassRate: number;
  /** Probability of a split at least this uneven by chance alone: McNemar's exact test, two-sided. */
  readonly pValue: number;
  /** Whether `pValue` is below `alpha`. */
  readonly significant: boolean;
  /** Whether the candidate may replace the baseline. */
  readonly gate: {
    /** True without failures. */
    readonly holds: boolean;
    readonly failures: readonly GateFailure[];
  };
}

/** Options of {@link compareRuns}. */
export interface CompareOptions {
  /**
   * The gate fails if the pass rate fell with a p-value below this number; above 0, below 1. If there are too few
   * compared cases for such a p-value (fewer than six at 0.05), any fall fails the gate.
   *
   * @defaultValue 0.05
   */
  readonly alpha?: number | undefined;
  /**
   * Minimum pass rate of the candidate over all its cases with a verdict, including new ones, in percent. Fewer than
   * six changed cases are never significant at 0.05; this limit says how many of them may fail.
   *
   * @defaultValue 0
   */
  readonly minPassRate?: number | undefined;
}

/** A smaller change of a confidence is not listed. */
const DRIFT = 0.1;

/**
 * Compares two runs of the same suite, case by case. The gate fails if the pass rate fell by more than chance explains,
 * so a few cases that change in both directions do not fail it. In a suite too small for the test, any fall fails it.
 * It also fails if cases of the candidate have no verdict.
 *
 * @throws `ConfigurationError` if an option is out of range, or a run has a duplicate id or an unknown status.
 *
 * @example
 * ```ts
 * import { compareRuns } from 'agent-assist-sdk/simulation';
 *
 * const { gate, newlyFailing } = compareRuns(
 *   { results: [{ id: 'greeting', status: 'passed' }] },
 *   { results: [{ id: 'greeting', status: 'failed' }] },
 *   { minPassRate: 90 },
 * );
 * console.log(gate.holds, newlyFailing);
 * ```
 */
export function compareRuns(
  baseline: ComparableRun,
  candidate: ComparableRun,
  options: CompareOptions = {},
): RunComparison {
  checkOptions('compareRuns', options, { alpha: 'a number', minPassRate: true });
  const { alpha = 0.05, minPassRate = 0 } = options;
  if (!(alpha > 0 && alpha < 1)) throw new ConfigurationError('alpha: expected a number above 0 and below 1');
  if (!(minPassRate >= 0 && minPassRate <= 100))
    throw new ConfigurationError('minPassRate: expected a percentage from 0 to 100');
  const before = byId(baseline, 'baseline');
  const after = byId(candidate, 'candidate');
  const shared = [...after.values()].flatMap((now) => {
    const then = before.get(now.id);
    return then === undefined ? [] : [{ id: now.id, then, now }];
  });
  const lacksVerdict = ({ then, now }: { then: ComparableCase; now: ComparableCase }): boolean =>
    then.status === 'errored' || now.status === 'errored';
  const judged = shared.filter((pair) => !lacksVerdict(pair));
  const idsOf = (then: ComparableCase['status'], now: ComparableCase['status']): string[] =>
    judged.filter((pair) => pair.then.status === then && pair.now.status === now).map(({ id }) => id);
  const newlyFailing = idsOf('passed', 'failed');
  const newlyPassing = idsOf('failed', 'passed');
  const passed = (run: 'then' | 'now'): number => judged.filter((pair) => pair[run].status === 'passed').length;
  const pValue = mcnemarExact(newlyPassing.length, newlyFailing.length);
  const verdicts = candidate.results.filter(({ status }) => status !== 'errored');
  const errored = candidate.results.length - verdicts.length;

  const failures: GateFailure[] = [];
  if (judged.length === 0) failures.push({ reason: 'nothing-compared', message: 'no case has a verdict in both runs' });
  if (errored > 0) failures.push({ reason: 'errored', message: `${errored} of ${after.size} cases have no verdict` });
  // With few cases, even if all of them newly fail, the test would call it chance.
  const tooFew = mcnemarExact(0, judged.length) >= alpha;
  if (newlyFailing.length > newlyPassing.length && (pValue < alpha || tooFew)) {
    const message =
      pValue < alpha
        ? `${newlyFailing.length} cases newly fail and ${newlyPassing.length} newly pass, more than chance explains (p = ${pValue < 0.001 ? pValue.toExponential(1) : pValue.toFixed(3)})`
        : `newly failing ${newlyFailing.length}, newly passing ${newlyPassing.length}; ${judged.length} compared cases are too few to rule out a regression`;
    failures.push({ reason: 'regression', message });
  }
  const passes = verdicts.filter(({ status }) => status === 'passed').length;
  if (passes * 100 < minPassRate * verdicts.length) {
    const rate = roundedShare(passes * 100, verdicts.length, 2);
    failures.push({ reason: 'pass-rate', message: `${rate} % of the cases pass, less than ${minPassRate} %` });
  }
  return {
    compared: judged.length,
    newlyFailing,
    newlyPassing,
    notJudged: shared.filter(lacksVerdict).map(({ id }) => id),
    removed: [...before.keys()].filter((id) => !after.has(id)),
    added: [...after.keys()].filter((id) => !before.has(id)),
    drifts: shared
      .flatMap(({ then, now }) => driftsOf(then, now))
      .sort((a, b) => Math.abs(b.change) - Math.abs(a.change)),
    baselinePassRate: roundedShare(passed('then') * 100, judged.length, 2),
    candidatePassRate: roundedShare(passed('now') * 100, judged.length, 2),
    pValue,
    significant: pValue < alpha,
    gate: { holds: failures.length === 0, failures },
  };
}

const STATUSES: readonly ComparableCase['status'][] = ['passed', 'failed', 'errored'];

function byId(run: ComparableRun, which: string): Map<string, ComparableCase> {
  checkKind(`${which}.results`, (run as ComparableRun | undefined)?.results, 'a list of objects');
  for (const [index, { id, status }] of run.results.entries()) {
    checkKind(`${which}.results[${index}].id`, id, 'a string');
    // Another word would count as a verdict that is neither, and the gate would hold.
    if (!STATUSES.includes(status))
      throw new ConfigurationError(`${which}.results[${index}].status: expected one of ${STATUSES.join(', ')}`);
  }
  const cases = new Map(run.results.map((result) => [result.id, result]));
  if (cases.size === run.results.length) return cases;
  throw new ConfigurationError(`${which}: the same id names more than one case`);
}

function confidences({ evaluation }: ComparableCase): Map<number, number> {
  const pairs = (evaluation?.verdicts ?? []).flatMap(({ assertion, actual }): [number, number][] =>
    actual?.confidence === undefined ? [] : [[assertion.stepIndex, actual.confidence]],
  );
  return new Map(pairs);
}

function driftsOf(then: ComparableCase, now: ComparableCase): ConfidenceDrift[] {
  const before = confidences(then);
  return [...confidences(now)].flatMap(([stepIndex, candidate]) => {
    const baseline = before.get(stepIndex);
    if (baseline === undefined) return [];
    const change = exactDifference(candidate, baseline);
    return Math.abs(change) > DRIFT ? [{ id: now.id, stepIndex, baseline, candidate, change }] : [];
  });
}
