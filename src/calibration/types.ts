import type { CallOptions, PollOptions, RateLimit, RateLimitWait } from '../http/internal.js';

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

/** An alert that an emotion triggers. */
export interface AlertTrigger {
  /** The emotion, e.g. `anger`. */
  readonly emotion: string;
  /** Minimum confidence of the classification, 0 to 0.95; at least 0.7 for `block`. */
  readonly threshold: number;
  /** What the alert does. */
  readonly directive: AlertDirective;
}

/** New sentiment thresholds (protocol 6). */
export interface Calibration {
  /** Interactions that the calibration is based on; 1 to 50. */
  readonly interactionIds: readonly string[];
  /** Where the polarities begin. */
  readonly polarityMatrix: PolarityMatrix;
  /** The alerts and the emotions that trigger them. */
  readonly alertTriggers: readonly AlertTrigger[];
  /** 0.05 to 0.95. */
  readonly sensitivityLevel: number;
  /** Whether the platform recomputes the weights of its models, which takes a while. @defaultValue false */
  readonly triggerModelReweight?: boolean | undefined;
}

/** Status of a calibration job. Unknown statuses are passed on unchanged. */
export type CalibrationStatus = 'queued' | 'running' | 'completed' | 'failed' | (string & {});

/** A calibration job. Unknown fields are kept. */
export interface CalibrationJob {
  readonly jobId: string;
  /** The status; `completed` and `failed` are final, and so are others such as `cancelled`. */
  readonly status: CalibrationStatus;
  readonly [field: string]: unknown;
}

/** The response to a {@link Calibration}. Unknown fields are kept. */
export interface CalibrationResult {
  /** Id of the job that applies the calibration. */
  readonly jobId: string;
  /** Status of the job, if the platform sends it. */
  readonly status?: CalibrationStatus | undefined;
  /**
   * Latency in ms, from the first request of the accepted submission to its response, including retries. The wait for
   * the first turn or for a running job does not count.
   */
  readonly calibrationLatencyMs: number;
  readonly [field: string]: unknown;
}

/** Options of `CalibrationClient.apply`. */
export interface ApplyOptions extends CallOptions {
  /** How to poll a running reweight job. @defaultValue every 2 s, for at most ten minutes */
  readonly runningJob?:
    Pick<PollOptions<CalibrationJob>, 'pollIntervalMs' | 'totalTimeoutMs' | 'onProgress'> | undefined;
  /** Limit of the wait for a turn in ms; `Infinity` for no limit. @defaultValue the call's `totalTimeoutMs` */
  readonly maxWaitMs?: number | undefined;
  /** Called when a wait for a turn, or for a running job, begins. Errors that it throws are logged and ignored. */
  readonly onWait?: ((wait: RateLimitWait) => void) | undefined;
}

/** Options of `CalibrationClient.run`. `totalTimeoutMs` covers the call and the job; default 600,000 (ten minutes). */
export interface RunOptions extends ApplyOptions, Pick<PollOptions<CalibrationJob>, 'pollIntervalMs' | 'onProgress'> {
  /**
   * Called with the id of the job once the platform has accepted the calibration, and awaited before the first poll.
   * The job continues after an abort or a timeout; `wait` with its id returns its outcome. If it throws or rejects, the
   * run fails; `totalTimeoutMs` and `signal` end the wait for it.
   */
  readonly onSubmitted?: ((jobId: string) => unknown) | undefined;
}

/** Outcome of one batch of `CalibrationClient.applyAll`. */
export type CalibrationBatch = {
  /** The interactions of this batch; at most 50. */
  readonly interactionIds: readonly string[];
  /** The idempotency key of the batch. A retry with the same key is applied only once. */
  readonly idempotencyKey: string;
} & (
  | {
      /** The platform accepted the batch. */
      readonly status: 'applied';
      /** The platform's response. */
      readonly result: CalibrationResult;
    }
  | {
      /** The batch was not applied, or its outcome is unknown. */
      readonly status: 'failed';
      /** The error of `apply`. */
      readonly error: unknown;
    }
);

