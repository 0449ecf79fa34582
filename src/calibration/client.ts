import { RateLimitError, TimeoutError, type ApiError } from '../errors.js';
import {
  checkedHttp,
  ApiPromise,
  callOptions,
  formatKey,
  guarded,
  pollLimits,
  pollOptions,
  pollUntilDone,
  validateRequest,
  withinLimit,
  type ApiResponse,
  type CallOptions,
  type HttpClient,
  type JobStart,
  type PollOptions,
  type RateLimit,
  type Turn,
  type WaitLimit,
} from '../http/internal.js';
import { checkOptions, checkTimeLimits, type Known } from '../options.js';
import { applyInBatches } from './batches.js';
import { queueOf } from './queue.js';
import type { RunningJob } from './running-job.js';
import { acceptedCalibration, calibration, calibrationJob, calibrationToWire, newCalibrationKey } from './schemas.js';
import type {
  ApplyAllOptions,
  ApplyOptions,
  Calibration,
  CalibrationBatch,
  CalibrationClientOptions,
  CalibrationJob,
  CalibrationResult,
  RunOptions,
} from './types.js';

const CALIBRATE = ['sentiment:calibrate'];
/** Three windows of the limit, enough for a burst of thirty. */
const TOTAL_TIMEOUT_MS = 180_000;
const FORMAT_VERSION = '2.1';

const APPLY_OPTIONS: Known<ApplyOptions> = {
  ...callOptions,
  runningJob: 'an object',
  maxWaitMs: true,
  onWait: 'a function',
};

/**
 * Changes sentiment thresholds (protocol 4 and 6).
 *
 * The platform accepts ten calibrations per minute from a tenant. All calibrations of an `HttpClient` share a queue,
 * even across several `CalibrationClient`s. The queue sends them in order, and at most ten requests in any 60 s,
 * retries included. At most 1,000 calls wait; when the queue is full, a call fails with a `QueueFullError`.
 *
 * @example
 * ```ts
 * import { AuthClient, CalibrationClient, HttpClient, cognigy } from 'agent-assist-sdk';
 *
 * const platform = cognigy({ tenant: 'acme' });
 * const auth = new AuthClient({ platform, clientId: 'id', clientSecret: 'secret', scopes: ['sentiment:calibrate'] });
 * const calibrations = new CalibrationClient(new HttpClient({ platform, auth }));
 *
 * const { status } = await calibrations.run({
 *   interactionIds: ['conv_8f3a2c1d'],
 *   polarityMatrix: { negative: -0.75, neutral: 0.05, positive: 0.8 },
 *   alertTriggers: [{ emotion: 'anger', threshold: 0.88, directive: 'block' }],
 *   sensitivityLevel: 0.85,
 * });
 * console.log(status);
 * ```
 */
export class CalibrationClient {
  readonly #http: HttpClient;
  readonly #limiter: RateLimit;
  readonly #runningJob: RunningJob;

  /** @throws `ConfigurationError` for an unknown option. */
  constructor(http: HttpClient, options: CalibrationClientOptions = {}) {
    checkOptions('CalibrationClient', options, { rateLimiter: 'a rate limiter with run()' });
    this.#http = checkedHttp(http);
    const { limiter, runningJob } = queueOf(http);
    this.#limiter = options.rateLimiter ?? limiter;
    this.#runningJob = runningJob;
  }

