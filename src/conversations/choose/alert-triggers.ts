import { DIRECTIVES, MAX_THRESHOLD, MIN_BLOCK_THRESHOLD } from '../../calibration/alert-limits.js';
import type { AlertDirective, AlertTrigger } from '../../calibration/types.js';
import { ConfigurationError } from '../../errors.js';
import { checkKind, checkOptions } from '../../options.js';
import type { ChosenAlerts } from './types.js';

/** Options of {@link toAlertTriggers}. */
export interface ToAlertTriggersOptions {
  /** What each alert does. */
  readonly directive: AlertDirective;
}

/**
 * Returns the `alertTriggers` of a calibration from tuned confidences, one for each emotion: the score's name is the
 * emotion. Tune with `rules: ['score']`, since a calibration cannot use keywords or earlier updates.
 *
 * @throws `ConfigurationError` if a tuning chose nothing, or its rule is not a confidence of a class with a threshold
 * from 0 to 0.95, or below 0.7 for `block` (protocol 6). For a sentiment, use `toTrigger`.
 *
 * @example
 * ```ts
 * import type { Calibration } from 'agent-assist-sdk/calibration';
 * import { toAlertTriggers, type ChosenAlerts } from 'agent-assist-sdk/conversations';
 *
 * export function alerts(anger: ChosenAlerts, frustration: ChosenAlerts): Calibration['alertTriggers'] {
 *   return toAlertTriggers([anger, frustration], { directive: 'escalate' });
 * }
 * ```
 */
export function toAlertTriggers(
  tunings: readonly Pick<ChosenAlerts, 'point'>[],
  options: ToAlertTriggersOptions,
): readonly AlertTrigger[] {
  checkOptions('toAlertTriggers', options, { directive: 'anything' });
  const { directive } = options;
  if (!DIRECTIVES.includes(directive))
    throw new ConfigurationError(`directive: expected one of ${DIRECTIVES.join(', ')}`);
  checkKind('tunings', tunings, 'a list of objects', 'a list of tunings');
  return Array.from(tunings, (tuning: Partial<Pick<ChosenAlerts, 'point'>>, index) => {
    const at = `tunings[${index}]`;
    const rule = tuning.point?.rule;
    if (rule === undefined) throw new ConfigurationError(`${at}: expected a tuning with the status 'chosen'`);
    if (rule.type !== 'score' || rule.fires === 'below')
      throw new ConfigurationError(
        `${at}: a calibration has only minimum confidences of emotions, not ${rule.type === 'score' ? `${rule.score} below a threshold` : rule.type}; use toTrigger`,
      );
    const { score: emotion, threshold } = rule;
    const least = directive === 'block' ? MIN_BLOCK_THRESHOLD : 0;
    if (!(threshold >= least && threshold <= MAX_THRESHOLD))
      throw new ConfigurationError(
        `${at}: the threshold ${threshold} of ${emotion} is not in ${least} to ${MAX_THRESHOLD}, as ${directive} needs`,
      );
    return { emotion, threshold, directive };
  });
}
