import { hasFailed } from '../../http/internal.js';
import type { AssertionFailure, AssertionVerdict } from '../judge/assertion.js';
import { writeJson } from '../../json.js';
import type { RunComparison } from '../judge/compare.js';
import { checkFields, checkKind } from '../../options.js';
import type { CaseResult, SuiteRun, SuiteSummary } from '../run/suite.js';
import type { SimulationPart, SimulationResult } from '../types.js';

/** Options of a report. */
export interface ReportOptions {
  /** Name of the suite. */
  readonly name: string;
  /** Changes since a baseline. */
  readonly comparison?: RunComparison | undefined;
}

/** Returns text without control characters and lone surrogates, which would break a report, and bidi overrides, which would reorder it. */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g, '\ufffd');
}

/** Returns the first `length` characters of a text, without splitting one. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  // Twice as many units contain that many characters, without the rest of a long text.
  const characters = Array.from(text.slice(0, 2 * length + 1));
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/** Returns a value as JSON; a text without its quotes. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? 'no value' : (writeJson(value) ?? '(cannot be written as JSON)');
}

export function describeFailure(failure: AssertionFailure): string {
  switch (failure.reason) {
    case 'step-missing':
      return 'the step is missing';
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

/** Describes the failures of an assertion, with the input that it is about. */
function describeVerdict({ assertion, failures }: AssertionVerdict, result: CaseResult): string {
  const said = result.simulation.inputs[assertion.stepIndex]?.text ?? '';
  return `step ${assertion.stepIndex} "${said}": ${failures.map(describeFailure).join('; ')}`;
}

/** @throws `ConfigurationError` for a value that is not a result of a suite. */
export function checkRun(run: SuiteRun, { name }: Pick<ReportOptions, 'name'>): void {
  checkFields('run', run, { startedAt: 'a string', results: 'a list of objects', summary: 'an object' });
  checkKind('name', name, 'a string');
}

/**
 * Describes all problems of a case, a sentence each; empty if it passed.
 *
 * @throws `ConfigurationError` for a value that is not an object.
 */
export function caseProblems(result: CaseResult): string[] {
  checkKind('result', result, 'an object');
  const { error, evaluation, status } = result;
  if (status === 'passed') return [];
  if (error !== undefined) return [`${error.name}: ${error.message}`];
  const wrong = (evaluation?.verdicts ?? [])
    .filter(({ passed }) => !passed)
    .map((verdict) => describeVerdict(verdict, result));
  if (result.result !== undefined && hasFailed(result.result)) wrong.unshift(failureOf(result.result));
  if (evaluation?.verdicts.length === 0) wrong.push('the case has no assertions, so it never passes');
  return wrong;
}

/** Describes what the suite requires and its runner does not support, a sentence each. */
export function unsupportedNotes({ unsupported = [] }: SuiteRun): string[] {
  return unsupported.map(
    ({ part, reason, cases }) =>
      `not checked in ${cases} ${cases === 1 ? 'case' : 'cases'}: ${partNames[part]}: ${reason}`,
  );
}

const partNames: Readonly<Record<SimulationPart, string>> = {
  target: 'bot and version',
  delay: 'pauses',
  context: 'context',
  conversation: 'what came before in the conversation',
  confidence: 'confidence',
  entities: 'entities',
  entityValues: 'values of entities',
};

/** Names the parts of a verdict that were not checked. */
export function describeUnchecked({ unchecked = [] }: AssertionVerdict): string {
  return unchecked.map((part) => `${partNames[part]} not checked`).join(', ');
}

/** Returns how many assertions hold, and how many were judged only in part. */
export function assertionCounts({ passedAssertions, totalAssertions, uncheckedAssertions }: SuiteSummary): string {
  const partly = uncheckedAssertions === undefined ? '' : `, ${uncheckedAssertions} checked in part`;
  return `${passedAssertions} of ${totalAssertions}${partly}`;
}

/** Says how a simulation failed, and the reason, if known. */
function failureOf({ status, failReason }: SimulationResult): string {
  return `the simulation ended as ${status}${failReason === undefined ? '' : `: ${failReason}`}`;
}

/** Returns a percentage; `n/a` without counts. */
export function percent(figure: number, counted: number): string {
  return counted === 0 ? 'n/a' : `${figure} %`;
}

/** Returns a share between 0 and 1 as a percentage, with at most two decimals. */
function shareText(share: number, counted: number): string {
  return percent(Math.round(share * 10_000) / 100, counted);
}

export function scores({
  intentAccuracy,
  totalAssertions,
  entities,
}: SuiteSummary): Readonly<Record<'intentAccuracy' | 'precision' | 'recall' | 'f1', string>> {
  const { truePositives, falsePositives, falseNegatives, precision, recall, f1 } = entities;
  return {
    intentAccuracy: shareText(intentAccuracy, totalAssertions),
    precision: shareText(precision, truePositives + falsePositives),
    recall: shareText(recall, truePositives + falseNegatives),
    f1: shareText(f1, truePositives + falsePositives + falseNegatives),
  };
}

export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function passRateChange({ baselinePassRate, candidatePassRate, compared, pValue }: RunComparison): string {
  const rates = [baselinePassRate, candidatePassRate].map((rate) => percent(rate, compared)).join(' → ');
  const p = pValue < 0.0001 ? pValue.toExponential(1) : pValue.toFixed(4);
  return `Pass rate ${rates} over ${compared} cases (McNemar’s exact test: p = ${p}).`;
}
