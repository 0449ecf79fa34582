import { spawnSync } from 'node:child_process';
import { DriftDetector } from 'agent-assist-sdk/conversations';
import { describe, expect, it } from 'vitest';
import { requireProgram } from '../helpers/programs.js';

/**
 * The evidence by its definition: the mean over alternatives of the weighted likelihood ratios of all times at which
 * the drift can have begun, in rational numbers, without the recursion. Reads precision, alternatives and outcomes.
 */
const DEFINITION = `
import json, math, sys
from fractions import Fraction as F
given = json.load(sys.stdin)
p = F(given["precision"])
alternatives = [F(q) for q in given["alternatives"]]
outcomes = [F(x) for x in given["outcomes"]]
weight_after = lambda n: F(1 / (1 + math.log1p(n)))
highest = 1.0
for n in range(1, len(outcomes) + 1):
    evidence = F(0)
    for q in alternatives:
        # A bet of the fraction b against a mean of p: 1 + b (p - x), Waudby-Smith and Ramdas 2024.
        b = (p - q) / (p * (1 - p))
        product = F(1)
        for begin in range(n - 1, -1, -1):
            product *= 1 + b * (p - outcomes[begin])
            evidence += (weight_after(begin) - weight_after(begin + 1)) * product
    highest = max(highest, float(evidence / len(alternatives) + weight_after(n)))
    print(highest)
`;

describe.runIf(requireProgram('python3', 'python3'))('the evidence of DriftDetector', () => {
  it.each([
    [0.8, [1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0]],
    [0.5, [0.5, 0.25, 1, 0, 0.125, 0, 0.75, 0, 0, 0, 0.5, 0.0625]],
    [0.95, [...Array.from({ length: 25 }, () => 1), 0, 1, 0, 0, 1]],
  ])('equals its definition in exact arithmetic, for a promise of %f', { timeout: 120_000 }, (precision, outcomes) => {
    const odds = precision / (1 - precision);
    const alternatives = Array.from({ length: 10 }, (_, index) => {
      const lower = odds / 10 ** ((index + 1) / 10);
      return lower / (1 + lower);
    });
    const input = JSON.stringify({ precision, alternatives, outcomes });
    const { stdout, stderr } = spawnSync('python3', ['-c', DEFINITION], { input, encoding: 'utf8' });
    expect(stderr).toBe('');
    const expected = stdout.trim().split('\n').map(Number);
    const drift = new DriftDetector({ precision });
    const ours = outcomes.map((outcome) => {
      drift.observe(outcome);
      return drift.evidence;
    });
    expect(expected).toHaveLength(outcomes.length);
    ours.forEach((evidence, index) => expect(evidence / (expected[index] ?? NaN)).toBeCloseTo(1, 12));
    expect(Math.max(...ours)).toBeGreaterThan(1);
  });
});
