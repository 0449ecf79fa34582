import { guarded, validateRequest, type Logger } from '../http/internal.js';
import { newCalibrationKey } from './key.js';
import { calibration } from './schemas.js';
import type { ApplyOptions, Calibration, CalibrationResult } from './types.js';

/** What became of one batch of {@link CalibrationClient.applyAll}. */
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

/** How far {@link CalibrationClient.applyAll} is. */
export interface CalibrationProgress {
  /** Batches that are over, those of an earlier run included. */
  readonly done: number;
  /** Batches in all. */
  readonly total: number;
  /** The batch that ended last. */
  readonly batch: CalibrationBatch;
}

/** Options of {@link CalibrationClient.applyAll}. */
export interface ApplyAllOptions extends Omit<ApplyOptions, 'idempotencyKey'> {
  /** Told after each batch. */
  readonly onProgress?: ((progress: CalibrationProgress) => unknown) | undefined;
  /** What an earlier run returned: batches that were applied are not sent again, the others with their keys. */
  readonly resume?: readonly CalibrationBatch[] | undefined;
}

const BATCH_SIZE = 50;

type Apply = (payload: Calibration, options: ApplyOptions) => PromiseLike<CalibrationResult>;
type Batch = Pick<CalibrationBatch, 'interactionIds' | 'idempotencyKey'>;

function split({ interactionIds }: Calibration): Batch[] {
  const count = Math.max(1, Math.ceil(interactionIds.length / BATCH_SIZE));
  return Array.from({ length: count }, (_, at) => ({
    interactionIds: interactionIds.slice(at * BATCH_SIZE, (at + 1) * BATCH_SIZE),
    idempotencyKey: newCalibrationKey(),
  }));
}

/** Applies a calibration batch by batch, one after the other. */
export async function applyInBatches(
  apply: Apply,
  payload: Calibration,
  { onProgress, resume, ...options }: ApplyAllOptions,
  logger: Logger,
): Promise<CalibrationBatch[]> {
  const report = guarded('onProgress', onProgress, logger);
  const batches: readonly (Batch | CalibrationBatch)[] = resume ?? split(payload);
  const payloads = batches.map(({ interactionIds }, at) => ({
    ...payload,
    interactionIds,
    // Computed once, over everything: the platform refuses further batches while it computes.
    triggerModelReweight: payload.triggerModelReweight === true && at === batches.length - 1,
  }));
  for (const part of payloads) validateRequest(calibration, part, 'calibration');
  const ended: CalibrationBatch[] = [];
  for (const [at, part] of payloads.entries()) {
    const batch = batches[at];
    if (batch === undefined) break;
    const { interactionIds, idempotencyKey } = batch;
    const before = 'status' in batch && batch.status === 'applied' ? batch : undefined;
    const outcome: CalibrationBatch =
      before ??
      (await apply(part, { ...options, idempotencyKey }).then(
        (result): CalibrationBatch => ({ interactionIds, idempotencyKey, status: 'applied', result }),
        (error: unknown): CalibrationBatch => ({ interactionIds, idempotencyKey, status: 'failed', error }),
      ));
    ended.push(outcome);
    if (before === undefined) report({ done: ended.length, total: batches.length, batch: outcome });
  }
  return ended;
}
