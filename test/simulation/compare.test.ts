import { compareRuns, type ComparableCase, type ComparableRun } from 'agent-assist-sdk/simulation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

/** The two-sided p-value in whole numbers: Σ C(n, k) for k up to the smaller count, doubled, over 2^n. */
function exactPValue(a: number, b: number): number {
  const n = BigInt(a + b);
  let [sum, binomial] = [0n, 1n];
  for (let k = 0n; k <= BigInt(Math.min(a, b)); k += 1n) {
    sum += binomial;
    binomial = (binomial * (n - k)) / (k + 1n);
  }
  const [p, whole] = [2n * sum, 2n ** n];
  if (p >= whole) return 1;
  // Scaled to 60 bits before it becomes a double, and back afterwards.
  const bits = BigInt(whole.toString(2).length - p.toString(2).length) + 60n;
  return Number((p << bits) / whole) * 2 ** -Number(bits);
}

/** The p-value of runs between which so many cases newly pass and newly fail. */
function pValueOf(newlyPassing: number, newlyFailing: number): number {
  const run = (passes: (index: number) => boolean): { results: ComparableCase[] } => ({
    results: Array.from({ length: newlyPassing + newlyFailing }, (_, index) => ({
      id: String(index),
      status: passes(index) ? 'passed' : 'failed',
    })),
  });
  return compareRuns(
    run((index) => index >= newlyPassing),
    run((index) => index < newlyPassing),
  ).pValue;
}

describe("McNemar's exact test", () => {
  test('gives the textbook values', () => {
    expect(pValueOf(0, 0)).toBe(1);
    expect(pValueOf(7, 7)).toBe(1);
    expect(pValueOf(0, 5)).toBeCloseTo(0.0625, 12);
    expect(pValueOf(6, 0)).toBeCloseTo(0.03125, 12);
    expect(pValueOf(1, 9)).toBeCloseTo(22 / 1024, 12);
    expect(pValueOf(3, 4)).toBe(1);
  });

  test('agrees with whole numbers up to thousands of pairs', () => {
    const count = fc.integer({ min: 0, max: 2500 });
    fc.assert(
      fc.property(count, count, (a, b) => {
        const exact = exactPValue(a, b);
        // Below 1e-300 doubles have fewer digits.
        if (exact > 1e-300) expect(Math.abs(pValueOf(a, b) / exact - 1)).toBeLessThan(1e-9);
        expect(pValueOf(a, b)).toBe(pValueOf(b, a));
      }),
      { numRuns: 60 },
    );
  });

  test('stays right where 2^-n is no number any more', () => {
    expect(Math.abs(pValueOf(9_800, 10_200) / exactPValue(9_800, 10_200) - 1)).toBeLessThan(1e-9);
    expect(pValueOf(0, 5_000)).toBe(0);
    // A normal approximation, with correction for continuity: z = (800 - 1) / √100,000.
    expect(pValueOf(49_600, 50_400)).toBeCloseTo(0.011_515, 6);
  });
});

function verdictOf(
  id: string,
  status: ComparableCase['status'],
  ...confidences: (number | undefined)[]
): ComparableCase {
  return {
    id,
    status,
    evaluation: {
      verdicts: confidences.map((confidence, stepIndex) => ({
        assertion: { stepIndex },
        actual: confidence === undefined ? undefined : { confidence },
      })),
    },
  };
}

/** A run of passes (`+`), failures (`-`) and errors (`!`). */
function runOf(pattern: string): { results: ComparableCase[] } {
  const status = { '+': 'passed', '-': 'failed', '!': 'errored' } as const;
  return { results: Array.from(pattern, (sign, index) => verdictOf(`case-${index}`, status[sign as '+' | '-' | '!'])) };
}

