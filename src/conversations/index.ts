/**
 * Tests and thresholds from real conversations: record what a stream delivers, replay it against a change, and
 * choose thresholds from labelled examples.
 *
 * Guide: [Conversations](../../docs/conversations.md).
 *
 * @module agent-assist-sdk/conversations
 */

export { toAlertTriggers, type ToAlertTriggersOptions } from './choose/alert-triggers.js';
export type { TuningReportOptions } from './choose/report/describe.js';
export { tuningHtmlReport } from './choose/report/html-report.js';
export { tuningMarkdownReport } from './choose/report/markdown-report.js';
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
export {
  OutcomeLabels,
  outcomesByConversation,
  type AlertReview,
  type OutcomeLabelsOptions,
  type RaisedAlert,
} from './outcomes/labels.js';
export { readRecording, type ReadRecordingOptions } from './read.js';
export { redactPersonalData, type FoundPhoneNumber, type PersonalDataOptions } from './record/personal-data.js';
export {
  recordStream,
  type RecordableStream,
  type RecorderCounts,
  type RecordStreamOptions,
  type StreamRecorder,
} from './record/recorder.js';
export { compareReplays, type CompareReplaysOptions, type ReplayChange, type ReplayDiff } from './replay/compare.js';
export { engineTarget, type EngineTargetOptions } from './replay/engine-target.js';
export { formatReplayDiff } from './replay/format-diff.js';
export { gateReplays, type ReplayGate, type ReplayGateLimits } from './replay/gate.js';
export type { AskedQuestion, ReplayEffect, ReplayOutcome, ReplayTotals } from './replay/outcome.js';
export { replay, type ReplayContext, type ReplayOptions, type ReplayTarget } from './replay/replay.js';
export {
  serviceTarget,
  type ServiceCall,
  type ServiceCalls,
  type ServiceTargetOptions,
} from './replay/service-target.js';
export { VirtualClock } from './replay/virtual-clock.js';
export type { ReadEvent, RecordedEvent, Redact } from './types.js';
