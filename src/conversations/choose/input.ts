import { ConfigurationError } from '../../errors.js';
import { checkKind, checkOptions } from '../../options.js';
import type { AlertRuleType, LabelledUpdate, TuneAlertsOptions, TuningObjective } from './types.js';

/** All kinds of rules. */
export const RULE_TYPES: readonly AlertRuleType[] = [
  'score',
  'keyword',
  'score-twice',
  'keyword-or-score',
  'keyword-and-score',
];

/** @throws {@link ConfigurationError} for the first value of the wrong type, with its place. */
export function checkLabelled(labelled: readonly LabelledUpdate[]): void {
  checkKind('labelled', labelled, 'list', 'a list of labelled updates');
  // Unlike `forEach`, this sees the holes of a sparse list.
  for (const [index, update] of labelled.entries()) checkUpdate(`labelled[${index}]`, update);
}

/** @throws {@link ConfigurationError} for the first value of the wrong type, with its place. */
export function checkUpdate(at: string, update: LabelledUpdate): void {
  checkKind(at, update, 'object', 'a labelled update');
  checkKind(`${at}.conversationId`, update.conversationId, 'string');
  if (typeof update.label !== 'boolean') throw new ConfigurationError(`${at}.label: expected true or false`);
  checkNumbers(`${at}.`, update);
}

/** @throws {@link ConfigurationError} for the first score or count of keywords that is not a number. */
export function checkNumbers(
  at: string,
  { scores, keywordHits = 0 }: Pick<LabelledUpdate, 'scores' | 'keywordHits'>,
): void {
  checkKind(`${at}scores`, scores, 'object', 'an object of numbers');
  for (const [name, score] of Object.entries(scores))
    // No threshold is above the largest number.
    if (score !== undefined && !(isNumber(score) && Math.abs(score) < Number.MAX_VALUE))
      throw new ConfigurationError(`${at}scores.${name.slice(0, 50)}: expected a finite number`);
  if (!(isNumber(keywordHits) && keywordHits >= 0))
    throw new ConfigurationError(`${at}keywordHits: expected a number of at least 0`);
}

/** Whether a value is a number: comparisons would convert a string. */
const isNumber = (value: unknown): value is number => typeof value === 'number';

/** @throws {@link ConfigurationError} for the first option that is out of range. */
export function checkTuneOptions(options: TuneAlertsOptions): void {
  checkOptions('tuneAlerts', options, {
    objective: true,
    rules: true,
    firesBelow: true,
    confidence: true,
    unseenConversations: true,
    seed: true,
  });
  const {
    objective,
    rules = RULE_TYPES,
    firesBelow = [],
    confidence = 0.95,
    unseenConversations = 1,
    seed = 1,
  } = options;
  checkObjective(objective);
  checkKind('rules', rules, 'list');
  checkKind('firesBelow', firesBelow, 'list');
  for (const rule of rules)
    if (!RULE_TYPES.includes(rule)) throw new ConfigurationError(`rules: expected some of ${RULE_TYPES.join(', ')}`);
  for (const name of firesBelow) checkKind('firesBelow', name, 'string', 'names of scores');
  if (rules.length === 0) throw new ConfigurationError('rules: expected at least one');
  if (!(isNumber(confidence) && confidence >= 0.5 && confidence < 1))
    throw new ConfigurationError('confidence: expected a number of at least 0.5 and below 1');
  if (unseenConversations !== Infinity && !(Number.isSafeInteger(unseenConversations) && unseenConversations >= 1))
    throw new ConfigurationError('unseenConversations: expected an integer of at least 1, or Infinity');
  if (!Number.isSafeInteger(seed)) throw new ConfigurationError('seed: expected a safe integer');
}

function checkObjective(objective: TuningObjective): void {
  checkKind('objective', objective, 'object', "an objective, e.g. { type: 'precision', atLeast: 0.6 }");
  switch (objective.type) {
    case 'precision':
      if (!(isNumber(objective.atLeast) && objective.atLeast > 0 && objective.atLeast < 1))
        throw new ConfigurationError('objective.atLeast: expected a number above 0 and below 1');
      return;
    case 'alert-volume':
      if (!(isNumber(objective.atMostPer100) && objective.atMostPer100 > 0 && objective.atMostPer100 < 100))
        throw new ConfigurationError('objective.atMostPer100: expected a number above 0 and below 100');
      return;
    case 'f-beta':
      if (!(isNumber(objective.beta) && objective.beta > 0 && objective.beta < Infinity))
        throw new ConfigurationError('objective.beta: expected a finite number above 0');
      return;
    default:
      throw new ConfigurationError("objective.type: expected 'precision', 'alert-volume' or 'f-beta'");
  }
}
