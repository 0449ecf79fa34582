import { AssistStream, AuthClient, ConfigurationError } from 'agent-assist-sdk';
import { PrecisionTracker } from 'agent-assist-sdk/calibration';
import {
  DriftDetector,
  OutcomeLabels,
  outcomesByConversation,
  tuneAlerts,
  type LabelledUpdate,
  type RaisedAlert,
} from 'agent-assist-sdk/conversations';
import { startTenant } from 'agent-assist-sdk/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../helpers/random.js';

const accepted = (insightId: string, interactionId = 'a') =>
  ({ type: 'INSIGHT_ACCEPTED', interactionId, insightId }) as const;
const rejected = (insightId: string, interactionId = 'a') =>
  ({ type: 'INSIGHT_REJECTED', interactionId, insightId }) as const;
const alert = (insightIds: readonly string[], sentiment = -0.5, interactionId = 'a'): RaisedAlert => ({
  interactionId,
  insightIds,
  scores: { sentiment },
});
const labelled = (label: boolean, sentiment = -0.5) => ({ conversationId: 'a', label, scores: { sentiment } });

describe('OutcomeLabels', () => {
  it('labels an alert right with the first accepted card, and wrong when all were rejected', () => {
    const labels = new OutcomeLabels();
    labels.raise({ ...alert(['1', '2']), keywordHits: 2 });
    labels.raise(alert(['3', '4'], -0.9));
    expect(labels.decide(rejected('1'))).toBeUndefined();
    expect(labels.decide(rejected('1'))).toBeUndefined();
    expect(labels.decide(accepted('2'))).toEqual({ ...labelled(true), keywordHits: 2 });
    expect(labels.decide(rejected('2'))).toBeUndefined();
    expect(labels.decide(rejected('4'))).toBeUndefined();
    expect(labels.pending).toBe(1);
    expect(labels.decide(rejected('3'))).toEqual(labelled(false, -0.9));
    expect([labels.pending, labels.dropped]).toEqual([0, 0]);
  });

  it('drops an alert when all of its cards are raised again, since nobody can decide it any more', () => {
    const labels = new OutcomeLabels();
    labels.raise(alert(['k'], -0.3));
    labels.raise(alert(['k', 'k'], -0.6));
    expect([labels.pending, labels.dropped]).toEqual([1, 1]);
    expect(labels.decide(rejected('k'))).toEqual(labelled(false, -0.6));
    expect(labels.decide(rejected('k'))).toBeUndefined();
    expect(labels.pending).toBe(0);
    labels.raise(alert(['1', '2', '3'], -0.3));
    labels.raise(alert(['2', '1'], -0.6));
    expect([labels.pending, labels.dropped]).toEqual([2, 1]);
    labels.raise(alert(['3'], -0.9));
    labels.raise(alert(['3'], -0.9, 'b'));
    expect([labels.pending, labels.dropped]).toEqual([3, 2]);
  });

  it('lets a review decide the whole alert, either way', () => {
    const labels = new OutcomeLabels();
    const tracker = new PrecisionTracker();
    labels.raise(alert(['1', '2']));
    labels.raise(alert(['3']));
    for (const review of [
      { interactionId: 'a', insightId: '1', verdict: 'false-positive' },
      { interactionId: 'a', insightId: '3', verdict: 'true-positive' },
    ] as const) {
      tracker.record('anger', review.verdict);
      expect(labels.decide(review)?.label).toBe(review.verdict === 'true-positive');
    }
    expect(tracker.total.precision).toBe(0.5);
    expect(labels.decide(accepted('2'))).toBeUndefined();
  });

  it('counts a decision on a card that was raised again for the newest alert, and never calls the older one wrong', () => {
    const labels = new OutcomeLabels();
    labels.raise(alert(['1', '2'], -0.3));
    labels.raise(alert(['1'], -0.7));
    labels.raise(alert(['1'], -0.9, 'b'));
    expect(labels.decide(rejected('1'))).toEqual(labelled(false, -0.7));
    expect(labels.decide(rejected('2'))).toBeUndefined();
    expect(labels.pending).toBe(2);
    expect(labels.decide(accepted('1', 'b'))).toEqual({ ...labelled(true, -0.9), conversationId: 'b' });
  });

  it('drops the oldest alerts above its capacity, without a label', () => {
    const labels = new OutcomeLabels({ capacity: 2 });
    for (const id of ['1', '2', '3']) labels.raise(alert([id]));
    expect(labels.decide(accepted('1'))).toBeUndefined();
    expect(labels.decide(accepted('2'))?.label).toBe(true);
    expect([labels.pending, labels.dropped]).toEqual([1, 1]);
    expect(() => labels.raise(alert([]))).toThrow(ConfigurationError);
    expect(() => new OutcomeLabels({ capacity: 0 })).toThrow('capacity');
  });

  it('labels each alert at most once, whatever is decided in which order', () => {
    const id = fc.constantFrom('1', '2', '3', '4');
    const step = fc.oneof(
      fc.uniqueArray(id, { minLength: 1 }).map((ids) => ({ raise: ids })),
      fc.record({ insightId: id, isAccepted: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const labels = new OutcomeLabels({ capacity: 3 });
        /** Each alert by its score: its cards, and what was decided on those that it owned then. */
        const raised: { ids: string[]; decisions: Map<string, boolean>; isDone: boolean }[] = [];
        for (const one of steps) {
          if ('raise' in one) {
            labels.raise(alert(one.raise, raised.length));
            raised.push({ ids: one.raise, decisions: new Map(), isDone: false });
            for (const [place, older] of raised.entries())
              older.isDone ||= older.ids.every((card) => raised.slice(place + 1).some(({ ids }) => ids.includes(card)));
            const open = raised.filter(({ isDone }) => !isDone);
            if (open.length > 3 && open[0] !== undefined) open[0].isDone = true;
            continue;
          }
          const { insightId, isAccepted } = one;
          // A card belongs to the alert that had it last, even when that is over.
          const index = raised.findLastIndex(({ ids }) => ids.includes(insightId));
          const owner = raised[index]?.isDone === false ? raised[index] : undefined;
          owner?.decisions.set(insightId, isAccepted);
          const isOver = owner !== undefined && (isAccepted || owner.ids.every((card) => owner.decisions.has(card)));
          if (owner !== undefined && isOver) owner.isDone = true;
          expect(labels.decide(isAccepted ? accepted(insightId) : rejected(insightId))).toEqual(
            isOver ? labelled(isAccepted, index) : undefined,
          );
          expect(labels.pending).toBe(raised.filter(({ isDone }) => !isDone).length);
        }
      }),
    );
  });

  it('turns what agents click on a tenant into labels and one outcome for each conversation', async () => {
    await using tenant = await startTenant();
    const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials });
    await using stream = new AssistStream({ platform: tenant.platform, auth });
    const labels = new OutcomeLabels();
    const examples: LabelledUpdate[] = [];
    const take = (event: Parameters<OutcomeLabels['decide']>[0]): void => {
      const label = labels.decide(event);
      if (label !== undefined) examples.push(label);
    };
    stream.on('INSIGHT_ACCEPTED', take);
    stream.on('INSIGHT_REJECTED', take);
    await stream.connect();
    labels.raise(alert(['kb-1', 'kb-2'], -0.6, 'call-1'));
    labels.raise(alert(['kb-3'], -0.5, 'call-1'));
    labels.raise(alert(['kb-1'], -0.8, 'call-2'));
    tenant.insights.reject('call-1', 'kb-1');
    tenant.insights.reject('call-1', 'kb-3');
    tenant.insights.accept('call-2', 'kb-1');
    tenant.insights.accept('call-1', 'kb-2');
    tenant.insights.accept('call-3', 'kb-1');
    await expect.poll(() => examples.length).toBe(3);
    expect(examples).toEqual([
      { conversationId: 'call-1', label: false, scores: { sentiment: -0.5 } },
      { conversationId: 'call-2', label: true, scores: { sentiment: -0.8 } },
      { conversationId: 'call-1', label: true, scores: { sentiment: -0.6 } },
    ]);
    const drift = new DriftDetector({ precision: 0.8 });
    for (const outcome of outcomesByConversation(examples)) drift.observe(outcome);
    expect([drift.outcomes, drift.right]).toEqual([2, 1.5]);
  });

  it('closes the loop: outcomes tune a stricter threshold, whose promise the drift detector watches', () => {
    const next = random(11);
    /** Agents accept what is clearly negative, and little of the rest. */
    const outcomesOf = (prefix: string, calls: number, fires: (sentiment: number) => boolean, isGood = true) => {
      const labels = new OutcomeLabels();
      const examples: LabelledUpdate[] = [];
      for (let call = 0; call < calls; call += 1) {
        for (let turn = 0; turn < 3; turn += 1) {
          const sentiment = -0.4 - next() * 0.6;
          const isAccepted = next() < (isGood && sentiment < -0.7 ? 0.9 : 0.3);
          if (!fires(sentiment)) continue;
          const insightId = String(turn);
          labels.raise(alert([insightId], sentiment, `${prefix}-${call}`));
          const label = labels.decide((isAccepted ? accepted : rejected)(insightId, `${prefix}-${call}`));
          if (label !== undefined) examples.push(label);
        }
      }
      return examples;
    };
    const tuning = tuneAlerts(
      outcomesOf('old', 400, () => true),
      { objective: { type: 'precision', atLeast: 0.75 } },
    );
    if (tuning.status !== 'chosen' || tuning.promise === undefined) throw new Error('no choice');
    const { rule } = tuning.point;
    if (rule.type === 'keyword') throw new Error('no threshold');
    expect(rule.threshold).toBeLessThan(-0.6);

    const drift = new DriftDetector({ precision: tuning.promise.limit });
    const fires = (sentiment: number): boolean => sentiment < rule.threshold;
    for (const outcome of outcomesByConversation(outcomesOf('new', 2000, fires))) drift.observe(outcome);
    expect([drift.state, drift.outcomes > 1000]).toEqual(['ok', true]);
    for (const outcome of outcomesByConversation(outcomesOf('bad', 100, fires, false))) drift.observe(outcome);
    expect(drift.state).toBe('drifted');
  });
});
