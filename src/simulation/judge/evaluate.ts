import { hasFailed } from '../../http/internal.js';
import { checkKind, checkOptions } from '../../options.js';
import {
  checkEntityMatch,
  judgeAssertion,
  lacksEntities,
  type AssertionVerdict,
  type EntityMatch,
  type Understood,
} from './assertion.js';
import { Entities } from './entities.js';
import { roundedMean, roundedShare } from './numbers.js';
import { countEntities, recognition, type EntityScores, type IntentCount } from './scores.js';
import type { SimulationAssertion, SimulationResult, UnsupportedParts } from '../types.js';

/** The metrics of protocol 7 with their names on the wire; units and meaning are those of {@link SimulationMetrics}. */
export interface WireMetrics {
  readonly duration_ms: number;
  readonly avg_intent_confidence?: number | undefined;
  readonly avg_entity_accuracy?: number | undefined;
  readonly assertion_success_rate: number;
  readonly passed_assertions: number;
  readonly total_assertions: number;
}

/** The metrics of protocol 7. `JSON.stringify` uses their names on the wire ({@link WireMetrics}). */
export interface SimulationMetrics {
  /** Duration of the simulation in ms; 0 if the server did not send it. */
  readonly durationMs: number;
  /**
   * Mean confidence over all assertions, 0 to 1, four decimals; a missing step counts as 0. If the runner does not
   * support confidences, the mean of those that it sent; absent without any.
   */
  readonly avgIntentConfidence?: number | undefined;
  /**
   * Share of assertions whose entities were all found, 0 to 1, four decimals; a missing step counts as 0. 1 without
   * assertions. Assertions whose entities the runner could not judge do not count; absent if none is left.
   */
  readonly avgEntityAccuracy?: number | undefined;
  /**
   * Share of assertions that hold, in percent, rounded to two decimals. To check whether all hold, compare the two
   * counts.
   */
  readonly assertionSuccessRate: number;
  /** Number of assertions that hold. */
  readonly passedAssertions: number;
  readonly totalAssertions: number;
  /** Returns the metrics with their names on the wire. */
  toJSON(): WireMetrics;
}

/** Verdict on a simulation's result. */
export interface Evaluation {
  /** The metrics of protocol 7. */
  readonly metrics: SimulationMetrics;
  /** Whether the simulation did not fail, has assertions, and all of its assertions hold. */
  readonly passed: boolean;
  /** One verdict for each assertion, in their order. */
  readonly verdicts: readonly AssertionVerdict[];
  /** Share of assertions whose intent was recognized, regardless of the confidence; 0 to 1, four decimals. */
  readonly intentAccuracy: number;
  readonly entities: EntityScores;
  /** How often each intent was recognized for each expected one, sorted by code unit. */
  readonly confusion: readonly IntentCount[];
}

/** Options of {@link evaluate}. */
export interface EvaluateOptions {
  /**
   * `value`: an expected entity must have the expected value. `type`: only its type is compared (protocol 7).
   *
   * @defaultValue `value`
   */
  readonly entityMatch?: EntityMatch | undefined;
  /**
   * Parts that the runner does not support. If the result lacks such a part, the verdict lists it in `unchecked`, and
   * it neither holds nor fails.
   *
   * @defaultValue nothing: missing parts fail
   */
  readonly unsupported?: UnsupportedParts | undefined;
}

/**
 * Judges a simulation's result by its assertions (protocol 7). Steps are found by their `index`, in any order. If
 * several steps have the same index, the first one counts.
 *
 * @throws `ConfigurationError` for an argument of a wrong type, an unknown option or `entityMatch`.
 *
 * @example
 * ```ts
 * import { evaluate } from 'agent-assist-sdk/simulation';
 *
 * const { metrics, verdicts } = evaluate(
 *   { id: 'sim-1', status: 'COMPLETED', durationMs: 1240, steps: [{
 *     index: 0, userInput: 'book flight to paris', botResponse: 'Which date?',
 *     nlu: { intent: 'book_flight', confidence: 0.92, entities: [] },
 *   }] },
 *   [{ stepIndex: 0, expectedIntent: 'book_flight', expectedConfidenceMin: 0.85, expectedEntities: {} }],
 * );
 * console.log(JSON.stringify(metrics), verdicts[0]?.passed);
 * ```
 */
export function evaluate(
  result: SimulationResult,
  assertions: readonly SimulationAssertion[],
  options: EvaluateOptions = {},
): Evaluation {
  checkKind('result', result, 'an object');
  checkKind('assertions', assertions, 'a list of objects');
  checkOptions('evaluate', options, { entityMatch: true, unsupported: 'an object' });
  const { entityMatch = 'value', unsupported = {} } = options;
  checkEntityMatch(entityMatch);
  const byIndex = new Map<number, Understood>();
  for (const { index, nlu } of result.steps ?? [])
    if (!byIndex.has(index)) byIndex.set(index, { nlu, entities: new Entities(nlu.entities) });
  const verdicts = assertions.map((assertion) =>
    judgeAssertion(assertion, byIndex.get(assertion.stepIndex), entityMatch, unsupported),
  );
  const metrics = measure(result.durationMs ?? 0, verdicts, unsupported.confidence !== undefined);
  const { passedAssertions, totalAssertions } = metrics;
  return {
    metrics,
    passed: !hasFailed(result) && totalAssertions > 0 && passedAssertions === totalAssertions,
    verdicts,
    ...recognition(verdicts, countEntities(verdicts, entityMatch)),
  };
}

function measure(
  durationMs: number,
  verdicts: readonly AssertionVerdict[],
  confidenceMayLack: boolean,
): SimulationMetrics {
  const totalAssertions = verdicts.length;
  const passedAssertions = verdicts.filter(({ passed }) => passed).length;
  const withEntities = verdicts.filter(({ entitiesMatched }) => entitiesMatched).length;
  const judgedEntities = verdicts.filter(({ unchecked }) => !lacksEntities(unchecked)).length;
  const confidences = verdicts.flatMap(({ actual }) => actual?.confidence ?? (confidenceMayLack ? [] : 0));
  return {
    durationMs,
    avgIntentConfidence:
      confidences.length < totalAssertions && confidences.length === 0 ? undefined : roundedMean(confidences, 4),
    avgEntityAccuracy:
      totalAssertions === 0 ? 1 : judgedEntities === 0 ? undefined : roundedShare(withEntities, judgedEntities, 4),
    assertionSuccessRate: roundedShare(passedAssertions * 100, totalAssertions, 2),
    passedAssertions,
    totalAssertions,
    toJSON() {
      return {
        duration_ms: this.durationMs,
        avg_intent_confidence: this.avgIntentConfidence,
        avg_entity_accuracy: this.avgEntityAccuracy,
        assertion_success_rate: this.assertionSuccessRate,
        passed_assertions: this.passedAssertions,
        total_assertions: this.totalAssertions,
      };
    },
  };
}
