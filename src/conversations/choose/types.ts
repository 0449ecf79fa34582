/** One update of a conversation, with a person's verdict on it. The order of a conversation's updates is that of the list. */
export interface LabelledUpdate {
  /** Conversation of the update. Updates of one conversation do not count as independent. */
  readonly conversationId: string;
  /** Whether an alert would have been right here. */
  readonly label: boolean;
  /** Numeric features by name, e.g. `{ sentiment: -0.6, anger: 0.82 }`. An absent score never fires. */
  readonly scores: Readonly<Record<string, number | undefined>>;
  /** Number of keywords in the update, e.g. the length of what `keywordTrigger()` returns. @defaultValue 0 */
  readonly keywordHits?: number | undefined;
}

/** The most recall at a precision of at least `atLeast`. */
export interface PrecisionObjective {
  readonly type: 'precision';
  /** Above 0, below 1. */
  readonly atLeast: number;
}

/** The most recall with at most `atMostPer100` alerts per 100 updates. */
export interface AlertVolumeObjective {
  readonly type: 'alert-volume';
  /** Above 0, below 100. */
  readonly atMostPer100: number;
}

/** The highest F-beta score: the weighted harmonic mean of precision and recall. */
export interface FBetaObjective {
  readonly type: 'f-beta';
  /** Weight of recall against precision, above 0 and below 1,000,000: 1 for F1, 0.5 for twice the weight on precision. */
  readonly beta: number;
}

/** The objective of {@link tuneAlerts}. */
export type TuningObjective = PrecisionObjective | AlertVolumeObjective | FBetaObjective;

/** A rule that needs a threshold of a score. */
export interface ScoreRule {
  /**
   * `score`: the score passes the threshold; `keyword-or-score` and `keyword-and-score`: combined with a keyword in the
   * same update; `score-twice`: the score passes in this update and in the one before it.
   */
  readonly type: 'score' | 'keyword-or-score' | 'keyword-and-score' | 'score-twice';
  /** Name of the score among the `scores` of an update. */
  readonly score: string;
  /** `below`: fires below the threshold, not at it, like `sentimentTrigger`; `at-least`: at or above it. */
  readonly fires: 'below' | 'at-least';
  /** The threshold, on the scale of the score. */
  readonly threshold: number;
}

/** When an alert is raised. */
export type AlertRule = ScoreRule | { readonly type: 'keyword' };

/** Kind of a rule. */
export type AlertRuleType = AlertRule['type'];

/** Counts and rates of a rule on labelled updates. Each update at which the rule fires counts as an alert. */
export interface OperatingPoint {
  readonly rule: AlertRule;
  /** Alerts that were right. */
  readonly truePositives: number;
  /** Alerts that were wrong. */
  readonly falsePositives: number;
  /** Updates that needed an alert and got none. */
  readonly falseNegatives: number;
  /** Share of right alerts among all alerts, 0 to 1; 0 without alerts. */
  readonly precision: number;
  /** Share of updates with an alert among those that needed one, 0 to 1; 0 if none did. */
  readonly recall: number;
  /** Alerts per 100 updates, 0 to 100. */
  readonly alertsPer100: number;
  /**
   * Lower bound of the precision, or upper bound of the alerts per 100 updates, depending on the objective; absent for
   * F-beta, and for a precision if the alerts come from fewer than 20 conversations or fewer than ten alerts are
   * expected in the unseen ones. The bounds of all points and rules hold together, so the point may be chosen by
   * looking at them.
   */
  readonly bound?: number | undefined;
}

/** The operating points of one kind of rule. */
export interface AlertCurve {
  readonly type: AlertRuleType;
  /** Name of the score; absent for `keyword`. */
  readonly score?: string | undefined;
  /** One point for each threshold, the fewest alerts first. */
  readonly points: readonly OperatingPoint[];
}

/** An interval of the tuning's confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The promise of the chosen point for unseen conversations. */
export interface TuningPromise {
  readonly metric: 'precision' | 'alerts-per-100';
  /** The limit that the objective asks for. */
  readonly limit: number;
  /** The bound that the data support: at least `limit` for `precision`, at most for `alerts-per-100`. */
  readonly bound: number;
  /** Number of unseen conversations in which the promise holds. */
  readonly unseenConversations: number;
}

