/**
 * Truth from conversations: record what a stream delivers, replay it against a change, and choose thresholds from
 * labelled examples.
 *
 * Guide: [Conversations](../../docs/conversations.md).
 *
 * @module agent-assist-sdk/conversations
 */

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
