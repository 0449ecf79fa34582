import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { AlertTrigger, PolarityMatrix } from '../../calibration/types.js';
import { sleep, type Clock } from '../../http/clock.js';
import { LinkedMap } from '../../linked-map.js';
import type { ServerParts } from '../server/http-listener.js';
import { KEPT } from '../server/kept.js';
import { found, HttpProblem } from '../server/problem.js';
import { ok, type RouteContext } from '../server/router.js';
import { SlidingWindow } from '../server/sliding-window.js';
import { checkKind } from '../../options.js';

/** A calibration on the wire. */
export interface TenantCalibration {
  /** Interactions that the calibration is based on. */
  readonly interaction_ids: readonly string[];
  /** Where the polarities begin. */
  readonly polarity_matrix: PolarityMatrix;
  readonly alert_triggers: readonly AlertTrigger[];
  readonly sensitivity_level: number;
  /** Whether weights are recomputed. */
  readonly trigger_model_reweight?: boolean | undefined;
}

/** A calibration job of the tenant. */
export interface TenantCalibrationJob {
  readonly id: string;
  readonly calibration: TenantCalibration;
  /** Time of acceptance in ms since the epoch. */
  readonly createdAt: number;
  readonly status: 'running' | 'completed' | 'failed';
}

// Written from protocol 6, on purpose without the SDK's own schema: a misreading shared by both would prove nothing.
const between = (low: number, high: number): z.ZodMiniType<number> =>
  z.number().check(z.refine((value) => value >= low && value <= high, `must lie between ${low} and ${high}`));

const alertTrigger = z
  .strictObject({
    emotion: z.string().check(z.minLength(1)),
    threshold: between(0, 0.95),
    directive: z.enum(['block', 'notify', 'escalate', 'log']),
  })
  .check(
    z.refine(
      ({ threshold, directive }) => directive !== 'block' || threshold >= 0.7,
      'a block needs a threshold of 0.7',
    ),
  );

const calibrationBody: z.ZodMiniType<TenantCalibration> = z.strictObject({
  interaction_ids: z
    .array(z.string().check(z.minLength(1)))
    .check(z.refine(({ length }) => length >= 1 && length <= 50, 'must be 1 to 50 ids')),
  polarity_matrix: z.strictObject({ negative: between(-1, 0), neutral: between(-0.5, 0.5), positive: between(0, 1) }),
  alert_triggers: z.array(alertTrigger),
  sensitivity_level: between(0.05, 0.95),
  trigger_model_reweight: z.optional(z.boolean()),
});

const RATE_LIMIT = { maxCalls: 10, windowMs: 60_000 };

interface Job extends TenantCalibrationJob {
  status: TenantCalibrationJob['status'];
}

/** The tenant's calibrations: their jobs, ten accepted or refused a minute, one reweight job at a time. */
export class TenantCalibrations {
  /** Duration of a job without a reweight, in ms on the tenant's clock. Default 20; `Infinity`: until `finish`. */
  durationMs = 20;
  /** Duration of a reweight job, in ms on the tenant's clock. Default 200; `Infinity`: until `finish`. */
  reweightDurationMs = 200;
  /** Whether the 503 during a reweight names the running job. Default true. */
  namesRunningJob = true;

  readonly #clock: Clock;
  readonly #closing: AbortSignal;
  readonly #onEnd: (job: TenantCalibrationJob) => void;
  readonly #jobs = new LinkedMap<string, Job>(KEPT);
  readonly #remembered = new LinkedMap<string, { readonly bodyHash: string; readonly jobId: string }>(KEPT);
  readonly #arrivals = new SlidingWindow(RATE_LIMIT);
  #accepted = 0;
  #reweight: Job | undefined;

