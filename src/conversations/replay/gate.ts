import { ConfigurationError } from '../../errors.js';
import { isRecord } from '../../json.js';
import { checkOptions } from '../../options.js';
import type { ReplayDiff } from './compare.js';
import { isCount } from './outcome.js';

/** Limits of {@link gateReplays}, each 0 by default; `Infinity` allows anything. */
export interface ReplayGateLimits {
  /** Questions that are asked now and were not asked before. */
  readonly maxAsked?: number | undefined;
  /** Questions that are no longer asked. */
  readonly maxNotAsked?: number | undefined;
  /** Events that show other cards or suggestions. */
  readonly maxChangedCards?: number | undefined;
  /** Events that have another status, e.g. `fallback`. */
  readonly maxChangedStatus?: number | undefined;
  /** Additional calls. */
  readonly maxMoreCalls?: number | undefined;
}

/** Whether a change stays within its limits. */
export interface ReplayGate {
  /** True without failures. */
  readonly holds: boolean;
  /** One sentence for each exceeded limit. */
  readonly failures: readonly string[];
  /** For `process.exitCode`: 0 if the gate holds, otherwise 1. */
  readonly exitCode: 0 | 1;
}

/** @throws {@link ConfigurationError} for a value that is not a diff. */
export function checkDiff(diff: ReplayDiff): void {
  const { before, after, changes } = (isRecord(diff) ? diff : {}) as Partial<ReplayDiff>;
  const isDiff =
    isRecord(before) &&
    isRecord(after) &&
    Array.isArray(changes) &&
    [diff.asked, diff.notAsked, diff.changedCards, diff.changedStatus, before.calls, after.calls].every(isCount);
  if (!isDiff) throw new ConfigurationError('diff: expected the result of compareReplays');
}

/**
 * Checks a diff of two replays against limits, so that CI can gate a change of a trigger or a policy as it gates a bot.
 *
 * @throws `ConfigurationError` for a limit that is not a number of at least 0, or if `diff` is not a diff: a gate that
 *   cannot judge must not hold.
 *
 * @example
 * ```ts
 * import { compareReplays, formatReplayDiff, gateReplays } from 'agent-assist-sdk/conversations';
 *
 * const diff = await compareReplays('before.jsonl', 'after.jsonl');
 * console.log(formatReplayDiff(diff));
 * process.exitCode = gateReplays(diff, { maxAsked: 20, maxChangedCards: 20, maxMoreCalls: 20 }).exitCode;
 * ```
 */
export function gateReplays(diff: ReplayDiff, limits: ReplayGateLimits = {}): ReplayGate {
  checkOptions('gateReplays', limits, {
    maxAsked: 'anything',
    maxNotAsked: 'anything',
    maxChangedCards: 'anything',
    maxChangedStatus: 'anything',
    maxMoreCalls: 'anything',
  });
  checkDiff(diff);
  const found: readonly (readonly [keyof ReplayGateLimits, number, string])[] = [
    ['maxAsked', diff.asked, 'new questions'],
    ['maxNotAsked', diff.notAsked, 'questions no longer asked'],
    ['maxChangedCards', diff.changedCards, 'events with other cards'],
    ['maxChangedStatus', diff.changedStatus, 'events with another status'],
    ['maxMoreCalls', diff.after.calls - diff.before.calls, 'additional calls'],
  ];
  const failures = found.flatMap(([name, count, what]) => {
    const { [name]: limit = 0 } = limits;
    if (!(typeof limit === 'number' && limit >= 0))
      throw new ConfigurationError(`${name}: expected a number of at least 0`);
    return count > limit ? [`${what}: ${count}, at most ${limit} allowed`] : [];
  });
  return { holds: failures.length === 0, failures, exitCode: failures.length === 0 ? 0 : 1 };
}
