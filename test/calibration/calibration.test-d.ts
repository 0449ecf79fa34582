import type * as z from 'zod/mini';
import { expectTypeOf, it } from 'vitest';
import type {
  AlertDirective,
  Calibration,
  CalibrationClient,
  CalibrationJob,
  CalibrationResult,
  EmotionCounts,
  PrecisionTracker,
} from 'agent-assist-sdk/calibration';
import type { acceptedCalibration, calibration, calibrationJob } from '../../src/calibration/schemas.js';
import type { emotionCounts } from '../../src/calibration/precision.js';

it('the public types are what the schemas yield', () => {
  expectTypeOf<z.output<typeof calibration>>().toEqualTypeOf<Calibration>();
  expectTypeOf<z.output<typeof calibrationJob>>().toEqualTypeOf<CalibrationJob>();
  expectTypeOf<z.output<typeof emotionCounts>>().toEqualTypeOf<readonly EmotionCounts[]>();
  expectTypeOf<ReturnType<PrecisionTracker['toJSON']>>().toEqualTypeOf<z.output<typeof emotionCounts>>();
  // The latency is measured on this side; all else comes from the wire.
  expectTypeOf<
    z.output<typeof acceptedCalibration> & { readonly calibrationLatencyMs: number }
  >().toExtend<CalibrationResult>();
});

it('a directive is one of four, a status may be a new one', () => {
  expectTypeOf<AlertDirective>().toEqualTypeOf<'block' | 'notify' | 'escalate' | 'log'>();
  expectTypeOf<string>().toExtend<CalibrationJob['status']>();
});

it('a calibration needs all but the reweight', () => {
  type Applied = Parameters<CalibrationClient['apply']>[0];
  expectTypeOf<Omit<Calibration, 'triggerModelReweight'>>().toExtend<Applied>();
  expectTypeOf<Omit<Calibration, 'sensitivityLevel'>>().not.toExtend<Applied>();
});
