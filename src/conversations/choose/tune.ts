import { bandOf, MIN_CONVERSATIONS, type Resampling } from './band.js';
import { checkLabelled, checkTuneOptions, RULE_TYPES } from './input.js';
import { bestCuts, promisedShare, ratesOf, utilityOf, type Choice, type RuleCounts } from './objective.js';
import { bestChoice, bootstrapChoices, crossValidate, pooled, utilityGain } from './resampling.js';
import { heldOutProblem, whyNotReached } from './reasons.js';
import { levelsOf, ruleAt, type RuleFamily } from './rules.js';
import { cutIndexes, familyLevels, sampleOf, type FamilyLevels } from './sample.js';
import type {
  AlertCurve,
  AlertRule,
  AlertTuning,
  ChosenAlerts,
  Interval,
  LabelledUpdate,
  OperatingPoint,
  TuneAlertsOptions,
  TuningObjective,
  UndecidedAlerts,
  UndecidedReason,
} from './types.js';

const BASELINE_THRESHOLD = -0.4;

/**
 * Chooses when to raise an alert from labelled updates: a threshold of a score, alone or combined with keywords, under
 * an objective. The choice promises its limit for unseen conversations of the same kind: with probability `confidence`
 * the procedure chooses nothing, or a point that keeps the limit there. Therefore, the bounds of all thresholds and
 * rules hold simultaneously, and whole conversations are resampled, so that updates of one conversation do not count as
 * independent. If the data do not support a choice, the result is `undecided`, with the reason.
 *
 * The time grows with the number of labelled updates and conversations: some seconds for 100,000 updates. The function
 * occupies its thread for this time; if you may want to stop it, run it in a worker and terminate that.
 *
 * @throws `ConfigurationError` if an option is out of range, or an update has a value of the wrong type.
 *
 * @example
 * ```ts
 * import { toTrigger, tuneAlerts, type LabelledUpdate } from 'agent-assist-sdk/conversations';
 *
 * export function tune(labelled: readonly LabelledUpdate[]) {
 *   const tuning = tuneAlerts(labelled, { objective: { type: 'precision', atLeast: 0.6 } });
 *   if (tuning.status === 'undecided') throw new Error(tuning.message);
 *   return toTrigger(tuning.point.rule);
 * }
 * ```
 */
export function tuneAlerts(labelled: readonly LabelledUpdate[], options: TuneAlertsOptions): AlertTuning {
  checkLabelled(labelled);
  checkTuneOptions(options);
  const { objective, confidence = 0.95, seed = 1 } = options;
  const families = familiesOf(labelled, options).map((family) => familyLevels(family, labelled));
  const sample = sampleOf(labelled, families);
  const conversations = sample.updates.length;
  const unseenConversations = options.unseenConversations ?? Math.max(1, Math.ceil(conversations / 4));
  const resampling: Resampling = { confidence, unseenConversations, seed };
  const positives = labelled.filter(({ label }) => label).length;
  const totals = { positives, updates: labelled.length };
  const canChoose = conversations >= MIN_CONVERSATIONS && positives > 0 && positives < labelled.length;
  const promised = promisedShare(objective);
  const band = canChoose && promised !== undefined ? bandOf(sample, promised.share, resampling) : undefined;
  const base = {
    objective,
    confidence,
    seed,
    conversations,
    ...totals,
    curves: families.map((levels, index) => curveOf(levels, totals, band?.bounds[index], objective)),
    baseline: baselineOf(labelled, options.firesBelow, totals),
  };
  const undecided = (reason: UndecidedReason, message: string): UndecidedAlerts => ({
    ...base,
    status: 'undecided',
    reason,
    message,
  });

  if (conversations < MIN_CONVERSATIONS)
    return undecided(
      'too-few-conversations',
      `${conversations} conversations are labelled; at least ${MIN_CONVERSATIONS} are needed`,
    );
  if (!canChoose)
    return undecided(
      'one-class',
      `${positives} of ${labelled.length} updates need an alert; the labels must be of both kinds`,
    );

  const best = bestCuts(sample, objective, band?.bounds);
  const intervalOf = bootstrapChoices(sample, best, resampling);
  const choice = bestChoice(best, objective, intervalOf);
  if (choice === undefined) return undecided(...whyNotReached(base.curves, objective, resampling));

  const ruleOf = ({ table, cut }: Choice): AlertRule => {
    const levels = families[table];
    return levels === undefined ? { type: 'keyword' } : ruleAtLevel(levels, cutIndexes(levels)[cut] ?? 0);
  };
  const pointAt = (chosen: Choice): OperatingPoint =>
    pointOf(ruleOf(chosen), chosen.counts, reportedBound(chosen.bound, objective));
  const heldOut = crossValidate(sample, objective, band, resampling);
  const rules = heldOut.choices.map((each) => each && ruleOf(each));
  const crossValidation = { folds: rules.length, rules, ...ratesOf(pooled(heldOut.counts)) };
  const problem = heldOutProblem(crossValidation, heldOut.counts, objective, resampling);
  if (problem !== undefined) return undecided(...problem);

  const interval = (rate: keyof ChosenAlerts['intervals']): Interval =>
    intervalOf((counts) => ratesOf(counts)[rate], choice.table);
  return {
    ...base,
    status: 'chosen',
    point: pointAt(choice),
    intervals: { precision: interval('precision'), recall: interval('recall'), alertsPer100: interval('alertsPer100') },
    promise: promiseOf(choice, objective, unseenConversations),
    crossValidation,
    comparison: families.map(({ family: { type, score } }, index) => {
      const other = best[index];
      if (other === undefined) return { type, score };
      const difference = utilityOf(other.counts, objective) - utilityOf(choice.counts, objective);
      const gain = intervalOf(utilityGain(objective), other.table, choice.table);
      return { type, score, point: pointAt(other), difference, interval: gain };
    }),
  };
}

