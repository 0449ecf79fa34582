import { lowerBounds, RESAMPLES, type Band, type Resampling } from './band.js';
import { bestCuts, utilityOf, type Choice, type RuleCounts } from './objective.js';
import { eachConversation, subsample, type Sample } from './sample.js';
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
  eachConversation(table, ({ alerts, truePositives }, conversation) => {
    counts.alerts[conversation] = alerts[choice?.cut ?? 0] ?? 0;
    counts.truePositives[conversation] = truePositives[choice?.cut ?? 0] ?? 0;
  });
  return counts;
}

/** Adds up counts, each as often as its weight. */
export function pooled(counts: ConversationCounts, weights?: Int32Array): RuleCounts {
  // A loop for these arrays alone: the one of `weightedSum` also reads lists, and would double the time of a tuning.
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
 * Returns the percentile interval of a statistic by the cluster bootstrap (Davison and Hinkley 1997, section 3.8): whole
 * conversations are drawn with replacement, the same ones for each of `rules`, so that differences are paired.
 */
export function bootstrapInterval(
  rules: readonly ConversationCounts[],
  statistic: (...rules: RuleCounts[]) => number,
  { confidence, seed }: Pick<Resampling, 'confidence' | 'seed'>,
): Interval {
  const draw = createDraw(seed);
  const size = rules[0]?.updates.length ?? 0;
  const values = new Float64Array(RESAMPLES).map(() => {
    const weights = draw(size, size);
    return statistic(...rules.map((counts) => pooled(counts, weights)));
  });
  const tail = (1 - confidence) / 2;
  return { low: quantile(values, tail), high: quantile(values, 1 - tail) };
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
  const gain = (a: RuleCounts, b: RuleCounts): number => utilityOf(a, objective) - utilityOf(b, objective);
  return bootstrapInterval([rule, other], gain, resampling);
}

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
    const { held = [], other = [] } = Object.groupBy(order, (_conversation, place) =>
      place % FOLDS === fold ? 'held' : 'other',
    );
    const others = subsample(sample, other);
    const bounds = band && lowerBounds(others, band);
    const choice = bestChoice(others, bestCuts(others, objective, bounds), objective, resampling);
    return { choice, counts: conversationCounts(subsample(sample, held), choice) };
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