/**
 * Performance on conversations that the choice had not seen: each part is judged by a choice on the others, and the rates
 * are those of all parts together.
 */
export interface CrossValidation extends Pick<OperatingPoint, 'precision' | 'recall' | 'alertsPer100'> {
  readonly folds: number;
  /** Rules chosen without the part, in the order of the parts; `undefined` where no choice was possible. */
  readonly rules: readonly (AlertRule | undefined)[];
}

/** A rule at its best threshold under the objective, compared with the chosen one on the same conversations. */
export interface RuleComparison extends Pick<AlertCurve, 'type' | 'score'> {
  /** The best point; absent if no threshold meets the objective. */
  readonly point?: OperatingPoint | undefined;
  /** Recall (F-beta for that objective) minus that of the chosen point. */
  readonly difference?: number | undefined;
  /** Interval of the difference. */
  readonly interval?: Interval | undefined;
}

/** Why no point was chosen. */
export type UndecidedReason =
  'too-few-conversations' | 'one-class' | 'objective-not-reached' | 'no-better-than-always' | 'unstable';

/** What every tuning has. */
export interface AlertTuningBase {
  /** What was optimized. */
  readonly objective: TuningObjective;
  /** Confidence of promise and intervals, 0 to 1. */
  readonly confidence: number;
  /** Seed of the resampling. */
  readonly seed: number;
  readonly conversations: number;
  readonly updates: number;
  /** Updates that needed an alert. */
  readonly positives: number;
  /** The operating points of each rule over all thresholds. */
  readonly curves: readonly AlertCurve[];
  /** The rule of protocol 8, sentiment below −0.4; absent without a score `sentiment`. */
  readonly baseline?: OperatingPoint | undefined;
}

/** The data support a choice. */
export interface ChosenAlerts extends AlertTuningBase {
  readonly status: 'chosen';
  readonly point: OperatingPoint;
  /** Intervals of the point by bootstrap of conversations. They do not account for the choice; the promise does. */
  readonly intervals: Readonly<Record<'precision' | 'recall' | 'alertsPer100', Interval>>;
  /** Absent for F-beta, which promises no limit. */
  readonly promise?: TuningPromise | undefined;
  readonly crossValidation: CrossValidation;
  /** Each kind of rule, the chosen one included. */
  readonly comparison: readonly RuleComparison[];
}

/** The data do not support a choice. */
export interface UndecidedAlerts extends AlertTuningBase {
  readonly status: 'undecided';
  readonly reason: UndecidedReason;
  /** Describes the reason with its numbers. */
  readonly message: string;
}

/** Result of {@link tuneAlerts}. */
export type AlertTuning = ChosenAlerts | UndecidedAlerts;

/** Options of {@link tuneAlerts}. */
export interface TuneAlertsOptions {
  /** The objective: the most recall at a precision or an alert volume, or the highest F-beta score. */
  readonly objective: TuningObjective;
  /**
   * Kinds of rules to compare. The first wins, unless a later one is better beyond chance. Each kind widens the bounds.
   *
   * @defaultValue `score` and `score-twice`, and with keyword hits also `keyword`, `keyword-or-score` and
   * `keyword-and-score`
   */
  readonly rules?: readonly AlertRuleType[] | undefined;
  /** Scores that fire below their threshold; the others fire at or above it. @defaultValue `['sentiment']` */
  readonly firesBelow?: readonly string[] | undefined;
  /** Confidence of promise and intervals, 0.5 to 0.99: 1,000 bootstrap samples do not support more. @defaultValue 0.95 */
  readonly confidence?: number | undefined;
  /**
   * Number of unseen conversations in which the promise must hold; `Infinity` for the long-run rate. Fewer
   * conversations vary more, so they need a wider margin.
   *
   * @defaultValue a quarter of those that are labelled
   */
  readonly unseenConversations?: number | undefined;
  /** Seed for the resampling, a safe integer. The same input and seed yield the same result. @defaultValue 1 */
  readonly seed?: number | undefined;
}
