import { toTrigger, tuneAlerts, type AlertRule, type LabelledUpdate } from 'agent-assist-sdk/conversations';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firings, labelledUpdates } from './labelled.js';

const objective = { type: 'f-beta', beta: 1 } as const;

const fiveUpdates: readonly LabelledUpdate[] = [
  { conversationId: 'a', label: true, scores: { sentiment: -0.8 } },
  { conversationId: 'a', label: false, scores: { sentiment: -0.4 } },
  { conversationId: 'a', label: true, scores: { sentiment: -0.4 } },
  { conversationId: 'b', label: false, scores: { sentiment: 0.1 } },
  { conversationId: 'b', label: false, scores: {} },
];

describe('operating points', () => {
  it('are one for each distinct score, with readable thresholds that fire strictly below', () => {
    const { curves, baseline } = tuneAlerts(fiveUpdates, { objective, rules: ['score'] });
    expect(curves).toEqual([
      {
        type: 'score',
        score: 'sentiment',
        points: [
          {
            rule: { type: 'score', score: 'sentiment', fires: 'below', threshold: -0.6 },
            truePositives: 1,
            falsePositives: 0,
            falseNegatives: 1,
            precision: 1,
            recall: 0.5,
            alertsPer100: 20,
          },
          {
            rule: { type: 'score', score: 'sentiment', fires: 'below', threshold: 0 },
            truePositives: 2,
            falsePositives: 1,
            falseNegatives: 0,
            precision: 2 / 3,
            recall: 1,
            alertsPer100: 60,
          },
          {
            rule: { type: 'score', score: 'sentiment', fires: 'below', threshold: 1 },
            truePositives: 2,
            falsePositives: 2,
            falseNegatives: 0,
            precision: 0.5,
            recall: 1,
            alertsPer100: 80,
          },
        ],
      },
    ]);
    // −0.4 itself does not fire.
    expect(baseline).toMatchObject({ truePositives: 1, falsePositives: 0, rule: { threshold: -0.4 } });
  });

  it('count at each threshold what the rule fires at, for every kind of rule', () => {
    fc.assert(
      fc.property(labelledUpdates, (updates) => {
        for (const { points } of tuneAlerts(updates, { objective }).curves) {
          for (const point of points) {
            const fired = firings(point.rule, updates);
            const right = updates.filter(({ label }, index) => label && fired[index] === true).length;
            const alerts = fired.filter((fires) => fires).length;
            expect([point.truePositives, point.falsePositives]).toEqual([right, alerts - right]);
            expect(point.falseNegatives).toBe(updates.filter(({ label }) => label).length - right);
          }
          const volumes = points.map(({ alertsPer100 }) => alertsPer100);
          expect(volumes).toEqual([...new Set(volumes)].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('fire as triggers of the engine at the same updates', () => {
    const keywords = ({ transcript }: { readonly transcript: string }) =>
      transcript === '' ? [] : [{ type: 'keyword', keyword: transcript } as const];
    fc.assert(
      fc.property(labelledUpdates, (updates) => {
        const rules: AlertRule[] = tuneAlerts(updates, { objective }).curves.flatMap(({ points }) =>
          points.map(({ rule }) => rule),
        );
        for (const rule of rules) {
          const trigger = toTrigger<(typeof inputs)[number]>(rule, {
            keywords,
            readScore: ({ scores }) => (rule.type === 'keyword' ? undefined : scores[rule.score]),
          });
          const inputs = updates.map(({ conversationId, scores, keywordHits = 0 }) => ({
            interactionId: conversationId,
            transcript: keywordHits > 0 ? 'refund' : '',
            scores,
          }));
          expect(inputs.map((input) => trigger(input).length > 0)).toEqual(firings(rule, updates));
        }
      }),
      { numRuns: 50 },
    );
  });
});
