import type { HttpClientOptions, RequestOptions } from '../../http/internal.js';
import type { CognigyAiPlatform } from '../platform.js';

/** Options of {@link FlowClient}: those of `HttpClient`, and the endpoint. */
export interface FlowClientOptions
  extends RequestOptions, Pick<HttpClientOptions, 'allowInsecureRequests' | 'auth' | 'maxResponseBytes'> {
  /** The installation: the result of `cognigyAi(...)`. */
  readonly platform: CognigyAiPlatform;
  /**
   * The token at the end of the endpoint's URL. It is a secret: anyone who knows it can talk to the flow. `undefined`
   * is refused.
   */
  readonly urlToken: string | undefined;
  /**
   * Uses the test mode of the endpoint, which is not billed. The vendor allows 600 such inputs an hour.
   *
   * @defaultValue false
   */
  readonly testMode?: boolean | undefined;
  /** Credential of `inject` and `notify`; `send` needs none. */
  readonly auth?: HttpClientOptions['auth'];
  /**
   * Time limit of each attempt in ms. A flow responds when its whole run has ended, language models included.
   *
   * @defaultValue 60,000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Time limit of a whole call in ms. The platform itself drops an input that has waited for 120 s.
   *
   * @defaultValue 120,000
   */
  readonly totalTimeoutMs?: number | undefined;
  /**
   * Largest body of an input in bytes; `false` for no client-side limit.
   *
   * @defaultValue 65,000; the shared environment `app` accepts 1,500,000
   */
  readonly maxInputBytes?: number | false | undefined;
}

/** An input for a flow. `text` or `data` is required. */
export interface FlowInput extends FlowStreamInput {
  /** Id of the user. Together with `sessionId` it identifies the conversation. */
  readonly userId: string;
  /** Id of the conversation. The platform creates it with the first input. */
  readonly sessionId: string;
}

/** An output of a flow. Unknown fields are kept. */
export interface FlowOutput {
  readonly text?: string | undefined;
  /** Data of the output; structured content such as quick replies is in `data._cognigy`. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** Id of the run, to find it in the platform's logs. */
  readonly traceId?: string | undefined;
  /** Source of the output: `bot`. */
  readonly source?: string | undefined;
  readonly [field: string]: unknown;
}

/** All outputs of a flow for one input. Unknown fields are kept. */
export interface FlowAnswer {
  /** The outputs, in order. Absent if a transformer of the endpoint returns another shape. */
  readonly outputStack?: readonly FlowOutput[] | undefined;
  /** All texts, joined by the platform. Prefer `outputStack`. */
  readonly text?: string | undefined;
  /** All data, merged by the platform. Prefer `outputStack`. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** The whole response, if a transformer of the endpoint returns JSON that is not an object, e.g. a list. */
  readonly answer?: unknown;
  readonly userId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly [field: string]: unknown;
}

/** `OUTPUT`: an output of the flow. */
export interface FlowOutputEvent extends Pick<FlowOutput, 'text' | 'traceId' | 'source'> {
  readonly type: 'OUTPUT';
  /** Data of the flow; quick replies, galleries and the like are in `data._cognigy`. */
  readonly data?: unknown;
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
 * They are not sent again, since a flow that received them would respond twice: decide per conversation.
 */
export interface FlowUnconfirmedEvent {
  readonly type: 'INPUT_UNCONFIRMED';
  /** The inputs, in the order in which they were sent; at most the last 100. */
  readonly inputs: readonly FlowStreamInput[];
}

/** Events of a flow's stream, by name. */
export interface FlowStreamEvents {
  OUTPUT: FlowOutputEvent;
  TYPING: FlowTypingEvent;
  FLOW_ERROR: FlowErrorEvent;
  FINAL_PING: FlowFinalPingEvent;
  INPUT_UNCONFIRMED: FlowUnconfirmedEvent;
}

/** A user's input for the flow. `text` or `data` is required. */
export interface FlowStreamInput {
  readonly text?: string | undefined;
  /** Data that the flow reads as `input.data`. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}
