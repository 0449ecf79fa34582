import { checkKind, checkOptions } from '../../../options.js';
import type {
  AlertCurve,
  AlertRule,
  AlertRuleType,
  AlertTuning,
  ChosenAlerts,
  OperatingPoint,
  TuningObjective,
} from '../types.js';

/** Options of the reports. */
export interface TuningReportOptions {
  /** Title of the report, e.g. the emotion. */
  readonly name: string;
}

/** @throws {@link ConfigurationError} for an unknown option, or without a tuning or a name. */
export function checkReport(owner: string, tuning: AlertTuning, options: TuningReportOptions): void {
  const { curves } = Object(tuning) as Partial<AlertTuning>;
  checkKind('tuning', curves, 'a list of objects', 'the result of tuneAlerts');
  checkOptions(owner, options, { name: 'anything' });
  checkKind('name', options.name, 'a string');
}

/** Returns a number as a person wrote it: 0.3 for 0.1 + 0.2. */
export const exact = (value: number): string => String(Number(value.toPrecision(12)));

/** Returns a share as a percentage without rounding it up to 100 %: a confidence or a limit, not a measurement. */
export const exactPercent = (share: number): string => `${exact(100 * share)} %`;

/** Returns a share as a percentage with one decimal. */
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Returns a number with a minus sign. */
export const signed = (value: number): string => String(value).replace('-', '−');

/** Returns alerts per 100 updates with one decimal. */
const volume = (alertsPer100: number): string => alertsPer100.toFixed(1);

export function familyText(type: AlertRuleType, score = ''): string {
  switch (type) {
    case 'score':
      return score;
    case 'keyword':
      return 'keyword';
    case 'keyword-or-score':
      return `keyword or ${score}`;
    case 'keyword-and-score':
      return `keyword and ${score}`;
    case 'score-twice':
      return `${score} twice in a row`;
  }
}

export function ruleText(rule: AlertRule): string {
  if (rule.type === 'keyword') return 'a keyword';
  const passes = `${rule.score} ${rule.fires === 'below' ? 'below' : 'of at least'} ${signed(rule.threshold)}`;
  if (rule.type === 'score-twice') return `${passes} in two updates in a row`;
  return rule.type === 'score' ? passes : `a ${familyText(rule.type, passes)}`;
}

export function objectiveText(objective: TuningObjective): string {
  switch (objective.type) {
    case 'precision':
      return `the most recall at a precision of at least ${exactPercent(objective.atLeast)}`;
    case 'alert-volume':
      return `the most recall with at most ${exact(objective.atMostPer100)} alerts per 100 updates`;
    case 'f-beta':
      return `the highest F-beta score, beta ${exact(objective.beta)}`;
  }
}

/** Says for which conversations a promise is. */
export const whereText = (unseenConversations: number): string =>
  unseenConversations === Infinity ? 'in the long run' : `in ${unseenConversations} unseen conversations`;

/** Describes the choice and its promise, or the reason for none. */
export function verdictText(tuning: AlertTuning): string {
  if (tuning.status === 'undecided') return `No choice: ${tuning.message}.`;
  const { promise, confidence, point } = tuning;
  const chosen = `Alert on ${ruleText(point.rule)}.`;
  if (promise === undefined) return chosen;
  const what =
    promise.metric === 'precision'
      ? `a precision of at least ${exactPercent(promise.limit)} (the data support ${percent(promise.bound)})`
      : `at most ${exact(promise.limit)} alerts per 100 updates (the data support ${promise.bound.toFixed(2)})`;
  return `${chosen} Promise: ${what} ${whereText(promise.unseenConversations)}, with ${exactPercent(confidence)} confidence.`;
}

export function dataText({ conversations, updates, positives }: AlertTuning): string {
  const share = updates === 0 ? '' : ` (${percent(positives / updates)})`;
  return `${conversations} conversations, ${updates} updates, ${positives} of them need an alert${share}`;
}

/** Returns the rates of a choice: name, value, interval and cross-validated value of each. */
export function rateRows({ point, intervals, crossValidation }: ChosenAlerts): readonly (readonly string[])[] {
  const { low, high } = intervals.alertsPer100;
  const share = (name: 'precision' | 'recall'): readonly string[] => [
    name,
    percent(point[name]),
    `${(100 * intervals[name].low).toFixed(1)} to ${percent(intervals[name].high)}`,
    percent(crossValidation[name]),
  ];
  return [
    share('precision'),
    share('recall'),
    [
      'alerts per 100 updates',
      volume(point.alertsPer100),
      `${volume(low)} to ${volume(high)}`,
      volume(crossValidation.alertsPer100),
    ],
  ];
}

/** Whether a rule is of a kind, on the same score. */
export const isOfKind = (rule: AlertRule, { type, score }: Pick<AlertCurve, 'type' | 'score'>): boolean =>
  rule.type === type && (rule.type === 'keyword' || rule.score === score);

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
          const isChosen = isOfKind(tuning.point.rule, { type, score });
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
