import { spawnSync } from 'node:child_process';
import { tuneAlerts } from 'agent-assist-sdk/conversations';
import { describe, expect, it } from 'vitest';
import { predictedShares } from '../../../src/conversations/choose/band.js';
import { joined } from '../../../src/conversations/choose/sample.js';
import { quantile } from '../../../src/conversations/choose/statistics.js';
import { wilsonInterval } from '../../../src/calibration/wilson.js';
import { debianPython, requirePythonModule } from '../../helpers/programs.js';
import { synthetic } from './labelled.js';

function run(script: string, input: unknown): unknown {
  const { stdout, stderr } = spawnSync(
    debianPython,
    ['-c', `import json, sys\ngiven = json.load(sys.stdin)\n${script}`],
    {
      input: JSON.stringify(input),
      encoding: 'utf8',
    },
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe.runIf(requirePythonModule('sklearn', 'python3-sklearn'))('the statistics of tuneAlerts', () => {
  const labelled = synthetic({ conversations: 80, length: 10, correlation: 0.6, separation: 2, base: 0.3 }, 11);
  const asClass = labelled.map(({ scores, ...update }) => ({
    ...update,
    scores: { anger: -(scores['sentiment'] ?? 0) },
  }));

  it('have the operating points of scikit-learn, in both directions of a score', () => {
    const script = `
from sklearn.metrics import precision_recall_curve
precision, recall, thresholds = precision_recall_curve(given["labels"], given["scores"])
print(json.dumps({"precision": list(precision[:-1][::-1]), "recall": list(recall[:-1][::-1]), "thresholds": list(thresholds[::-1])}))`;
    const expected = run(script, {
      labels: labelled.map(({ label }) => label),
      scores: asClass.map(({ scores }) => scores.anger),
    }) as Record<'precision' | 'recall' | 'thresholds', number[]>;
    for (const updates of [labelled, asClass]) {
      const { curves } = tuneAlerts(updates, { objective: { type: 'f-beta', beta: 1 }, rules: ['score'] });
      const points = curves[0]?.points ?? [];
      // scikit-learn 1.2 leaves out nothing; it begins at the threshold that fires everywhere.
      expect(points).toHaveLength(expected.thresholds.length);
      points.forEach(({ precision, recall, rule }, index) => {
        expect(precision).toBeCloseTo(expected.precision[index] ?? NaN, 12);
        expect(recall).toBeCloseTo(expected.recall[index] ?? NaN, 12);
        if (rule.type === 'keyword') throw new Error('a score was expected');
        const level = rule.fires === 'below' ? -rule.threshold : rule.threshold;
        expect(level).toBeLessThanOrEqual(expected.thresholds[index] ?? NaN);
        expect(level).toBeGreaterThanOrEqual(expected.thresholds[index + 1] ?? -Infinity);
      });
    }
  });

  it.each([0.5, 1, 2])('choose the point with the highest F-beta score of scikit-learn, beta %d', (beta) => {
    const tuning = tuneAlerts(labelled.slice(0, 400), { objective: { type: 'f-beta', beta }, rules: ['score'] });
    if (tuning.status === 'undecided') {
      // The highest score may be that of an alert at every update.
      expect(tuning.reason).toBe('no-better-than-always');
      return;
    }
    const script = `
from sklearn.metrics import fbeta_score
scores = given["scores"]
best = max(fbeta_score(given["labels"], [s <= t for s in scores], beta=given["beta"]) for t in set(scores))
chosen = fbeta_score(given["labels"], [s < given["threshold"] for s in scores], beta=given["beta"])
print(json.dumps([chosen, best]))`;
    const { rule } = tuning.point;
    const [chosen, best] = run(script, {
      beta,
      threshold: rule.type === 'keyword' ? NaN : rule.threshold,
      labels: labelled.slice(0, 400).map(({ label }) => label),
      scores: labelled.slice(0, 400).map(({ scores }) => scores['sentiment']),
    }) as [number, number];
    // At most 100 of the 400 thresholds are compared.
    expect(chosen).toBeGreaterThan(0.98 * best);
  });

  it('have the score intervals of SciPy and the quantiles of NumPy', () => {
    const cases = [
      [0, 20],
      [1, 20],
      [13, 40],
      [20, 20],
      [700, 1000],
    ] as const;
    const script = `
import numpy
from scipy.stats import binomtest, norm
print(json.dumps({
  "z": norm.ppf(0.95),
  "low": [binomtest(k, n, alternative="greater").proportion_ci(0.95, "wilson").low for k, n in given["cases"]],
  "quantiles": [numpy.quantile(given["values"], q) for q in given["shares"]]}))`;
    const values = labelled.slice(0, 101).map(({ scores }) => scores['sentiment'] ?? 0);
    const shares = [0, 0.025, 0.333, 0.5, 0.95, 1];
    const expected = run(script, { cases, values, shares }) as { z: number; low: number[]; quantiles: number[] };
    cases.forEach(([k, n], index) =>
      expect(wilsonInterval(k / n, n, expected.z).low).toBeCloseTo(expected.low[index] ?? NaN, 12),
    );
    shares.forEach((share, index) =>
      expect(quantile(Float64Array.from(values), share)).toBeCloseTo(expected.quantiles[index] ?? NaN, 12),
    );
  });

  it('predict independent alerts as the beta-binomial distribution of SciPy, and its limit', () => {
    const [conversations, right] = [60, 45];
    const entries = Array.from({ length: conversations }, (_, at) => Int32Array.of(0, 1, at < right ? 1 : 0));
    const family = { type: 'score', score: 'anger', fires: 'at-least' } as const;
    const ones = entries.map(() => 1);
    const sample = { tables: [{ family, cuts: [0.5], ...joined(entries) }], updates: ones, positives: ones };
    const script = `
from scipy.stats import beta, betabinom
prior = (given["right"], given["conversations"] - given["right"] + 1)
print(json.dumps([betabinom.ppf(0.025, m, *prior) / m for m in (15, 60)] + [beta.ppf(0.025, *prior)]))`;
    const expected = run(script, { conversations, right }) as number[];
    [15, 60, Infinity].forEach((unseenConversations, index) => {
      // A quantile of 1,000 draws varies by a count or two; the median of nine seeds does not.
      const lows = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((seed) => {
        const resampling = { confidence: 0.95, unseenConversations, seed };
        const [[low = NaN] = []] = predictedShares(sample, 'precision', [Float64Array.of(1)], resampling);
        return low;
      });
      expect(lows.toSorted((a, b) => a - b)[4]).toBeCloseTo(expected[index] ?? NaN, 2);
    });
  });

  it('have the intervals of a bootstrap of conversations in NumPy', () => {
    const tuning = tuneAlerts(labelled, { objective: { type: 'precision', atLeast: 0.3 }, rules: ['score'] });
    if (tuning.status === 'undecided') throw new Error(tuning.message);
    const { rule } = tuning.point;
    const script = `
import numpy
rng = numpy.random.default_rng(1)
counts = numpy.array(given["counts"], dtype=float)
drawn = counts[rng.integers(0, len(counts), (20000, len(counts)))].sum(axis=1)
right, alerts, positives, updates = drawn.T
print(json.dumps([list(numpy.quantile(v, [0.025, 0.975])) for v in (right / alerts, right / positives, 100 * alerts / updates)]))`;
    const counts = Object.values(Object.groupBy(labelled, ({ conversationId }) => conversationId)).map(
      (updates = []) => {
        const fired = updates.filter(
          ({ scores }) => rule.type !== 'keyword' && (scores['sentiment'] ?? 1) < rule.threshold,
        );
        const positives = updates.filter(({ label }) => label).length;
        return [fired.filter(({ label }) => label).length, fired.length, positives, updates.length];
      },
    );
    const expected = run(script, { counts }) as [number, number][];
    const { precision, recall, alertsPer100 } = tuning.intervals;
    for (const [index, interval] of [precision, recall, alertsPer100].entries()) {
      const [low = NaN, high = NaN] = expected[index] ?? [];
      const tolerance = 0.15 * (high - low);
      expect(Math.abs(interval.low - low)).toBeLessThan(tolerance);
      expect(Math.abs(interval.high - high)).toBeLessThan(tolerance);
    }
  });
});
