import type { UnsupportedParts } from '../runner.js';
import { judgeAssertion, lacksEntities, type AssertionVerdict, type EntityMatch } from './assertion.js';
import { roundedMean, roundedShare } from './numbers.js';
import { confusionTable, countEntities, scoreEntities, type ConfusionTable, type EntityScores } from './scores.js';
import type { SimulationAssertion, SimulationResult, SimulationStep } from '../types.js';

/** The metrics of protocol 7, under the names of the wire. */
export interface WireMetrics {
  /** Duration of the simulation in ms. */
  readonly duration_ms: number;
  /** Four decimals; absent where the runner knows no confidences. */
  readonly avg_intent_confidence?: number | undefined;
  /** Four decimals; absent where the runner could not judge the entities of any assertion. */
  readonly avg_entity_accuracy?: number | undefined;
  /** Per cent, two decimals. */
  readonly assertion_success_rate: number;
  /** Assertions that hold. */
  readonly passed_assertions: number;
  /** All assertions. */
  readonly total_assertions: number;
}

/** The metrics of protocol 7. `JSON.stringify` writes them under the names of the wire ({@link WireMetrics}). */
export interface SimulationMetrics {
  /** Duration of the simulation in ms; 0 when the server did not say. */
  readonly durationMs: number;
  /**
   * Mean confidence over all assertions, 0 to 1, four decimals; a step that never came counts 0. If the runner does not
   * support confidences, the mean of those that it gave, and absent where it gave none.
   */
  readonly avgIntentConfidence?: number | undefined;
  /**
   * Share of assertions whose entities were all found, 0 to 1, four decimals; a step that never came counts 0. 1 when
   * there are no assertions. Assertions whose entities the runner could not judge do not count; absent where none is left.
   */
  readonly avgEntityAccuracy?: number | undefined;
  /** Share of assertions that hold, in per cent, two decimals. Whether all hold, only the two counts say for certain. */
  readonly assertionSuccessRate: number;
  /** Assertions that hold. */
  readonly passedAssertions: number;
  /** All assertions. */
  readonly totalAssertions: number;
  /** The names of the wire. */
  toJSON(): WireMetrics;
}

/** How long the bot took for one step. */
export interface StepLatency {
  /** Position of the step. */
  readonly stepIndex: number;
  /** In ms; absent when the server did not say it for the step. */
  readonly latencyMs?: number | undefined;
}

/** What a simulation's result says about its assertions. */
export interface Evaluation {
  /** The metrics of protocol 7. */
  readonly metrics: SimulationMetrics;
  /** Whether the simulation did not fail, there are assertions, and all of them hold. */
  readonly passed: boolean;
  /** One verdict for each assertion, in their order. */
  readonly verdicts: readonly AssertionVerdict[];
  /** Share of assertions whose intent was recognized, whatever the confidence; 0 to 1, four decimals. */
  readonly intentAccuracy: number;
  /** How well entities are found. */
  readonly entities: EntityScores;
  /** Which intents were taken for which. */
  readonly confusion: ConfusionTable;
  /** Latency of each step that came, in the order of the steps. */
  readonly latencies: readonly StepLatency[];
  /** Duration of the simulation over its steps, in ms; absent without steps or duration. */
  readonly meanStepMs?: number | undefined;
}

/** How assertions are judged. */
export interface EvaluateOptions {
  /**
   * `value` (default): an expected entity must be found with its value. `type`: the type is enough, also where a value
   * is expected (protocol 7).
   */
  readonly entityMatch?: EntityMatch | undefined;
  /**
   * What the runner of the result does not support. Where the result lacks it, it is named in `unchecked` of the verdict
   * and counts neither as held nor as failed.
   *
   * @defaultValue nothing: what the result lacks fails
   */
  readonly unsupported?: UnsupportedParts | undefined;
}

/**
 * Judges a simulation's result by its assertions (protocol 7). Steps are found by their `index`, in whatever order they
 * come; of two steps with the same index the first one counts.
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
  const { entityMatch = 'value', unsupported = {} } = options;
  const steps = result.steps ?? [];
  const byIndex = new Map<number, SimulationStep>();
  for (const step of steps) if (!byIndex.has(step.index)) byIndex.set(step.index, step);
  const verdicts = assertions.map((assertion) =>
    judgeAssertion(assertion, byIndex.get(assertion.stepIndex), entityMatch, unsupported),
  );
  const metrics = measure(result.durationMs ?? 0, verdicts, unsupported.confidence !== undefined);
  const { passedAssertions, totalAssertions } = metrics;
  return {
    metrics,
    passed: result.status !== 'FAILED' && totalAssertions > 0 && passedAssertions === totalAssertions,
    verdicts,
    intentAccuracy: roundedShare(verdicts.filter(({ intentMatched }) => intentMatched).length, totalAssertions, 4),
    entities: scoreEntities(countEntities(verdicts, entityMatch)),
    confusion: confusionTable(
      verdicts.map(({ assertion, actual }) => ({ expected: assertion.expectedIntent, actual: actual?.intent })),
    ),
    latencies: steps.map(({ index, durationMs }) =>
      durationMs === undefined ? { stepIndex: index } : { stepIndex: index, latencyMs: durationMs },
    ),
    ...(result.durationMs !== undefined && steps.length > 0 ? { meanStepMs: result.durationMs / steps.length } : {}),
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
