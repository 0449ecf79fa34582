import type { AlertTuning, OperatingPoint } from '../types.js';
import { familyText, percent, ruleText, volume } from './describe.js';

/** A row of the comparison. */
export interface ComparisonRow {
  readonly isChosen: boolean;
  /** Rule, precision, recall, alerts per 100, bound, difference. */
  readonly cells: readonly string[];
}

/** Returns the rules of a tuning and that of protocol 8, each with its rates; without a choice only the latter. */
export function comparisonRows(tuning: AlertTuning): readonly ComparisonRow[] {
  const { objective, baseline } = tuning;
  const boundText = ({ bound }: OperatingPoint): string =>
    bound === undefined ? '–' : objective.type === 'alert-volume' ? bound.toFixed(2) : percent(bound);
  const rates = (point: OperatingPoint): string[] => [
    percent(point.precision),
    percent(point.recall),
    volume(point.alertsPer100),
    boundText(point),
  ];
  const points = (share: number): string =>
    `${share > 0 ? '+' : share < 0 ? '−' : '±'}${(100 * Math.abs(share)).toFixed(1)}`;
  const compared =
    tuning.status === 'undecided'
      ? []
      : tuning.comparison.map(({ type, score, point, difference = 0, interval }): ComparisonRow => {
          if (point === undefined)
            return { isChosen: false, cells: [familyText(type, score), '–', '–', '–', '–', 'not met'] };
          const isChosen =
            type === tuning.point.rule.type &&
            (tuning.point.rule.type === 'keyword' || score === tuning.point.rule.score);
          const change =
            isChosen || interval === undefined
              ? 'chosen'
              : `${points(difference)} (${points(interval.low)} to ${points(interval.high)})`;
          return { isChosen, cells: [ruleText(point.rule), ...rates(point), change] };
        });
  return baseline === undefined
    ? compared
    : [...compared, { isChosen: false, cells: [`${ruleText(baseline.rule)} (protocol 8)`, ...rates(baseline), '–'] }];
}
