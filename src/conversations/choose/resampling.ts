import { lowerBounds, RESAMPLES, type Band, type Resampling } from './band.js';
import { bestCuts, utilityOf, type Choice, type RuleCounts } from './objective.js';
import { countsByConversation, subsample, type Sample } from './sample.js';
import { createDraw, quantile, shuffled } from './statistics.js';
import type { Interval, TuningObjective } from './types.js';

const FOLDS = 5;

/** Counts of one rule, each by conversation. */
export type ConversationCounts = Readonly<Record<keyof RuleCounts, Float64Array>>;

/** Returns the counts of one cut by conversation; none for `undefined`. */
export function conversationCounts(sample: Sample, choice: Choice | undefined): ConversationCounts {
  const table = choice && sample.tables[choice.table];
  const size = sample.updates.length;
  const counts = {
    alerts: new Float64Array(size),
    truePositives: new Float64Array(size),
    positives: Float64Array.from(sample.positives),
    updates: Float64Array.from(sample.updates),
  };
  if (table === undefined) return counts;
  let conversation = 0;
  for (const { alerts, truePositives } of countsByConversation(table)) {
    counts.alerts[conversation] = alerts[choice?.cut ?? 0] ?? 0;
    counts.truePositives[conversation] = truePositives[choice?.cut ?? 0] ?? 0;
    conversation += 1;
  }
  return counts;
}

/** Adds up counts, each as often as its weight. */
export function pooled(counts: ConversationCounts, weights?: Int32Array): RuleCounts {
  const sum = (values: Float64Array): number => {
    let total = 0;
    for (let at = 0; at < values.length; at += 1) total += (values[at] ?? 0) * (weights?.[at] ?? 1);
    return total;
  };
  return {
    alerts: sum(counts.alerts),
    truePositives: sum(counts.truePositives),
    positives: sum(counts.positives),
    updates: sum(counts.updates),
  };
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
  const size = rules[0]?.updates.length ?? 0;
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
    const bounds = band && lowerBounds(others, band);
    const choice = bestChoice(others, bestCuts(others, objective, bounds), objective, resampling);
    return { choice, counts: conversationCounts(heldOut, choice) };
  });
  const join = (name: keyof RuleCounts): Float64Array =>
    Float64Array.from(parts.flatMap(({ counts }) => Array.from(counts[name])));
  const counts = {
    alerts: join('alerts'),
    truePositives: join('truePositives'),
    positives: join('positives'),
    updates: join('updates'),
  };
  return { choices: parts.map(({ choice }) => choice), counts };
}
