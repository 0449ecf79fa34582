import type { SimulationPart, UnsupportedParts } from '../runner.js';
import type { NluEntity, NluResult, SimulationAssertion, SimulationStep } from '../types.js';

/** Whether an entity is looked for by its type and its value, or by its type alone. */
export type EntityMatch = 'value' | 'type';

/** One reason why an assertion does not hold, with what was expected and what came. */
export type AssertionFailure =
  | {
      /** The step never came. */
      readonly reason: 'step-missing';
    }
  | {
      /** Another intent was recognized. */
      readonly reason: 'intent';
      /** The expected intent. */
      readonly expected: string;
      /** The recognized one; absent where there was none. */
      readonly actual?: string | undefined;
    }
  | {
      /** The bot was not sure enough. */
      readonly reason: 'confidence';
      /** The least confidence, 0 to 1. */
      readonly expected: number;
      /** The confidence, 0 to 1; absent where the bot told none. */
      readonly actual?: number | undefined;
    }
  | {
      /** An entity was not found at all. */
      readonly reason: 'entity-missing';
      /** Its type. */
      readonly type: string;
      /** The expected value, where one is expected. */
      readonly expected?: unknown;
    }
  | {
      /** An entity was found with other values only. */
      readonly reason: 'entity-value';
      /** Its type. */
      readonly type: string;
      /** The expected value. */
      readonly expected: unknown;
      /** The values that were found. */
      readonly actual: readonly unknown[];
    };

/** The verdict on one assertion. */
export interface AssertionVerdict {
  /** What was expected. */
  readonly assertion: SimulationAssertion;
  /** What the bot understood; absent when the step never came. */
  readonly actual?: NluResult | undefined;
  /** Whether all of it holds that could be judged. */
  readonly passed: boolean;
  /** Whether the intent is the expected one, whatever the confidence. */
  readonly intentMatched: boolean;
  /** Whether every expected entity was found. */
  readonly entitiesMatched: boolean;
  /** Everything that does not hold. */
  readonly failures: readonly AssertionFailure[];
  /** What is expected and the runner could not judge, so that it neither holds nor fails; absent where it judged all. */
  readonly unchecked?: readonly SimulationPart[] | undefined;
}

/** Judges one assertion (protocol 7). `step` is the one with the assertion's index, if it came. */
export function judgeAssertion(
  assertion: SimulationAssertion,
  step: SimulationStep | undefined,
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
  const { nlu } = step;
  const failures: AssertionFailure[] = [];
  const intentMatched = nlu.intent === assertion.expectedIntent;
  if (!intentMatched) failures.push({ reason: 'intent', expected: assertion.expectedIntent, actual: nlu.intent });
  const unchecked: SimulationPart[] = [];
  if (nlu.confidence === undefined && unsupported.confidence !== undefined) {
    if (assertion.expectedConfidenceMin > 0) unchecked.push('confidence');
  } // Without a confidence the bot was not sure enough, whatever the least.
  else if (nlu.confidence === undefined || !(nlu.confidence >= assertion.expectedConfidenceMin)) {
    failures.push({ reason: 'confidence', expected: assertion.expectedConfidenceMin, actual: nlu.confidence });
  }
  const expectedEntities = Object.entries(assertion.expectedEntities);
  const missing: AssertionFailure[] = [];
  if (unsupported.entities !== undefined && expectedEntities.length > 0) unchecked.push('entities');
  else
    for (const [type, expected] of expectedEntities) {
      const valueUnknown = unsupported.entityValues !== undefined && lacksValue(type, nlu.entities);
      const failure = missingEntity(type, expected, nlu.entities, valueUnknown ? 'type' : entityMatch);
      if (failure !== undefined) missing.push(failure);
      else if (valueUnknown && expectsValue(expected, entityMatch)) unchecked.push('entityValues');
    }
  failures.push(...missing);
  return {
    assertion,
    actual: nlu,
    passed: failures.length === 0,
    intentMatched,
    entitiesMatched: missing.length === 0 && !lacksEntities(unchecked),
    failures,
    ...(unchecked.length > 0 ? { unchecked: [...new Set(unchecked)] } : {}),
  };
}

/** Whether a verdict says nothing about the expected entities, or not about their values. */
export function lacksEntities(unchecked: readonly SimulationPart[] = []): boolean {
  return unchecked.includes('entities') || unchecked.includes('entityValues');
}

/** Whether a type was found, and never with a value. */
function lacksValue(type: string, entities: readonly NluEntity[]): boolean {
  const ofType = entities.filter((entity) => entity.type === type);
  return ofType.length > 0 && ofType.every(({ value }) => value === undefined);
}

/** Whether a value is expected at all; `null` and `undefined` ask for the type alone. */
export function expectsValue(expected: unknown, entityMatch: EntityMatch): boolean {
  return entityMatch === 'value' && expected !== undefined && expected !== null;
}

function missingEntity(
  type: string,
  expected: unknown,
  entities: readonly NluEntity[],
  entityMatch: EntityMatch,
): AssertionFailure | undefined {
  // A type can be found more than once; one of the values has to be the expected one.
  const ofType = entities.filter((entity) => entity.type === type);
  if (ofType.length === 0) {
    return expectsValue(expected, entityMatch)
      ? { reason: 'entity-missing', type, expected }
      : { reason: 'entity-missing', type };
  }
  if (!expectsValue(expected, entityMatch) || ofType.some(({ value }) => jsonEqual(value, expected))) return undefined;
  return { reason: 'entity-value', type, expected, actual: ofType.map(({ value }) => value) };
}

/** Whether two values are the same JSON: the order of an object's keys does not matter, that of a list does. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return left.length === right.size && left.every(([key, value]) => right.has(key) && jsonEqual(value, right.get(key)));
}
