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

/** How often an intent was recognized for an expected one, which may be the same. */
export interface IntentCount {
  readonly expected: string;
  /** Absent if the step is missing, or no intent was recognized. */
  readonly recognized?: string | undefined;
  readonly count: number;
}

/** Scores intents and entities over verdicts of one or more simulations. */
export function recognition(
  verdicts: readonly AssertionVerdict[],
  counts: EntityCounts,
): { readonly intentAccuracy: number; readonly entities: EntityScores; readonly confusion: readonly IntentCount[] } {
  const matched = verdicts.filter(({ intentMatched }) => intentMatched).length;
  return {
    intentAccuracy: roundedShare(matched, verdicts.length, 4),
    entities: scoreEntities(counts),
    confusion: countIntents(verdicts),
  };
}

/** A list and not a table: a bot that makes up its intents recognizes as many as there are steps. */
function countIntents(verdicts: readonly AssertionVerdict[]): readonly IntentCount[] {
  const rows = new Map<string, Map<string | undefined, number>>();
  for (const { assertion, actual } of verdicts) {
    const row = rows.get(assertion.expectedIntent) ?? new Map<string | undefined, number>();
    rows.set(assertion.expectedIntent, row.set(actual?.intent, (row.get(actual?.intent) ?? 0) + 1));
  }
  return [...rows.keys()].sort().flatMap((expected) => {
    const row = rows.get(expected) ?? new Map<string | undefined, number>();
    return [...row.keys()].sort().map((recognized) => ({
      expected,
      ...(recognized !== undefined && { recognized }),
      count: row.get(recognized) ?? 0,
    }));
  });
}
