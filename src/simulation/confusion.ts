/** Which intents were taken for which. */
export interface ConfusionTable {
  /** All intents that were expected or recognised, sorted by code unit. */
  readonly intents: readonly string[];
  /** `counts[expected][recognised]`, both as positions in `intents`. */
  readonly counts: readonly (readonly number[])[];
  /** How often a step that should have been of this intent never came, by position in `intents`. */
  readonly missing: readonly number[];
}

/** An expected intent and the recognised one, which is absent when the step never came. */
export interface IntentPair {
  /** The expected intent. */
  readonly expected: string;
  /** The recognised intent. */
  readonly actual?: string | undefined;
}

/** Counts pairs of intents into a table. */
export function confusionTable(pairs: readonly IntentPair[]): ConfusionTable {
  const names = pairs.flatMap(({ expected, actual }) => (actual === undefined ? [expected] : [expected, actual]));
  const intents = [...new Set(names)].sort();
  const position = new Map(intents.map((intent, index) => [intent, index]));
  const counts = intents.map(() => intents.map(() => 0));
  const missing = intents.map(() => 0);
  for (const { expected, actual } of pairs) {
    const row = position.get(expected) ?? 0;
    if (actual === undefined) missing[row] = (missing[row] ?? 0) + 1;
    else increment(counts[row], position.get(actual) ?? 0);
  }
  return { intents, counts, missing };
}

function increment(row: number[] | undefined, column: number): void {
  if (row !== undefined) row[column] = (row[column] ?? 0) + 1;
}
