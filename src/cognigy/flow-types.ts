import type { HttpClientOptions, RequestOptions } from '../http/internal.js';
import type { CognigyAiPlatform } from './platform.js';

/** Options of {@link FlowClient}: those of `HttpClient`, and which endpoint. */
export interface FlowClientOptions
  extends RequestOptions, Pick<HttpClientOptions, 'allowInsecureRequests' | 'auth' | 'maxResponseBytes'> {
  /** The installation: what `cognigyAi(...)` returns. */
  readonly platform: CognigyAiPlatform;
  /** The token at the end of the endpoint's URL. It is a secret: who knows it can talk to the flow. `undefined` is refused. */
  readonly urlToken: string | undefined;
  /**
   * Talks to the endpoint in test mode, which is not billed. The vendor allows 600 such inputs an hour.
   *
   * @defaultValue false
   */
  readonly testMode?: boolean | undefined;
  /** Credential of `inject` and `notify`; `send` needs none. */
  readonly auth?: HttpClientOptions['auth'];
  /**
   * Limit of each attempt in ms. A flow answers when its whole run is over, language models included.
   *
   * @defaultValue 60,000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Limit of a whole call in ms. The platform itself drops an input that waited for 120 s.
   *
   * @defaultValue 120,000
   */
  readonly totalTimeoutMs?: number | undefined;
  /**
   * Largest body of an input in bytes; `false` for no limit on this side.
   *
   * @defaultValue 65,000; the shared environment `app` takes 1,500,000
   */
  readonly maxInputBytes?: number | false | undefined;
}

/** What is said to a flow. `text` or `data` is required. */
export interface FlowInput {
  /** Who speaks. Together with `sessionId` it identifies the conversation. */
  readonly userId: string;
  /** The conversation. The platform creates it with the first input. */
  readonly sessionId: string;
  /** What is said. */
  readonly text?: string | undefined;
  /** Anything else that the flow reads as `input.data`. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/** One thing that a flow said. Unknown fields are kept. */
export interface FlowOutput {
  /** What it said. */
  readonly text?: string | undefined;
  /** What came beside the text; structured content such as quick replies is in `data._cognigy`. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** Id of the run, to look it up in the platform's logs. */
  readonly traceId?: string | undefined;
  /** Who said it: `bot`. */
  readonly source?: string | undefined;
  readonly [field: string]: unknown;
}

/** Everything that a flow said to one input. Unknown fields are kept. */
export interface FlowAnswer {
  /** The outputs in their order. Absent where a transformer of the endpoint answers in a shape of its own. */
  readonly outputStack?: readonly FlowOutput[] | undefined;
  /** All texts, joined by the platform. Prefer `outputStack`. */
  readonly text?: string | undefined;
  /** All data, merged by the platform. Prefer `outputStack`. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly userId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly [field: string]: unknown;
}
