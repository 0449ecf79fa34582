/**
 * Truth from conversations: record what a stream delivers, replay it against a change, and choose thresholds from
 * labelled examples.
 *
 * Guide: [Conversations](../../docs/conversations.md).
 *
 * @module agent-assist-sdk/conversations
 */

export { toAlertTriggers, type ToAlertTriggersOptions } from './choose/alert-triggers.js';
export { toTrigger, type ToTriggerOptions } from './choose/trigger.js';
export { tuneAlerts } from './choose/tune.js';
export type {
  AlertCurve,
  AlertRule,
  AlertRuleType,
  AlertTuning,
  AlertTuningBase,
  AlertVolumeObjective,
  ChosenAlerts,
  CrossValidation,
  FBetaObjective,
  Interval,
  LabelledUpdate,
  OperatingPoint,
  PrecisionObjective,
  RuleComparison,
  ScoreRule,
  TuneAlertsOptions,
  TuningObjective,
  TuningPromise,
  UndecidedAlerts,
  UndecidedReason,
} from './choose/types.js';
export { DriftDetector, type DriftDetectorOptions, type DriftDetectorState } from './outcomes/drift.js';
export { readRecording, type ReadRecordingOptions } from './read.js';
export { redactPersonalData, type FoundPhoneNumber, type PersonalDataOptions } from './record/personal-data.js';
export {
  recordStream,
  type RecordableStream,
  type RecorderCounts,
  type RecordStreamOptions,
  type Redact,
  type StreamRecorder,
} from './record/recorder.js';
export type { ReadEvent, RecordedEvent, RecordedLine, RecordingHeader } from './types.js';
