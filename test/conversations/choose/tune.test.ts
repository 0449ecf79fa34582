import { tuneAlerts, type AlertTuning, type ChosenAlerts, type LabelledUpdate } from 'agent-assist-sdk/conversations';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firings, synthetic, type World } from './labelled.js';

const world: World = { conversations: 200, length: 12, correlation: 0.3, separation: 2.5, base: 0.2 };

function chosen(tuning: AlertTuning): ChosenAlerts {
  if (tuning.status === 'undecided') throw new Error(tuning.message);
  return tuning;
}

describe('tuneAlerts', () => {
  const labelled = synthetic(world, 7);

  it('chooses the most recall at a precision whose bound is above the limit', () => {
    const tuning = chosen(tuneAlerts(labelled, { objective: { type: 'precision', atLeast: 0.6 }, rules: ['score'] }));
    const points = tuning.curves.flatMap(({ points }) => points);
    const allowed = points.filter(({ bound }) => bound !== undefined && bound >= 0.6);
    expect(tuning.point).toEqual(allowed.reduce((best, point) => (point.recall > best.recall ? point : best)));
    expect(tuning.promise).toEqual({
      metric: 'precision',
      limit: 0.6,
      bound: tuning.point.bound,
      unseenConversations: 50,
    });
    expect(tuning.point.precision).toBeGreaterThan(tuning.point.bound ?? 1);
    const { precision, recall, alertsPer100 } = tuning.intervals;
    for (const [interval, value] of [
      [precision, tuning.point.precision],
      [recall, tuning.point.recall],
      [alertsPer100, tuning.point.alertsPer100],
    ] as const) {
      expect(interval.low).toBeLessThan(value);
      expect(interval.high).toBeGreaterThan(value);
    }
    expect(tuning.crossValidation).toMatchObject({ folds: 5 });
    expect(tuning.crossValidation.precision).toBeGreaterThan(0.6);
    expect(tuning.crossValidation.rules.every((rule) => rule?.type === 'score')).toBe(true);
  });

  it.each(['precision', 'alert-volume', 'f-beta'] as const)(
    'chooses the same whatever the order of the conversations: %s',
    (type) => {
      const objective = { type, atLeast: 0.6, atMostPer100: 12, beta: 1 };
      const few = labelled.slice(0, 100 * world.length);
      const reversed = [...Map.groupBy(few, ({ conversationId }) => conversationId).values()].toReversed().flat();
      expect(tuneAlerts(reversed, { objective })).toEqual(chosen(tuneAlerts(few, { objective })));
    },
  );

  it('chooses the most recall within an alert volume', () => {
    const tuning = chosen(tuneAlerts(labelled, { objective: { type: 'alert-volume', atMostPer100: 12 } }));
    expect(tuning.point.alertsPer100).toBeLessThan(tuning.promise?.bound ?? 0);
    expect(tuning.promise).toMatchObject({ metric: 'alerts-per-100', limit: 12 });
    expect(tuning.promise?.bound).toBeLessThanOrEqual(12);
    const allowed = tuning.curves.flatMap(({ points }) => points.filter(({ bound = Infinity }) => bound <= 12));
    expect(tuning.point.recall).toBe(Math.max(...allowed.map(({ recall }) => recall)));
  });

  it('chooses the highest F-beta score, without a promise', () => {
    const tuning = chosen(tuneAlerts(labelled, { objective: { type: 'f-beta', beta: 0.5 }, rules: ['score'] }));
    expect(tuning.promise).toBeUndefined();
    expect(tuning.point.bound).toBeUndefined();
    expect(tuning.comparison[0]).toMatchObject({ difference: 0, interval: { low: 0, high: 0 } });
  });

  it('compares the kinds of rules on the same conversations', () => {
    const { comparison, point } = chosen(tuneAlerts(labelled, { objective: { type: 'precision', atLeast: 0.5 } }));
    expect(comparison.map(({ type }) => type)).toEqual([
      'score',
      'keyword',
      'score-twice',
      'keyword-or-score',
      'keyword-and-score',
    ]);
    for (const { point: other, difference = 0, interval } of comparison) {
      if (other === undefined) continue;
      expect(difference).toBeCloseTo(other.recall - point.recall, 12);
      // None is better beyond chance.
      expect(interval?.low).toBeLessThanOrEqual(0);
      expect(interval?.low).toBeLessThanOrEqual(difference);
      expect(interval?.high).toBeGreaterThanOrEqual(difference);
    }
    expect(comparison.some(({ difference }) => difference === 0)).toBe(true);
  });

  it('yields the same result for the same input and seed, whatever the ids', () => {
    const options = { objective: { type: 'precision', atLeast: 0.5 }, rules: ['score'] } as const;
    const renamed = labelled.map((update) => ({ ...update, conversationId: `x-${update.conversationId}` }));
    expect(tuneAlerts(renamed, options)).toEqual(tuneAlerts(labelled, options));
    const other = chosen(tuneAlerts(labelled, { ...options, seed: 2 }));
    expect(other.intervals).not.toEqual(chosen(tuneAlerts(labelled, options)).intervals);
  });

  it('widens the bounds for fewer unseen conversations, more confidence and correlated updates', () => {
    const boundOf = (updates: readonly LabelledUpdate[], options: object): number =>
      Math.max(
        ...tuneAlerts(updates, { objective: { type: 'precision', atLeast: 0.5 }, rules: ['score'], ...options })
          .curves.flatMap(({ points }) => points)
          .map(({ bound = 0 }) => bound),
      );
    const bound = boundOf(labelled, {});
    expect(boundOf(labelled, { unseenConversations: 10 })).toBeLessThan(bound - 0.02);
    expect(boundOf(labelled, { unseenConversations: Infinity })).toBeGreaterThan(bound + 0.02);
    expect(boundOf(labelled, { confidence: 0.8 })).toBeGreaterThan(bound + 0.02);
    // Three equal updates in a row are hardly more evidence than one, unless they pass for three conversations.
    const few = labelled.slice(0, 60 * world.length);
    const repeated = few.flatMap((update) => [update, update, update]);
    expect(boundOf(repeated, {})).toBeLessThan(boundOf(few, {}) + 0.02);
    const asIndependent = repeated.map((update, index) => ({ ...update, conversationId: `u${index}` }));
    expect(boundOf(asIndependent, {})).toBeGreaterThan(boundOf(few, {}) + 0.1);
  });

  describe('says why it does not choose', () => {
    const why = (updates: readonly LabelledUpdate[], options = {}): [string, string] => {
      const tuning = tuneAlerts(updates, { objective: { type: 'precision', atLeast: 0.5 }, ...options });
      if (tuning.status === 'chosen') throw new Error('a choice was made');
      return [tuning.reason, tuning.message];
    };

    it('for few conversations, labels of one kind, and alerts in few conversations', () => {
      expect(why([])).toEqual(['too-few-conversations', '0 conversations are labelled; at least 20 are needed']);
      expect(why(synthetic({ ...world, conversations: 19 }, 1))[0]).toBe('too-few-conversations');
      expect(why(labelled.map((update) => ({ ...update, label: false })))).toEqual([
        'one-class',
        '0 of 2400 updates need an alert; the labels must be of both kinds',
      ]);
      const rare = labelled.map((update, index) => ({ ...update, scores: index < 30 ? update.scores : {} }));
      expect(why(rare, { rules: ['score'] })).toEqual([
        'too-few-conversations',
        'a precision needs alerts in 20 conversations, and 10 expected alerts in 50 unseen conversations; no rule raises that many',
      ]);
    });

    it.each(['precision', 'alert-volume', 'f-beta'] as const)('if nothing ever raises an alert: %s', (type) => {
      const objective = { type, atLeast: 0.5, atMostPer100: 10, beta: 1 };
      const silent = labelled.map((update) => ({ ...update, scores: {}, keywordHits: 0 }));
      expect(why(silent, { objective, rules: ['score', 'keyword'] })).toEqual([
        'objective-not-reached',
        'no rule raises a correct alert',
      ]);
    });

    it('for so few alerts that the unseen conversations would have hardly any', () => {
      const few = Array.from({ length: 200 }, (_, index): LabelledUpdate[] =>
        Array.from({ length: 10 }, (_update, turn) => {
          const isAlert = turn === 0 && index % 8 === 0;
          return {
            conversationId: `c${index}`,
            label: isAlert && index !== 0,
            scores: { sentiment: isAlert ? -0.9 : undefined },
          };
        }),
      ).flat();
      const options = { objective: { type: 'precision', atLeast: 0.3 }, rules: ['score'] } as const;
      expect(why(few, options)).toEqual([
        'too-few-conversations',
        'a precision needs alerts in 20 conversations, and 10 expected alerts in 50 unseen conversations; no rule raises that many',
      ]);
      expect(chosen(tuneAlerts(few, { ...options, unseenConversations: 100 })).point).toMatchObject({
        truePositives: 24,
        falsePositives: 1,
      });
    });

    it('for right alerts that a few conversations have, which the unseen may lack', () => {
      // In 10 of 200 conversations the customer is upset all the time; in others a single update sounds so.
      const few = Array.from({ length: 200 }, (_, index): LabelledUpdate[] =>
        Array.from({ length: 10 }, (_update, turn) => {
          const label = index < 10;
          return {
            conversationId: `c${index}`,
            label,
            scores: { sentiment: label || (turn === 0 && index < 24) ? -0.9 : 0.5 },
          };
        }),
      ).flat();
      const [reason, message] = why(few, { objective: { type: 'precision', atLeast: 0.2 }, rules: ['score'] });
      expect(reason).toBe('objective-not-reached');
      // None of the ten is among 50 others in one of thirteen cases.
      expect(message).toMatch(/the highest bound is 0\.000$/);
    });

    it('for a limit that no threshold reaches', () => {
      const [reason, message] = why(labelled, { objective: { type: 'precision', atLeast: 0.95 } });
      expect(reason).toBe('objective-not-reached');
      expect(message).toMatch(
        /^no threshold has a precision of at least 0.95 in 50 unseen conversations with 95 % confidence; the highest bound is 0\.\d+$/,
      );
      expect(why(labelled, { objective: { type: 'alert-volume', atMostPer100: 0.01 } })[1]).toMatch(
        /^no threshold that raises alerts has at most 0.01 alerts per 100 updates in 50 .* the lowest bound is \d+\.\d+$/,
      );
    });

    it('for a score that is chance', () => {
      const noise = synthetic({ ...world, separation: 0, correlation: 0 }, 3).map((update) => ({
        ...update,
        keywordHits: 0,
      }));
      expect(why(noise)[0]).toBe('objective-not-reached');
      expect(why(noise, { objective: { type: 'f-beta', beta: 1 } })).toEqual([
        'no-better-than-always',
        expect.stringMatching(/^in cross-validation by conversation, the F-beta score is 0\.\d+, and that of an alert/),
      ]);
    });
  });

  it('keeps its promise on conversations that it has not seen', () => {
    const correlated: World = { conversations: 100, length: 8, correlation: 0.7, separation: 2.5, base: 0.25 };
    const kept = Array.from({ length: 12 }, (_, seed) => {
      const tuning = tuneAlerts(synthetic(correlated, seed), {
        objective: { type: 'precision', atLeast: 0.5 },
        rules: ['score'],
      });
      if (tuning.status === 'undecided') return undefined;
      const unseen = synthetic({ ...correlated, conversations: 25 }, 1000 + seed);
      const fired = firings(tuning.point.rule, unseen);
      const alerts = unseen.filter((_update, index) => fired[index]);
      return alerts.filter(({ label }) => label).length >= 0.5 * alerts.length;
    });
    expect(kept.filter((each) => each === true).length).toBeGreaterThan(6);
    expect(kept).not.toContain(false);
  });

  it('chooses only what its own bounds allow, on any data', () => {
    fc.assert(
      fc.property(
        fc.record({
          conversations: fc.integer({ min: 20, max: 40 }),
          length: fc.integer({ min: 1, max: 10 }),
          correlation: fc.double({ min: 0, max: 0.9, noNaN: true }),
          separation: fc.double({ min: 0, max: 4, noNaN: true }),
          base: fc.double({ min: 0.05, max: 0.6, noNaN: true }),
        }),
        fc.integer({ min: 0, max: 1000 }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (anyWorld, seed, atLeast) => {
          const updates = synthetic(anyWorld, seed);
          const tuning = tuneAlerts(updates, { objective: { type: 'precision', atLeast } });
          if (tuning.status === 'undecided') return;
          expect(tuning.promise?.bound).toBeGreaterThanOrEqual(atLeast);
          expect(tuning.point.precision).toBeGreaterThanOrEqual(tuning.promise?.bound ?? 1);
          const fired = firings(tuning.point.rule, updates).filter((fires) => fires).length;
          expect(fired).toBe(tuning.point.truePositives + tuning.point.falsePositives);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('refuses invalid options and updates by name', () => {
    const objective = { type: 'precision', atLeast: 0.5 } as const;
    const call = (updates: unknown, options: unknown) => () =>
      tuneAlerts(updates as LabelledUpdate[], options as { objective: typeof objective });
    expect(call({}, { objective })).toThrow('labelled: expected a list of labelled updates');
    expect(call([{ conversationId: 'a', scores: {} }], { objective })).toThrow(
      'labelled[0].label: expected true or false',
    );
    expect(call([{ conversationId: 'a', label: true, scores: { anger: NaN } }], { objective })).toThrow(
      'labelled[0].scores.anger: expected a finite number',
    );
    expect(call([], {})).toThrow('objective: expected an objective');
    expect(call([], { objective: { type: 'f1' } })).toThrow('objective.type: expected');
    expect(call([], { objective: { type: 'precision', atLeast: 60 } })).toThrow('objective.atLeast: expected');
    expect(call([], { objective: { type: 'alert-volume', atMostPer100: 0 } })).toThrow('objective.atMostPer100');
    expect(call([], { objective: { type: 'f-beta', beta: -1 } })).toThrow('objective.beta');
    expect(call([], { objective: { type: 'f-beta', beta: 1e200 } })).toThrow('objective.beta');
    expect(call([], { objective, confidence: 95 })).toThrow('confidence: expected');
    // 1,000 bootstrap samples have no quantile of 0.9999.
    expect(call([], { objective, confidence: 0.9999 })).toThrow('confidence: expected');
    expect(call([], { objective, unseenConversations: 0.5 })).toThrow('unseenConversations: expected');
    expect(call([], { objective, seed: 0.5 })).toThrow('seed: expected');
    expect(call([], { objective, rules: ['scores'] })).toThrow('rules: expected some of');
    expect(call([], { objective, rules: [] })).toThrow('rules: expected at least one');
    expect(call([], { objective, threshold: 1 })).toThrow('unknown option "threshold"');
  });
});