function familiesOf(labelled: readonly LabelledUpdate[], options: TuneAlertsOptions): readonly RuleFamily[] {
  const { firesBelow = ['sentiment'] } = options;
  const hasKeywords = labelled.some(({ keywordHits = 0 }) => keywordHits > 0);
  const types = options.rules ?? RULE_TYPES.filter((type) => hasKeywords || !type.startsWith('keyword'));
  // Sorted, since the first of two equal rules wins: the order in which an object names its scores must not matter.
  const scores = [...new Set(labelled.flatMap(({ scores }) => Object.keys(scores)))].sort();
  return [...new Set(types)].flatMap((type): RuleFamily[] =>
    type === 'keyword'
      ? [{ type, fires: 'at-least' }]
      : scores.map((score) => ({ type, score, fires: firesBelow.includes(score) ? 'below' : 'at-least' })),
  );
}

/** Returns the bound of the share in the objective's terms. */
function reportedBound(bound: number | undefined, { type }: TuningObjective): number | undefined {
  if (bound === undefined || Number.isNaN(bound)) return undefined;
  return type === 'alert-volume' ? 100 * (1 - bound) : bound;
}

function pointOf(rule: AlertRule, counts: RuleCounts, bound: number | undefined): OperatingPoint {
  const { alerts, truePositives, positives } = counts;
  return {
    rule,
    truePositives,
    falsePositives: alerts - truePositives,
    falseNegatives: positives - truePositives,
    ...ratesOf(counts),
    ...(bound === undefined ? {} : { bound }),
  };
}

function curveOf(
  levels: FamilyLevels,
  totals: Pick<RuleCounts, 'positives' | 'updates'>,
  bounds: Float64Array | undefined,
  objective: TuningObjective,
): AlertCurve {
  const { family, distinct, alerts, truePositives } = levels;
  const boundAt = new Map(cutIndexes(levels).map((index, cut) => [index, reportedBound(bounds?.[cut], objective)]));
  const points = distinct.map((_, index) => {
    const counts = { ...totals, alerts: alerts[index] ?? 0, truePositives: truePositives[index] ?? 0 };
    return pointOf(ruleAtLevel(levels, index), counts, boundAt.get(index));
  });
  return { type: family.type, score: family.score, points };
}

function ruleAtLevel({ family, distinct }: FamilyLevels, index: number): AlertRule {
  return ruleAt(family, distinct[index] ?? 0, distinct[index + 1] ?? -Infinity);
}

function baselineOf(
  labelled: readonly LabelledUpdate[],
  firesBelow: readonly string[] | undefined,
  totals: Pick<RuleCounts, 'positives' | 'updates'>,
): OperatingPoint | undefined {
  const hasSentiment = labelled.some(({ scores }) => scores['sentiment'] !== undefined);
  if (!hasSentiment || firesBelow?.includes('sentiment') === false) return undefined;
  const rule: AlertRule = { type: 'score', score: 'sentiment', fires: 'below', threshold: BASELINE_THRESHOLD };
  const levels = levelsOf(rule, labelled);
  const fired = labelled.filter((_, index) => (levels[index] ?? -Infinity) > -BASELINE_THRESHOLD);
  const truePositives = fired.filter(({ label }) => label).length;
  return pointOf(rule, { ...totals, alerts: fired.length, truePositives }, undefined);
}

function promiseOf(choice: Choice, objective: TuningObjective, unseenConversations: number) {
  const bound = reportedBound(choice.bound, objective);
  if (objective.type === 'f-beta' || bound === undefined) return undefined;
  return objective.type === 'precision'
    ? ({ metric: 'precision', limit: objective.atLeast, bound, unseenConversations } as const)
    : ({ metric: 'alerts-per-100', limit: objective.atMostPer100, bound, unseenConversations } as const);
}
