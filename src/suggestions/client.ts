import { checkedHttp, validateRequest, type ApiPromise, type CallOptions, type HttpClient } from '../http/internal.js';
import { suggestRequest, suggestResult } from './schemas.js';
import type { SuggestRequest, SuggestResult } from './types.js';

/**
 * Requests suggestions from the platform (protocol 4).
 *
 * @example
 * ```ts
 * import { HttpClient, StaticTokenAuth, SuggestionsClient, cognigy } from 'agent-assist-sdk';
 *
 * const http = new HttpClient({ platform: cognigy({ tenant: 'acme' }), auth: new StaticTokenAuth({ token: 'token' }) });
 * const { suggestions } = await new SuggestionsClient(http).suggest({
 *   interactionId: 'int-1',
 *   transcript: 'I want a refund.',
 *   sentimentScore: -0.6,
 * });
 * ```
 */
export class SuggestionsClient {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = checkedHttp(http);
  }

  /**
   * Returns suggestions for one state of an interaction. Needs the scope `agentassist:read`. The payload of an
   * `INTERACTION_UPDATE` fits: other fields are not sent. The call changes nothing, so it is retried like a GET.
   *
   * @throws (as rejection) `RequestValidationError` before anything is sent, and what `HttpClient.request` throws.
   */
  suggest(request: SuggestRequest, options?: CallOptions): ApiPromise<SuggestResult> {
    return this.#http.call(options, () => ({
      method: 'POST',
      path: this.#http.path('suggest', '/agentassist/suggest'),
      scopes: ['agentassist:read'],
      safeToRepeat: true,
      json: validateRequest(suggestRequest, request, 'suggest request'),
      response: suggestResult,
    }));
  }
}
