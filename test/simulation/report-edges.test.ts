import { HttpClient, SimulationClient } from 'agent-assist-sdk';
import { compareRuns, runSuite, type SuiteCase, type SuiteRun } from 'agent-assist-sdk/simulation';
import { htmlReport, junitReport, markdownReport } from 'agent-assist-sdk/simulation/reports';
import { expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { caseOf, resultOf, simulationOf } from './helpers.js';

/** A run in which the bot understands `intent` of whatever is said. */
async function runOf(cases: readonly SuiteCase[], intent: string): Promise<SuiteRun> {
  const answer = (input: string | URL | Request, init?: RequestInit): Promise<Response> =>
    Promise.resolve(
      new Request(input, init).method === 'POST'
        ? Response.json({ id: 's', status: 'RUNNING' }, { status: 202 })
        : Response.json(resultOf([{ intent }])),
    );
  const client = new SimulationClient(
    new HttpClient({ baseUrl: 'http://tenant.test', fetch: answer, maxResponseBytes: 2 ** 27 }),
  );
  return runSuite(cases, { client, pollIntervalMs: 1 });
}

test('a figure of which nothing was counted is n/a in every report', async () => {
  const nothing = { id: 'nothing expected', simulation: { ...simulationOf(['hi', 'x']), assertions: [] } };
  const run = await runOf([nothing], 'greet');
  expect(markdownReport(run, { name: 's' })).toContain('| 1 | 0 (0 %) | 1 | 0 | 0 of 0 | n/a | n/a |');
  expect(htmlReport(run, { name: 's' })).toContain('<b class="">n/a</b><span>intent accuracy</span>');
  expect(htmlReport(run, { name: 's' })).toContain('<b class="">n/a</b><span>entity F1 (precision n/a, recall n/a)');
  expect(junitReport(run, { name: 's' })).toContain('<property name="intent-accuracy" value="n/a"/>');
  expect(junitReport(run, { name: 's' })).toContain('<property name="entity-f1" value="n/a"/>');
  const comparison = compareRuns({ results: [] }, run);
  for (const report of [markdownReport, htmlReport])
    expect(report(run, { name: 's', comparison })).toContain('Pass rate n/a → n/a over 0 cases');

  const empty = await runOf([], 'greet');
  expect(markdownReport(empty, { name: 's' })).toContain('| 0 | 0 (n/a) |');
  expect(junitReport(empty, { name: 's' })).toContain('<property name="pass-rate" value="n/a"/>');
});

test('no text reorders what stands beside it', async () => {
  const run = await runOf([caseOf('a\u202eb\u2067c', ['h\u202di', 'greet'])], 'x\u2066y');
  for (const report of [junitReport, markdownReport, htmlReport])
    expect(report(run, { name: 's\u202et' })).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
});

test('a report without options says what is missing', async () => {
  const run = await runOf([], 'greet');
  for (const report of [junitReport, markdownReport, htmlReport])
    expect(() => report(run, undefined as never)).toThrow(`${report.name}: expected an object of options`);
});

test('a figure of which something was counted is not', async () => {
  const run = await runOf([caseOf('a', ['hi', 'greet', { city: 'x' }])], 'other');
  expect(markdownReport(run, { name: 's' })).toContain('| 0 of 1 | 0 % | 0 % |');
  expect(htmlReport(run, { name: 's' })).toContain('entity F1 (precision n/a, recall 0 %)');
});

test('JUnit has a huge text once, cut between characters, and readers take it', async () => {
  const huge = '\u{1f3a7}\u0000\u000b\ufffe\ud800<'.repeat(200_000);
  const run = await runOf([{ ...caseOf('a', ['hi', 'greet']), name: huge }, caseOf('b', ['hi', 'greet'])], huge);
  const xml = junitReport(run, { name: 's' });
  expect(xml.length).toBeLessThan(1_000_000);
  expect(xml.isWellFormed()).toBe(true);
  const { errors } = await validateXML({
    xml: [{ fileName: 'report.xml', contents: xml }],
    normalization: 'format',
  });
  expect(errors).toEqual([]);
  const [, message = '', body = ''] = /<failure message="([^"]*)"[^>]*>([^<]*)</.exec(xml) ?? [];
  expect(message).toMatch(/^step 0 &quot;hi&quot;: intent \u{1f3a7}\ufffd\ufffd\ufffd\ufffd&lt;.*…$/u);
  expect(body).toMatch(/^step 0 .*…$/su);
  expect(Array.from(message.replace(/&\w+;/g, '_'))).toHaveLength(500);
  expect(Array.from(body.replace(/&\w+;/g, '_'))).toHaveLength(100_000);
});

test('HTML cuts huge texts between characters', async () => {
  const huge = '\u{1f3a7}<'.repeat(400_000);
  const run = await runOf([{ ...caseOf('a', [huge, 'greet']), name: huge }, caseOf('b', ['hi', 'greet'])], huge);
  const page = htmlReport(run, { name: huge });
  expect(page.length).toBeLessThan(1_000_000);
  expect(page.isWellFormed()).toBe(true);
  const [, name = ''] = /<h1>([^<]*)<\/h1>/.exec(page) ?? [];
  expect(name).toBe(`${'\u{1f3a7}&lt;'.repeat(4999)}\u{1f3a7}…`);
});

test('no pipe in an intent ends the cell of a Markdown table', async () => {
  const run = await runOf([caseOf('a', ['hi', 'a|b\\|c\\\\|d'])], '| **x** |\\');
  const row = markdownReport(run, { name: 's' }).split('\n').at(-2) ?? '';
  // As GFM reads it: a backslash takes the next character with it, and a bare pipe ends the cell.
  const cells = row.match(/(?:\\.|[^|\\])+/gs) ?? [];
  expect(cells.map((cell) => cell.trim())).toEqual(['`a\\|b\\\\\\|c\\\\\\\\\\|d`', '`\\| **x** \\|\\`', '1']);
  expect(markdownReport(run, { name: 's' })).toContain('intent | **x** |\\ instead of a|b\\|c\\\\|d`');
});
