import { ConfigurationError, TimeoutError } from '../../errors.js';
import {
  ApiPromise,
  because,
  callOptions,
  checkedHttp,
  namingCaller,
  validateRequest,
  withinLimit,
  type ApiResponse,
  type CallOptions,
  type HttpClient,
} from '../../http/internal.js';
import { checkKind, checkOptions } from '../../options.js';
import type { CopilotClientOptions, CopilotFeedback, CopilotSearchRequest, IdTokenProvider } from './types.js';
import { searchRequest, feedbackRequest, agenticUrl } from './schemas.js';

/**
 * Asks CXone's Agent Copilot, and rates its answers. The answers arrive as `ASSIST_CARD` on an `AssistStream` with
 * `notificationProtocol`, topic `copilotTopic(agentId)`.
 *
 * Calls are not retried after a failure with an unknown outcome. The id token is part of the body, so the retry after a
 * 401 has a new access token and the same id token.
 *
 * @experimental These are the private routes of the vendor's agent desktop, known from its public SDK: undocumented,
 * unstable, and renamed in the past. NICE has not published whether they accept the tokens of an access key's user.
 *
 * @example
 * ```ts
 * import { HttpClient } from 'agent-assist-sdk';
 * import { connectCxone, CopilotClient } from 'agent-assist-sdk/cxone';
 *
 * const accessKey = { id: 'key id', secret: 'key secret' };
 * const { auth, platform } = await connectCxone({ clientId: 'id', clientSecret: 'secret', accessKey });
 * const copilot = new CopilotClient({ http: new HttpClient({ platform, auth }), auth });
 * await copilot.feedback({ contactId: '30001', answers: [{ utteranceId: 'u1', answerId: 'kb1', rating: 'like' }] });
 * ```
 */
export class CopilotClient {
  readonly #http: HttpClient;
  readonly #auth: IdTokenProvider;
  readonly #prefix: string;

  /** @throws `ConfigurationError` for an option that is unknown or invalid. */
  constructor(options: CopilotClientOptions) {
    checkOptions('CopilotClient', options, {
      http: 'anything',
      auth: 'anything',
      pathPrefix: 'a string',
    });
    const { http, auth, pathPrefix = '/agent-copilot/v1' } = options;
    checkKind('auth', auth, 'a provider of id tokens with getIdToken()');
    if (!/^(?:\/[\w.-]+)+$/.test(pathPrefix))
      throw new ConfigurationError('pathPrefix: expected a path such as /agent-copilot/v1');
    this.#http = checkedHttp(http);
    this.#auth = auth;
    this.#prefix = pathPrefix;
  }

  /**
   * Asks Copilot a question. Resolves when Copilot has accepted it; its cards arrive on the stream.
   *
   * @throws (as rejection) `RequestValidationError` before anything is sent; `ConfigurationError` if the login grants
   * no id token; and what `HttpClient.request` and the provider of id tokens reject with.
   */
  search(request: CopilotSearchRequest, options?: CallOptions): ApiPromise<void> {
    return ApiPromise.attempt(() => {
      const { contactId, query, agentUuid, config } = validateRequest(searchRequest, request, 'Copilot search');
      const body = { contactId, agentAssistQueryConfig: config, query, agentUUID: agentUuid };
      return this.#post('/agent-search', body, options);
    });
  }

  /** Rates knowledge answers. @throws (as rejection) like {@link CopilotClient.search}. */
  feedback(feedback: CopilotFeedback, options?: CallOptions): ApiPromise<void> {
    return ApiPromise.attempt(() => {
      const { contactId, answers } = validateRequest(feedbackRequest, feedback, 'Copilot feedback');
      const feedbacks = answers.map(({ utteranceId, answerId, rating, tag = '', comment = '' }) => ({
        contactId,
        utteranceId,
        kbAnswerUid: answerId,
        valueEnum: rating === 'like' ? 1 : 2,
        tagEnum: tag,
        comment,
      }));
      return this.#post('/interaction-feedback/kbAnswers', { contactId, feedbacks }, options);
    });
  }

  /**
   * Fetches the URL of Copilot's agentic socket, for an `AssistStream` with `agenticProtocol`.
   *
   * @throws (as rejection) what `HttpClient.request` rejects with.
   */
  agenticStreamUrl(options?: CallOptions): ApiPromise<string> {
    const path = `${this.#prefix}/agentic-websocket-url`;
    return this.#http.request({ method: 'GET', path, headers: APPLICATION, response: agenticUrl }, options);
  }

  #post(path: string, body: Readonly<Record<string, unknown>>, options: CallOptions = {}): ApiPromise<void> {
    const call = async (): Promise<ApiResponse<undefined>> => {
      checkOptions('the call', options, callOptions);
      const idToken = await this.#idToken(options);
      const json = { ...body, idToken };
      const request = { method: 'POST', path: this.#prefix + path, headers: APPLICATION, json } as const;
      return this.#http
        .request<undefined>({ ...request, safeToRepeat: false, secrets: [idToken] }, options)
        .withResponse();
    };
    return ApiPromise.from(namingCaller(call()));
  }

  async #idToken({ signal, totalTimeoutMs }: CallOptions): Promise<string> {
    const timeoutMs = totalTimeoutMs ?? this.#http.totalTimeoutMs ?? 60_000;
    const timeoutError = (cause?: Error): Error =>
      new TimeoutError(`No id token within ${timeoutMs} ms${because(cause)}`, timeoutMs, { cause });
    const limit = { clock: this.#http.clock, timeoutMs, timeoutError, signal };
    const idToken = await withinLimit((limited) => this.#auth.getIdToken({ signal: limited }), limit);
    if (idToken !== undefined && idToken !== '') return idToken;
    throw new ConfigurationError('auth: the login grants no id token, which Copilot needs in every body');
  }
}

/** A custom application, the default name of the vendor's SDK. */
const APPLICATION = { 'originating-service-identifier': 'CMASDK' };
