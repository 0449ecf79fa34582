import { tuneAlerts, type LabelledUpdate, type TuningObjective } from 'agent-assist-sdk/conversations';
import { expect } from 'vitest';
import { firings } from './labelled.js';

/** How many splits a promise is tried on. */
export const SPLITS = 200;

/** Whether a rule keeps its objective's limit on conversations that it has not seen. */
function keeps(objective: TuningObjective, fired: readonly boolean[], unseen: readonly LabelledUpdate[]): boolean {
  const alerts = fired.filter((fires) => fires).length;
  const right = unseen.filter(({ label }, index) => label && fired[index] === true).length;
  if (objective.type === 'precision') return alerts === 0 || right / alerts >= objective.atLeast;
  return objective.type === 'f-beta' || (100 * alerts) / unseen.length <= objective.atMostPer100;
}

export const precision = (...limits: number[]): TuningObjective[] =>
  limits.map((atLeast) => ({ type: 'precision', atLeast }));
export const volume = (...limits: number[]): TuningObjective[] =>
  limits.map((atMostPer100) => ({ type: 'alert-volume', atMostPer100 }));

/** What became of the splits. */
export interface Tally {
  readonly objective: TuningObjective;
  readonly chosen: number;
  readonly kept: number;
}

/** Tunes on random halves and counts how often a choice was made, and how often it kept its limit on the other half. */
export function tally(
  name: string,
  draw: (seed: number) => readonly [LabelledUpdate[], LabelledUpdate[]],
  objectives: readonly TuningObjective[],
): Tally[] {
  const splits = Array.from({ length: SPLITS }, (_, seed) => draw(seed + 1));
  return objectives.map((objective) => {
    let [chosen, kept] = [0, 0];
    for (const [seed, [labelled, unseen]] of splits.entries()) {
      const tuning = tuneAlerts(labelled, { objective, seed });
      if (tuning.status === 'undecided') continue;
      chosen += 1;
      if (keeps(objective, firings(tuning.point.rule, unseen), unseen)) kept += 1;
    }
    const limit = JSON.stringify(objective);
    console.info(`${name} ${limit}: chosen in ${chosen} of ${SPLITS} splits, kept in ${kept}`);
    return { objective, chosen, kept };
  });
}

/** The promise: kept in at least 95 % of the splits in which a choice was made. */
export function expectKept(tallies: readonly Tally[]): void {
  for (const { objective, chosen, kept } of tallies)
    expect([objective, kept >= 0.95 * chosen]).toEqual([objective, true]);
}
