import {
  checkedHttp,
  validateRequest,
  type ApiPromise,
  type CallOptions,
  type HttpClient,
} from '../../http/internal.js';
import type { NluQuery, NluScore } from './types.js';
import { nluQuery, nluScores } from './schemas.js';

/**
 * The language understanding of a Cognigy.AI project, without running a flow.
 *
 * @example
 * ```ts
 * import { ApiKeyAuth, HttpClient } from 'agent-assist-sdk';
 * import { NluClient, cognigyAi } from 'agent-assist-sdk/cognigy';
 *
 * const platform = cognigyAi({ environment: 'trial' });
 * const nlu = new NluClient(new HttpClient({ platform, auth: new ApiKeyAuth({ apiKey: 'key' }) }));
 * async function bestIntent(sentence: string): Promise<string | undefined> {
 *   const [best] = await nlu.scores({
 *     projectId: '55f0c2a5b1d3e4f5a6b7c8d9',
 *     flowReferenceId: '010d1970-89b9-4012-892b-53c78ef6c117',
 *     localeReferenceId: '8b3b45e2-48f9-446d-a4c5-35d8284a01b2',
 *     sentence,
 *   });
 *   return best?.name;
 * }
 * ```
 */
export class NluClient {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = checkedHttp(http);
  }

  /**
   * Scores a sentence by the intents of a flow, in the project's current state. Entities are not included. The call
   * changes nothing, so it is retried like a GET.
   *
   * @returns the scores, in the server's order.
   * @throws (as rejection) `RequestValidationError` before anything is sent; otherwise as `HttpClient.request`.
   */
  scores(sentence: NluQuery, options?: CallOptions): ApiPromise<readonly NluScore[]> {
    return this.#http.call(options, () => {
      const { projectId, ...json } = validateRequest(nluQuery, sentence, 'nlu query');
      const path = '/new/v2.0/projects/{projectId}/nlu/scores';
      return { method: 'POST', path, pathParams: { projectId }, json, safeToRepeat: true, response: nluScores };
    });
  }
}
