import { MIN_CONVERSATIONS, MIN_UNSEEN_ALERTS, type Resampling } from './band.js';
import { fBetaOf, promisedShare } from './objective.js';
import { exact, exactPercent, whereText } from './report/describe.js';
import { bootstrap, pooled, utilityGain, type ConversationCounts } from './resampling.js';
import type { AlertCurve, CrossValidation, TuningObjective, UndecidedReason } from './types.js';

export type Reason = readonly [reason: UndecidedReason, message: string];

/** Returns why a choice does not survive its cross-validation. */
export function heldOutProblem(
  { precision, alertsPer100 }: CrossValidation,
  counts: ConversationCounts,
  objective: TuningObjective,
  resampling: Resampling,
): Reason | undefined {
  const unstable = (what: string): Reason => ['unstable', `in cross-validation by conversation, ${what}`];
  const { alerts } = pooled(counts);
  switch (objective.type) {
    case 'precision':
      if (alerts > 0 && precision < objective.atLeast)
        return unstable(`the precision is ${precision.toFixed(3)}, below ${exact(objective.atLeast)}`);
      return undefined;
    case 'alert-volume':
      if (alertsPer100 > objective.atMostPer100)
        return unstable(
          `there are ${alertsPer100.toFixed(2)} alerts per 100 updates, above ${exact(objective.atMostPer100)}`,
        );
      return undefined;
    case 'f-beta': {
      const { beta } = objective;
      const always = { ...counts, alerts: counts.updates, truePositives: counts.positives };
      if (bootstrap([counts, always], resampling)(utilityGain(objective), 0, 1).low > 0) return undefined;
      const [held, all] = [fBetaOf(pooled(counts), beta), fBetaOf(pooled(always), beta)];
      return [
        'no-better-than-always',
        `in cross-validation by conversation, the F-beta score is ${held.toFixed(3)}, and that of an alert at every update is ${all.toFixed(3)}; the difference may be chance`,
      ];
    }
  }
}

/** Returns why no threshold meets the objective. */
export function whyNotReached(
  curves: readonly AlertCurve[],
  objective: TuningObjective,
  { confidence, unseenConversations }: Resampling,
): Reason {
  const where = whereText(unseenConversations);
  const bounds = curves.flatMap(({ points }) => points.flatMap(({ bound }) => bound ?? []));
  if (promisedShare(objective) === undefined || curves.every(({ points }) => points.length === 0))
    return ['objective-not-reached', 'no rule raises a correct alert'];
  if (bounds.length === 0)
    return [
      'too-few-conversations',
      `a precision needs alerts in ${MIN_CONVERSATIONS} conversations, and ${MIN_UNSEEN_ALERTS} expected alerts ${where}; no rule raises that many`,
    ];
  const within = `${where} with ${exactPercent(confidence)} confidence`;
  const message =
    objective.type === 'precision'
      ? `no threshold has a precision of at least ${exact(objective.atLeast)} ${within}; the highest bound is ${bounds.reduce((a, b) => Math.max(a, b)).toFixed(3)}`
      : `no threshold that raises alerts has at most ${exact(objective.type === 'alert-volume' ? objective.atMostPer100 : 0)} alerts per 100 updates ${within}; the lowest bound is ${bounds.reduce((a, b) => Math.min(a, b)).toFixed(2)}`;
  return ['objective-not-reached', message];
}
