import * as z from '../../schema.js';
import {
  absentable,
  checkedHttp,
  listOf,
  validateRequest,
  type ApiPromise,
  type CallOptions,
  type HttpClient,
  anyString,
  filledString,
  finiteNumber,
  flag,
} from '../../http/internal.js';

/** A sentence and the flow that scores it. */
export interface NluQuery {
  /** Id of the project, 24 hex digits. */
  readonly projectId: string;
  /** Reference id (a UUID) of the flow whose intents are scored. */
  readonly flowReferenceId: string;
  /** Reference id (a UUID) of the locale. */
  readonly localeReferenceId: string;
  readonly sentence: string;
}

/** Score of an intent for a sentence. */
export interface NluScore {
  readonly name: string;
  /** 0 to 1. */
  readonly score: number;
  /** Whether the sentence negates the intent; it is then not recognized. */
  readonly negated?: boolean | undefined;
  /** The flow of the intent, if the server sends it. */
  readonly flow?: string | undefined;
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

const query: z.Schema<NluQuery> = z.strictObject({
  projectId: filledString,
  flowReferenceId: filledString,
  localeReferenceId: filledString,
  sentence: anyString,
});

const answer = z.map(
  z.looseObject({
    scores: listOf(
      z.looseObject({
        name: anyString,
        score: finiteNumber,
        negated: absentable(flag),
        flow: absentable(anyString),
      }),
    ),
  }),
  ({ scores }): readonly NluScore[] => scores,
);

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
      const { projectId, ...json } = validateRequest(query, sentence, 'nlu query');
      const path = '/new/v2.0/projects/{projectId}/nlu/scores';
      return { method: 'POST', path, pathParams: { projectId }, json, safeToRepeat: true, response: answer };
    });
  }
}
