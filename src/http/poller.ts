import { AbortError, TimeoutError } from '../errors.js';
import { checkKind, checkOptions, checkTimeLimits, signalKind, type Known } from '../options.js';
import { sleep, type Clock } from './clock.js';
import { guarded } from './guard.js';
import { resolveLogger, type Logger } from './logger.js';
import type { CallOptions } from './types.js';
import { formatKey } from './validation.js';

/** Options of a poll and its calls. */
export interface PollOptions<T> extends Pick<CallOptions, 'signal' | 'timeoutMs' | 'maxRetries' | 'headers'> {
  /** Interval between polls in ms. @defaultValue 2,000 */
  readonly pollIntervalMs?: number | undefined;
  /** Time limit of the whole poll in ms. @defaultValue 600,000 (ten minutes) */
  readonly totalTimeoutMs?: number | undefined;
  /** Called with every state, the last one included. Errors that it throws are logged and ignored. */
  readonly onProgress?: ((state: T) => unknown) | undefined;
}

/** The names of {@link PollOptions}, to check options. */
export const pollOptions: Known<PollOptions<never>> = {
  signal: signalKind,
  timeoutMs: true,
  maxRetries: true,
  headers: 'an object',
  pollIntervalMs: true,
  totalTimeoutMs: true,
  onProgress: 'a function',
};

/** Checks the options of a run that is submitted and then polled. @throws `ConfigurationError`, as `checkOptions`. */
export function checkRunOptions<T>(options: PollOptions<T>): void {
  checkOptions<object>('run', options, { ...pollOptions, submittedId: 'a string', onSubmitted: 'a function' });
}

/** Limits of a poll, with their defaults. */
export interface PollLimits {
  /** Interval between polls in ms. */
  readonly pollIntervalMs: number;
  /** Time limit of the whole poll in ms. */
  readonly totalTimeoutMs: number;
}

/** State of a job. */
interface JobState {
  readonly status: string;
}

// The words with which jobs end on Cognigy.AI and CXone. A job in any other state still runs, as far as is known.
const SUCCEEDED = /^(?:completed|succeeded|done)$/i;
const FAILED = /^(?:failed|error|cancell?ed|stopped|expired)$/i;

/** Returns whether a job has ended with success. */
export function hasSucceeded({ status }: JobState): boolean {
  return SUCCEEDED.test(status);
}

/** Returns whether a job has ended without success. */
export function hasFailed({ status }: JobState): boolean {
  return FAILED.test(status);
}

/** What {@link pollUntilDone} polls. */
export interface PollTarget<T extends JobState> {
  /** What the job is, for error messages, e.g. `simulation`. */
  readonly job: string;
  readonly id: string;
  /** Fetches the state once. */
  readonly read: (options: CallOptions & { readonly totalTimeoutMs: number }) => PromiseLike<T>;
  /** Start of the time limit, by `clock.monotonic`. @defaultValue the start of the poll */
  readonly startedAt?: number | undefined;
}

/**
 * Returns interval and limit of a poll in ms, with their defaults. Checks the callbacks as well: a job is submitted
 * only if its poll can follow.
 *
 * @throws `ConfigurationError` for an interval or a limit out of range, and a callback that is not a function.
 */
export function pollLimits(
  options: Pick<PollOptions<never>, 'onProgress' | keyof PollLimits> & { readonly onSubmitted?: unknown },
): PollLimits {
  const { pollIntervalMs = 2000, totalTimeoutMs = 600_000, onProgress, onSubmitted } = options;
  checkTimeLimits({ pollIntervalMs, totalTimeoutMs });
  for (const [name, callback] of Object.entries({ onProgress, onSubmitted }))
    if (callback !== undefined) checkKind(name, callback, 'a function');
  return { pollIntervalMs, totalTimeoutMs };
}

/**
 * Polls a job of the platform until it has ended, and passes each state to `onProgress`.
 *
 * @param http - the client that polls: its clock and its logger.
 * @returns the final state.
 * @throws (as rejection) `ConfigurationError` for an interval or a limit out of range; `TimeoutError` if the limit is
 * reached first; `AbortError`; and what a single call throws.
 */
export async function pollUntilDone<T extends JobState>(
  { clock, logger }: { readonly clock: Clock; readonly logger?: Logger | undefined },
  target: PollTarget<T>,
  options: PollOptions<T> = {},
): Promise<T> {
  const { read, startedAt = clock.monotonic() } = target;
  const { pollIntervalMs, totalTimeoutMs } = pollLimits(options);
  const { signal, timeoutMs, maxRetries, headers } = options;
  const onProgress = guarded('onProgress', options.onProgress, resolveLogger(logger));
  const deadline = startedAt + totalTimeoutMs;
  const subject = `${target.job} ${formatKey(target.id)}`;
  let state: T | undefined;
  const expired = (cause?: ErrorOptions): TimeoutError => {
    const last = state === undefined ? '' : `; its last status was ${formatKey(state.status)}`;
    return new TimeoutError(`${subject} did not finish within ${totalTimeoutMs} ms${last}`, totalTimeoutMs, cause);
  };
  try {
    for (;;) {
      const leftMs = deadline - clock.monotonic();
      // A timer can fire late, and a call needs some time.
      if (leftMs <= 0) throw expired();
      try {
        state = await read({ signal, timeoutMs, maxRetries, headers, totalTimeoutMs: leftMs });
      } catch (error) {
        // The call had the remaining time of the poll; the caller's limit is that of the poll.
        throw error instanceof TimeoutError && error.timeoutMs === leftMs ? expired({ cause: error }) : error;
      }
      onProgress(state);
      if (hasSucceeded(state) || hasFailed(state)) return state;
      if (clock.monotonic() + pollIntervalMs >= deadline) throw expired();
      await sleep(clock, pollIntervalMs, signal);
    }
  } catch (error) {
    // The job continues, so the message names it.
    if (error instanceof AbortError) error.message += ` (${subject})`;
    throw error;
  }
}
