import { RequestValidationError } from '../errors.js';
import { checkOptions, didYouMean } from '../options.js';
import {
  checkedHttp,
  safeParse,
  toIssues,
  type ApiPromise,
  type CallOptions,
  type HttpClient,
} from '../http/internal.js';
import { KNOWN_EVENTS, registrationAnswer, registrationBody } from './schemas.js';
import { decodeSecret, quotable, warnOfShortSecret } from './secrets.js';
import { targetIssues, targetOptions } from './target.js';
import type { WebhookRegistration, WebhookRegistrationRequest, WebhookTargetOptions } from './types.js';

/**
 * Registers webhooks with a tenant (protocol 4).
 *
 * @example
 * ```ts
 * import { HttpClient, StaticTokenAuth, WebhooksClient, cognigy } from 'agent-assist-sdk';
 * import { generateWebhookSecret } from 'agent-assist-sdk/webhooks';
 *
 * const http = new HttpClient({ platform: cognigy({ tenant: 'acme' }), auth: new StaticTokenAuth({ token: 'token' }) });
 * const secret = generateWebhookSecret();
 * await new WebhooksClient(http).register({
 *   url: 'https://coaching.example.com/webhook',
 *   events: ['sentiment.calibration.updated', 'agentassist.alert.triggered'],
 *   secret,
 * });
 * ```
 */
export class WebhooksClient {
  readonly #http: HttpClient;
  readonly #targets: WebhookTargetOptions;

  /** @throws `ConfigurationError` for an unknown option. */
  constructor(http: HttpClient, targets: WebhookTargetOptions = {}) {
    checkOptions('WebhooksClient', targets, targetOptions);
    this.#http = checkedHttp(http);
    this.#targets = targets;
  }

  /**
   * Registers a webhook. Needs the scope `webhook:manage`. An unknown event and a secret of less than 24 bytes are
   * sent, and logged at `warn`.
   *
   * @throws (as rejection) `RequestValidationError` with all problems, before anything is sent; otherwise what
   * `HttpClient.request` throws. The secret is in no error.
   */
  register(request: WebhookRegistrationRequest, options?: CallOptions): ApiPromise<WebhookRegistration> {
    return this.#http.call(options, () => {
      const path = this.#http.path('webhooks', '/agentassist/webhooks');
      const { url, events, secret, active } = this.#validate(request);
      this.#warnOf(events, secret);
      return {
        method: 'POST',
        path,
        scopes: ['webhook:manage'],
        secrets: [quotable(secret)],
        json: { url, events, secret, active },
        response: registrationAnswer,
      };
    });
  }

  /** Warns about probable mistakes that may still be right for this tenant. */
  #warnOf(events: readonly string[], secret: string): void {
    const { logger } = this.#http;
    warnOfShortSecret(decodeSecret(secret), logger);
    for (const event of events.filter((name) => !KNOWN_EVENTS.includes(name))) {
      const name = JSON.stringify(event.slice(0, 50));
      logger.warn(`Webhook event ${name} is not known; ${didYouMean(event, KNOWN_EVENTS)}`);
    }
  }

  #validate(request: WebhookRegistrationRequest): WebhookRegistrationRequest & { readonly secret: string } {
    const url = (request as Partial<WebhookRegistrationRequest> | undefined)?.url ?? '';
    const body = safeParse(registrationBody, request);
    const issues = [...targetIssues(url, this.#targets), ...(body.success ? [] : toIssues(body))];
    if (!body.success || issues.length > 0) throw new RequestValidationError('webhook', issues);
    return { ...body.data, url: new URL(url).href };
  }
}
