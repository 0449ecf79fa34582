import { lowerBounds, RESAMPLES, type Band, type Resampling } from './band.js';
import { bestCuts, utilityOf, type Choice, type RuleCounts } from './objective.js';
import { alertsAt, subsample, type Sample } from './sample.js';
import { createDraw, quantile, shuffled } from './statistics.js';
import type { Interval, TuningObjective } from './types.js';

const FOLDS = 5;

/** Counts of one rule, each by conversation. */
export type ConversationCounts = Readonly<Record<keyof RuleCounts, Float64Array>>;

/** Returns the counts of one cut by conversation; none for `undefined`. */
function conversationCounts(sample: Sample, choice: Choice | undefined): ConversationCounts {
  const table = choice && sample.tables[choice.table];
  const size = sample.updates.length;
  const none = { alerts: new Float64Array(size), truePositives: new Float64Array(size) };
  return {
    ...(table === undefined ? none : alertsAt(table, choice?.cut ?? 0)),
    positives: Float64Array.from(sample.positives),
    updates: Float64Array.from(sample.updates),
  };
}

/** Adds up counts, each as often as its weight. */
export function pooled(counts: ConversationCounts, weights?: Float64Array): RuleCounts {
  let [alerts, truePositives, positives, updates] = [0, 0, 0, 0];
  for (let at = 0; at < counts.updates.length; at += 1) {
    const weight = weights === undefined ? 1 : (weights[at] ?? 0);
    alerts += weight * (counts.alerts[at] ?? 0);
    truePositives += weight * (counts.truePositives[at] ?? 0);
    positives += weight * (counts.positives[at] ?? 0);
    updates += weight * (counts.updates[at] ?? 0);
  }
  return { alerts, truePositives, positives, updates };
}

/** Returns the interval of a statistic of the rules at these places. */
export type IntervalOf = (statistic: (...rules: RuleCounts[]) => number, ...places: number[]) => Interval;

/**
 * Returns percentile intervals by the cluster bootstrap (Davison and Hinkley 1997, section 3.8): whole conversations are
 * drawn with replacement, the same ones for each of `rules`, so that differences are paired. They are drawn once, when the
 * first interval is needed.
 */
export function bootstrap(
  rules: readonly ConversationCounts[],
  { confidence, seed }: Pick<Resampling, 'confidence' | 'seed'>,
): IntervalOf {
  let samples: readonly (readonly RuleCounts[])[] | undefined;
  const drawn = (): readonly (readonly RuleCounts[])[] => {
    const draw = createDraw(seed);
    const size = rules[0]?.updates.length ?? 0;
    return Array.from({ length: RESAMPLES }, () => {
      const weights = draw(size, size);
      return rules.map((counts) => pooled(counts, weights));
    });
  };
  const tail = (1 - confidence) / 2;
  return (statistic, ...places) => {
    samples ??= drawn();
    const values = Float64Array.from(samples, (counts) => statistic(...places.flatMap((place) => counts[place] ?? [])));
    return { low: quantile(values, tail), high: quantile(values, 1 - tail) };
  };
}

/** Returns the difference of the utility of two rules, as a statistic. */
export function utilityGain(objective: TuningObjective): (rule: RuleCounts, other: RuleCounts) => number {
  return (rule, other) => utilityOf(rule, objective) - utilityOf(other, objective);
}

/**
 * Returns the best cut of all tables under the objective. The first kind of rule wins, unless a later one is better
 * beyond chance: a combination that only looks better on these conversations would not be on others.
 *
 * @param intervalOf - intervals of the rules of `choices`.
 */
export function bestChoice(
  choices: readonly (Choice | undefined)[],
  objective: TuningObjective,
  intervalOf: IntervalOf,
): Choice | undefined {
  return choices.reduce((best, choice) => {
    if (best === undefined || choice === undefined) return best ?? choice;
    if (utilityOf(choice.counts, objective) <= utilityOf(best.counts, objective)) return best;
    return intervalOf(utilityGain(objective), choice.table, best.table).low > 0 ? choice : best;
  }, undefined);
}

/** Returns {@link bootstrap} of the choices of all tables, each at the place of its table. */
export function bootstrapChoices(
  sample: Sample,
  choices: readonly (Choice | undefined)[],
  resampling: Pick<Resampling, 'confidence' | 'seed'>,
): IntervalOf {
  return bootstrap(
    choices.map((choice) => conversationCounts(sample, choice)),
    resampling,
  );
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
    const choices = bestCuts(others, objective, bounds);
    const choice = bestChoice(choices, objective, bootstrapChoices(others, choices, resampling));
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
