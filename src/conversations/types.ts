/** The first line of each file of a recording. */
export interface RecordingHeader {
  readonly type: 'recording';
  /** Version of the format. */
  readonly version: 1;
  /** When the file began, at which its offsets count from 0: ISO 8601, UTC. */
  readonly startedAt: string;
}

/** A recorded event of any protocol, redacted: its `type` and its other fields. */
export interface RecordedEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A line of a recording after the header: one event and when it arrived. */
export interface RecordedLine {
  /** Time since `startedAt` in ms. Never decreases. */
  readonly offsetMs: number;
  readonly event: RecordedEvent;
}

/** An event that was read from a recording. */
export interface ReadEvent {
  /** Time since the start of the recording's first file, in ms. Never decreases. */
  readonly offsetMs: number;
  /** When it arrived, in ms since the epoch. Never decreases. */
  readonly receivedAt: number;
  readonly event: RecordedEvent;
}

/**
 * Returns what is recorded of an event, or `undefined` to leave it out. It receives a copy, in which credentials are
 * already removed and ids pseudonymized, and may change it. If it throws, or returns a promise, the event is not recorded.
 */
export type Redact = (event: RecordedEvent) => RecordedEvent | undefined;
