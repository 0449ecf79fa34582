import { HttpClient, SimulationClient } from 'agent-assist-sdk';
import { compareRuns, evaluate, runSuite, type ComparableRun, type SuiteRun } from 'agent-assist-sdk/simulation';
import { htmlReport, junitReport, markdownReport } from 'agent-assist-sdk/simulation/reports';
import { describe, expect, test } from 'vitest';
import { caseOf, resultOf } from './helpers.js';

/** What the customer's words should be understood as, what they are understood as (nothing: the step never comes), how surely. */
type Turn = readonly [expected: string, recognized: string | undefined, confidence?: number];

/** A run of these cases against a server that understands each turn as the plan says, and took 1.2 s. */
async function runOf(plan: Readonly<Record<string, readonly Turn[]>>): Promise<SuiteRun> {
  const answer: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    if (request.method === 'POST') {
      const { context } = (await request.json()) as { context: { id: string } };
      return Response.json({ id: context.id, status: 'RUNNING' }, { status: 202 });
    }
    const id = decodeURIComponent(new URL(request.url).pathname.split('/').at(-1) ?? '');
    const steps = (plan[id] ?? []).flatMap(([, intent, confidence = 0.9], index) =>
      intent === undefined ? [] : [{ index, intent, confidence }],
    );
    return Response.json({ ...resultOf(steps), id });
  };
  const client = new SimulationClient(new HttpClient({ baseUrl: 'http://tenant.test', fetch: answer }));
  const cases = Object.entries(plan).map(([id, turns]) => {
    const { simulation } = caseOf(
      id,
      ...turns.map(([expected], index): [string, string] => [`words ${index}`, expected]),
    );
    return { id, simulation: { ...simulation, context: { id } } };
  });
  const run = await runSuite(cases, { client, pollIntervalMs: 1 });
  return {
    ...run,
    startedAt: '2026-02-03T04:05:06.789Z',
    elapsedMs: 1234,
    results: run.results.map((result) => ({ ...result, elapsedMs: 20 })),
  };
}

const plan = {
  one: [
    ['z', 'z', 0.95],
    ['y', 'y', 0.6],
  ],
  two: [
    ['z', 'y', 0.42],
    ['z', 'x', 0.6],
  ],
  three: [['y', undefined]],
  four: [['x', 'x', 1]],
} as const satisfies Record<string, readonly Turn[]>;

/** The opposite verdicts, one case less and one that is gone. */
function baselineOf({ results }: SuiteRun): ComparableRun {
  const flipped = results
    .slice(1)
    .map(({ id, status }) => ({ id, status: status === 'passed' ? ('failed' as const) : ('passed' as const) }));
  return { results: [...flipped, { id: 'gone', status: 'passed' }] };
}

/** The cells of a table's rows, each as `class|text`. */
function cellsOf(page: string, table: string): string[][] {
  const [, body = ''] = new RegExp(`<table class="${table}">.*?<tbody>(.*?)</tbody>`, 's').exec(page) ?? [];
  return body
    .split('</tr>')
    .slice(0, -1)
    .map((row) =>
      Array.from(
        row.matchAll(/<t[hd](?: class="([^"]*)"| scope="row")?[^>]*>(.*?)<\/t[hd]>/gs),
        ([, name = '', text = '']) => `${name}|${text.replace(/<[^>]*>/g, '')}`,
      ),
    );
}

