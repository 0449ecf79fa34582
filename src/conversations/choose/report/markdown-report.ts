import { code, inTable } from '../../../simulation/reports/markdown.js';
import type { AlertTuning } from '../types.js';
import {
  checkReport,
  comparisonRows,
  dataText,
  exactPercent,
  objectiveText,
  rateRows,
  verdictText,
  type TuningReportOptions,
} from './describe.js';

/**
 * Writes a tuning as Markdown for a pull request: the choice and its promise, its rates with intervals and
 * cross-validation, and the comparison of the rules. Names of scores are put into code spans, where they can neither
 * format nor mention anyone.
 *
 * @throws `ConfigurationError` for an unknown option, or without a tuning or a name.
 */
export function tuningMarkdownReport(tuning: AlertTuning, options: TuningReportOptions): string {
  checkReport('tuningMarkdownReport', tuning, options);
  const lines = [
    `## ${tuning.status === 'chosen' ? '✅' : '❌'} Alerts ${code(options.name)}`,
    '',
    code(verdictText(tuning), 500),
    '',
    `Objective: ${objectiveText(tuning.objective)}. Data: ${dataText(tuning)}.`,
    ...ratesOf(tuning),
    ...rowsOf(tuning),
  ];
  return `${lines.join('\n')}\n`;
}

function ratesOf(tuning: AlertTuning): string[] {
  if (tuning.status === 'undecided') return [];
  return [
    '',
    `| | chosen | ${exactPercent(tuning.confidence)} interval | cross-validated |`,
    '|---|---:|---:|---:|',
    ...rateRows(tuning).map((cells) => `| ${cells.join(' | ')} |`),
  ];
}

function rowsOf(tuning: AlertTuning): string[] {
  const rows = comparisonRows(tuning);
  if (rows.length === 0) return [];
  const difference = tuning.objective.type === 'f-beta' ? 'F-beta' : 'recall';
  return [
    '',
    `| alert on | precision | recall | alerts per 100 | bound | difference of ${difference} |`,
    '|---|---:|---:|---:|---:|---:|',
    ...rows.map(({ cells: [first = '', ...numbers] }) => `| ${inTable(code(first))} | ${numbers.join(' | ')} |`),
  ];
}
