import { ConfigurationError } from 'agent-assist-sdk';
import {
  DriftDetector,
  OutcomeLabels,
  outcomesByConversation,
  toAlertTriggers,
  toTrigger,
  tuneAlerts,
  tuningHtmlReport,
  tuningMarkdownReport,
  type AlertRule,
  type LabelledUpdate,
  type TuneAlertsOptions,
} from 'agent-assist-sdk/conversations';
import { describe, expect, it } from 'vitest';
import { firings, synthetic } from './labelled.js';

const update: LabelledUpdate = { conversationId: 'a', label: true, scores: { anger: 0.5 } };
const objective = { type: 'precision', atLeast: 0.5 } as const;
const hole: unknown[] = [update];
hole[2] = update;

/** Calls as plain JavaScript may. */
const untyped =
  (call: (...given: never[]) => unknown, ...given: unknown[]) =>
  (): unknown =>
    call(...(given as never[]));

describe('what only plain JavaScript can pass is refused by name', () => {
  it.each<[string, () => unknown]>([
    ['labelled[0]: expected a labelled update', untyped(tuneAlerts, [null], { objective })],
    ['labelled[1]: expected a labelled update', untyped(tuneAlerts, hole, { objective })],
    ['labelled[0]: expected a labelled update', untyped(tuneAlerts, ['a'], { objective })],
    ['labelled[0].scores: expected an object', untyped(tuneAlerts, [{ ...update, scores: null }], { objective })],
    ['labelled[0].scores.anger', untyped(tuneAlerts, [{ ...update, scores: { anger: '0.5' } }], { objective })],
    ['labelled[0].scores.anger', untyped(tuneAlerts, [{ ...update, scores: { anger: -Infinity } }], { objective })],
    [
      'labelled[0].scores.anger',
      untyped(tuneAlerts, [{ ...update, scores: { anger: Number.MAX_VALUE } }], { objective }),
    ],
    ['labelled[0].keywordHits', untyped(tuneAlerts, [{ ...update, keywordHits: '1' }], { objective })],
    ['labelled[0].keywordHits', untyped(tuneAlerts, [{ ...update, keywordHits: null }], { objective })],
    ['labelled[0].label', untyped(tuneAlerts, [{ ...update, label: 1 }], { objective })],
    ['objective.atLeast', untyped(tuneAlerts, [], { objective: { type: 'precision', atLeast: '0.5' } })],
    ['objective.atMostPer100', untyped(tuneAlerts, [], { objective: { type: 'alert-volume', atMostPer100: '5' } })],
    ['objective.beta', untyped(tuneAlerts, [], { objective: { type: 'f-beta', beta: '1' } })],
    ['confidence', untyped(tuneAlerts, [], { objective, confidence: '0.9' })],
    ['firesBelow', untyped(tuneAlerts, [], { objective, firesBelow: [1] })],
    ['rule: expected a rule', untyped(toTrigger, undefined)],
    ['rule.type: expected one of', untyped(toTrigger, { type: 'words' })],
    ['rule.fires', untyped(toTrigger, { type: 'score', score: 'sentiment', fires: 'above', threshold: 0 })],
    ['rule.score', untyped(toTrigger, { type: 'score', fires: 'below', threshold: 0 })],
    ['keywords', untyped(toTrigger, { type: 'keyword' }, { keywords: ['refund'] })],
    ['tunings: expected a list', untyped(toAlertTriggers, undefined, { directive: 'log' })],
    [
      "tunings[0]: expected a tuning with the status 'chosen'",
      untyped(toAlertTriggers, [tuneAlerts([], { objective })], { directive: 'log' }),
    ],
    ['tunings: expected a list of tunings', untyped(toAlertTriggers, [null], { directive: 'log' })],
    ['directive: expected one of block', untyped(toAlertTriggers, [], { directive: 'alert' })],
    ['tuning: expected the result', untyped(tuningHtmlReport, undefined, { name: 'x' })],
    ['tuning: expected the result', untyped(tuningMarkdownReport, null, { name: 'x' })],
    ['name: expected a string', untyped(tuningHtmlReport, tuneAlerts([], { objective }), {})],
    ['labels[0]: expected a labelled update', untyped(outcomesByConversation, [null])],
    ['labels[1].label', untyped(outcomesByConversation, [update, { ...update, label: 'false' }])],
    ['labels: expected an iterable', untyped(outcomesByConversation, undefined)],
  ])('%s', (message, call) => {
    expect(call).toThrow(ConfigurationError);
    expect(call).toThrow(message);
  });

  it('by OutcomeLabels, which then keeps nothing of it', () => {
    const labels = new OutcomeLabels();
    const alert = { interactionId: 'a', insightIds: ['1'], scores: { sentiment: -0.5 } };
    for (const broken of [
      null,
      { ...alert, insightIds: '1' },
      { ...alert, insightIds: [1] },
      { ...alert, interactionId: undefined },
      { ...alert, scores: { sentiment: NaN } },
      { ...alert, keywordHits: -1 },
    ])
      expect(untyped(labels.raise.bind(labels), broken)).toThrow(ConfigurationError);
    expect(labels.pending).toBe(0);
    labels.raise(alert);
    for (const broken of [
      null,
      { type: 'TRANSCRIPT_FRAGMENT', interactionId: 'a', insightId: '1' },
      { verdict: 'true', interactionId: 'a', insightId: '1' },
    ])
      expect(untyped(labels.decide.bind(labels), broken)).toThrow(ConfigurationError);
    expect(labels.pending).toBe(1);
  });

  it('by DriftDetector', () => {
    const drift = new DriftDetector({ precision: 0.8 });
    for (const outcome of [null, '', [], '1', 1n, undefined, NaN, Infinity])
      expect(untyped(drift.observe.bind(drift), outcome)).toThrow(ConfigurationError);
    expect(drift.outcomes).toBe(0);
    for (let outcome = 0; outcome < 5; outcome += 1) drift.observe(false);
    const state = drift.toJSON();
    for (const broken of [
      { ...state, right: 5.5 },
      { ...state, evidence: 0 },
      { ...state, evidence: 1 },
      { ...state, evidence: Infinity },
      { ...state, wealth: state.wealth.map(() => 1e200) },
      null,
    ])
      expect(untyped((given: never) => DriftDetector.from(given), broken)).toThrow(ConfigurationError);
    expect(DriftDetector.from(state).toJSON()).toEqual(state);
  });
});

