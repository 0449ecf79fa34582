/**
 * Sentiment thresholds: verified before, applied, measured after.
 *
 * Guide: [Calibration](../../docs/calibration.md).
 *
 * @module agent-assist-sdk/calibration
 */

export { CalibrationClient } from './client.js';
export { PrecisionTracker, type AlertVerdict, type EmotionCounts, type Precision } from './precision.js';
export type {
  AlertDirective,
  AlertTrigger,
  ApplyAllOptions,
  ApplyOptions,
  Calibration,
  CalibrationBatch,
  CalibrationClientOptions,
  CalibrationJob,
  CalibrationProgress,
  CalibrationResult,
  CalibrationStatus,
  PolarityMatrix,
  RunOptions,
} from './types.js';
export type { RateLimitWait } from '../http/internal.js';
export {
  verifyInteraction,
  type ClassifiedInteraction,
  type Emotion,
  type LowConfidence,
  type NoDomainTerm,
  type UnknownEmotion,
  type Verification,
  type VerificationFailure,
  type VerificationOptions,
} from './verification.js';
