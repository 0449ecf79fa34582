import {
  ApiPromise,
  callOptions,
  checkedHttp,
  validateRequest,
  type ApiResponse,
  type CallOptions,
  type HttpClient,
} from '../http/internal.js';
import { insightCards, insightDisplay, insightFeedback } from './schemas.js';
import type { InsightCard, InsightFeedback, PushOptions } from './types.js';
import { checkOptions } from '../options.js';

/**
 * Pushes cards to the agent's desktop, and reports the agent's decisions for training (protocol 4).
 *
 * Both calls change data on the server, so the client retries them only if the server did nothing (protocol 3). If the
 * server supports idempotency keys, pass an `idempotencyKey`. The client then retries every temporary failure.
 *
 * @example
 * ```ts
 * import { HttpClient, InsightsClient, StaticTokenAuth, cxone } from 'agent-assist-sdk';
 *
 * const http = new HttpClient({ platform: cxone(), auth: new StaticTokenAuth({ token: 'token' }) });
 * const insights = new InsightsClient(http);
 * await insights.feedback({ interactionId: 'call-1', insightId: 'kb-7', action: 'accepted' });
 * ```
 */
export class InsightsClient {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = checkedHttp(http);
  }

  /**
   * Pushes cards to the agent's desktop. If there are no cards, nothing is sent, and `withResponse()` reports 0
   * attempts and status 204. Needs the scope `agentassist:write`.
   *
   * @throws (as rejection) `RequestValidationError` for an invalid card; `PermissionDeniedError`, e.g. if the
   * interaction does not belong to this client; and what `HttpClient.request` throws.
   */
  push(cards: readonly InsightCard[], pushOptions: PushOptions = {}): ApiPromise<void> {
    return ApiPromise.attempt(() => {
      checkOptions('push', pushOptions, { ...callOptions, displayType: true, autoDismiss: true });
      const { displayType, autoDismiss, ...options } = pushOptions;
      const path = this.#http.path('insights', '/api/v2/agentassist/insights');
      const insights = validateRequest(insightCards, cards, 'insight cards');
      const shown = validateRequest(insightDisplay, { displayType, autoDismiss }, 'insight display');
      if (insights.length === 0) return ApiPromise.from(Promise.resolve(nothingSent()));
      const json = { insights, ...shown };
      return this.#http.request<undefined>({ method: 'POST', path, json, scopes: ['agentassist:write'] }, options);
    });
  }

  /**
   * Reports what an agent did with an insight, for training. Needs the scope `ai:training:write`.
   *
   * @throws (as rejection) `RequestValidationError` for an invalid record, and what `HttpClient.request` throws.
   */
  feedback(feedback: InsightFeedback, options?: CallOptions): ApiPromise<void> {
    return this.#http.call<undefined>(options, () => {
      const path = this.#http.path('feedback', '/api/v2/ai/training/feedback');
      const record = validateRequest(insightFeedback, feedback, 'insight feedback');
      const json = { ...record, timestamp: record.timestamp ?? new Date(this.#http.clock.now()).toISOString() };
      return { method: 'POST', path, json, scopes: ['ai:training:write'] };
    });
  }
}

function nothingSent(): ApiResponse<undefined> {
  return { data: undefined, status: 204, headers: new Headers(), requestId: undefined, attempts: 0, omitted: [] };
}
