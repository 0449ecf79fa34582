/**
 * Sentiment thresholds: verified before, applied, measured after.
 *
 * Guide: [Calibration](../../docs/calibration.md).
 *
 * @module agent-assist-sdk/calibration
 */

export { CalibrationClient } from './client.js';
export { PrecisionTracker } from './precision.js';
export type { RateLimitWait } from '../http/internal.js';
export { verifyInteraction } from './verification.js';
export type {
  AlertDirective,
  AlertTrigger,
  AlertVerdict,
  ApplyAllOptions,
  ApplyOptions,
  Calibration,
  CalibrationBatch,
  CalibrationClientOptions,
  CalibrationJob,
  CalibrationProgress,
  CalibrationResult,
  CalibrationStatus,
  ClassifiedInteraction,
  Emotion,
  EmotionCounts,
  LowConfidence,
  NoDomainTerm,
  PolarityMatrix,
  Precision,
  RunOptions,
  UnknownEmotion,
  Verification,
  VerificationFailure,
  VerificationOptions,
} from './types.js';
