import { ConfigurationError } from 'agent-assist-sdk';
import { auditRecord, evaluate, type SimulationAssertion } from 'agent-assist-sdk/simulation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { resultOf, target } from './helpers.js';

function expecting(
  stepIndex: number,
  expectedIntent: string,
  expectedEntities: Record<string, unknown> = {},
  expectedConfidenceMin = 0.85,
): SimulationAssertion {
  return { stepIndex, expectedIntent, expectedConfidenceMin, expectedEntities };
}

describe('an assertion', () => {
  test('passes when intent, confidence and entities with their values are right', () => {
    const result = resultOf([{ intent: 'date', confidence: 0.85, entities: [{ type: 'date', value: 'monday' }] }]);
    const { verdicts, passed } = evaluate(result, [expecting(0, 'date', { date: 'monday' })]);
    expect(verdicts[0]).toMatchObject({ passed: true, intentMatched: true, entitiesMatched: true, failures: [] });
    expect(passed).toBe(true);
  });

  test('names everything that is wrong, with what was expected and what came', () => {
    const result = resultOf([
      { intent: 'book', confidence: 0.849, entities: [{ type: 'date', value: 'friday' }, { type: 'date' }] },
    ]);
    const { verdicts } = evaluate(result, [expecting(0, 'date', { date: 'monday', city: 'paris', seat: null })]);
    expect(verdicts[0]?.failures).toEqual([
      { reason: 'intent', expected: 'date', actual: 'book' },
      { reason: 'confidence', expected: 0.85, actual: 0.849 },
      { reason: 'entity-value', type: 'date', expected: 'monday', actual: ['friday', undefined] },
      { reason: 'entity-missing', type: 'city', expected: 'paris' },
      { reason: 'entity-missing', type: 'seat' },
    ]);
  });

  test('is not judged by another word for how entities are compared', () => {
    const result = resultOf([{ intent: 'date', entities: [{ type: 'date', value: 'friday' }] }]);
    const options: object = { entityMatch: 'values' };
    expect(() => evaluate(result, [expecting(0, 'date', { date: 'monday' })], options)).toThrow(
      new ConfigurationError("entityMatch: expected 'value' or 'type'"),
    );
  });

  test('names the values that came in a list that nobody can change, since verdicts share it', () => {
    const result = resultOf([{ intent: 'date', entities: [{ type: 'date', value: 'friday' }] }]);
    const assertions = [expecting(0, 'date', { date: 'monday' }), expecting(0, 'date', { date: 'sunday' })];
    const [first, second] = evaluate(result, assertions).verdicts.map(({ failures }) => failures[0]);
    if (first?.reason !== 'entity-value') throw new Error('the entity is right');
    expect(() => (first.actual as unknown[]).push('monday')).toThrow(TypeError);
    expect(second).toEqual({ reason: 'entity-value', type: 'date', expected: 'sunday', actual: ['friday'] });
  });

  test('asks for the type alone where the value is null or undefined', () => {
    const result = resultOf([{ intent: 'a', entities: [{ type: 'x', value: 1 }, { type: 'y' }] }]);
    expect(evaluate(result, [expecting(0, 'a', { x: null, y: undefined })]).passed).toBe(true);
  });

  test('looks at types alone with entityMatch "type"', () => {
    const result = resultOf([{ intent: 'a', entities: [{ type: 'x', value: 1 }] }]);
    const assertions = [expecting(0, 'a', { x: 2 })];
    expect(evaluate(result, assertions).passed).toBe(false);
    expect(evaluate(result, assertions, { entityMatch: 'type' }).passed).toBe(true);
    expect(evaluate(result, [expecting(0, 'a', { z: 2 })], { entityMatch: 'type' }).passed).toBe(false);
  });

  test('finds its value among several entities of one type, and compares objects by content', () => {
    const result = resultOf([
      {
        intent: 'a',
        entities: [
          { type: 'date', value: 'monday' },
          { type: 'date', value: { day: 2, month: 5 } },
        ],
      },
    ]);
    expect(evaluate(result, [expecting(0, 'a', { date: { month: 5, day: 2 } })]).passed).toBe(true);
    expect(evaluate(result, [expecting(0, 'a', { date: { month: 5 } })]).passed).toBe(false);
    expect(evaluate(result, [expecting(0, 'a', { date: 'tuesday' })]).passed).toBe(false);
  });

  test('does not take 2 for "2", [] for {}, or a missing value for one', () => {
    const found = (value: unknown, expected: unknown): boolean =>
      evaluate(resultOf([{ intent: 'a', entities: [{ type: 'x', value }] }]), [expecting(0, 'a', { x: expected })])
        .passed;
    expect([
      found('2', 2),
      found([], {}),
      found(undefined, 'x'),
      found(null, 'null'),
      found(null, {}),
      found('', {}),
      found({ a: 1 }, { b: 1 }),
      found({ a: 1, b: 2 }, { a: 1, b: 3 }),
    ]).toEqual(Array(8).fill(false));
    expect([found(false, false), found(0, 0), found('', ''), found([1, 2], [1, 2]), found([1, 2], [2, 1])]).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  test('treats entity types named like members of Object as any other', () => {
    const result = resultOf([{ intent: 'a', entities: [{ type: 'constructor', value: 'x' }] }]);
    expect(evaluate(result, [expecting(0, 'a', { constructor: 'x' })]).passed).toBe(true);
    expect(evaluate(result, [expecting(0, 'a', { toString: null })]).passed).toBe(false);
  });

  test('finds its step by the index: out of order, and the first of two with the same index', () => {
    const result = resultOf([
      { index: 1, intent: 'b' },
      { index: 0, intent: 'a' },
      { index: 0, intent: 'z' },
    ]);
    expect(evaluate(result, [expecting(0, 'a'), expecting(1, 'b')]).passed).toBe(true);
  });
});

describe('the metrics', () => {
  test('carry the names of the wire when serialised', () => {
    const result = resultOf([
      { intent: 'a', confidence: 0.92 },
      { intent: 'b', confidence: 0.81, entities: [{ type: 'x', value: 1 }] },
    ]);
    const { metrics } = evaluate(result, [
      expecting(0, 'a'),
      expecting(1, 'b', { x: 1 }),
      expecting(1, 'b', { y: 1 }, 0.8),
    ]);
    expect(metrics).toMatchObject({ durationMs: 1240, avgIntentConfidence: 0.8467, totalAssertions: 3 });
    expect(JSON.parse(JSON.stringify(metrics))).toEqual({
      duration_ms: 1240,
      avg_intent_confidence: 0.8467,
      avg_entity_accuracy: 0.6667,
      assertion_success_rate: 33.33,
      passed_assertions: 1,
      total_assertions: 3,
    });
  });

  test('count a step that never came as 0 in both averages', () => {
    const { metrics, verdicts, passed, intentAccuracy } = evaluate(resultOf([{ intent: 'a', confidence: 0.9 }]), [
      expecting(0, 'a'),
      expecting(1, 'b'),
    ]);
    expect(metrics).toMatchObject({ avgIntentConfidence: 0.45, avgEntityAccuracy: 0.5, assertionSuccessRate: 50 });
    expect(verdicts[1]).toMatchObject({ passed: false, failures: [{ reason: 'step-missing' }] });
    expect(verdicts[1]?.actual).toBeUndefined();
    expect([passed, intentAccuracy]).toEqual([false, 0.5]);
  });

  test('do not pass without assertions, nor when the simulation failed', () => {
    const nothing = evaluate(resultOf([{ intent: 'a' }]), []);
    expect(nothing.passed).toBe(false);
    expect(nothing.metrics).toMatchObject({
      assertionSuccessRate: 0,
      avgIntentConfidence: 0,
      avgEntityAccuracy: 1,
      totalAssertions: 0,
    });
    expect(evaluate(resultOf([{ intent: 'a' }], { status: 'FAILED' }), [expecting(0, 'a')]).passed).toBe(false);
    expect(evaluate({ id: 'sim', status: 'FAILED' }, [expecting(0, 'a')]).metrics.durationMs).toBe(0);
  });

  test('are rounded as on paper, where sums of doubles fall to the wrong side', () => {
    const mean = (...confidences: number[]): number | undefined =>
      evaluate(
        resultOf(confidences.map((confidence) => ({ intent: 'a', confidence }))),
        confidences.map((_, index) => expecting(index, 'a')),
      ).metrics.avgIntentConfidence;
    expect(mean(0.9123, 0.9124)).toBe(0.9124);
    expect(mean(0.00005)).toBe(0.0001);
    expect(mean(0.1, 0.2)).toBe(0.15);
    expect(mean(1.00005)).toBe(1.0001);
    expect(mean(1e-7)).toBe(0);
    expect(mean(1e21, 3e21)).toBe(2e21);
    expect(mean(0.7, 0.1, 0.1)).toBe(0.3);
  });

  test('keep 4 and 2 decimals exactly, for any counts and confidences', () => {
    const confidence = fc.integer({ min: 0, max: 10_000_000 }).map((units) => units / 10_000_000);
    fc.assert(
      fc.property(fc.array(confidence, { minLength: 1, maxLength: 40 }), (confidences) => {
        const assertions = confidences.map((_, index) => expecting(index, 'a'));
        const { metrics } = evaluate(
          resultOf(confidences.map((value) => ({ intent: 'a', confidence: value }))),
          assertions,
        );
        // Whole numbers of ten-millionths are exact, so this is the paper's result by another way.
        const units = confidences.reduce((sum, value) => sum + Math.round(value * 10_000_000), 0);
        expect(metrics.avgIntentConfidence).toBe(
          Math.floor((2 * units + 1000 * confidences.length) / (2000 * confidences.length)) / 10_000,
        );
        expect(metrics.assertionSuccessRate).toBe(Number(metrics.assertionSuccessRate.toFixed(2)));
        expect(metrics.passedAssertions).toBe(confidences.filter((value) => value >= 0.85).length);
      }),
    );
  });

  test('say by their counts, not by the rounded rate, whether all hold', () => {
    const count = 20_001;
    const steps = Array.from({ length: count }, (_, index) => ({ intent: index === 7 ? 'b' : 'a' }));
    const { metrics, passed } = evaluate(
      resultOf(steps),
      steps.map((_, index) => expecting(index, 'a')),
    );
    expect(metrics.assertionSuccessRate).toBe(100);
    expect(passed).toBe(false);
  });
});

describe('beside the metrics', () => {
  test('entities are counted over the steps for which any are expected', () => {
    const result = resultOf([
      {
        intent: 'a',
        entities: [
          { type: 'city', value: 'rome' },
          { type: 'city', value: 'rome' },
          { type: 'date', value: 'monday' },
        ],
      },
      { intent: 'a', entities: [{ type: 'noise', value: 'x' }] },
      { intent: 'a', entities: [] },
    ]);
    const assertions = [
      expecting(0, 'a', { city: 'rome' }),
      expecting(0, 'a', { seat: '1A' }),
      expecting(1, 'a'),
      expecting(2, 'a', { city: 'oslo' }),
    ];
    const { entities } = evaluate(result, assertions);
    expect(entities).toMatchObject({ truePositives: 1, falsePositives: 1, falseNegatives: 2, precision: 0.5 });
    expect(entities.recall).toBeCloseTo(1 / 3);
    expect(entities.f1).toBeCloseTo(0.4);
  });

  test('precision, recall and F1 count each entity once', () => {
    const entities = ['a', 'b', 'c', 'noise'].map((type) => ({ type, value: 1 }));
    const { entities: scores } = evaluate(resultOf([{ intent: 'a', entities }]), [
      expecting(0, 'a', { a: 1, b: 1, c: 1, d: 1, e: 1 }),
    ]);
    expect(scores).toEqual({
      truePositives: 3,
      falsePositives: 1,
      falseNegatives: 2,
      precision: 3 / 4,
      recall: 3 / 5,
      f1: 6 / 9,
    });
  });

  test('a wrong value is missed and found for nothing at once; by type it is found', () => {
    const result = resultOf([
      {
        intent: 'a',
        entities: [
          { type: 'city', value: 'rome' },
          { type: 'city', value: 'oslo' },
        ],
      },
    ]);
    const assertions = [expecting(0, 'a', { city: 'paris' })];
    expect(evaluate(result, assertions).entities).toMatchObject({
      truePositives: 0,
      falsePositives: 2,
      falseNegatives: 1,
      f1: 0,
    });
    expect(evaluate(result, assertions, { entityMatch: 'type' }).entities).toMatchObject({
      truePositives: 1,
      falsePositives: 0,
      falseNegatives: 0,
      f1: 1,
    });
  });

  test('entities of a step that never came are missed; nothing counted is 0', () => {
    expect(evaluate(resultOf([]), [expecting(0, 'a', { x: 1 })]).entities).toMatchObject({
      falseNegatives: 1,
      precision: 0,
      recall: 0,
      f1: 0,
    });
    expect(evaluate(resultOf([{ intent: 'a' }]), [expecting(0, 'a')]).entities).toMatchObject({
      truePositives: 0,
      precision: 0,
    });
  });

  test('the confusion table counts expected against recognized, and steps that never came apart', () => {
    const result = resultOf([{ intent: 'b' }, { intent: 'b' }, { intent: 'a' }]);
    const assertions = [
      expecting(0, 'a'),
      expecting(1, 'b'),
      expecting(1, 'b'),
      expecting(2, 'c'),
      expecting(3, 'c'),
      expecting(4, 'c'),
    ];
    expect(evaluate(result, assertions).confusion).toEqual([
      { expected: 'a', recognized: 'b', count: 1 },
      { expected: 'b', recognized: 'b', count: 2 },
      { expected: 'c', recognized: 'a', count: 1 },
      { expected: 'c', count: 2 },
    ]);
  });

  test('the confusion of a bot that makes up an intent for each of 100,000 steps is a list, not a table', () => {
    const result = resultOf(Array.from({ length: 100_000 }, (_, index) => ({ intent: `made up ${index}` })));
    const assertions = Array.from({ length: 100_000 }, (_, index) => expecting(index, `i-${index}`));
    expect(evaluate(result, assertions).confusion).toHaveLength(100_000);
  });
});

describe('auditRecord', () => {
  test('has the names of the wire and passes only at 100 %', () => {
    const clock = new FakeClock(Date.parse('2026-02-03T04:05:06Z'));
    const result = resultOf([{ intent: 'a' }]);
    const record = auditRecord(target, result, evaluate(result, [expecting(0, 'a')]), { clock });
    expect(JSON.parse(JSON.stringify(record))).toEqual({
      timestamp: '2026-02-03T04:05:06.000Z',
      simulation_id: 'sim-1',
      environment_id: 'env-staging',
      bot_version: 'ver-abc',
      metrics: {
        duration_ms: 1240,
        avg_intent_confidence: 0.9,
        avg_entity_accuracy: 1,
        assertion_success_rate: 100,
        passed_assertions: 1,
        total_assertions: 1,
      },
      steps: result.steps,
      compliance_status: 'PASS',
    });
    const statusOf = (assertions: SimulationAssertion[]): string =>
      auditRecord(target, result, evaluate(result, assertions)).compliance_status;
    expect(statusOf([])).toBe('FAIL');
    expect(statusOf([expecting(0, 'a'), expecting(0, 'b')])).toBe('FAIL');
    expect(
      auditRecord(target, { id: 'x', status: 'FAILED' }, evaluate({ id: 'x', status: 'FAILED' }, [])).steps,
    ).toEqual([]);
  });
});
