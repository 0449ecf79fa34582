import { AbortError, ApiError, NotFoundError, TimeoutError } from '../errors.js';
import { checkOptions, checkTimeLimits, signalKind, type Known } from '../options.js';
import { callWithin } from './callbacks.js';
import { sleep, type Clock } from './clock.js';
import { guarded } from './guard.js';
import { resolveLogger, type Logger } from './logger.js';
import { backoffDelay, isRepeatable } from './retry.js';
import type { CallOptions } from './types.js';
import { formatKey } from './validation.js';

/**
 * Options of a poll and its calls. Once the job is known to exist, the poll continues after temporary failures, such as
 * a 503, until its `totalTimeoutMs`.
 */
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

/** How a job began. */
export interface JobStart {
  /** Start of the time limit, by `clock.monotonic`. @defaultValue the start of the poll */
  readonly startedAt?: number | undefined;
  /** Given if the platform has just accepted the job. `onSubmitted` is called with its id before the first poll. */
  readonly accepted?: { readonly onSubmitted?: ((id: string) => unknown) | undefined } | undefined;
}

/** What {@link pollUntilDone} polls. */
export interface PollTarget<T extends JobState> extends JobStart {
  /** What the job is, for error messages, e.g. `simulation`. */
  readonly job: string;
  readonly id: string;
  /** Fetches the state once. */
  readonly read: (options: CallOptions & { readonly totalTimeoutMs: number }) => PromiseLike<T>;
}

/** For this many ms, the platform may not find a job that it has accepted, because another server may answer. */
const MISSING_MS = 10_000;

/**
 * Returns interval and limit of a poll in ms, with their defaults. The callbacks are checked with the other options.
 *
 * @throws `ConfigurationError` for an interval or a limit out of range.
 */
export function pollLimits({
  pollIntervalMs = 2000,
  totalTimeoutMs = 600_000,
}: Pick<PollOptions<never>, keyof PollLimits>): PollLimits {
  checkTimeLimits({ pollIntervalMs, totalTimeoutMs });
  return { pollIntervalMs, totalTimeoutMs };
}

/**
 * Polls a job of the platform until it has ended, and passes each state to `onProgress`. Once the platform has accepted
 * or found the job, the poll outlasts temporary failures, such as those of an outage. The wait then grows by
 * exponential backoff, and each poll is one attempt. In the first ten seconds after the job was accepted, a 404 is
 * temporary too.
 *
 * @param http - the client that polls: its clock and its logger.
 * @returns the final state.
 * @throws (as rejection) `ConfigurationError` for an interval or a limit out of range; `TimeoutError` if the limit is
 * reached first, with the last failure as its cause; `AbortError`; and what a single call throws, if the failure is
 * permanent or the server's `Retry-After` is beyond the limit.
 */
export async function pollUntilDone<T extends JobState>(
  { clock, logger: givenLogger }: { readonly clock: Clock; readonly logger?: Logger | undefined },
  target: PollTarget<T>,
  options: PollOptions<T> = {},
): Promise<T> {
  const { read, startedAt = clock.monotonic(), accepted } = target;
  const { pollIntervalMs, totalTimeoutMs } = pollLimits(options);
  const { signal, timeoutMs, maxRetries, headers } = options;
  const logger = resolveLogger(givenLogger);
  const onProgress = guarded('onProgress', options.onProgress, logger);
  const deadline = startedAt + totalTimeoutMs;
  const acceptedAt = accepted === undefined ? -Infinity : clock.monotonic();
  const subject = `${target.job} ${formatKey(target.id)}`;
  let state: T | undefined;
  let failures = 0;
  let failure: Error | undefined;
  /** Returns whether a poll may succeed later. A first call that fails may have a wrong host or id. */
  const mayPass = (error: unknown): error is Error =>
    error instanceof NotFoundError
      ? state === undefined && clock.monotonic() - acceptedAt < MISSING_MS
      : (state ?? accepted) !== undefined && isRepeatable(error as Error, true);
  const expired = (cause = failure): TimeoutError => {
    const last = state === undefined ? '' : `; its last status was ${formatKey(state.status)}`;
    const reason = failure === undefined ? '' : `; its last failure: ${failure.message}`;
    const problem = `${subject} did not finish within ${totalTimeoutMs} ms${last}${reason}`;
    return new TimeoutError(problem, totalTimeoutMs, { cause });
  };
  try {
    // Called even if the signal is aborted: the job continues, and its id must not be lost.
    await callWithin(() => accepted?.onSubmitted?.(target.id), {
      clock,
      signal,
      timeoutMs: deadline - clock.monotonic(),
      timeoutError: (cause) => expired(cause),
    });
    for (;;) {
      const leftMs = deadline - clock.monotonic();
      // A timer can fire late, and a call needs some time.
      if (leftMs <= 0) throw expired();
      let delayMs = pollIntervalMs;
      try {
        // While calls fail, the polls are the retries: those of both would multiply.
        const retries = failures === 0 ? maxRetries : 0;
        state = await read({ signal, timeoutMs, maxRetries: retries, headers, totalTimeoutMs: leftMs });
        failures = 0;
        failure = undefined;
        onProgress(state);
        if (hasSucceeded(state) || hasFailed(state)) return state;
      } catch (error) {
        // The call had the remaining time of the poll; the caller's limit is that of the poll.
        if (error instanceof TimeoutError && error.timeoutMs === leftMs) throw expired(failure ?? error);
        if (!mayPass(error)) throw error;
        failures += 1;
        failure = error;
        const askedFor = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
        const maxMs = error instanceof NotFoundError ? 0 : undefined;
        delayMs = Math.max(
          pollIntervalMs,
          askedFor,
          backoffDelay(failures, Math.random, { initialMs: pollIntervalMs, maxMs }),
        );
        // The error carries the server's wait.
        if (askedFor === delayMs && clock.monotonic() + delayMs >= deadline) throw error;
        logger.warn(`${subject}: ${error.message}; next poll in ${delayMs} ms`);
      }
      if (clock.monotonic() + delayMs >= deadline) throw expired();
      await sleep(clock, delayMs, signal);
    }
  } catch (error) {
    if (!(error instanceof AbortError)) throw error;
    const aborted = error.cause === error.reason ? new AbortError(error.reason, failure) : error;
    // The job continues, so the message names it.
    aborted.message += ` (${subject})`;
    throw aborted;
  }
}