describe('labels that no choice can come from', () => {
  const options: TuneAlertsOptions = { objective, rules: ['score'] };
  it.each<[string, LabelledUpdate[], string]>([
    [
      'one conversation',
      Array.from({ length: 100 }, (_, index) => ({ ...update, label: index % 2 === 0 })),
      'too-few-conversations',
    ],
    [
      'all right',
      Array.from({ length: 100 }, (_, index) => ({ ...update, conversationId: String(index) })),
      'one-class',
    ],
    [
      'no scores',
      Array.from({ length: 100 }, (_, index) => ({ conversationId: String(index), label: index > 9, scores: {} })),
      'objective-not-reached',
    ],
  ])('%s', (_name, updates, reason) => {
    expect(tuneAlerts(updates, options)).toMatchObject({ status: 'undecided', reason });
  });
});

describe('thresholds', () => {
  it.each([2 ** 53, 2 ** 60, 1e300, -(2 ** 60)])('separate all scores about %d', (size) => {
    const step = Math.abs(size) * 2 ** -52;
    const updates = [size - step, size, size + step].map((score, index): LabelledUpdate => ({
      conversationId: 'a',
      label: index === 0,
      scores: { sentiment: score, anger: score },
    }));
    const { curves } = tuneAlerts(updates, { objective: { type: 'f-beta', beta: 1 }, rules: ['score'] });
    const fired = curves.map(({ points }) => points.map(({ rule }) => firings(rule, updates)));
    expect(fired).toEqual([
      [
        [false, false, true],
        [false, true, true],
        [true, true, true],
      ],
      [
        [true, false, false],
        [true, true, false],
        [true, true, true],
      ],
    ]);
    const rules = curves.flatMap(({ points }) => points.map(({ rule }): AlertRule => rule));
    for (const rule of rules) expect(() => toTrigger(rule, { readScore: () => 1 })).not.toThrow();
  });
});

describe('percentages that were not measured', () => {
  const labelled = synthetic({ conversations: 60, length: 6, correlation: 0, separation: 3, base: 0.3 }, 5);
  it.each([
    [0.98765, '98.765 %'],
    [0.99, '99 %'],
    [0.95, '95 %'],
  ])('of a confidence of %d read %s', (confidence, text) => {
    const undecided = tuneAlerts(labelled, {
      objective: { type: 'precision', atLeast: 0.9999 },
      confidence,
      rules: ['score'],
    });
    const report = tuningMarkdownReport(undecided, { name: 'x' });
    expect(report).toContain(`with ${text} confidence`);
    expect(report).toContain('at a precision of at least 99.99 %');
    const chosen = tuneAlerts(labelled, {
      objective: { type: 'alert-volume', atMostPer100: 59.9 + 0.1 + 0.2 },
      confidence,
      rules: ['score'],
    });
    expect(chosen.status).toBe('chosen');
    for (const page of [tuningMarkdownReport(chosen, { name: 'x' }), tuningHtmlReport(chosen, { name: 'x' })]) {
      expect(page).toContain(`with ${text} confidence`);
      expect(page).toContain(`${text} interval`);
      expect(page).toContain('at most 60.2 alerts');
    }
  });
});
