import { tuneAlerts, type LabelledUpdate, type TuningObjective } from 'agent-assist-sdk/conversations';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelledUpdates, random, synthetic } from './labelled.js';

/** Draws the next update of a random conversation each time: only the order within each conversation is kept. */
function interleaved(updates: readonly LabelledUpdate[], seed: number): LabelledUpdate[] {
  const next = random(seed);
  const queues = [...Map.groupBy(updates, ({ conversationId }) => conversationId).values()];
  return updates.map(() => {
    const waiting = queues.filter(({ length }) => length > 0);
    const update = waiting[Math.floor(next() * waiting.length)]?.shift();
    if (update === undefined) throw new Error('no update is left');
    return next() < 0.5 ? update : reversedNames(update);
  });
}

function reversedNames({ scores, ...update }: LabelledUpdate): LabelledUpdate {
  return { scores: Object.fromEntries(Object.entries(scores).reverse()), ...update };
}

const objectives: readonly TuningObjective[] = [
  { type: 'precision', atLeast: 0.3 },
  { type: 'alert-volume', atMostPer100: 25 },
  { type: 'f-beta', beta: 1 },
];

describe('the order of the input', () => {
  it.each(objectives)(
    'of conversations, of their interleaving and of score names changes nothing: $type',
    (objective) => {
      const updates = synthetic({ conversations: 40, length: 6, correlation: 0.3, separation: 3, base: 0.3 }, 2).map(
        ({ scores, ...update }, index): LabelledUpdate => {
          const sentiment = Math.round((scores['sentiment'] ?? 0) * 8) / 8;
          // As good as each other, so that which one comes first would decide.
          return {
            ...update,
            scores: index % 7 === 0 ? { anger: -sentiment } : { sentiment, anger: -sentiment, zeal: -sentiment },
          };
        },
      );
      const expected = tuneAlerts(updates, { objective, unseenConversations: Infinity });
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          const result = tuneAlerts(interleaved(updates, seed), { objective, unseenConversations: Infinity });
          expect(result).toEqual(expected);
        }),
        { numRuns: 5 },
      );
    },
  );

  it('changes no operating point of any updates, nor the sign of a threshold of 0', () => {
    const objective = { type: 'f-beta', beta: 1 } as const;
    const signed = labelledUpdates.map((updates) =>
      updates.map((update, index) =>
        update.scores['sentiment'] === 0 && index % 2 === 0
          ? { ...update, scores: { ...update.scores, sentiment: -0 } }
          : update,
      ),
    );
    fc.assert(
      fc.property(signed, fc.integer(), (updates, seed) => {
        expect(tuneAlerts(interleaved(updates, seed), { objective })).toEqual(tuneAlerts(updates, { objective }));
      }),
    );
  });
});
