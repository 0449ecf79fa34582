import { AssistEngine } from 'agent-assist-sdk';
import {
  toAlertTriggers,
  toTrigger,
  tuneAlerts,
  type AlertRule,
  type OperatingPoint,
} from 'agent-assist-sdk/conversations';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firings, labelledUpdates } from './labelled.js';

const tuned = (rule: AlertRule): { readonly point: OperatingPoint } => ({
  point: { rule, truePositives: 1, falsePositives: 0, falseNegatives: 0, precision: 1, recall: 1, alertsPer100: 1 },
});
const anger = (threshold: number) => tuned({ type: 'score', score: 'anger', fires: 'at-least', threshold });

describe('toAlertTriggers', () => {
  it('yields the triggers of a calibration, one for each emotion', () => {
    expect(toAlertTriggers([anger(0.82)], { directive: 'block' })).toEqual([
      { emotion: 'anger', threshold: 0.82, directive: 'block' },
    ]);
  });

  it('refuses what a calibration cannot express', () => {
    expect(() => toAlertTriggers([anger(0.6)], { directive: 'block' })).toThrow(
      'tunings[0]: the threshold 0.6 of anger is not in 0.7 to 0.95, as block needs',
    );
    expect(() => toAlertTriggers([anger(0.5), anger(0.99)], { directive: 'log' })).toThrow(
      'tunings[1]: the threshold 0.99',
    );
    const sentiment: AlertRule = { type: 'score', score: 'sentiment', fires: 'below', threshold: -0.5 };
    expect(() => toAlertTriggers([tuned(sentiment)], { directive: 'log' })).toThrow(
      'not sentiment below a threshold; use toTrigger',
    );
    expect(() => toAlertTriggers([tuned({ type: 'keyword' })], { directive: 'log' })).toThrow(
      'not keyword; use toTrigger',
    );
  });
});

describe('toTrigger', () => {
  const twice: AlertRule = { type: 'score-twice', score: 'sentiment', fires: 'below', threshold: -0.3 };
  const update = (interactionId: string, sentimentScore?: number, transcript = 'x') => ({
    interactionId,
    transcript,
    sentimentScore,
  });

  it('fires at the second low score in a row of the same interaction', () => {
    const trigger = toTrigger(twice);
    const scores = [
      ['a', -0.5],
      ['b', -0.9],
      ['a', -0.3],
      ['a', -0.4],
      ['a', -0.6],
      ['a', undefined],
      ['a', -0.6],
      ['b', -0.31],
    ] as const;
    expect(scores.map(([id, score]) => trigger(update(id, score)).length)).toEqual([0, 0, 0, 0, 1, 0, 0, 1]);
    expect(trigger(update('b', -0.8))).toEqual([{ type: 'sentiment', score: -0.8, threshold: -0.3 }]);
  });

  it('keeps the state of the 10,000 interactions that were updated last', () => {
    const trigger = toTrigger(twice);
    for (let id = 0; id < 10_001; id += 1) trigger(update(`call-${id}`, -0.5));
    expect(trigger(update('call-1', -0.5))).toHaveLength(1);
    expect(trigger(update('call-0', -0.5))).toHaveLength(0);
  });

  it('reports keywords and scores as reasons', () => {
    const rule: AlertRule = { type: 'keyword-or-score', score: 'sentiment', fires: 'below', threshold: -0.3 };
    const trigger = toTrigger(rule);
    expect(trigger(update('a', -0.5, 'a refund'))).toEqual([
      { type: 'keyword', keyword: 'refund' },
      { type: 'sentiment', score: -0.5, threshold: -0.3 },
    ]);
    expect(trigger(update('a', 0.5, 'a refund'))).toEqual([{ type: 'keyword', keyword: 'refund' }]);
    expect(trigger(update('a', -0.3, 'hello'))).toEqual([]);
    const both = toTrigger({ ...rule, type: 'keyword-and-score' });
    expect(both(update('a', -0.5, 'hello'))).toEqual([]);
    expect(both(update('a', -0.5, 'a refund'))).toHaveLength(2);
    expect(toTrigger({ type: 'keyword' })(update('a', 0, 'cancel'))).toEqual([{ type: 'keyword', keyword: 'cancel' }]);
  });

  it('reads another score from the update', () => {
    const rule: AlertRule = { type: 'score', score: 'anger', fires: 'at-least', threshold: 0.8 };
    expect(() => toTrigger(rule)).toThrow('readScore: required for the score "anger"');
    const trigger = toTrigger(rule, { readScore: ({ context }) => context?.['anger'] as number });
    expect(trigger({ ...update('a'), context: { anger: 0.8 } })).toEqual([{ type: 'custom', name: 'anger' }]);
    expect(trigger({ ...update('a'), context: { anger: 0.79 } })).toEqual([]);
    expect(() => trigger({ ...update('a'), context: { anger: Promise.resolve(1) } })).toThrow(
      'readScore(): expected a number or undefined',
    );
    expect(() => toTrigger({ ...rule, threshold: NaN }, { readScore: () => 1 })).toThrow('rule.threshold: expected');
  });

  it('asks for suggestions in the engine', async () => {
    const asked: string[] = [];
    const client = {
      suggest: ({ transcript }: { readonly transcript: string }) => {
        asked.push(transcript);
        return Promise.resolve({ suggestions: [{ text: 'ok', confidence: 0.9 }] });
      },
    };
    const engine = new AssistEngine({ client, triggers: [toTrigger(twice)] });
    for (const [transcript, score] of [
      ['one', -0.5],
      ['two', -0.5],
    ] as const)
      await engine.handle(update('a', score, transcript));
    expect(asked).toEqual(['two']);
  });

  it('asks in the engine at exactly the updates that the tuning counted, for every kind of rule', async () => {
    await fc.assert(
      fc.asyncProperty(labelledUpdates, async (updates) => {
        const { curves } = tuneAlerts(updates, { objective: { type: 'f-beta', beta: 1 } });
        for (const rule of curves.flatMap(({ points }) => points.slice(-2).map((point) => point.rule))) {
          const asked: boolean[] = [];
          const engine = new AssistEngine({
            client: { suggest: () => Promise.resolve({ suggestions: [{ text: 'ok', confidence: 0.9 }] }) },
            triggers: [
              toTrigger(rule, {
                readScore: ({ context }) => context?.[rule.type === 'keyword' ? '' : rule.score] as number | undefined,
              }),
            ],
            pauseMs: 0,
          });
          for (const [index, { conversationId, scores, keywordHits = 0 }] of updates.entries()) {
            const transcript = `${keywordHits > 0 ? 'refund' : 'hello'} ${index}`;
            const { status } = await engine.handle({
              interactionId: conversationId,
              transcript,
              context: { ...scores },
            });
            asked.push(status !== 'skipped');
          }
          expect(asked).toEqual(firings(rule, updates));
        }
      }),
      { numRuns: 30 },
    );
  });
});
