import * as z from '../schema.js';
import { toHex } from '../hash.js';
import { isRecord } from '../json.js';
import { absentable, anyString, checkedBy, filledList, flag, numberFrom, oneOf } from '../http/internal.js';
import { DIRECTIVES, MAX_THRESHOLD, MIN_BLOCK_THRESHOLD } from './alert-limits.js';
import type { AlertTrigger, Calibration, CalibrationJob, PolarityMatrix } from './types.js';

/** The part of a calibration's result that comes from the wire. */
export interface AcceptedCalibration {
  readonly jobId: string;
  readonly status?: string | undefined;
  readonly [field: string]: unknown;
}

// Unlike `filledString`: a failure must not end the checks of a trigger.
const text = checkedBy<string>(
  (value) => typeof value === 'string' && value !== '',
  'expected a string of at least 1 character',
  { type: 'string', minLength: 1 },
);

const polarityMatrix: z.Schema<PolarityMatrix> = z.strictObject({
  negative: numberFrom(-1, 0),
  neutral: numberFrom(-0.5, 0.5),
  positive: numberFrom(0, 1),
} satisfies z.Fields<PolarityMatrix>);

const blocksTooEarly = (trigger: Partial<AlertTrigger> | null): boolean =>
  trigger?.directive === 'block' && Number(trigger.threshold) < MIN_BLOCK_THRESHOLD;

const alertTrigger: z.Schema<AlertTrigger> = z.refine(
  z.strictObject({
    emotion: text,
    threshold: numberFrom(0, MAX_THRESHOLD),
    directive: oneOf(DIRECTIVES),
  } satisfies z.Fields<AlertTrigger>),
  (trigger) => !blocksTooEarly(trigger),
  { path: ['threshold'], message: `must be at least ${MIN_BLOCK_THRESHOLD} for block` },
  { isAlwaysRun: true },
);

export const calibration: z.Schema<Calibration> = z.strictObject({
  interactionIds: filledList(text, 50),
  polarityMatrix,
  alertTriggers: z.array(alertTrigger),
  sensitivityLevel: numberFrom(0.05, 0.95),
  triggerModelReweight: z.optional(flag),
} satisfies z.Fields<Calibration>);

/** Returns a calibration in the form of the wire. */
export function calibrationToWire(value: Calibration): unknown {
  return {
    interaction_ids: value.interactionIds,
    polarity_matrix: value.polarityMatrix,
    alert_triggers: value.alertTriggers,
    sensitivity_level: value.sensitivityLevel,
    trigger_model_reweight: value.triggerModelReweight ?? false,
  };
}

/** The tutorials do not name the field of the job's id, so all common names are accepted. */
const JOB_ID_FIELDS = ['job_id', 'jobId', 'id'] as const;

/** Returns the job's id of a response. */
function jobIdOf(answer: unknown): string | undefined {
  if (!isRecord(answer)) return undefined;
  return JOB_ID_FIELDS.map((name) => answer[name]).find(
    (value): value is string => typeof value === 'string' && value !== '',
  );
}

/** Returns the id of the running job that a 503 names. A mere `id` is the job's only in a job; others are of the error. */
export function runningJobIdOf(refusal: unknown): string | undefined {
  const isNoJob = isRecord(refusal) && typeof refusal['status'] !== 'string';
  return jobIdOf(isNoJob ? { ...refusal, id: undefined } : refusal);
}

/** Renames the job's id of a response; keeps all other fields unchanged. */
function withJobId<T extends Readonly<Record<string, unknown>>>(answer: T): T & { readonly jobId: string } {
  const jobId = jobIdOf(answer) ?? '';
  const others = Object.entries(answer).filter(
    ([name, value]) => value !== jobId || !JOB_ID_FIELDS.some((field) => field === name),
  );
  return { ...(Object.fromEntries(others) as T), jobId };
}

function jobAnswer<T extends Readonly<Record<string, unknown>>>(
  answer: z.Schema<T>,
): z.Schema<T & { readonly jobId: string }> {
  const problem = { path: ['job_id'], message: 'expected a string that is not empty' };
  const checked = z.refine(answer, (value) => jobIdOf(value) !== undefined, problem, { isAlwaysRun: true });
  return z.map(checked, withJobId<T>);
}

export const calibrationJob: z.Schema<CalibrationJob> = jobAnswer(z.looseObject({ status: anyString }));

/** The response to a calibration; the client measures the latency. */
export const acceptedCalibration: z.Schema<AcceptedCalibration> = jobAnswer(
  z.looseObject({ status: absentable(anyString) }),
);

/** Generates an idempotency key in the platform's format: `calib_` and 12 random hex digits. */
export function newCalibrationKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return `calib_${toHex(bytes)}`;
}
