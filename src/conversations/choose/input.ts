import { ConfigurationError } from '../../errors.js';
import { checkKind, checkOptions } from '../../options.js';
import type { AlertRuleType, LabelledUpdate, TuneAlertsOptions, TuningObjective } from './types.js';

export const RULE_TYPES: readonly AlertRuleType[] = [
  'score',
  'keyword',
  'score-twice',
  'keyword-or-score',
  'keyword-and-score',
];

/** @throws {@link ConfigurationError} for the first value of the wrong type, with its place. */
export function checkLabelled(labelled: readonly LabelledUpdate[]): void {
  const given: unknown = labelled;
  if (!Array.isArray(given)) throw new ConfigurationError('labelled: expected a list of labelled updates');
  // Unlike `forEach`, this sees the holes of a sparse list.
  for (const [index, update] of labelled.entries()) checkUpdate(`labelled[${index}]`, update);
}

/** @throws {@link ConfigurationError} for the first value of the wrong type, with its place. */
export function checkUpdate(at: string, update: LabelledUpdate): void {
  checkKind(at, update, 'an object', 'a labelled update');
  checkKind(`${at}.conversationId`, update.conversationId, 'a string');
  if (typeof update.label !== 'boolean') throw new ConfigurationError(`${at}.label: expected true or false`);
  checkNumbers(`${at}.`, update);
}

/** @throws {@link ConfigurationError} for the first score or count of keywords that is not a number. */
export function checkNumbers(
  at: string,
  { scores, keywordHits = 0 }: Pick<LabelledUpdate, 'scores' | 'keywordHits'>,
): void {
  checkKind(`${at}scores`, scores, 'an object', 'an object of numbers');
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
    objective: 'an object',
    rules: 'a list of strings',
    firesBelow: 'a list of strings',
    confidence: true,
    unseenConversations: true,
    seed: true,
  });
  const { objective, rules = RULE_TYPES, confidence = 0.95, unseenConversations = 1, seed = 1 } = options;
  checkObjective(objective);
  for (const rule of rules)
    if (!RULE_TYPES.includes(rule)) throw new ConfigurationError(`rules: expected some of ${RULE_TYPES.join(', ')}`);
  if (rules.length === 0) throw new ConfigurationError('rules: expected at least one');
  if (!(isNumber(confidence) && confidence >= 0.5 && confidence <= 0.99))
    throw new ConfigurationError(
      'confidence: expected a number from 0.5 to 0.99; the resampling does not support more',
    );
  if (unseenConversations !== Infinity && !(Number.isSafeInteger(unseenConversations) && unseenConversations >= 1))
    throw new ConfigurationError('unseenConversations: expected an integer of at least 1, or Infinity');
  if (!Number.isSafeInteger(seed)) throw new ConfigurationError('seed: expected a safe integer');
}

/** The number of each kind of objective, above 0, and what it must be below. */
const OBJECTIVES: ReadonlyMap<unknown, readonly [name: string, below: number]> = new Map([
  ['precision', ['atLeast', 1]],
  ['alert-volume', ['atMostPer100', 100]],
  // The square of a larger one would be too large to count with.
  ['f-beta', ['beta', 1e6]],
]);

function checkObjective(objective: TuningObjective): void {
  checkKind('objective', objective, 'an object', "an objective, e.g. { type: 'precision', atLeast: 0.6 }");
  const [name, below] = OBJECTIVES.get(objective.type) ?? [];
  if (name === undefined || below === undefined)
    throw new ConfigurationError("objective.type: expected 'precision', 'alert-volume' or 'f-beta'");
  const value = (objective as unknown as Readonly<Record<string, unknown>>)[name];
  if (isNumber(value) && value > 0 && value < below) return;
  throw new ConfigurationError(`objective.${name}: expected a number above 0 and below ${below}`);
}
