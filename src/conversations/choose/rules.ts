import type { AlertRule, AlertRuleType, LabelledUpdate, ScoreRule } from './types.js';

/** A kind of rule on one score: a rule without its threshold. */
export interface RuleFamily {
  readonly type: AlertRuleType;
  readonly score?: string | undefined;
  readonly fires: ScoreRule['fires'];
}

/**
 * Returns how strongly an update argues for an alert; the rule fires at or above its cut. −∞ never fires, +∞ always.
 * Thus every rule becomes one number with a threshold.
 *
 * @param before - level of the score in the update before; −∞ in the first.
 */
export function levelOf(family: RuleFamily, scoreLevel: number, before: number, hasKeyword: boolean): number {
  switch (family.type) {
    case 'score':
      return scoreLevel;
    case 'score-twice':
      return Math.min(scoreLevel, before);
    case 'keyword-or-score':
      return hasKeyword ? Infinity : scoreLevel;
    case 'keyword-and-score':
      return hasKeyword ? scoreLevel : -Infinity;
    case 'keyword':
      return hasKeyword ? Infinity : -Infinity;
  }
}

/** Returns the level of a score: the score itself, or its negative if it fires below. */
export function scoreLevelOf(score: number | undefined, fires: ScoreRule['fires']): number {
  if (score === undefined) return -Infinity;
  // Adding 0 turns −0 into 0, here and below: which of them stands first must not show in a threshold.
  return (fires === 'below' ? -score : score) + 0;
}

export function levelsOf(family: RuleFamily, updates: readonly LabelledUpdate[]): Float64Array {
  const levels = new Float64Array(updates.length);
  const before = new Map<string, number>();
  updates.forEach(({ conversationId, scores, keywordHits = 0 }, index) => {
    const scoreLevel = scoreLevelOf(family.score === undefined ? undefined : scores[family.score], family.fires);
    levels[index] = levelOf(family, scoreLevel, before.get(conversationId) ?? -Infinity, keywordHits > 0);
    before.set(conversationId, scoreLevel);
  });
  return levels;
}

/** Returns the rule that fires at `level` and above, but not at the next lower one. */
export function ruleAt(family: RuleFamily, level: number, nextLower: number): AlertRule {
  const { type, score, fires } = family;
  if (type === 'keyword' || score === undefined) return { type: 'keyword' };
  const threshold = fires === 'below' ? separator(-level, -nextLower) : separator(nextLower, level);
  return { type, score, fires, threshold };
}

/**
 * Returns a number above `low` and at most `high` with as few decimals as possible: as a threshold, all of them yield
 * the same alerts, and −0.4 reads better than −0.4019.
 */
function separator(low: number, high: number): number {
  // From 2^53 on, the next number is more than 1 away.
  if (high === Infinity) return Math.max(Math.floor(low) + 1, low + Math.abs(low) * Number.EPSILON);
  if (low === -Infinity) return high + 0;
  for (let places = 0; places <= 15; places += 1) {
    const candidate = Number(((low + high) / 2).toFixed(places));
    if (candidate > low && candidate <= high) return candidate + 0;
  }
  return high + 0;
}
