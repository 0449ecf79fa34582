import { ConfigurationError } from '../../errors.js';
import { checkResult, syncResult } from '../../http/internal.js';
import { LinkedMap } from '../../linked-map.js';
import { checkFields, checkKind, checkOptions } from '../../options.js';
import { keywordTrigger, sentimentTrigger } from '../../suggestions/triggers.js';
import type { SuggestRequest, Trigger, TriggerReason } from '../../suggestions/types.js';
import { RULE_TYPES } from './input.js';
import { levelOf, scoreLevelOf } from './rules.js';
import type { AlertRule } from './types.js';

/** Limit of interactions whose last score is kept; above it, the one updated longest ago is dropped. */
const MAX_INTERACTIONS = 10_000;

/** Options of {@link toTrigger}. */
export interface ToTriggerOptions<Update extends SuggestRequest = SuggestRequest> {
  /** Finds the keywords; the one that counted `keywordHits`. @defaultValue `keywordTrigger()` */
  readonly keywords?: Trigger<Update> | undefined;
  /**
   * Reads the rule's score from an update, e.g. `({ context }) => Number(context?.['anger'])`.
   *
   * @defaultValue `sentimentScore`, for the score `sentiment`; required for others
   */
  readonly readScore?: ((update: Update) => number | undefined) | undefined;
}

/**
 * Creates the engine's trigger of a rule: it fires at the updates at which the rule did in {@link tuneAlerts}. The
 * trigger of `score-twice` keeps the last score of at most 10,000 interactions, so give each engine its own. A sentiment
 * is reported as such, another score as a custom reason with its name.
 *
 * @throws `ConfigurationError` for an invalid rule, or if its score is not `sentiment` and `readScore` is missing; the
 * trigger throws it if `readScore` returns anything other than a number or `undefined`.
 *
 * @example
 * ```ts
 * import { toTrigger } from 'agent-assist-sdk/conversations';
 *
 * const trigger = toTrigger({ type: 'score-twice', score: 'sentiment', fires: 'below', threshold: -0.3 });
 * trigger({ interactionId: 'c1', transcript: 'Again?', sentimentScore: -0.5 }); // []
 * trigger({ interactionId: 'c1', transcript: 'No!', sentimentScore: -0.6 }); // [{ type: 'sentiment', … }]
 * ```
 */
export function toTrigger<Update extends SuggestRequest = SuggestRequest>(
  rule: AlertRule,
  options: ToTriggerOptions<Update> = {},
): Trigger<Update> {
  checkKind('rule', rule, 'an object', 'a rule, e.g. the `point.rule` of a tuning');
  if (!RULE_TYPES.includes(rule.type))
    throw new ConfigurationError(`rule.type: expected one of ${RULE_TYPES.join(', ')}`);
  checkOptions('toTrigger', options, { keywords: 'a function', readScore: 'a function' });
  const { keywords = keywordTrigger() } = options;
  if (rule.type === 'keyword') return keywords;
  const { type, score: name, fires, threshold } = rule;
  checkKind('rule.score', name, 'a string', 'the name of a score');
  if (fires !== 'below' && (fires as string) !== 'at-least')
    throw new ConfigurationError("rule.fires: expected 'below' or 'at-least'");
  if (!Number.isFinite(threshold)) throw new ConfigurationError('rule.threshold: expected a finite number');
  const readScore =
    options.readScore ?? (name === 'sentiment' ? ({ sentimentScore }: Update) => sentimentScore : undefined);
  if (readScore === undefined)
    throw new ConfigurationError(
      `readScore: required for the score ${JSON.stringify(name.slice(0, 50))}; pass a function that reads it from an update`,
    );
  if (type === 'score' && name === 'sentiment' && fires === 'below' && options.readScore === undefined)
    return sentimentTrigger({ threshold });

  const passes = (level: number): boolean => (fires === 'below' ? level > -threshold : level >= threshold);
  const levels = new LinkedMap<string, number>(MAX_INTERACTIONS);
  return (update) => {
    checkFields('update', update, { interactionId: 'a string' });
    const score = readScore(update);
    if (score !== undefined) checkResult('readScore()', score, 'a number', 'a number or undefined');
    const level = scoreLevelOf(score, fires);
    const last = levels.get(update.interactionId) ?? -Infinity;
    if (type === 'score-twice') levels.set(update.interactionId, level);
    const found = type === 'score' || type === 'score-twice' ? [] : syncResult('keywords', keywords(update));
    if (!passes(levelOf({ type, fires }, level, last, found.length > 0))) return [];
    if (!passes(level)) return found;
    const isSentiment = name === 'sentiment' && score !== undefined;
    const reason: TriggerReason = isSentiment ? { type: 'sentiment', score, threshold } : { type: 'custom', name };
    return [...found, reason];
  };
}