test('the Markdown report in full', async () => {
  const run = await runOf(plan);
  expect(markdownReport(run, { name: 'booking', comparison: compareRuns(baselineOf(run), run, { minPassRate: 90 }) }))
    .toBe(`## ❌ Conversation simulation \`booking\`

| cases | passed | failed | errored | assertions | intent accuracy | entity F1 | duration |
|---:|---:|---:|---:|---:|---:|---:|---:|
| 4 | 2 (50 %) | 2 | 0 | 3 of 6 | 50 % | n/a | 1.2 s |

### Compared with the baseline

Pass rate 66.67 % → 33.33 % over 3 cases (McNemar’s exact test: p = 1.0000).

- newly failing: 2: \`two\`, \`three\`
- newly passing: 1: \`four\`
- confidence drifts: 0
- added: 1: \`one\`
- removed: 1: \`gone\`

**The gate does not hold:** newly failing 2, newly passing 1; 3 compared cases are too few to rule out a regression; 50 % of the cases pass, less than 90 %.

### Not passed (2)

- \`two\`
  - \`step 0 "words 0": intent y instead of z\`
  - \`step 1 "words 1": intent x instead of z\`
- \`three\`
  - \`step 0 "words 0": the step is missing\`

### Most common confusions

| expected | recognized | times |
|---|---|---:|
| \`z\` | \`x\` | 1 |
| \`z\` | \`y\` | 1 |
`);
});

