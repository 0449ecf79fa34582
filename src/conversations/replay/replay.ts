import { AbortError, ConfigurationError, TimeoutError } from '../../errors.js';
import { isThenable, sleep, syncResult, systemClock, withinLimit, type Clock } from '../../http/internal.js';
import { checkClock, checkKind, checkOptions, checkTimeLimits, signalKind } from '../../options.js';
import { readBatches } from '../read.js';
import type { ReadEvent } from '../types.js';
import { LogFile } from './log-file.js';
import { checkedEffect, type ReplayEffect, type ReplayHeader, type ReplayTotals } from './outcome.js';

/** Receives the events of a replay. `engineTarget` and `serviceTarget` create one. Create a new one for each replay. */
export interface ReplayTarget {
  /**
   * Delivers an event. Returns its effect when it is complete, or `undefined` if it has none. The next event follows
   * only then, so the outcome does not depend on a race.
   */
  deliver(event: ReadEvent, context: ReplayContext): ReplayEffect | undefined | Promise<ReplayEffect | undefined>;
}

/** Second argument of {@link ReplayTarget.deliver}. */
export interface ReplayContext {
  /** Aborted with the replay, and when an event takes longer than `timeoutMs`. */
  readonly signal: AbortSignal;
}

/** Options of {@link replay}. */
export interface ReplayOptions {
  /**
   * File for the outcomes, as canonical JSON Lines. It appears when the replay is complete, and replaces an earlier
   * one, but never a recording.
   *
   * @defaultValue none
   */
  readonly outcomes?: string | undefined;
  /**
   * How much faster than recorded. Changes only the duration.
   *
   * @defaultValue `Infinity`: as fast as the target takes the events
   */
  readonly speed?: number | undefined;
  /** Returns whether an event is replayed. */
  readonly filter?: ((event: ReadEvent) => boolean) | undefined;
  /**
   * Real time limit for one event in ms. It ends a target's wait. Work that blocks the thread cannot be interrupted.
   *
   * @defaultValue 60,000
   */
  readonly timeoutMs?: number | undefined;
  /** Aborts the replay with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /** Source of real time, for `speed` and `timeoutMs`. @defaultValue the system clock */
  readonly clock?: Clock | undefined;
}

/**
 * Replays a recording event by event, in its order. The same recording gives the same outcomes, byte for byte and at any
 * speed, as long as the target takes its time from the recording and uses no randomness.
 *
 * @param source - like that of `readRecording`.
 * @param target - what receives the events: `engineTarget`, `serviceTarget`, or your own.
 * @returns the totals of the replay.
 * @throws (as rejection) `RecordingError` if the recording cannot be read or the outcomes cannot be written;
 *   `TimeoutError` if an event takes longer than `timeoutMs`; `AbortError`; `ConfigurationError`, including for a
 *   result of the target that is not an effect; what the target or `filter` throws.
 *
 * @example
 * ```ts
 * import { compareReplays, engineTarget, formatReplayDiff, replay } from 'agent-assist-sdk/conversations';
 * import { keywordTrigger, sentimentTrigger } from 'agent-assist-sdk/suggestions';
 *
 * const before = engineTarget({ client: suggestions });
 * const after = engineTarget({ client: suggestions, triggers: [keywordTrigger(), sentimentTrigger({ threshold: -0.6 })] });
 * await replay('recordings/calls.jsonl', before, { outcomes: 'before.jsonl' });
 * await replay('recordings/calls.jsonl', after, { outcomes: 'after.jsonl' });
 * console.log(formatReplayDiff(await compareReplays('before.jsonl', 'after.jsonl')));
 * ```
 */
export async function replay(
  source: string | readonly string[],
  target: ReplayTarget,
  options: ReplayOptions = {},
): Promise<ReplayTotals> {
  checkKind('target', target, 'a target with deliver()');
  checkOptions('replay', options, {
    outcomes: 'a string',
    speed: true,
    filter: 'a function',
    timeoutMs: true,
    signal: signalKind,
    clock: 'a clock with now()',
  });
  const { outcomes, speed = Infinity, filter = () => true, timeoutMs = 60_000, clock = systemClock, signal } = options;
  if (!(speed > 0)) throw new ConfigurationError('speed: expected a number above 0');
  checkTimeLimits({ timeoutMs });
  checkClock(clock);
  const checkAborted = (): void => {
    if (signal?.aborted === true) throw new AbortError(signal.reason);
  };
  checkAborted();
  const log = outcomes === undefined ? undefined : await LogFile.create(outcomes);
  const ending = new AbortController();
  const limit = {
    clock,
    timeoutMs,
    signal,
    timeoutError: () => new TimeoutError(`The target did not finish an event within ${timeoutMs} ms`, timeoutMs),
  };
  const due = paceOf(clock, speed, signal);
  const sums = { events: 0, outcomes: 0, asked: 0, shown: 0, calls: 0 };
  let isShownKnown = false;
  try {
    let number = 0;
    for await (const events of readBatches(source, { signal })) {
      for (const event of events) {
        number += 1;
        if (number === 1) await log?.write(headerOf(event.receivedAt - event.offsetMs));
        if (!syncResult('filter', filter(event))) continue;
        checkAborted();
        log?.digest(number, event);
        if (speed !== Infinity) await due(event.offsetMs);
        const result = target.deliver(event, ending);
        const given = isThenable(result) ? await settledWithin(limit, result) : result;
        sums.events += 1;
        if (given === undefined) continue;
        const effect = checkedEffect(given);
        sums.outcomes += 1;
        sums.asked += effect.asked.length;
        sums.shown += effect.shown?.length ?? 0;
        sums.calls += effect.calls;
        isShownKnown ||= effect.shown !== undefined;
        await log?.write({ ...effect, type: 'outcome', event: number, offsetMs: event.offsetMs });
      }
    }
    if (number === 0) await log?.write(headerOf(undefined));
    const { shown, ...others } = sums;
    const totals: ReplayTotals = isShownKnown || sums.outcomes === 0 ? { ...others, shown } : others;
    await log?.complete(totals);
    return totals;
  } catch (error) {
    ending.abort(error);
    await log?.discard();
    throw error;
  }
}

function settledWithin<T>(limit: Parameters<typeof withinLimit>[1], work: PromiseLike<T>): Promise<T> {
  const settled = Promise.resolve(work);
  // Nobody waits for it if the replay was aborted in the meantime.
  settled.catch(() => undefined);
  return withinLimit(() => settled, limit);
}

function headerOf(startedAt: number | undefined): ReplayHeader {
  return {
    type: 'replay',
    version: 1,
    ...(startedAt !== undefined && { startedAt: new Date(startedAt).toISOString() }),
  };
}

/** Returns a function that waits until an event is due at this speed. */
function paceOf(clock: Clock, speed: number, signal: AbortSignal | undefined): (offsetMs: number) => Promise<void> {
  let startedAt: number | undefined;
  return async (offsetMs) => {
    startedAt ??= clock.monotonic() - offsetMs / speed;
    const waitMs = startedAt + offsetMs / speed - clock.monotonic();
    if (waitMs > 0) await sleep(clock, waitMs, signal);
  };
}