  /** @internal */
  constructor({ router, clock, closing }: ServerParts, onEnd: (job: TenantCalibrationJob) => void) {
    this.#clock = clock;
    this.#closing = closing;
    this.#onEnd = onEnd;
    const scope = 'sentiment:calibrate';
    router.on(
      'PUT /api/v1/agentassist/sentiment/calibration',
      { scope, body: calibrationBody, invalidBodyStatus: 400 },
      (context) => ok(this.#apply(context)),
    );
    router.on('GET /api/v1/agentassist/sentiment/calibration/jobs/{jobId}', { scope }, ({ params }) => {
      const { id, status, createdAt } = found(this.#jobs.get(params['jobId'] ?? ''), 'calibration job');
      return ok({ job_id: id, status, created_at: new Date(createdAt).toISOString() });
    });
  }

  /** The latest 10,000 jobs, oldest first. */
  get jobs(): readonly TenantCalibrationJob[] {
    return [...this.#jobs].map(([, job]) => ({ ...job }));
  }

  /** Starts a reweight job without a request, like another client of the tenant. */
  startReweight(calibration: TenantCalibration): TenantCalibrationJob {
    checkKind('calibration', calibration, 'an object');
    return { ...this.#start({ ...calibration, trigger_model_reweight: true }) };
  }

  /** Ends a job now. Does nothing if it has ended. */
  finish(jobId: string, status: 'completed' | 'failed' = 'completed'): void {
    const job = this.#jobs.get(jobId);
    if (job?.status !== 'running') return;
    job.status = status;
    if (this.#reweight === job) this.#reweight = undefined;
    this.#onEnd({ ...job });
  }

  /** Deletes a job, as a server does after a while. */
  forget(jobId: string): void {
    this.#jobs.delete(jobId);
  }

  #apply({ body, bodyText, headers }: RouteContext<TenantCalibration>): Readonly<Record<string, unknown>> {
    this.#countArrival();
    const key = headers['x-idempotency-key'];
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw new HttpProblem(400, 'missing_idempotency_key', 'X-Idempotency-Key is missing or malformed');
    }
    if (headers['x-format-version'] !== '2.1') {
      throw new HttpProblem(400, 'wrong_format_version', 'X-Format-Version must be 2.1');
    }
    const bodyHash = createHash('sha256').update(bodyText).digest('hex');
    const remembered = this.#remembered.get(key);
    if (remembered !== undefined && remembered.bodyHash !== bodyHash) {
      throw new HttpProblem(409, 'idempotency_key_reused', 'the key was used for another calibration');
    }
    const jobId = remembered?.jobId ?? this.#accept(key, bodyHash, body);
    if (headers['prefer'] === 'return=minimal') return { job_id: jobId };
    return { job_id: jobId, status: this.#jobs.get(jobId)?.status ?? 'completed', calibration: body };
  }

  #countArrival(): void {
    const waitMs = this.#arrivals.waitFor(this.#clock.now());
    if (waitMs === 0) return;
    throw new HttpProblem(429, 'rate_limited', `a tenant takes ${RATE_LIMIT.maxCalls} calibrations a minute`, {
      headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) },
    });
  }

  #accept(key: string, bodyHash: string, calibration: TenantCalibration): string {
    if (this.#reweight !== undefined) {
      const fields = this.namesRunningJob ? { job_id: this.#reweight.id } : {};
      throw new HttpProblem(503, 'reweight_running', 'a reweight job is running', { fields });
    }
    const { id } = this.#start(calibration);
    this.#remembered.set(key, { bodyHash, jobId: id });
    return id;
  }

  #start(calibration: TenantCalibration): Job {
    this.#accepted += 1;
    const job: Job = {
      id: `calibration-${this.#accepted}`,
      calibration,
      createdAt: this.#clock.now(),
      status: 'running',
    };
    this.#jobs.set(job.id, job);
    const isReweight = calibration.trigger_model_reweight === true;
    if (isReweight) this.#reweight = job;
    const durationMs = isReweight ? this.reweightDurationMs : this.durationMs;
    if (durationMs !== Infinity) {
      sleep(this.#clock, durationMs, this.#closing).then(
        () => this.finish(job.id),
        () => undefined,
      );
    }
    return job;
  }
}
