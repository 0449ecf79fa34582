import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import { PrecisionTracker } from 'agent-assist-sdk/calibration';

const tracked = (truePositives: number, falsePositives: number): PrecisionTracker =>
  PrecisionTracker.from([{ emotion: 'anger', truePositives, falsePositives }]);

describe('PrecisionTracker', () => {
  it('is 0 with every possibility open when nothing was counted', () => {
    const nothing = { truePositives: 0, falsePositives: 0, precision: 0, interval: { low: 0, high: 1 } };
    const tracker = new PrecisionTracker();
    expect(tracker.total).toEqual(nothing);
    expect(tracker.of('anger')).toEqual(nothing);
    expect(tracker.emotions).toEqual([]);
  });

  it('counts each emotion and all of them', () => {
    const tracker = new PrecisionTracker();
    tracker.record('frustration', 'true-positive');
    tracker.record('anger', 'true-positive');
    tracker.record('anger', 'false-positive');
    expect(tracker.emotions).toEqual(['frustration', 'anger']);
    expect(tracker.of('anger')).toMatchObject({ truePositives: 1, falsePositives: 1, precision: 0.5 });
    expect(tracker.of('frustration')).toMatchObject({ truePositives: 1, falsePositives: 0, precision: 1 });
    expect(tracker.total).toMatchObject({ truePositives: 2, falsePositives: 1, precision: 0.6667 });
  });

  // The first four are the examples of Newcombe (1998), table I, method 3; the others were computed apart from this code.
  it.each([
    [81, 182, 0.308, 0.2553, 0.3662],
    [15, 133, 0.1014, 0.0624, 0.1605],
    [0, 20, 0, 0, 0.1611],
    [1, 28, 0.0345, 0.0061, 0.1718],
    [3, 1, 0.75, 0.3006, 0.9544],
    [300, 100, 0.75, 0.7053, 0.7899],
    [10, 0, 1, 0.7225, 1],
    [1, 0, 1, 0.2065, 1],
  ])('of %d right and %d wrong is %d, between %d and %d', (right, wrong, precision, low, high) => {
    expect(tracked(right, wrong).total).toMatchObject({ precision, interval: { low, high } });
  });

  it.each([true, 'true_positive', 'TRUE-POSITIVE', undefined])('counts no verdict %j', (verdict) => {
    const tracker = new PrecisionTracker();
    expect(() => tracker.record('anger', verdict as never)).toThrow(ConfigurationError);
    expect(() => tracker.record(undefined as never, 'true-positive')).toThrow('emotion: expected a string');
    expect(tracker.emotions).toEqual([]);
  });

  it('lies in its interval, which gets narrower with more of the same', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(2000), (right, wrong) => {
        fc.pre(right + wrong > 0);
        const { precision, interval } = tracked(right, wrong).total;
        expect(interval.low).toBeLessThanOrEqual(precision);
        expect(interval.high).toBeGreaterThanOrEqual(precision);
        expect(interval.low).toBeGreaterThanOrEqual(0);
        expect(interval.high).toBeLessThanOrEqual(1);
        expect(Math.abs(precision - right / (right + wrong))).toBeLessThanOrEqual(0.00005 + 1e-12);
        const more = tracked(right * 10, wrong * 10).total.interval;
        expect(more.high - more.low).toBeLessThan(interval.high - interval.low + 1e-9);
      }),
    );
  });

  it('comes back from JSON as it was, whatever the emotions are called', () => {
    const counts = fc.record({
      emotion: fc.oneof(fc.string(), fc.constantFrom('__proto__', '1', 'anger')),
      truePositives: fc.nat(),
      falsePositives: fc.nat(),
    });
    fc.assert(
      fc.property(fc.uniqueArray(counts, { selector: ({ emotion }) => emotion }), (all) => {
        const tracker = PrecisionTracker.from(all);
        const restored = PrecisionTracker.from(JSON.parse(JSON.stringify(tracker)) as never);
        expect(restored.toJSON()).toEqual(all);
        expect(restored.total).toEqual(tracker.total);
        expect(restored.emotions).toEqual(tracker.emotions);
      }),
    );
  });

  it('adds counts of the same emotion, and goes on from there', () => {
    const counts = { emotion: 'anger', truePositives: 1, falsePositives: 2 };
    const tracker = PrecisionTracker.from([counts, counts]);
    tracker.record('anger', 'true-positive');
    expect(tracker.toJSON()).toEqual([{ emotion: 'anger', truePositives: 3, falsePositives: 4 }]);
    expect(counts).toEqual({ emotion: 'anger', truePositives: 1, falsePositives: 2 });
  });

  it.each([
    [null],
    [{}],
    [[{ emotion: 'anger' }]],
    [[{ emotion: 'anger', truePositives: -1, falsePositives: 0 }]],
    [[{ emotion: 'anger', truePositives: 0.5, falsePositives: 0 }]],
    [[{ emotion: 1, truePositives: 0, falsePositives: 0 }]],
  ])('refuses %j', (counts) => {
    expect(() => PrecisionTracker.from(counts as never)).toThrow(ConfigurationError);
  });
});