describe('compareRuns', () => {
  test('finds what fails and what passes newly, by id and in whatever order', () => {
    const candidate = { results: [...runOf('+-+-!').results].reverse() };
    const comparison = compareRuns(
      { results: [...runOf('++--+').results, verdictOf('old', 'passed')] },
      {
        results: [...candidate.results, verdictOf('new', 'failed')],
      },
    );
    expect(comparison).toMatchObject({
      compared: 4,
      newlyFailing: ['case-1'],
      newlyPassing: ['case-2'],
      notJudged: ['case-4'],
      removed: ['old'],
      added: ['new'],
      baselinePassRate: 50,
      candidatePassRate: 50,
      pValue: 1,
      significant: false,
      gate: { holds: false, failures: [{ reason: 'errored', message: '1 of 6 cases have no verdict' }] },
    });
  });

  test('holds the gate for a few cases that flip both ways, and closes it for more than chance', () => {
    expect(compareRuns(runOf('+'.repeat(50) + '-----'), runOf('-----' + '+'.repeat(50))).gate.holds).toBe(true);
    const five = compareRuns(runOf('+'.repeat(50)), runOf('-----' + '+'.repeat(45)));
    expect([five.gate.holds, five.pValue]).toEqual([true, 0.0625]);
    const six = compareRuns(runOf('+'.repeat(50)), runOf('------' + '+'.repeat(44)));
    expect(six).toMatchObject({
      significant: true,
      gate: {
        holds: false,
        failures: [
          {
            reason: 'regression',
            message: '6 cases newly fail and 0 newly pass, more than chance explains (p = 0.031)',
          },
        ],
      },
    });
    const all = compareRuns(runOf('+'.repeat(20)), runOf('-'.repeat(20)));
    expect(all.gate.failures[0]?.message).toMatch(/\(p = 1\.9e-6\)$/);
  });

  test('closes it for any fall where no number of cases would be more than chance', () => {
    const message = 'newly failing 5, newly passing 0; 5 compared cases are too few to rule out a regression';
    expect(compareRuns(runOf('+++++'), runOf('-----'))).toMatchObject({
      significant: false,
      gate: { failures: [{ reason: 'regression', message }] },
    });
    expect(compareRuns(runOf('+-+'), runOf('-++')).gate.holds).toBe(true);
    expect(compareRuns(runOf('++++++'), runOf('-+++++')).gate.holds).toBe(true);
    expect(compareRuns(runOf('++++++'), runOf('-+++++'), { alpha: 0.03 }).gate.holds).toBe(false);
  });

  test('does not close the gate for an improvement, however significant', () => {
    expect(compareRuns(runOf('-'.repeat(20)), runOf('+'.repeat(20)))).toMatchObject({
      significant: true,
      gate: { holds: true },
    });
  });

  test('holds new cases to the floor too, which no baseline knows', () => {
    const { gate, candidatePassRate } = compareRuns(runOf('+'), runOf('+--!'), { minPassRate: 50 });
    expect(gate.failures).toMatchObject([
      { reason: 'errored' },
      { reason: 'pass-rate', message: '33.33 % of the cases pass, less than 50 %' },
    ]);
    expect(candidatePassRate).toBe(100);
  });

  test('takes its level from alpha and a floor from minPassRate', () => {
    expect(compareRuns(runOf('+'), runOf('-'), { minPassRate: 1 }).gate.holds).toBe(false);
    const [before, after] = [runOf('+'.repeat(10)), runOf('------++++')];
    expect(compareRuns(before, after, { alpha: 0.01 }).gate.holds).toBe(true);
    expect(compareRuns(before, after, { alpha: 0.01, minPassRate: 41 }).gate.failures).toMatchObject([
      { reason: 'pass-rate' },
    ]);
    expect(compareRuns(before, after, { alpha: 0.01, minPassRate: 40 }).gate.holds).toBe(true);
    expect(compareRuns(before, after, { alpha: 0.01, minPassRate: 40.1 }).gate.holds).toBe(false);
  });

  test('asks for no pass rate where none is given', () => {
    expect(compareRuns(runOf('---'), runOf('---'))).toMatchObject({ candidatePassRate: 0, gate: { holds: true } });
  });

  test('does not hold when nothing could be compared', () => {
    expect(compareRuns(runOf('!'), runOf('+')).gate.failures).toMatchObject([{ reason: 'nothing-compared' }]);
    expect(compareRuns({ results: [] }, { results: [] }).gate.holds).toBe(false);
  });

  test('lists confidences that moved beyond the threshold, the largest first', () => {
    const before = { results: [verdictOf('a', 'passed', 0.9, 0.8, undefined), verdictOf('b', 'failed', 0.2)] };
    const after = { results: [verdictOf('a', 'passed', 0.8, 0.6, 0.9), verdictOf('b', 'failed', 0.9)] };
    const { drifts } = compareRuns(before, after);
    expect(drifts).toEqual([
      { id: 'b', stepIndex: 0, baseline: 0.2, candidate: 0.9, change: 0.7 },
      { id: 'a', stepIndex: 1, baseline: 0.8, candidate: 0.6, change: -0.2 },
    ]);
    const of = (confidence: number): { results: ComparableCase[] } => ({
      results: [verdictOf('a', 'passed', confidence)],
    });
    expect(compareRuns(of(0.5), of(0.8501)).drifts[0]?.change).toBe(0.3501);
  });

  test('refuses options that make no sense, and runs with an id twice or an unknown status', () => {
    const run = runOf('+');
    expect(() => compareRuns(run, run, { alpha: 0 })).toThrow(/alpha/);
    expect(() => compareRuns(run, run, { minPassRate: Number.NaN })).toThrow(/minPassRate/);
    expect(() => compareRuns(run, run, { minPassRate: 100.1 })).toThrow(/minPassRate/);
    expect(compareRuns(run, run, { minPassRate: 100 }).gate.holds).toBe(true);
    expect(() => compareRuns(run, { results: [...run.results, ...run.results] })).toThrow(/candidate: the same id/);
    const unknown = { results: [{ id: 'a', status: 'PASSED' }] } as unknown as ComparableRun;
    expect(() => compareRuns(run, unknown)).toThrow(/candidate.results\[0\].status: expected one of passed/);
    const nameless = { results: [{ status: 'passed' }] } as unknown as ComparableRun;
    expect(() => compareRuns(nameless, run)).toThrow(/baseline.results\[0\].id: expected a string/);
  });
});
