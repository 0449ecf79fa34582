import { ConfigurationError } from '../errors.js';
import { guarded, validateRequest, type Logger } from '../http/internal.js';
import { calibration, newCalibrationKey } from './schemas.js';
import type { ApplyAllOptions, ApplyOptions, Calibration, CalibrationBatch, CalibrationResult } from './types.js';
import { checkKind } from '../options.js';

const BATCH_SIZE = 50;

type Apply = (payload: Calibration, options: ApplyOptions) => PromiseLike<CalibrationResult>;
type Batch = Pick<CalibrationBatch, 'interactionIds' | 'idempotencyKey'> & { readonly status?: undefined };

function split(interactionIds: readonly string[]): Batch[] {
  const count = Math.ceil(interactionIds.length / BATCH_SIZE);
  return Array.from({ length: count }, (_, at) => ({
    interactionIds: interactionIds.slice(at * BATCH_SIZE, (at + 1) * BATCH_SIZE),
    idempotencyKey: newCalibrationKey(),
  }));
}

/** Applies a calibration batch by batch, one after the other. */
export async function applyInBatches(
  apply: Apply,
  payload: Calibration,
  { onProgress, resume = [], ...options }: ApplyAllOptions,
  logger: Logger,
): Promise<CalibrationBatch[]> {
  checkKind('interactionIds', (Object(payload) as Calibration).interactionIds, 'a list of strings');
  const report = guarded('onProgress', onProgress, logger);
  // What a run that ended early did not come to is in no batch.
  const known = new Set(resume.flatMap(({ interactionIds }) => interactionIds));
  const remaining = split(payload.interactionIds.filter((id) => !known.has(id)));
  const batches: readonly (Batch | CalibrationBatch)[] = [...resume, ...remaining];
  if (batches.length === 0) validateRequest(calibration, payload, 'calibration');
  const parts = batches.map((batch, at) => ({
    batch,
    part: {
      ...payload,
      interactionIds: batch.interactionIds,
      // Only once, at the end: the platform refuses further batches while the reweight runs.
      triggerModelReweight: payload.triggerModelReweight === true && at === batches.length - 1,
    },
  }));
  for (const { part } of parts) validateRequest(calibration, part, 'calibration');
  const ended: CalibrationBatch[] = [];
  const before = batches.filter(({ status }) => status === 'applied').length;
  let sent = 0;
  for (const { batch, part } of parts) {
    if (batch.status === 'applied') {
      ended.push(batch);
      continue;
    }
    const { interactionIds, idempotencyKey } = batch;
    const outcome = await apply(part, { ...options, idempotencyKey }).then(
      (result): CalibrationBatch => ({ interactionIds, idempotencyKey, status: 'applied', result }),
      (error: unknown): CalibrationBatch => {
        // Nothing was sent yet, and an invalid option or credential would fail every other batch as well.
        if (sent === 0 && error instanceof ConfigurationError) throw error;
        return { interactionIds, idempotencyKey, status: 'failed', error };
      },
    );
    sent += 1;
    ended.push(outcome);
    report({ done: before + sent, total: batches.length, batch: outcome });
  }
  return ended;
}
