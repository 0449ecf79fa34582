import { NotFoundError, type ApiError } from '../errors.js';
import type { RateLimitWait } from '../http/internal.js';
import { runningJobIdOf } from './schemas.js';

/** How to wait for a job. */
export interface JobWait {
  /** Limit of the wait in ms. */
  readonly totalTimeoutMs: number;
  /** Polls the job until it has ended. */
  readonly poll: (jobId: string) => Promise<unknown>;
}

/** The job for which the calibrations of one HTTP client wait: the platform takes none while it recomputes weights. */
export class RunningJob {
  /** The last accepted reweight job, unless it is known to have ended. */
  #startedId: string | undefined;
  /** The job that a call waits for, and this wait. */
  #waiting: { readonly jobId: string; readonly wait: RateLimitWait } | undefined;
  readonly #listeners = new Set<(wait: RateLimitWait) => void>();

  /** Id of the job that a call waits for. It holds up all calls behind that one. */
  get id(): string | undefined {
    return this.#waiting?.jobId;
  }

  /** Called when the platform has accepted a reweight. */
  started(jobId: string): void {
    this.#startedId = jobId;
  }

  /** Calls `onWait` when a wait for a job begins, and now if one is in progress. Returns a function that ends this. */
  listen(onWait: (wait: RateLimitWait) => void): () => void {
    this.#listeners.add(onWait);
    if (this.#waiting !== undefined) onWait(this.#waiting.wait);
    return () => this.#listeners.delete(onWait);
  }

  /**
   * Submits a calibration. If another job is running, waits for its end and submits it a second time (protocol 6).
   *
   * A 503 is about the job that it names, else about the last reweight that this HTTP client started. Any other 503 is an
   * error like others, which the call retries by itself. The job is over when it has ended, with success or without, or
   * when the platform no longer knows it (404). When the wait begins, all listeners are called, with the reason `busy` and
   * the limit of the wait. A 503 after the wait is the error of the call.
   *
   * @param submit - submits the calibration. Passes each refusal to `isBusy`, and does not retry if that returns true.
   * @throws (as rejection) what `submit` and `poll` throw.
   */
  async outlast<T>(
    submit: (isBusy: (error: ApiError, body: unknown) => boolean) => Promise<T>,
    { totalTimeoutMs, poll }: JobWait,
  ): Promise<T> {
    let jobId: string | undefined;
    const isBusy = ({ status }: ApiError, body: unknown): boolean => {
      if (status === 503) jobId = runningJobIdOf(body) ?? this.#startedId;
      return status === 503 && jobId !== undefined;
    };
    try {
      return await submit(isBusy);
    } catch (error) {
      if (jobId === undefined) throw error;
      await this.#wait(jobId, { waitMs: totalTimeoutMs, reason: 'busy' }, poll);
      return submit(isBusy);
    }
  }

  async #wait(jobId: string, wait: RateLimitWait, poll: JobWait['poll']): Promise<void> {
    this.#waiting = { jobId, wait };
    for (const onWait of this.#listeners) onWait(wait);
    try {
      await poll(jobId);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    } finally {
      this.#waiting = undefined;
    }
    if (this.#startedId === jobId) this.#startedId = undefined;
  }
}
