import { ConfigurationError } from '../../errors.js';
import { isRecord } from '../../json.js';
import { isCount, type ReplayEffect } from './outcome.js';

/**
 * Returns what a target returned: a replay sums it, and a gate judges it, so that a wrong type would go unnoticed.
 *
 * @throws {@link ConfigurationError} with the name of the field that is no part of an effect.
 */
export function checkedEffect(effect: unknown): ReplayEffect {
  const problem = problemOf(effect);
  if (problem !== undefined) throw new ConfigurationError(`deliver: ${problem}`);
  return effect as ReplayEffect;
}

const TEXTS = ['interactionId', 'status', 'error'] as const;

function problemOf(effect: unknown): string | undefined {
  if (!isRecord(effect)) return 'expected what the event led to, or undefined for nothing';
  const { asked, shown, calls } = effect;
  if (!Array.isArray(asked)) return 'asked: expected a list of questions';
  for (let index = 0; index < asked.length; index += 1) {
    const problem = questionProblem(asked[index]);
    if (problem !== undefined) return `asked[${index}]${problem}`;
  }
  if (shown !== undefined && !Array.isArray(shown)) return 'shown: expected a list';
  if (!isCount(calls)) return 'calls: expected an integer of at least 0';
  const wrong = TEXTS.find((name) => !isText(effect[name]));
  return wrong === undefined ? undefined : `${wrong}: expected a string`;
}

function questionProblem(question: unknown): string | undefined {
  if (!isRecord(question)) return ': expected a question';
  const { text, call, reasons = [] } = question;
  if (typeof text !== 'string') return '.text: expected a string';
  if (!isText(call)) return '.call: expected a string';
  if (!Array.isArray(reasons)) return '.reasons: expected a list of strings';
  const wrong = reasons.findIndex((reason) => typeof reason !== 'string');
  return wrong === -1 ? undefined : `.reasons[${wrong}]: expected a string`;
}

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
