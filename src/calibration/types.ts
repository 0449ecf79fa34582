import type { CallOptions, PollOptions, RateLimitWait } from '../http/internal.js';

/** What an alert does. */
export type AlertDirective = 'block' | 'notify' | 'escalate' | 'log';

/** Where the polarities of a sentiment score begin. */
export interface PolarityMatrix {
  /** −1 to 0. */
  readonly negative: number;
  /** −0.5 to 0.5. */
  readonly neutral: number;
  /** 0 to 1. */
  readonly positive: number;
}

/** An alert that an emotion sets off. */
export interface AlertTrigger {
  /** The emotion, e.g. `anger`. */
  readonly emotion: string;
  /** How sure the classification must be, 0 to 0.95; at least 0.7 for `block`. */
  readonly threshold: number;
  /** What the alert does. */
  readonly directive: AlertDirective;
}

/** New sentiment thresholds (protocol 6). */
export interface Calibration {
  /** The interactions that the calibration is drawn from; 1 to 50. */
  readonly interactionIds: readonly string[];
  /** Where the polarities begin. */
  readonly polarityMatrix: PolarityMatrix;
  /** The alerts. */
  readonly alertTriggers: readonly AlertTrigger[];
  /** 0.05 to 0.95. */
  readonly sensitivityLevel: number;
  /** Whether the model's weights are computed anew, which takes a while. Default false. */
  readonly triggerModelReweight?: boolean | undefined;
}

/** How far a calibration job is. A status that this version does not know is passed on. */
export type CalibrationStatus = 'queued' | 'running' | 'completed' | 'failed' | (string & {});

/** A calibration job. Fields that this version does not know are kept. */
export interface CalibrationJob {
  /** The job. */
  readonly jobId: string;
  /** How far it is; over when `completed` or `failed`. */
  readonly status: CalibrationStatus;
  readonly [field: string]: unknown;
}

/** The answer to a {@link Calibration}. Fields that this version does not know are kept. */
export interface CalibrationResult {
  /** The job that carries it out. */
  readonly jobId: string;
  /** How far the job is, where the platform says so. */
  readonly status?: CalibrationStatus | undefined;
  /**
   * Measured latency in ms: from the first request of the submission that was accepted to its answer, repeats included.
   * Waiting for one's turn and for a running job is not part of it.
   */
  readonly calibrationLatencyMs: number;
  readonly [field: string]: unknown;
}

/** Options of `CalibrationClient.apply`. */
export interface ApplyOptions extends CallOptions {
  /** How a running reweight job is waited for. Default: a poll every 2 s for at most ten minutes. */
  readonly runningJob?:
    Pick<PollOptions<CalibrationJob>, 'pollIntervalMs' | 'totalTimeoutMs' | 'onProgress'> | undefined;
  /** How long to wait for a turn at most, in ms, `Infinity` for any. Default: the call's `totalTimeoutMs`. */
  readonly maxWaitMs?: number | undefined;
  /** Told of each wait for a turn that begins. What it throws is logged and ignored. */
  readonly onWait?: ((wait: RateLimitWait) => void) | undefined;
}

/** Options of `CalibrationClient.run`. `totalTimeoutMs` covers the call and the job; default 600,000 (ten minutes). */
export interface RunOptions extends ApplyOptions, Pick<PollOptions<CalibrationJob>, 'pollIntervalMs' | 'onProgress'> {}

/** What became of one batch of `CalibrationClient.applyAll`. */
export type CalibrationBatch = {
  /** The interactions of this batch; at most 50. */
  readonly interactionIds: readonly string[];
  /** The key that it was sent with; sent again with it, the platform applies it once. */
  readonly idempotencyKey: string;
} & (
  | {
      /** The platform took it. */
      readonly status: 'applied';
      /** The platform's answer. */
      readonly result: CalibrationResult;
    }
  | {
      /** It was not applied, or nobody knows whether it was. */
      readonly status: 'failed';
      /** Why, as `apply` rejects. */
      readonly error: unknown;
    }
);

/** How far `CalibrationClient.applyAll` is. */
export interface CalibrationProgress {
  /** Batches that are over, those of an earlier run included. */
  readonly done: number;
  /** Batches in all. */
  readonly total: number;
  /** The batch that ended last. */
  readonly batch: CalibrationBatch;
}

/** Options of `CalibrationClient.applyAll`. */
export interface ApplyAllOptions extends Omit<ApplyOptions, 'idempotencyKey'> {
  /** Told after each batch. */
  readonly onProgress?: ((progress: CalibrationProgress) => unknown) | undefined;
  /** What an earlier run returned: batches that were applied are not sent again, the others with their keys. */
  readonly resume?: readonly CalibrationBatch[] | undefined;
}
