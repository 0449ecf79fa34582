/** `OUTPUT`: an output of the flow. */
export interface FlowOutputEvent {
  readonly type: 'OUTPUT';
  /** The text, if there is any. */
  readonly text?: string | undefined;
  /** Data of the flow; quick replies, galleries and the like are in `data._cognigy`. */
  readonly data?: unknown;
  /** Id of the run in the logs of the installation. */
  readonly traceId?: string | undefined;
  /** Source of the output, e.g. `bot`. */
  readonly source?: string | undefined;
  /** Additional fields are kept. */
  readonly [field: string]: unknown;
}

/** `TYPING`: the flow started or stopped working on an output. */
export interface FlowTypingEvent {
  readonly type: 'TYPING';
  /** Whether it is working on one. */
  readonly isTyping: boolean;
  /** As sent by the server: `typingOn` or `typingOff`. */
  readonly status: string;
}

/** `FLOW_ERROR`: the run of the flow failed, or the endpoint refused an input. */
export interface FlowErrorEvent {
  readonly type: 'FLOW_ERROR';
  /** The server's reason; empty if it is not text. */
  readonly message: string;
  /** What the server sent: an `output` whose type is `error`, or an `exception`. */
  readonly origin: 'output' | 'exception';
  /** The error, as sent by the server. */
  readonly error: unknown;
}

/** `FINAL_PING`: a run of the flow has ended. */
export interface FlowFinalPingEvent {
  readonly type: 'FINAL_PING';
  /** What the server sent with it, which is not documented. */
  readonly payload: unknown;
}

/**
 * `INPUT_UNCONFIRMED`: a connection ended before the runs of these inputs. Whether the flow received them is unknown.
 * They are not sent again, since a flow that received them would answer twice: decide per conversation.
 */
export interface FlowUnconfirmedEvent {
  readonly type: 'INPUT_UNCONFIRMED';
  /** The inputs, in the order in which they were sent; at most the last 100. */
  readonly inputs: readonly FlowStreamInput[];
}

/** Events of a flow's stream, by name. */
export interface FlowStreamEvents {
  OUTPUT: FlowOutputEvent;
  /** The flow started or stopped working on an output. */
  TYPING: FlowTypingEvent;
  /** A run failed. */
  FLOW_ERROR: FlowErrorEvent;
  /** A run has ended. */
  FINAL_PING: FlowFinalPingEvent;
  /** A connection ended before the runs of some inputs. */
  INPUT_UNCONFIRMED: FlowUnconfirmedEvent;
}

/** A user's input for the flow. `text` or `data` is required. */
export interface FlowStreamInput {
  readonly text?: string | undefined;
  /** Data that the flow reads as `input.data`. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}