test('the Markdown report of a run in which all is well is short', async () => {
  const run = { ...(await runOf({ four: [['x', 'x', 1]] })), elapsedMs: 999 };
  expect(markdownReport(run, { name: 'booking', comparison: compareRuns(run, run) }))
    .toBe(`## ✅ Conversation simulation \`booking\`

| cases | passed | failed | errored | assertions | intent accuracy | entity F1 | duration |
|---:|---:|---:|---:|---:|---:|---:|---:|
| 1 | 1 (100 %) | 0 | 0 | 1 of 1 | 100 % | n/a | 999 ms |

### Compared with the baseline

Pass rate 100 % → 100 % over 1 cases (McNemar’s exact test: p = 1.0000).

- newly failing: none
- newly passing: none
- confidence drifts: 0

The gate holds.
`);
  expect(markdownReport(run, { name: 'booking' })).not.toContain('baseline');
  expect(markdownReport(run, { name: 'booking' })).toMatch(/^## ✅/);
  expect(markdownReport(await runOf(plan), { name: 'booking' })).toMatch(/^## ❌/);
});

test('a failure names values by what they are', async () => {
  const {
    results: [result],
    ...run
  } = await runOf({ two: [['z', 'y', 0.42]] });
  if (result === undefined) throw new Error('no result');
  const answer = resultOf([
    {
      intent: '',
      confidence: 0.2,
      entities: [{ type: 'day', value: 7 }, { type: 'day' }, { type: 'city', value: { name: 'oslo' } }],
    },
  ]);
  const evaluation = evaluate(answer, [
    {
      stepIndex: 0,
      expectedIntent: 'z',
      expectedConfidenceMin: 0.5,
      expectedEntities: { day: { of: 'month' }, city: 'rome', seat: 1 },
    },
  ]);
  expect(junitReport({ ...run, results: [{ ...result, evaluation }] }, { name: 'x' })).toContain(
    [
      'intent none instead of z',
      'confidence 0.2, less than 0.5',
      'entity day is 7, no value instead of {&quot;of&quot;:&quot;month&quot;}',
      'entity city is {&quot;name&quot;:&quot;oslo&quot;} instead of rome',
      'entity seat is missing, expected 1',
    ].join('; '),
  );
});

describe('the Markdown report keeps its length', () => {
  test('by 200 characters of a text, none cut in two', async () => {
    const run = await runOf({ four: [['x', 'x', 1]] });
    const nameIn = (name: string): string | undefined => /simulation `(.*)`$/m.exec(markdownReport(run, { name }))?.[1];
    expect(nameIn('🎧'.repeat(200))).toBe('🎧'.repeat(200));
    expect(nameIn('🎧'.repeat(201))).toBe(`${'🎧'.repeat(199)}…`);
  });

  test('by 20 ids of a list, 5 problems of a case and 10 confusions, the commonest first', async () => {
    const many: [string, readonly Turn[]][] = Array.from({ length: 12 }, (_, case_) => [
      `case-${case_}`,
      Array.from({ length: 6 }, (): Turn => ['right', `wrong-${String(case_).padStart(2, '0')}`]),
    ]);
    const few: [string, readonly Turn[]][] = Array.from({ length: 10 }, (_, index) => [
      `few-${index}`,
      [['right', 'wrong-11']],
    ]);
    const run = await runOf(Object.fromEntries([...many, ...few]));
    const before = { results: run.results.map(({ id }) => ({ id, status: 'passed' as const })) };
    const lines = markdownReport(run, { name: 'x', comparison: compareRuns(before, run) }).split('\n');
    expect(lines.find((line) => line.startsWith('- newly failing'))).toMatch(
      /^- newly failing: 22: `case-0`, .*`few-7`, … 2 more$/,
    );
    expect(lines.filter((line) => line === '  - … 1 more')).toHaveLength(12);
    expect(lines.filter((line) => line.startsWith('  - `step '))).toHaveLength(12 * 5 + 10);
    const confusions = lines.filter((line) => line.startsWith('| `'));
    expect([confusions.length, confusions[0], confusions[1]]).toEqual([
      10,
      '| `right` | `wrong-11` | 16 |',
      '| `right` | `wrong-00` | 6 |',
    ]);
  });
});

describe('the HTML report', () => {
  test('has the numbers of the run at its top', async () => {
    const run = await runOf(plan);
    const page = htmlReport(run, {
      name: 'booking',
      comparison: compareRuns(baselineOf(run), run, { minPassRate: 90 }),
    });
    expect(page).toContain('<p class="meta">2026-02-03 04:05:06 UTC · 1.2 s · entities by value</p>');
    const tiles = Array.from(
      page.matchAll(/<div class="tile"><b class="([^"]*)">([^<]*)<\/b><span>([^<]*)<\/span>/g),
      ([, ...parts]) => parts.join('|'),
    );
    expect(tiles).toEqual([
      '|2 of 4|cases pass (50 %)',
      'bad|2|fail',
      '|0|have no verdict',
      '|3 of 6|assertions hold',
      '|50 %|intent accuracy',
      '|n/a|entity F1 (precision n/a, recall n/a)',
    ]);
    const summaries = Array.from(page.matchAll(/<summary>(.*?)<\/summary>/g), ([, text = '']) =>
      text.replace(/<[^>]*>/g, '').trim(),
    );
    const cases = Array.from(
      page.matchAll(/<details( open)?><summary><span class="(\w+)">(\w+)</g),
      ([, open = '', ...parts]) => [open.trim(), ...parts],
    );
    expect(cases).toEqual([
      ['open', 'bad', 'failed'],
      ['open', 'bad', 'failed'],
      ['', 'good', 'passed'],
      ['', 'good', 'passed'],
    ]);
    expect(summaries).toEqual([
      'Newly failing: 2',
      'Newly passing: 1',
      'Added: 1',
      'Removed: 1',
      'failed two',
      'failed three',
      'passed one',
      'passed four',
    ]);
    expect(page).toContain(
      '<strong>The gate does not hold:</strong> newly failing 2, newly passing 1; 3 compared cases are too few to rule out a regression; 50 % of the cases pass, less than 90 %.',
    );
  });

  test('leaves out what a run does not have', async () => {
    const good = await runOf({ four: [['x', 'x', 1]] });
    const page = htmlReport(good, { name: 'booking', comparison: compareRuns(good, good) });
    expect(Array.from(page.matchAll(/<h2>(.*?)<\/h2>/g), ([, text]) => text)).toEqual([
      'Compared with the baseline',
      'Confused intents',
      'Confidence of the bot',
      'Passed (1)',
    ]);
    expect(page).toContain('<strong>The gate holds.</strong>');
    expect(page).not.toMatch(/#failing|Confidence drifts|left out|no step/);
    const bad = htmlReport(await runOf({ three: [['y', undefined]] }), { name: 'booking' });
    expect(bad).not.toMatch(/#passed|id="passed"|baseline/);
    const nothing = htmlReport({ ...good, results: [], summary: { ...good.summary, confusion: [] } }, { name: 'x' });
    expect(nothing).toContain('No intent was expected.');
  });

  test('shows the most confused intents first, each cell shaded by its share of the row', async () => {
    const page = htmlReport(await runOf(plan), { name: 'booking' });
    expect(cellsOf(page, 'heat')).toEqual([
      ['|z', 'hit3|1', 'miss3|1', 'miss3|1', '|', 'total|3'],
      ['|y', '|', 'hit4|1', '|', 'miss4|1', 'total|2'],
      ['|x', '|', '|', 'hit8|1', '|', 'total|1'],
    ]);
    expect(page).toContain('title="expected z, recognized y: 1 of 3"');
    // A colour for each shade that a cell can have.
    for (const tone of ['hit', 'miss'])
      for (let shade = 1; shade <= 8; shade += 1)
        expect(page).toMatch(new RegExp(`td\\.${tone}${shade}\\{background:rgb\\(\\d+ \\d+ \\d+ / 0\\.\\d+\\)`));
  });

  test('marks the diagonal, and shades even the rarest confusion', async () => {
    const page = htmlReport(
      await runOf({ all: [...Array.from({ length: 30 }, (): Turn => ['a', 'a']), ['a', 'b'], ['b', 'a']] }),
      { name: 'booking' },
    );
    expect(cellsOf(page, 'heat')).toEqual([
      ['|a', 'hit8|30', 'miss1|1', 'total|31'],
      ['|b', 'miss8|1', 'diagonal|', 'total|1'],
    ]);
  });

  test('reads each step and each verdict of a long case a few times only', async () => {
    const run = await runOf({ all: Array.from({ length: 500 }, (): Turn => ['a', 'a']) });
    let reads = 0;
    const counted = <T extends object>(item: T, name: keyof T): T => {
      const { [name]: value } = item;
      return Object.defineProperty({ ...item }, name, { get: () => ((reads += 1), value) });
    };
    const results = run.results.map(({ result, evaluation, ...rest }) => ({
      ...rest,
      ...(result && { result: { ...result, steps: result.steps?.map((step) => counted(step, 'index')) } }),
      ...(evaluation && {
        evaluation: { ...evaluation, verdicts: evaluation.verdicts.map((verdict) => counted(verdict, 'assertion')) },
      }),
    }));
    expect(htmlReport({ ...run, results }, { name: 'booking' })).toContain('words 499');
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThan(10 * 500);
  });

  test('shows 40 intents at most', async () => {
    const turns = Array.from({ length: 43 }, (_, index): Turn => [`i-${index}`, index === 42 ? 'i-0' : `i-${index}`]);
    const page = htmlReport(await runOf({ all: turns }), { name: 'booking' });
    const rows = cellsOf(page, 'heat');
    expect([rows.length, ...rows.slice(0, 2).map(([name]) => name)]).toEqual([40, '|i-0', '|i-42']);
    expect(page).toContain('The 3 least confused intents are not shown.');
  });

  test('draws how sure the bot is in 20 columns, wrong intents on top of right ones', async () => {
    const page = htmlReport(await runOf(plan), { name: 'booking' });
    const bars = Array.from(page.matchAll(/<g><title>([^<]*)<\/title>(.*?)<\/g>/gs), ([, title = '', rects = '']) => ({
      title,
      rects: Array.from(
        rects.matchAll(/class="(\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g),
        ([, ...parts]) => parts.join(' '),
      ),
    }));
    expect(bars).toHaveLength(20);
    expect(bars[0]?.title).toBe('0.00 to 0.05: 0 right, 0 wrong');
    expect(bars.filter(({ rects }) => rects.length > 0)).toEqual([
      { title: '0.40 to 0.45: 0 right, 1 wrong', rects: ['wrong 301 102 30 90'] },
      { title: '0.60 to 0.65: 1 right, 1 wrong', rects: ['right 429 102 30 90', 'wrong 429 12 30 90'] },
      { title: '0.95 to 1.00: 2 right, 0 wrong', rects: ['right 653 12 30 180'] },
    ]);
  });

  test.each([
    [1, [0, 1, 2]],
    [2, [0, 1, 2]],
    [5, [0, 3, 6]],
    [11, [0, 6, 12]],
    [13, [0, 8, 16]],
    [70, [0, 40, 80]],
  ])('has whole numbers at its axis for a column of %i', async (count, labels) => {
    const page = htmlReport(await runOf({ all: Array.from({ length: count }, (): Turn => ['a', 'a', 0.5]) }), {
      name: 'x',
    });
    expect(Array.from(page.matchAll(/text-anchor="end">([\d.]+)</g), ([, label]) => Number(label))).toEqual(labels);
  });

  test('shows each turn with what was understood, what was expected and what is wrong', async () => {
    const {
      results: [result],
      ...run
    } = await runOf({
      two: [
        ['z', 'y', 0.42],
        ['z', undefined],
      ],
    });
    if (result?.evaluation === undefined) throw new Error('no evaluation');
    const steps = result.result?.steps?.map((step) => ({
      ...step,
      nlu: { ...step.nlu, entities: [{ type: 'city', value: 'oslo' }, { type: 'seat' }, { type: 'bag', value: null }] },
    }));
    const shown = {
      ...result,
      simulationId: undefined,
      resumed: true,
      result: { id: 'two', status: 'COMPLETED', steps: steps ?? [] },
    };
    const page = htmlReport({ ...run, results: [shown] }, { name: 'x' });
    expect(cellsOf(page, 'turns')).toEqual([
      ['|0', '|words 0', '|answer', '|y 0.42city = osloseatbag', '|✗ z ≥ 0.1intent y instead of z'],
      ['|1', '|words 1', '|', '|', '|✗ z ≥ 0.1the step is missing'],
    ]);
    expect(page).toContain('<p class="meta">never submitted · 20 ms · from an earlier run</p>');
    expect(htmlReport({ ...run, results: [result] }, { name: 'x' })).toContain(
      '<p class="meta">simulation two · 20 ms</p>',
    );
  });

  test('names what moved since the baseline', async () => {
    const [before, after] = [await runOf({ four: [['x', 'x', 0.5]] }), await runOf({ four: [['x', 'x', 1]] })];
    const page = htmlReport(after, { name: 'booking', comparison: compareRuns(before, after) });
    expect(page).toContain('<summary>Confidence drifts: 1</summary>');
    expect(page).toContain('<tr><td>four</td><td>0</td><td>0.5</td><td>1</td><td>0.5</td></tr>');
  });
});

test('the JUnit report in full', async () => {
  const run = await runOf(plan);
  const error = { name: 'TimeoutError', message: 'took\ttoo long & ended' };
  const results = run.results.map(({ id, simulation, ...rest }) => {
    if (id === 'three') return { id, simulation, status: 'errored' as const, error, elapsedMs: 60_000, resumed: false };
    return { ...rest, id, simulation, ...(id === 'one' && { name: 'The first' }) };
  });
  expect(junitReport({ ...run, results }, { name: 'booking' })).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite package="booking" id="0" name="booking" timestamp="2026-02-03T04:05:06" hostname="localhost" tests="4" failures="2" errors="0" time="1.234">
    <properties>
      <property name="entity-match" value="value"/>
      <property name="pass-rate" value="50"/>
      <property name="intent-accuracy" value="0.5"/>
      <property name="entity-f1" value="n/a"/>
    </properties>
    <testcase name="one: The first" classname="booking" time="0.020"/>
    <testcase name="two" classname="booking" time="0.020">
      <failure message="step 0 &quot;words 0&quot;: intent y instead of z" type="expectation">step 0 &quot;words 0&quot;: intent y instead of z&#10;step 1 &quot;words 1&quot;: intent x instead of z</failure>
    </testcase>
    <testcase name="three" classname="booking" time="60.000">
      <error message="TimeoutError: took&#9;too long &amp; ended" type="TimeoutError">TimeoutError: took&#9;too long &amp; ended</error>
    </testcase>
    <testcase name="four" classname="booking" time="0.020"/>
    <system-out></system-out>
    <system-err></system-err>
  </testsuite>
</testsuites>
`);
});
