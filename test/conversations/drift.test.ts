import { ConfigurationError } from 'agent-assist-sdk';
import { PrecisionTracker } from 'agent-assist-sdk/calibration';
import { DriftDetector, type DriftDetectorState } from 'agent-assist-sdk/conversations';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../helpers/random.js';

const RUNS = 300;
const runs = <T>(simulate: (next: () => number) => T): T[] =>
  Array.from({ length: RUNS }, (_, run) => simulate(random((run + 1) * 7919)));
const share = (results: readonly boolean[]): number => results.filter(Boolean).length / results.length;

/** Observes until a drift is noticed or the outcomes end. @returns the number of outcomes. */
function noticedAfter(drift: DriftDetector, limit: number, outcome: () => boolean | number): number {
  for (let count = 1; count <= limit; count += 1) if (drift.observe(outcome()) === 'drifted') return count;
  return Infinity;
}

describe('DriftDetector', () => {
  it('raises a false alarm with a probability of at most alpha, however often one looks', () => {
    const days = 1000;
    const perDay = 10;
    const ours = runs((next) => noticedAfter(new DriftDetector({ precision: 0.8 }), days * perDay, () => next() < 0.8));
    const alarms = share(ours.map((count) => count < Infinity));
    expect(alarms).toBeLessThanOrEqual(0.05);
    // Not because it never notices anything.
    expect(alarms).toBeGreaterThan(0.01);

    // The interval of PrecisionTracker is for one look: looked at each day, it cries wolf.
    const naive = runs((next) => {
      let right = 0;
      return Array.from({ length: days }, (_, day) => {
        for (let alert = 0; alert < perDay; alert += 1) right += next() < 0.8 ? 1 : 0;
        const wrong = (day + 1) * perDay - right;
        const counts = [{ emotion: 'anger', truePositives: right, falsePositives: wrong }];
        return PrecisionTracker.from(counts).total.interval.high < 0.8;
      }).some(Boolean);
    });
    expect(share(naive)).toBeGreaterThan(0.2);
  });

  it.each([
    [0.8, 0.75, 2200],
    [0.8, 0.7, 700],
    [0.8, 0.6, 200],
    [0.8, 0.5, 100],
    [0.95, 0.9, 950],
    [0.95, 0.85, 290],
  ])(
    'notices, after 1,000 good outcomes, that %f became %f, within %i outcomes in 95 of 100 runs',
    (good, bad, limit) => {
      const noticed = runs((next) => {
        const drift = new DriftDetector({ precision: good });
        const isFalseAlarm = noticedAfter(drift, 1000, () => next() < good) < Infinity;
        return isFalseAlarm ? [] : [noticedAfter(drift, limit, () => next() < bad) < Infinity];
      }).flat();
      expect(share(noticed)).toBeGreaterThanOrEqual(0.95);
    },
  );

  it('keeps its promise for outcomes that depend on each other, as one share a conversation', () => {
    const conversations = 1000;
    /** Half of the conversations are easy, half are hard; each has 1 to 8 alerts. */
    const conversation = (next: () => number): boolean[] => {
      const precision = next() < 0.5 ? 1 : 0.6;
      return Array.from({ length: 1 + Math.floor(next() * 8) }, () => next() < precision);
    };
    const [byShare, byAlert] = [true, false].map((isShare) =>
      share(
        runs((next) => {
          const drift = new DriftDetector({ precision: 0.8 });
          for (let index = 0; index < conversations; index += 1) {
            const alerts = conversation(next);
            if (isShare) drift.observe(share(alerts));
            else for (const alert of alerts) drift.observe(alert);
          }
          return drift.state === 'drifted';
        }),
      ),
    );
    expect(byShare).toBeLessThanOrEqual(0.05);
    expect(byAlert).toBeGreaterThan(0.05);
  });

  it('has an evidence that no precision above the promised one can increase on average', () => {
    const evidenceOf = ({ wealth, outcomes }: DriftDetectorState): number =>
      wealth.reduce((sum, one) => sum + one, 0) / wealth.length + 1 / (1 + Math.log1p(outcomes));
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.boolean(), { maxLength: 60 }),
        (precision, above, outcomes) => {
          const drift = new DriftDetector({ precision });
          for (const outcome of outcomes) drift.observe(outcome);
          const now = drift.toJSON();
          const [wrong = 0, right = 0] = [false, true].map((outcome) => {
            const next = DriftDetector.from(now);
            next.observe(outcome);
            return evidenceOf(next.toJSON());
          });
          const actual = precision + above * (1 - precision);
          expect(actual * right + (1 - actual) * wrong).toBeLessThanOrEqual(evidenceOf(now) * (1 + 1e-12));
          expect(drift.evidence).toBeGreaterThanOrEqual(evidenceOf(now) * (1 - 1e-12));
        },
      ),
    );
  });

  it('continues after a restart as if there had been none', () => {
    const outcome = fc.oneof(fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 80 }), fc.nat(80), (outcomes, restartAt) => {
        const whole = new DriftDetector({ precision: 0.7, alpha: 0.1 });
        let restarted = new DriftDetector({ precision: 0.7, alpha: 0.1 });
        outcomes.forEach((one, index) => {
          if (index === restartAt)
            restarted = DriftDetector.from(JSON.parse(JSON.stringify(restarted)) as DriftDetectorState);
          expect(restarted.observe(one)).toBe(whole.observe(one));
        });
        expect(JSON.stringify(restarted)).toBe(JSON.stringify(whole));
      }),
    );
  });

  it('remembers a drift, and counts all outcomes in little memory', () => {
    const drift = new DriftDetector({ precision: 0.8, alpha: 0.01 });
    const noticed = noticedAfter(drift, 100, () => false);
    expect(noticed).toBeLessThan(10);
    const { evidence } = drift;
    expect(evidence).toBeGreaterThanOrEqual(100);
    for (let index = 0; index < 100_000; index += 1) drift.observe(index % 10 !== 0);
    expect([drift.state, drift.outcomes, drift.right]).toEqual(['drifted', noticed + 100_000, 90_000]);
    expect(drift.evidence).toBeGreaterThanOrEqual(evidence);
    expect(JSON.stringify(drift).length).toBeLessThan(600);
    for (let index = 0; index < 10_000; index += 1) drift.observe(0);
    expect(DriftDetector.from(JSON.parse(JSON.stringify(drift)) as DriftDetectorState).evidence).toBe(drift.evidence);
  });

  it.each([
    [{ precision: 1 }, 'precision'],
    [{ precision: 0.8, alpha: 0 }, 'alpha'],
    [{ precision: Number.NaN }, 'precision'],
    [{ precision: 0.8, confidence: 0.95 }, 'confidence'],
  ])('refuses %j', (options, name) => {
    expect(() => new DriftDetector(options)).toThrow(ConfigurationError);
    expect(() => new DriftDetector(options)).toThrow(name);
  });

  it('refuses outcomes and states that are none', () => {
    const drift = new DriftDetector({ precision: 0.8 });
    for (const outcome of [-0.1, 1.1, Number.NaN]) expect(() => drift.observe(outcome)).toThrow(ConfigurationError);
    expect(drift.outcomes).toBe(0);
    const state = drift.toJSON();
    for (const broken of [
      { ...state, wealth: [1] },
      { ...state, evidence: -1 },
      { ...state, outcomes: 0.5 },
    ])
      expect(() => DriftDetector.from(broken)).toThrow(ConfigurationError);
  });
});
