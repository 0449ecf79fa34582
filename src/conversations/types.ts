/** A recorded event of any protocol, redacted: its `type` and its other fields. */
export interface RecordedEvent {
  readonly type: string;
  readonly [field: string]: unknown;
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
