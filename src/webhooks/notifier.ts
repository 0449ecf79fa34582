import { callOptions, HttpClient, requestOptions, RetryBudget } from '../http/internal.js';
import { toJson } from '../json.js';
import { checkOptions } from '../options.js';
import { decodeSecret, quotable, toList } from './secrets.js';
import { signWebhook } from './signature.js';
import { assertWebhookTarget, targetOptions } from './target.js';
import type { NotifyOptions, NotifyResult, WebhookNotifierOptions } from './types.js';

/**
 * Sends signed notifications (protocol 10) with the retries of the HTTP core: 10 s for each attempt, 60 s for the call.
 * Every retry has the same bytes, id, timestamp and signature, so the receiver can recognize it. Redirects are not
 * followed and count as failures.
 *
 * Chat services put a secret into the URL of a webhook. Its path and query therefore never appear in errors, log
 * messages or `onAttempt`.
 *
 * @example
 * ```ts
 * import { WebhookNotifier } from 'agent-assist-sdk/webhooks';
 *
 * const notifier = new WebhookNotifier({ secrets: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' });
 * const { attempts } = await notifier.send('https://mlops.example.com/hook', { event: 'done' }, {
 *   headers: { 'X-Source': 'nightly' },
 * });
 * console.log(`accepted after ${attempts} attempts`);
 * ```
 */
export class WebhookNotifier {
  readonly #options: WebhookNotifierOptions;
  readonly #budget: RetryBudget;

  /** @throws `ConfigurationError` for an unknown option or an invalid secret. */
  constructor(options: WebhookNotifierOptions = {}) {
    // `HttpClient` would refuse a misspelled name too, but only with the first notification and without our own names.
    checkOptions('WebhookNotifier', options, {
      ...requestOptions,
      ...targetOptions,
      secrets: 'anything',
      platform: true,
      allowInsecureRequests: true,
      headerNames: true,
      maxResponseBytes: true,
      headers: true,
    });
    if (options.secrets !== undefined) toList(options.secrets).forEach(decodeSecret);
    this.#options = options;
    this.#budget = options.retryBudget ?? new RetryBudget();
  }

  /**
   * Sends a notification.
   *
   * @param body - any JSON value; `{type, timestamp, data}` for receivers of protocol 10.
   * @throws (as rejection) `RequestValidationError` for a URL that {@link assertWebhookTarget} refuses or a body that
   * JSON cannot express; `ConfigurationError` for an invalid secret or id; and what `HttpClient.request` throws.
   */
  async send(url: string | URL, body: unknown, options: NotifyOptions = {}): Promise<NotifyResult> {
    checkOptions('send', options, { ...callOptions, id: 'a string' });
    const { secrets, allowLoopbackHttp, allowPrivateNetworks, ...httpOptions } = this.#options;
    const target = assertWebhookTarget(url, { allowLoopbackHttp, allowPrivateNetworks });
    const http = new HttpClient({ ...httpOptions, baseUrl: target.origin, retryBudget: this.#budget });
    const text = toJson(body, 'notification');
    const { id = `msg_${crypto.randomUUID()}`, ...others } = options;
    const timestamp = new Date(http.clock.now());
    const headers: Record<string, string> =
      secrets === undefined ? { 'webhook-id': id } : await signWebhook(text, secrets, { id, timestamp });
    const { status, attempts } = await http
      .request(
        {
          method: 'POST',
          path: literalPath(target),
          headers: { 'content-type': 'application/json' },
          body: text,
          safeToRepeat: true,
          secrets: [...toList(secrets ?? []).map(quotable), ...secretsOf(target)],
        },
        { ...others, headers: { ...others.headers, ...headers } },
      )
      .withResponse();
    return { id, status, attempts };
  }
}

/** Shorter parts of a URL are common words and no secrets. */
const MIN_SECRET_LENGTH = 8;

/** Returns the parts of a URL that may be secret: its path and its query, whole and in parts. */
function secretsOf({ pathname, search, searchParams }: URL): string[] {
  const parts = [...pathname.split('/'), ...[...searchParams].flat()].filter(
    ({ length }) => length >= MIN_SECRET_LENGTH,
  );
  return pathname === '/' ? [search, ...parts] : [pathname, search, ...parts];
}

/** Returns a URL's path and query. Escapes braces, which the core would read as path parameters. */
function literalPath({ pathname, search }: URL): string {
  return (pathname + search).replaceAll('{', '%7B').replaceAll('}', '%7D');
}
