import { checkOptions } from '../../options.js';
import type { CaseResult, SuiteRun } from '../run/suite.js';
import { caseProblems, checkRun, cut, printable, scores, unsupportedNotes, type ReportOptions } from './describe.js';
import { ENTITIES } from './html.js';

/** Limit of an attribute's characters: a headline. The body has the whole text. */
const ATTRIBUTE_LENGTH = 500;
/** Limit of a body's characters. Readers based on libxml2 refuse a text of 10 MB, and CI systems keep every report. */
const BODY_LENGTH = 100_000;

/**
 * Writes a run as JUnit XML for a CI system: one test case for each case, with failures and errors distinguished. The
 * document is valid under both common schemas: that of Ant's JUnit task and the wider one of Jenkins.
 */
export function junitReport(run: SuiteRun, options: Pick<ReportOptions, 'name'>): string {
  checkOptions('junitReport', options, { name: 'anything' });
  checkRun(run, options);
  const { name } = options;
  const { summary } = run;
  const { intentAccuracy, f1 } = scores(summary);
  const suite = {
    package: name,
    id: 0,
    name,
    timestamp: run.startedAt.slice(0, 19),
    // As the schema recommends.
    hostname: 'localhost',
    tests: run.results.length,
    failures: summary.failed,
    errors: summary.errored,
    time: seconds(run.elapsedMs),
  };
  const properties = {
    'entity-match': run.entityMatch,
    'pass-rate': run.results.length === 0 ? 'n/a' : summary.passRate,
    'intent-accuracy': intentAccuracy === 'n/a' ? intentAccuracy : summary.intentAccuracy,
    'entity-f1': f1 === 'n/a' ? f1 : summary.entities.f1,
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite${attributes(suite)}>`,
    '    <properties>',
    ...Object.entries(properties).map(([key, value]) => `      <property${attributes({ name: key, value })}/>`),
    ...unsupportedNotes(run).map((value) => `      <property${attributes({ name: 'unsupported', value })}/>`),
    '    </properties>',
    ...run.results.map((result) => testCase(result, name)),
    '    <system-out></system-out>',
    '    <system-err></system-err>',
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(result: CaseResult, suiteName: string): string {
  const { id, name, status } = result;
  const title = name === undefined ? id : `${id}: ${name}`;
  const open = `    <testcase${attributes({ name: title, classname: suiteName, time: seconds(result.elapsedMs) })}`;
  if (status === 'passed') return `${open}/>`;
  const problems = caseProblems(result);
  const [tag, type] = status === 'failed' ? ['failure', 'expectation'] : ['error', result.error?.name ?? 'error'];
  const body = escapeXml(cut(problems.join('\n'), BODY_LENGTH));
  return `${open}>\n      <${tag}${attributes({ message: problems[0] ?? status, type })}>${body}</${tag}>\n    </testcase>`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([key, value]) => ` ${key}="${escapeXml(cut(String(value), ATTRIBUTE_LENGTH))}"`)
    .join('');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function escapeXml(text: string): string {
  return printable(text).replace(
    /[&<>"'\t\n\r]/g,
    (character) => ENTITIES[character] ?? `&#${character.charCodeAt(0)};`,
  );
}
