import { expectsValue, lacksEntities, type AssertionVerdict, type EntityMatch } from './assertion.js';
import { Entities } from './entities.js';
import { roundedShare } from './numbers.js';

/** Counts of found, missing and unexpected entities. */
export interface EntityCounts {
  /** Expected and found. */
  readonly truePositives: number;
  /** Found but not expected. */
  readonly falsePositives: number;
  /** Expected but not found. */
  readonly falseNegatives: number;
}

/** Scores of the entities; each ratio is between 0 and 1, and 0 without counts. */
export interface EntityScores extends EntityCounts {
  /** Share of found entities that were expected. */
  readonly precision: number;
  /** Share of expected entities that were found. */
  readonly recall: number;
  /** Harmonic mean of precision and recall. */
  readonly f1: number;
}

/**
 * Counts the entities of steps with expected entities. Steps without such an expectation, or whose entities the runner
 * could not judge, do not count. Assertions on the same step are merged, and an entity found twice with the same value
 * counts once.
 */
export function countEntities(verdicts: readonly AssertionVerdict[], entityMatch: EntityMatch): EntityCounts {
  const steps = new Map<number, { expected: Entities; found: Entities }>();
  for (const { assertion, actual, unchecked } of verdicts) {
    const entities = Object.entries(assertion.expectedEntities);
    if (entities.length === 0 || lacksEntities(unchecked)) continue;
    let step = steps.get(assertion.stepIndex);
    if (step === undefined) {
      step = { expected: new Entities(), found: new Entities(actual?.entities) };
      steps.set(assertion.stepIndex, step);
    }
    for (const [type, value] of entities) step.expected.add(type, expectsValue(value, entityMatch) ? value : undefined);
  }
  let [truePositives, falsePositives, falseNegatives] = [0, 0, 0];
  for (const { expected, found } of steps.values()) {
    // A type without a value stands for all values.
    const hits = expected.list.filter(({ type, value }) =>
      value === undefined ? found.hasType(type) : found.has(type, value),
    );
    truePositives += hits.length;
    falseNegatives += expected.list.length - hits.length;
    const unexpected = found.list.filter(
      ({ type, value }) => !expected.has(type, undefined) && !expected.has(type, value),
    );
    falsePositives += entityMatch === 'type' ? new Set(unexpected.map(({ type }) => type)).size : unexpected.length;
  }
  return { truePositives, falsePositives, falseNegatives };
}

function scoreEntities(counts: EntityCounts): EntityScores {
  const { truePositives, falsePositives, falseNegatives } = counts;
  return {
    ...counts,
    precision: share(truePositives, truePositives + falsePositives),
    recall: share(truePositives, truePositives + falseNegatives),
    f1: share(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Counts which intents were recognized instead of which. */
export interface ConfusionTable {
  /** All expected or recognized intents, sorted by code unit. */
  readonly intents: readonly string[];
  /** `counts[expected][recognized]`, both as positions in `intents`. */
  readonly counts: readonly (readonly number[])[];
  /** Number of missing steps for each expected intent, by position in `intents`. */
  readonly missing: readonly number[];
}

/** Scores intents and entities over verdicts of one or more simulations. */
export function recognition(
  verdicts: readonly AssertionVerdict[],
  counts: EntityCounts,
): { readonly intentAccuracy: number; readonly entities: EntityScores; readonly confusion: ConfusionTable } {
  const matched = verdicts.filter(({ intentMatched }) => intentMatched).length;
  return {
    intentAccuracy: roundedShare(matched, verdicts.length, 4),
    entities: scoreEntities(counts),
    confusion: confusionTable(verdicts),
  };
}

function confusionTable(verdicts: readonly AssertionVerdict[]): ConfusionTable {
  const pairs = verdicts.map(({ assertion, actual }) => [assertion.expectedIntent, actual?.intent] as const);
  const intents = [...new Set(pairs.flatMap((names) => names.filter((name) => name !== undefined)))].sort();
  const position = new Map(intents.map((intent, index) => [intent, index]));
  const counts = intents.map(() => intents.map(() => 0));
  const missing = intents.map(() => 0);
  for (const [expected, actual] of pairs) {
    const row = position.get(expected) ?? 0;
    const [list = [], at = 0] = actual === undefined ? [missing, row] : [counts[row], position.get(actual)];
    list[at] = (list[at] ?? 0) + 1;
  }
  return { intents, counts, missing };
}
