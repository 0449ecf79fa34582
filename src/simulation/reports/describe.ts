import type { AssertionFailure, AssertionVerdict } from '../assertion.js';
import { writeJson } from '../../json.js';
import type { CaseResult } from '../cases.js';

/** Text that a report shows, without what would break it: control characters and halves of surrogate pairs. */
export function printable(text: string): string {
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd');
}

/** The first `length` characters of a text, none cut in two. */
export function cut(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/** A value as JSON; a text without its quotes. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? 'no value' : (writeJson(value) ?? '(cannot be written as JSON)');
}

/** A failure in a sentence. */
export function describeFailure(failure: AssertionFailure): string {
  switch (failure.reason) {
    case 'step-missing':
      return 'the step never came';
    case 'intent':
      return `intent ${show(failure.actual) || 'none'} instead of ${failure.expected}`;
    case 'confidence':
      return `confidence ${failure.actual ?? 'unknown'}, less than ${failure.expected}`;
    case 'entity-missing':
      return `entity ${failure.type} is missing${'expected' in failure ? `, expected ${show(failure.expected)}` : ''}`;
    case 'entity-value':
      return `entity ${failure.type} is ${failure.actual.map(show).join(', ')} instead of ${show(failure.expected)}`;
  }
}

/** What is wrong with an assertion, with the words that it is about. */
function describeVerdict({ assertion, failures }: AssertionVerdict, result: CaseResult): string {
  const said = result.simulation.inputs[assertion.stepIndex]?.text ?? '';
  return `step ${assertion.stepIndex} "${said}": ${failures.map(describeFailure).join('; ')}`;
}

/** Everything that is wrong with a case that did not pass, a sentence each; nothing for one that passed. */
export function caseProblems(result: CaseResult): string[] {
  const { error, evaluation, status } = result;
  if (status === 'passed') return [];
  if (error !== undefined) return [`${error.name}: ${error.message}`];
  const wrong = (evaluation?.verdicts ?? [])
    .filter(({ passed }) => !passed)
    .map((verdict) => describeVerdict(verdict, result));
  if (result.result?.status === 'FAILED') wrong.unshift('the simulation ended as FAILED');
  if (evaluation?.verdicts.length === 0) wrong.push('the case expects nothing, which never passes');
  return wrong;
}

/** Per cent with at most two decimals of a share between 0 and 1. */
export function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100} %`;
}

/** A duration for people. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A p-value for people. */
export function pValueText(pValue: number): string {
  return pValue < 0.0001 ? `p = ${pValue.toExponential(1)}` : `p = ${pValue.toFixed(4)}`;
}
