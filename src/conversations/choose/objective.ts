import type { Share } from './band.js';
import { countAlerts, weightedSum, type Sample } from './sample.js';
import type { OperatingPoint, TuningObjective } from './types.js';

export interface RuleCounts {
  readonly alerts: number;
  readonly truePositives: number;
  /** Updates that needed an alert. */
  readonly positives: number;
  readonly updates: number;
}

type Rates = Pick<OperatingPoint, 'precision' | 'recall' | 'alertsPer100'>;

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

export function ratesOf({ alerts, truePositives, positives, updates }: RuleCounts): Rates {
  return {
    precision: ratio(truePositives, alerts),
    recall: ratio(truePositives, positives),
    alertsPer100: ratio(100 * alerts, updates),
  };
}

/** Returns the F-beta score (van Rijsbergen 1979): the weighted harmonic mean of precision and recall. */
export function fBetaOf({ truePositives, alerts, positives }: RuleCounts, beta: number): number {
  const weight = beta * beta;
  return ratio((1 + weight) * truePositives, alerts + weight * positives);
}

/** Returns what the objective maximizes: recall, or the F-beta score. */
export function utilityOf(counts: RuleCounts, objective: TuningObjective): number {
  return objective.type === 'f-beta' ? fBetaOf(counts, objective.beta) : ratesOf(counts).recall;
}

/** Returns what an objective promises, at least a limit of a share; `undefined` for F-beta, which promises nothing. */
export function promisedShare(
  objective: TuningObjective,
): { readonly share: Share; readonly limit: number } | undefined {
  if (objective.type === 'f-beta') return undefined;
  return objective.type === 'precision'
    ? { share: 'precision', limit: objective.atLeast }
    : { share: 'quiet', limit: 1 - objective.atMostPer100 / 100 };
}

/** A cut of a table that meets the objective. */
export interface Choice {
  readonly table: number;
  readonly cut: number;
  readonly counts: RuleCounts;
  /** Lower bound of the promised share; NaN without a promise. */
  readonly bound: number;
}

/**
 * Returns the best cut of each table under the objective; `undefined` where none meets it.
 *
 * @param bounds - lower bounds of the promised share, by table and cut.
 */
export function bestCuts(
  sample: Sample,
  objective: TuningObjective,
  bounds: readonly Float64Array[] | undefined,
): readonly (Choice | undefined)[] {
  const [updates, positives] = [weightedSum(sample.updates), weightedSum(sample.positives)];
  const { limit } = promisedShare(objective) ?? {};
  return sample.tables.map((table, index) => {
    const { alerts, truePositives } = countAlerts(table);
    let best: Choice | undefined;
    for (let cut = 0; cut < table.cuts.length; cut += 1) {
      const bound = bounds?.[index]?.[cut] ?? NaN;
      const counts = { alerts: alerts[cut] ?? 0, truePositives: truePositives[cut] ?? 0, positives, updates };
      if (counts.truePositives === 0 || (limit !== undefined && !(bound >= limit))) continue;
      if (best === undefined || utilityOf(counts, objective) > utilityOf(best.counts, objective))
        best = { table: index, cut, counts, bound };
    }
    return best;
  });
}
