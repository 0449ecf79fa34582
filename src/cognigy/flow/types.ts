import type { HttpClientOptions, RequestOptions } from '../../http/internal.js';
import type { Article, KnowledgeQuery } from '../../knowledge/index.js';
import type { StreamProtocol } from '../../stream/index.js';
import type { SuggestRequest, Suggestion } from '../../suggestions/index.js';
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

/** All outputs of a flow for one input; empty if a transformer of the endpoint returns nothing. Unknown fields are kept. */
export interface FlowAnswer {
  /** The outputs, in order. Absent if a transformer of the endpoint returns another shape. */
  readonly outputStack?: readonly FlowOutput[] | undefined;
  /** All texts, joined by the platform. Prefer `outputStack`. */
  readonly text?: string | undefined;
  /** All data, merged by the platform. Prefer `outputStack`. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** The whole response, if a transformer of the endpoint returns no object, e.g. a list or a text. */
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

/** A question with its defaults, for {@link FlowKnowledgeMapping.toInput}. */
export type FlowKnowledgeQuery = Required<{
  [K in keyof KnowledgeQuery]: NonNullable<KnowledgeQuery[K]>;
}>;

/** Maps a question to an input of a search flow, and the flow's response to articles. */
export interface FlowKnowledgeMapping {
  /**
   * Returns the input. All searches of a source share a session by default, since sessions may be billed.
   *
   * @defaultValue the question as text, and `language` and `topK` (the page size) as data
   */
  readonly toInput?: ((query: FlowKnowledgeQuery) => FlowInput) | undefined;
  /**
   * Returns the articles, best first; see {@link flowKnowledge}.
   *
   * @defaultValue the entries of `knowledgeSearch.topK` in the data of the outputs
   */
  readonly toArticles?: ((answer: FlowAnswer) => readonly Article[] | Promise<readonly Article[]>) | undefined;
}

/** Maps a state of an interaction to an input of a flow, and the flow's response to suggestions. */
export interface FlowSuggestionMapping {
  /**
   * Returns the input.
   *
   * @defaultValue the interaction as user and session, its transcript as text, and `sentimentScore` and `context` as
   * data
   */
  readonly toInput?: ((request: SuggestRequest) => FlowInput) | undefined;
  /**
   * Returns the suggestions.
   *
   * @defaultValue each output with a text, its `confidence` from `data.confidence` if that is a number from 0 to 1, its
   * `source` from `data.source` if that is a text
   */
  readonly toSuggestions?: ((answer: FlowAnswer) => readonly Suggestion[]) | undefined;
}

/** Options of {@link flowProtocol}. */
export interface FlowProtocolOptions {
  /** Token of the endpoint, from its URL. Anyone with the token can talk to the flow. */
  readonly urlToken: string;
  /** Id of the user. With `sessionId` it identifies the conversation, which begins with its first use. */
  readonly userId: string;
  readonly sessionId: string;
  /**
   * Version of Engine.IO of the endpoint: 3 (Socket.IO 2) or 4. An endpoint that speaks only version 4 breaks
   * connections of version 3, with `WS_ERR_UNEXPECTED_RSV_1` in the error.
   *
   * @defaultValue 3, like the vendor's web chat
   */
  readonly eio?: 3 | 4 | undefined;
  /**
   * Where ids and token are sent: in the query of the URL, which proxies and servers log, or in a message after it.
   *
   * @defaultValue `'query'`
   */
  readonly handshake?: 'query' | 'message' | undefined;
  /** Test mode: inputs are not billed; up to 600 an hour are accepted as tests. @defaultValue false */
  readonly testMode?: boolean | undefined;
  /** Channel of the inputs, visible to the flow. @defaultValue `'socket-client'`, like the vendor's client */
  readonly channel?: string | undefined;
}

/** Protocol of a flow's Socket.IO endpoint. It uses no token other than the one in the URL. */
export type FlowProtocol = StreamProtocol<FlowStreamEvents, FlowStreamInput> & { readonly token: 'none' };