/** Progress of `CalibrationClient.applyAll`. */
export interface CalibrationProgress {
  /** Finished batches, including those of an earlier run. */
  readonly done: number;
  /** Number of batches. */
  readonly total: number;
  /** The batch that finished last. */
  readonly batch: CalibrationBatch;
}

/** Options of `CalibrationClient.applyAll`. */
export interface ApplyAllOptions extends Omit<ApplyOptions, 'idempotencyKey'> {
  /** Called after each batch. */
  readonly onProgress?: ((progress: CalibrationProgress) => unknown) | undefined;
  /**
   * Result of an earlier run, or the batches that its `onProgress` got. Applied batches are not sent again; the others
   * are, with their idempotency keys. Interactions of the payload that are in none of them are sent in new batches.
   *
   * @defaultValue none, like an empty list: all batches are new
   */
  readonly resume?: readonly CalibrationBatch[] | undefined;
}

/** Options of `CalibrationClient`. */
export interface CalibrationClientOptions {
  /**
   * Enforces the platform's limit of ten calibrations per minute. Give all processes of a fleet the same
   * `redisRateLimiter` of `agent-assist-sdk/redis`.
   *
   * @defaultValue a limiter in memory that all calibrations of an `HttpClient` share
   */
  readonly rateLimiter?: RateLimit | undefined;
}

/** Emotions that the platform distinguishes (protocol 6). */
export type Emotion = 'anger' | 'frustration' | 'satisfaction' | 'confusion';

/** An interaction with its classified emotion. */
export interface ClassifiedInteraction {
  readonly interactionId: string;
  /** What was said. */
  readonly text: string;
  /** The classified emotion, case-sensitive. An emotion that the platform does not distinguish does not pass. */
  readonly emotion: Emotion | (string & {});
  /** Confidence of the classification, 0 to 1. */
  readonly confidence: number;
}

/** Options of {@link verifyInteraction}. */
export interface VerificationOptions {
  /** Terms of the business (protocol 6). @defaultValue `billing`, `outage`, `refund`, `latency`, `sla` */
  readonly domainTerms?: readonly string[] | undefined;
  /** Minimum confidence of the classification, 0 to 1 (protocol 6). @defaultValue 0.8 */
  readonly minConfidence?: number | undefined;
}

/** The text contains no domain term. */
export interface NoDomainTerm {
  readonly type: 'no-domain-term';
}

/** The platform does not distinguish this emotion. */
export interface UnknownEmotion {
  readonly type: 'unknown-emotion';
  readonly emotion: string;
}

/** The confidence of the classification is too low, or out of range, e.g. a percentage. */
export interface LowConfidence {
  readonly type: 'confidence';
  /** The confidence that was given. */
  readonly confidence: number;
  /** The minimum confidence, 0 to 1. */
  readonly minConfidence: number;
}

/** Why an interaction did not pass. */
export type VerificationFailure = NoDomainTerm | UnknownEmotion | LowConfidence;

/** Result of a verification. */
export interface Verification {
  readonly interactionId: string;
  /** Whether the interaction may be used for a calibration. */
  readonly passed: boolean;
  /** The domain terms in the text, as configured. */
  readonly domainTerms: readonly string[];
  /** The reasons against it. */
  readonly failures: readonly VerificationFailure[];
}

/** Precision of alerts: the share of raised alerts that were right (protocol 6). */
export interface Precision extends Omit<EmotionCounts, 'emotion'> {
  /** Share of true positives among all alerts, 0 to 1, four decimals; 0 without alerts. */
  readonly precision: number;
  /** 95 % Wilson score interval of the precision, four decimals. 0 to 1 without alerts. */
  readonly interval: {
    /** Lower end, 0 to 1. */
    readonly low: number;
    /** Upper end, 0 to 1. */
    readonly high: number;
  };
}

/** Verdict of a person who reviewed an alert. */
export type AlertVerdict = 'true-positive' | 'false-positive';

/** Right and wrong alerts of one emotion. */
export interface EmotionCounts {
  readonly emotion: string;
  /** Alerts that were right. */
  readonly truePositives: number;
  /** Alerts that were wrong. */
  readonly falsePositives: number;
}
