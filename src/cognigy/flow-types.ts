import type { HttpClientOptions, RequestOptions } from '../http/internal.js';
import type { FlowStreamInput } from './flow-events.js';
import type { CognigyAiPlatform } from './platform.js';

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
   * Time limit of each attempt in ms. A flow answers when its whole run has ended, language models included.
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
  /** The whole answer, if a transformer of the endpoint returns JSON that is no object, e.g. a list. */
  readonly answer?: unknown;
  readonly userId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly [field: string]: unknown;
}
