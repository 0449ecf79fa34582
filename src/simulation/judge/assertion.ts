import { ConfigurationError } from '../../errors.js';
import type { NluResult, SimulationAssertion, SimulationPart, UnsupportedParts } from '../types.js';
import type { Entities } from './entities.js';

/** Whether an entity is compared by type and value, or by type alone. */
export type EntityMatch = 'value' | 'type';

/** Another word would compare types alone. @throws {@link ConfigurationError} */
export function checkEntityMatch(entityMatch: EntityMatch): void {
  if (!['value', 'type'].includes(entityMatch)) throw new ConfigurationError("entityMatch: expected 'value' or 'type'");
}

/** A reason why an assertion failed, with expected and actual values. */
export type AssertionFailure =
  | {
      readonly reason: 'step-missing';
    }
  | {
      /** Another intent was recognized. */
      readonly reason: 'intent';
      /** The expected intent. */
      readonly expected: string;
      /** The recognized intent; absent without one. */
      readonly actual?: string | undefined;
    }
  | {
      /** The confidence is too low or missing. */
      readonly reason: 'confidence';
      /** Minimum confidence, 0 to 1. */
      readonly expected: number;
      /** The confidence, 0 to 1; absent if the bot sent none. */
      readonly actual?: number | undefined;
    }
  | {
      readonly reason: 'entity-missing';
      readonly type: string;
      /** The expected value, if one is expected. */
      readonly expected?: unknown;
    }
  | {
      /** An entity has only other values. */
      readonly reason: 'entity-value';
      readonly type: string;
      readonly expected: unknown;
      /** The values of the entity. */
      readonly actual: readonly unknown[];
    };

/** The verdict on one assertion. */
export interface AssertionVerdict {
  readonly assertion: SimulationAssertion;
  /** What the bot understood; absent if the step is missing. */
  readonly actual?: NluResult | undefined;
  /** Whether everything that could be judged holds. */
  readonly passed: boolean;
  /** Whether the intent matches, regardless of the confidence. */
  readonly intentMatched: boolean;
  /** Whether every expected entity was found. */
  readonly entitiesMatched: boolean;
  readonly failures: readonly AssertionFailure[];
  /** Expectations that the runner could not judge, which neither hold nor fail; absent if it judged all. */
  readonly unchecked?: readonly SimulationPart[] | undefined;
}

export interface Understood {
  readonly nlu: NluResult;
  readonly entities: Entities;
}

/** Judges one assertion (protocol 7). `step` is the step with the assertion's index, if it exists. */
export function judgeAssertion(
  assertion: SimulationAssertion,
  step: Understood | undefined,
  entityMatch: EntityMatch,
  unsupported: UnsupportedParts = {},
): AssertionVerdict {
  if (step === undefined) {
    return {
      assertion,
      passed: false,
      intentMatched: false,
      entitiesMatched: false,
      failures: [{ reason: 'step-missing' }],
    };
  }
  const { nlu, entities } = step;
  const failures: AssertionFailure[] = [];
  const intentMatched = nlu.intent === assertion.expectedIntent;
  if (!intentMatched) failures.push({ reason: 'intent', expected: assertion.expectedIntent, actual: nlu.intent });
  const unchecked: SimulationPart[] = [];
  if (nlu.confidence === undefined && unsupported.confidence !== undefined) {
    if (assertion.expectedConfidenceMin > 0) unchecked.push('confidence');
  } // Without a confidence, no minimum is reached.
  else if (nlu.confidence === undefined || !(nlu.confidence >= assertion.expectedConfidenceMin)) {
    failures.push({ reason: 'confidence', expected: assertion.expectedConfidenceMin, actual: nlu.confidence });
  }
  const expectedEntities = Object.entries(assertion.expectedEntities);
  const missing: AssertionFailure[] = [];
  if (unsupported.entities !== undefined && expectedEntities.length > 0) unchecked.push('entities');
  else
    for (const [type, expected] of expectedEntities) {
      const valueUnknown = unsupported.entityValues !== undefined && entities.lacksValue(type);
      const failure = missingEntity(type, expected, entities, valueUnknown ? 'type' : entityMatch);
      if (failure !== undefined) missing.push(failure);
      else if (valueUnknown && expectsValue(expected, entityMatch)) unchecked.push('entityValues');
    }
  return {
    assertion,
    actual: nlu,
    passed: failures.length === 0 && missing.length === 0,
    intentMatched,
    entitiesMatched: missing.length === 0 && !lacksEntities(unchecked),
    failures: failures.concat(missing),
    ...(unchecked.length > 0 ? { unchecked: [...new Set(unchecked)] } : {}),
  };
}

/** Returns whether a verdict does not cover the expected entities, or not their values. */
export function lacksEntities(unchecked: readonly SimulationPart[] = []): boolean {
  return unchecked.includes('entities') || unchecked.includes('entityValues');
}

/** Returns whether a value is expected; `null` and `undefined` expect the type alone. */
export function expectsValue(expected: unknown, entityMatch: EntityMatch): boolean {
  return entityMatch === 'value' && expected !== undefined && expected !== null;
}

function missingEntity(
  type: string,
  expected: unknown,
  entities: Entities,
  entityMatch: EntityMatch,
): AssertionFailure | undefined {
  const actual = entities.valuesOf(type);
  const needsValue = expectsValue(expected, entityMatch);
  if (actual === undefined) return { reason: 'entity-missing', type, ...(needsValue ? { expected } : {}) };
  // One of the values must be the expected one.
  return needsValue && !entities.has(type, expected) ? { reason: 'entity-value', type, expected, actual } : undefined;
}
