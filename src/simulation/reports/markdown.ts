import { checkOptions } from '../../options.js';
import type { RunComparison } from '../judge/compare.js';
import type { IntentCount } from '../judge/scores.js';
import type { SuiteRun } from '../run/suite.js';
import {
  assertionCounts,
  caseProblems,
  checkRun,
  cut,
  duration,
  passRateChange,
  percent,
  printable,
  scores,
  unsupportedNotes,
  type ReportOptions,
} from './describe.js';

/** Limit of listed cases and confusions; a comment on GitHub has at most 65,536 characters. */
const LISTED_CASES = 50;
const LISTED_PROBLEMS = 5;
const LISTED_CONFUSIONS = 10;

/**
 * Writes a run as Markdown for a pull request: totals, the comparison, the cases that did not pass, and the most common
 * confusions. External text is put into code spans, where it can neither format nor mention anyone.
 */
export function markdownReport(run: SuiteRun, options: ReportOptions): string {
  checkOptions('markdownReport', options, { name: 'anything', comparison: 'an object' });
  checkRun(run, options);
  const { summary } = run;
  const holds = options.comparison?.gate.holds ?? summary.passed === run.results.length;
  const total = run.results.length;
  const { intentAccuracy, f1 } = scores(summary);
  const columns = {
    cases: total,
    passed: `${summary.passed} (${percent(summary.passRate, total)})`,
    failed: summary.failed,
    errored: summary.errored,
    assertions: assertionCounts(summary),
    'intent accuracy': intentAccuracy,
    'entity F1': f1,
    duration: duration(run.elapsedMs),
  };
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const lines = [
    `## ${holds ? '✅' : '❌'} Conversation simulation ${code(options.name)}`,
    '',
    row(Object.keys(columns)),
    `|${'---:|'.repeat(Object.keys(columns).length)}`,
    row(Object.values(columns)),
    ...unsupportedNotes(run).flatMap((note) => ['', `⚠️ ${code(note)}`]),
    ...(options.comparison === undefined ? [] : comparisonLines(options.comparison)),
    ...failureLines(run),
    ...confusionLines(summary.confusion),
  ];
  return `${lines.join('\n')}\n`;
}

function comparisonLines(comparison: RunComparison): string[] {
  const { gate, newlyFailing, newlyPassing, drifts, added, removed } = comparison;
  return [
    '',
    '### Compared with the baseline',
    '',
    passRateChange(comparison),
    '',
    `- newly failing: ${idList(newlyFailing)}`,
    `- newly passing: ${idList(newlyPassing)}`,
    `- confidence drifts: ${drifts.length}`,
    ...(added.length + removed.length > 0 ? [`- added: ${idList(added)}`, `- removed: ${idList(removed)}`] : []),
    '',
    gate.holds
      ? 'The gate holds.'
      : `**The gate does not hold:** ${gate.failures.map(({ message }) => message).join('; ')}.`,
  ];
}

function failureLines(run: SuiteRun): string[] {
  const failing = run.results.filter(({ status }) => status !== 'passed');
  if (failing.length === 0) return [];
  const listed = failing.slice(0, LISTED_CASES).flatMap((result) => {
    const problems = caseProblems(result);
    const more = problems.length > LISTED_PROBLEMS ? [`  - … ${problems.length - LISTED_PROBLEMS} more`] : [];
    const title = result.name === undefined ? '' : ` ${code(result.name)}`;
    return [
      `- ${code(result.id)}${title}${result.status === 'errored' ? ' (no verdict)' : ''}`,
      ...problems.slice(0, LISTED_PROBLEMS).map((problem) => `  - ${code(problem)}`),
      ...more,
    ];
  });
  const more = failing.length > LISTED_CASES ? ['', `… and ${failing.length - LISTED_CASES} more cases.`] : [];
  return ['', `### Not passed (${failing.length})`, '', ...listed, ...more];
}

function confusionLines(confusion: readonly IntentCount[]): string[] {
  const confusions = confusion
    .filter(({ expected, recognized }) => recognized !== undefined && recognized !== expected)
    .sort((a, b) => b.count - a.count);
  if (confusions.length === 0) return [];
  const name = (intent = ''): string => inTable(code(intent, 60));
  return [
    '',
    '### Most common confusions',
    '',
    '| expected | recognized | times |',
    '|---|---|---:|',
    ...confusions
      .slice(0, LISTED_CONFUSIONS)
      .map(({ expected, recognized, count }) => `| ${name(expected)} | ${name(recognized)} | ${count} |`),
  ];
}

function idList(ids: readonly string[]): string {
  if (ids.length === 0) return 'none';
  const more = ids.length > 20 ? `, … ${ids.length - 20} more` : '';
  return `${ids.length}: ${ids
    .slice(0, 20)
    .map((id) => code(id, 60))
    .join(', ')}${more}`;
}

/** Escapes pipes, since tables are split before code is read; an odd number of backslashes precedes each. */
export function inTable(span: string): string {
  return span.replace(/(\\*)\|/g, '$1$1\\|');
}

/** Returns a code span that its content cannot end. */
export function code(text: string, length = 200): string {
  const line = cut(printable(text).replace(/\s+/g, ' ').trim(), length);
  if (line === '') return '(empty)';
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}