  /**
   * Applies a calibration. Needs the scope `sentiment:calibrate`.
   *
   * All attempts send the same `idempotencyKey`. By default the client generates one (`calib_` and 12 hex digits).
   * `maxWaitMs` limits the wait for a turn, including a turn for a retry. If the wait would be longer, the call fails
   * immediately. The wait does not count toward the time limits of the call. A `Retry-After` from the platform delays
   * the whole queue. `totalTimeoutMs` is 180,000 unless the call or the client sets another.
   *
   * A 503 means that a reweight job runs. If the response names the job, or this `HttpClient` started the last one,
   * the client polls that job until it ends and retries with new time limits. Any other 503 is retried as usual.
   *
   * @throws (as rejection) `RequestValidationError` with all problems, before anything is sent; `QueueFullError`;
   * `RateLimitError` if the turn would come too late, with the wait as `retryAfterMs`; `ServerError` if the platform is
   * still busy after the job; `TimeoutError` if the running job takes too long; and what `HttpClient.request` throws.
   */
  apply(payload: Calibration, options: ApplyOptions = {}): ApiPromise<CalibrationResult> {
    return ApiPromise.attempt(() => {
      checkOptions('apply', options, APPLY_OPTIONS);
      // Refuse what is invalid now, not on the day that a job happens to run.
      const { runningJob = {} } = options;
      checkOptions('runningJob', runningJob, pollOptions);
      pollLimits(runningJob);
      const withDefaults = {
        ...options,
        idempotencyKey: options.idempotencyKey ?? newCalibrationKey(),
        totalTimeoutMs: options.totalTimeoutMs ?? this.#http.totalTimeoutMs ?? TOTAL_TIMEOUT_MS,
      };
      const limit = this.#waitLimit(withDefaults);
      const valid = validateRequest(calibration, payload, 'calibration');
      const endListening = this.#runningJob.listen(limit.onWait);
      return ApiPromise.from(
        this.#limiter
          .run((turn) => this.#submit(valid, withDefaults, turn), options.signal, limit)
          .finally(endListening),
      );
    });
  }

  /**
   * Applies a calibration for any number of interactions, in batches of 50, one after another at the platform's rate. A
   * failed batch does not stop the others. To retry the failed ones, pass the result as `resume`. A reweight runs once,
   * with the last batch.
   *
   * @returns the outcome of each batch, in order. After `signal` is aborted, the remaining batches fail with an
   * `AbortError`.
   * @throws (as rejection) `RequestValidationError` before anything is sent; `NotSupportedError`; `ConfigurationError`
   * for an unknown or invalid option, before anything is sent.
   */
  async applyAll(payload: Calibration, options: ApplyAllOptions = {}): Promise<CalibrationBatch[]> {
    checkOptions('applyAll', options, { ...APPLY_OPTIONS, onProgress: 'a function', resume: 'a list of objects' });
    // Once for all batches, whether the platform has the call at all.
    this.#path();
    return applyInBatches((part, partOptions) => this.apply(part, partOptions), payload, options, this.#http.logger);
  }

  /**
   * Applies a calibration and waits for its job. `totalTimeoutMs` covers both, including all waits; default 600,000
   * (ten minutes). In the first ten seconds after the platform has accepted the calibration, a 404 of its job does not
   * end the poll.
   *
   * @returns the final state of the job. A failed job is a result too, with the `status` `failed`.
   * @throws (as rejection) what {@link CalibrationClient.apply} and {@link CalibrationClient.wait} throw.
   */
  async run(payload: Calibration, options: RunOptions = {}): Promise<CalibrationJob> {
    checkOptions('run', options, {
      ...APPLY_OPTIONS,
      pollIntervalMs: true,
      onProgress: 'a function',
      onSubmitted: 'a function',
    });
    const { totalTimeoutMs } = pollLimits(options);
    const { clock } = this.#http;
    const startedAt = clock.monotonic();
    const { pollIntervalMs, onProgress, onSubmitted, ...call } = options;
    const limits = { ...call, totalTimeoutMs };
    // The limits of `apply` do not include its waits for a turn and for a running job.
    const { jobId } = await withinLimit(async (signal) => this.apply(payload, { ...limits, signal }), {
      clock,
      timeoutMs: totalTimeoutMs,
      timeoutError: (cause) =>
        new TimeoutError(`calibration did not finish within ${totalTimeoutMs} ms`, totalTimeoutMs, { cause }),
      signal: call.signal,
    });
    return this.#poll(jobId, { ...limits, pollIntervalMs, onProgress }, { startedAt, accepted: { onSubmitted } });
  }

  /** Fetches a calibration job. Needs the scope `sentiment:calibrate`. Rejects as `HttpClient.request` does. */
  get(jobId: string, options?: CallOptions): ApiPromise<CalibrationJob> {
    return this.#http.call(options, () => ({
      method: 'GET',
      path: this.#http.path('calibrationJob', '/agentassist/sentiment/calibration/jobs/{jobId}'),
      pathParams: { jobId },
      scopes: CALIBRATE,
      response: calibrationJob,
    }));
  }

  /**
   * Polls a job until it has ended: its status is `completed`, `failed`, or another final status such as `cancelled`.
   * Any other status means that it is still running.
   *
   * @returns the final state. A failed job is a result too, with the `status` `failed`.
   * @throws `TimeoutError` after `totalTimeoutMs` (default ten minutes); `AbortError`; and what
   * {@link CalibrationClient.get} throws in the first call, and later only for a permanent failure.
   */
  async wait(jobId: string, options: PollOptions<CalibrationJob> = {}): Promise<CalibrationJob> {
    checkOptions('wait', options, pollOptions);
    return this.#poll(jobId, options);
  }

  #poll(jobId: string, options: PollOptions<CalibrationJob>, start?: JobStart): Promise<CalibrationJob> {
    const read = (callOptions: CallOptions): ApiPromise<CalibrationJob> => this.get(jobId, callOptions);
    return pollUntilDone(this.#http, { job: 'calibration job', id: jobId, read, ...start }, options);
  }

  #path(): string {
    return this.#http.path('calibration', '/agentassist/sentiment/calibration');
  }

  #waitLimit({ maxWaitMs, totalTimeoutMs, onWait }: ApplyOptions & { readonly totalTimeoutMs: number }) {
    checkTimeLimits({ totalTimeoutMs, maxWaitMs: maxWaitMs === Infinity ? undefined : maxWaitMs });
    const path = this.#path();
    return {
      maxWaitMs: maxWaitMs ?? totalTimeoutMs,
      waitError: (waitMs) => {
        const { id } = this.#runningJob;
        const cause = id === undefined ? 'under the rate limit' : `behind calibration job ${formatKey(id)}`;
        return new RateLimitError(
          { method: 'PUT', path, attempts: 0, status: 429, retryAfterMs: waitMs },
          `PUT ${path} was not sent: its turn ${cause} is ${waitMs} ms away`,
        );
      },
      onWait: guarded('onWait', onWait, this.#http.logger),
    } satisfies WaitLimit;
  }

  #submit(valid: Calibration, options: ApplyOptions, turn: Turn): Promise<ApiResponse<CalibrationResult>> {
    const { signal, timeoutMs, totalTimeoutMs, maxRetries, headers, idempotencyKey, runningJob } = options;
    const callOptions = { signal, timeoutMs, totalTimeoutMs, maxRetries, headers, idempotencyKey };
    const pollOptions = { ...runningJob, signal, timeoutMs, maxRetries, headers };
    return this.#runningJob.outlast((isBusy) => this.#put(valid, callOptions, turn, isBusy), {
      totalTimeoutMs: pollLimits(pollOptions).totalTimeoutMs,
      poll: (jobId) => this.wait(jobId, pollOptions),
    });
  }

  /** @param isBusy - whether a refusal is about a running job; the call then fails without a retry. */
  async #put(
    valid: Calibration,
    options: CallOptions,
    turn: Turn,
    isBusy: (error: ApiError, body: unknown) => boolean,
  ): Promise<ApiResponse<CalibrationResult>> {
    const { clock, headerNames, logger } = this.#http;
    let startedAt: number | undefined;
    const response = await this.#http
      .request(
        {
          method: 'PUT',
          path: this.#path(),
          scopes: CALIBRATE,
          headers: { [headerNames.formatVersion]: FORMAT_VERSION, prefer: 'return=minimal' },
          json: calibrationToWire(valid),
          response: acceptedCalibration,
          beforeAttempt: async (signal) => {
            await turn.slot(signal);
            startedAt ??= clock.monotonic();
          },
          refusal: (error, body) => {
            const { retryAfterMs } = error;
            // At once, and not when the call has failed: the calls of other processes do not wait for this one.
            if (retryAfterMs !== undefined) {
              turn.holdOff(retryAfterMs);
              logger.warn(`Calibrations pause for ${retryAfterMs} ms (Retry-After)`);
            }
            return isBusy(error, body) ? error : undefined;
          },
        },
        options,
      )
      .withResponse();
    if (valid.triggerModelReweight === true) this.#runningJob.started(response.data.jobId);
    const calibrationLatencyMs = clock.monotonic() - (startedAt ?? clock.monotonic());
    return { ...response, data: { ...response.data, calibrationLatencyMs } };
  }
}
