import { ConfigurationError } from '../../errors.js';
import {
  ApiPromise,
  checkEncrypted,
  HttpClient,
  requestOptions,
  validateRequest,
  type CallOptions,
  type HttpClientOptions,
} from '../../http/internal.js';
import { checkCounts, checkKind, checkOptions, required } from '../../options.js';
import { checkedUrlToken, flowAnswer, flowInput } from './schemas.js';
import type { FlowAnswer, FlowClientOptions, FlowInput } from './types.js';

/**
 * Talks to a flow of a Cognigy.AI installation through an endpoint.
 *
 * Every input advances its conversation. So the client never sends an input twice after a failure with an unknown
 * outcome, such as a timeout or a lost connection. It retries only if the server did nothing.
 *
 * @example
 * ```ts
 * import { cognigyAi, FlowClient } from 'agent-assist-sdk/cognigy';
 *
 * const platform = cognigyAi({ environment: 'trial' });
 * const flow = new FlowClient({ platform, urlToken: process.env['COGNIGY_URL_TOKEN'] });
 * const { outputStack = [] } = await flow.send({ userId: 'agent-7', sessionId: 'call-1', text: 'I want a refund.' });
 * for (const { text, data } of outputStack) console.log(text, data);
 * ```
 */
export class FlowClient {
  /** Whether the client uses the test mode of the endpoint, which is not billed. */
  readonly isTestMode: boolean;
  readonly #endpoint: HttpClient;
  readonly #api: HttpClient | undefined;
  readonly #urlToken: string;
  readonly #path: string;

  /** @throws `ConfigurationError` if an option is unknown, missing or out of range. */
  constructor(options: FlowClientOptions) {
    checkOptions('FlowClient', options, {
      ...requestOptions,
      platform: 'an object',
      urlToken: 'a string',
      testMode: 'a boolean',
      maxInputBytes: true,
      auth: true,
      allowInsecureRequests: 'a boolean',
      maxResponseBytes: true,
    });
    const { platform, urlToken, testMode, maxInputBytes = 65_000, auth, ...shared } = options;
    const { endpointUrl } = required('platform', platform as FlowClientOptions['platform'] | undefined);
    checkKind('platform', endpointUrl, 'a string', 'a platform from cognigyAi, with an endpointUrl');
    this.#urlToken = checkedUrlToken(urlToken);
    // The token in the path is a credential.
    checkEncrypted('platform.endpointUrl', endpointUrl, options.allowInsecureRequests);
    if (maxInputBytes !== false) checkCounts({ maxInputBytes });
    this.isTestMode = testMode === true;
    this.#path = this.isTestMode ? '/test/{urlToken}' : '/{urlToken}';
    this.#endpoint = new HttpClient({
      ...(shared satisfies HttpClientOptions),
      timeoutMs: shared.timeoutMs ?? 60_000,
      totalTimeoutMs: shared.totalTimeoutMs ?? 120_000,
      platform: { baseUrl: endpointUrl, maxRequestBytes: maxInputBytes === false ? undefined : maxInputBytes },
    });
    this.#api = auth === undefined ? undefined : new HttpClient({ ...shared, platform, auth });
  }

  /**
   * Sends an input to the flow and waits until its run has ended.
   *
   * @throws (as rejection) `RequestValidationError` and `RequestTooLargeError` before anything is sent; and what
   * `HttpClient.request` throws. No error contains the URL token.
   */
  send(input: FlowInput, options?: CallOptions): ApiPromise<FlowAnswer> {
    return this.#endpoint.call(options, () => ({
      method: 'POST',
      path: this.#path,
      pathParams: { urlToken: this.#urlToken },
      secrets: [this.#urlToken],
      safeToRepeat: false,
      json: validateRequest(flowInput, input, 'flow input'),
      response: flowAnswer,
    }));
  }

  /**
   * Runs the flow with an input in an existing session, as if its user had sent it. The outputs go to that user's
   * channel, so the endpoint must have one: it cannot be a REST endpoint. Needs the option `auth`.
   *
   * @throws (as rejection) `ConfigurationError` without `auth`; otherwise like {@link FlowClient.send}.
   */
  inject(input: FlowInput, options?: CallOptions): ApiPromise<void> {
    return this.#tell('inject', input, options);
  }

  /**
   * Shows an output to the user of an existing session, without running the flow. The endpoint cannot be a REST
   * endpoint. Needs the option `auth`.
   *
   * @throws (as rejection) `ConfigurationError` without `auth`; otherwise like {@link FlowClient.send}.
   */
  notify(output: FlowInput, options?: CallOptions): ApiPromise<void> {
    return this.#tell('notify', output, options);
  }

  #tell(what: 'inject' | 'notify', input: FlowInput, options: CallOptions | undefined): ApiPromise<void> {
    return ApiPromise.attempt(() => {
      const { text = '', data = {}, ...ids } = validateRequest(flowInput, input, 'flow input');
      if (this.#api === undefined) throw new ConfigurationError(`auth: missing; ${what} needs an API key or a token`);
      // The body is only the text of the status.
      return this.#api.request<undefined>(
        {
          method: 'POST',
          path: `/new/v2.0/endpoint/${what}`,
          secrets: [this.#urlToken],
          safeToRepeat: false,
          // Unlike an endpoint, these routes require both fields.
          json: { ...ids, text, data, URLToken: this.#urlToken },
        },
        options,
      );
    });
  }
}
