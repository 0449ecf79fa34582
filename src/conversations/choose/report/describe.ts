import { checkKind, checkOptions } from '../../../options.js';
import { exact, exactPercent } from './numbers.js';
import type { AlertRule, AlertRuleType, AlertTuning, Interval, TuningObjective } from '../types.js';

/** Options of the reports. */
export interface TuningReportOptions {
  /** Title of the report, e.g. the emotion. */
  readonly name: string;
}

/** @throws {@link ConfigurationError} for an unknown option, or without a tuning or a name. */
export function checkReport(owner: string, tuning: AlertTuning, options: TuningReportOptions): void {
  checkKind('tuning', tuning, 'object', 'the result of tuneAlerts');
  checkOptions(owner, options, { name: true });
  checkKind('name', options.name, 'string');
}

/** Returns a share as a percentage with one decimal. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Returns a number with a minus sign. */
export const signed = (value: number): string => String(value).replace('-', '−');

/** Returns alerts per 100 updates with one decimal. */
export const volume = (alertsPer100: number): string => alertsPer100.toFixed(1);

/** Returns an interval of percentages. */
export const percentInterval = ({ low, high }: Interval): string =>
  `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)} %`;

/** Names a kind of rule. */
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

/** Describes when a rule fires. */
export function ruleText(rule: AlertRule): string {
  if (rule.type === 'keyword') return 'a keyword';
  const passes = `${rule.score} ${rule.fires === 'below' ? 'below' : 'of at least'} ${signed(rule.threshold)}`;
  switch (rule.type) {
    case 'score':
      return passes;
    case 'keyword-or-score':
      return `a keyword or ${passes}`;
    case 'keyword-and-score':
      return `a keyword and ${passes}`;
    case 'score-twice':
      return `${passes} in two updates in a row`;
  }
}

/** Describes the objective. */
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

/** Describes the choice and its promise, or the reason for none. */
export function verdictText(tuning: AlertTuning): string {
  if (tuning.status === 'undecided') return `No choice: ${tuning.message}.`;
  const { promise, confidence, point } = tuning;
  const chosen = `Alert on ${ruleText(point.rule)}.`;
  if (promise === undefined) return chosen;
  const where =
    promise.unseenConversations === Infinity
      ? 'in the long run'
      : `in ${promise.unseenConversations} unseen conversations`;
  const what =
    promise.metric === 'precision'
      ? `a precision of at least ${exactPercent(promise.limit)} (the data support ${percent(promise.bound)})`
      : `at most ${exact(promise.limit)} alerts per 100 updates (the data support ${promise.bound.toFixed(2)})`;
  return `${chosen} Promise: ${what} ${where}, with ${exactPercent(confidence)} confidence.`;
}

/** Describes the labelled data. */
export function dataText({ conversations, updates, positives }: AlertTuning): string {
  const share = updates === 0 ? '' : ` (${percent(positives / updates)})`;
  return `${conversations} conversations, ${updates} updates, ${positives} of them need an alert${share}`;
}
