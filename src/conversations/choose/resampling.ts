import { RESAMPLES } from './band.js';
import { bestCuts, utilityOf, type Choice, type RuleCounts } from './objective.js';
import type { Band, Resampling } from './band.js';
import { countsByConversation, subsample, type Sample } from './sample.js';
import { createDraw, quantile, shuffled } from './statistics.js';
import type { Interval, TuningObjective } from './types.js';

const FOLDS = 5;

/** Counts of one rule, by conversation. */
export type ConversationCounts = readonly RuleCounts[];

/** Returns the counts of one cut by conversation. */
export function conversationCounts(sample: Sample, { table, cut }: Pick<Choice, 'table' | 'cut'>): ConversationCounts {
  const chosen = sample.tables[table];
  if (chosen === undefined) return [];
  return Array.from(countsByConversation(chosen), ({ alerts, truePositives }, index) => ({
    alerts: alerts[cut] ?? 0,
    truePositives: truePositives[cut] ?? 0,
    positives: sample.positives[index] ?? 0,
    updates: sample.updates[index] ?? 0,
  }));
}

/** Adds up counts, each as often as its weight. */
export function pooled(counts: ConversationCounts, weights?: Int32Array): RuleCounts {
  let [alerts, truePositives, positives, updates] = [0, 0, 0, 0];
  counts.forEach((count, index) => {
    const weight = weights?.[index] ?? 1;
    alerts += weight * count.alerts;
    truePositives += weight * count.truePositives;
    positives += weight * count.positives;
    updates += weight * count.updates;
  });
  return { alerts, truePositives, positives, updates };
}

/**
 * Returns percentile intervals of statistics by the cluster bootstrap (Davison and Hinkley 1997, section 3.8): whole
 * conversations are drawn with replacement, the same ones for each of `rules`, so that differences are paired.
 */
export function bootstrapIntervals(
  rules: readonly ConversationCounts[],
  statistics: readonly ((rules: readonly RuleCounts[]) => number)[],
  { confidence, seed }: { readonly confidence: number; readonly seed: number },
): readonly Interval[] {
  const draw = createDraw(seed);
  const size = rules[0]?.length ?? 0;
  const values = statistics.map(() => new Float64Array(RESAMPLES));
  for (let resample = 0; resample < RESAMPLES; resample += 1) {
    const weights = draw(size, size);
    const drawn = rules.map((counts) => pooled(counts, weights));
    statistics.forEach((statistic, index) => {
      const list = values[index];
      if (list !== undefined) list[resample] = statistic(drawn);
    });
  }
  const tail = (1 - confidence) / 2;
  return values.map((list) => ({ low: quantile(list, tail), high: quantile(list, 1 - tail) }));
}

/**
 * Returns the best cut of all tables under the objective. The first kind of rule wins, unless a later one is better
 * beyond chance: a combination that only looks better on these conversations would not be on others.
 */
export function bestChoice(
  sample: Sample,
  choices: readonly (Choice | undefined)[],
  objective: TuningObjective,
  resampling: Pick<Resampling, 'confidence' | 'seed'>,
): Choice | undefined {
  return choices.reduce((best, choice) => {
    if (best === undefined || choice === undefined) return best ?? choice;
    if (utilityOf(choice.counts, objective) <= utilityOf(best.counts, objective)) return best;
    const { low } = utilityGain(
      conversationCounts(sample, choice),
      conversationCounts(sample, best),
      objective,
      resampling,
    );
    return low > 0 ? choice : best;
  }, undefined);
}

/** Returns the interval of the difference between two rules on the same conversations. */
export function utilityGain(
  rule: ConversationCounts,
  other: ConversationCounts,
  objective: TuningObjective,
  resampling: Pick<Resampling, 'confidence' | 'seed'>,
): Interval {
  const gain = ([a, b]: readonly RuleCounts[]): number =>
    a === undefined || b === undefined ? NaN : utilityOf(a, objective) - utilityOf(b, objective);
  return bootstrapIntervals([rule, other], [gain], resampling)[0] ?? { low: NaN, high: NaN };
}

/** Result of a cross-validation. */
export interface HeldOut {
  /** What was chosen without each part. */
  readonly choices: readonly (Choice | undefined)[];
  /** Counts of the held-out conversations under the choice of the others. */
  readonly counts: ConversationCounts;
}

/** Chooses on all but one part of the conversations and judges the choice on that part, for each part. */
export function crossValidate(
  sample: Sample,
  objective: TuningObjective,
  band: Band | undefined,
  resampling: Pick<Resampling, 'confidence' | 'seed'>,
): HeldOut {
  const order = shuffled([...sample.updates.keys()], resampling.seed);
  const parts = Array.from({ length: FOLDS }, (_, fold) => {
    const heldOut = subsample(
      sample,
      order.filter((_conversation, place) => place % FOLDS === fold),
    );
    const others = subsample(
      sample,
      order.filter((_conversation, place) => place % FOLDS !== fold),
    );
    const choice = bestChoice(others, bestCuts(others, objective, band), objective, resampling);
    const none = (positives: number, index: number): RuleCounts => ({
      alerts: 0,
      truePositives: 0,
      positives,
      updates: heldOut.updates[index] ?? 0,
    });
    return {
      choice,
      counts: choice === undefined ? heldOut.positives.map(none) : conversationCounts(heldOut, choice),
    };
  });
  return { choices: parts.map(({ choice }) => choice), counts: parts.flatMap(({ counts }) => counts) };
}
