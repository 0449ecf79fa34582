import { HttpClient, RetryBudget, type CallOptions, type HttpClientOptions } from '../http/internal.js';
import { toJson } from '../json.js';
import { decodeSecret, quotable, signWebhook, toList, type WebhookSecrets } from './signature.js';
import { assertWebhookTarget, type WebhookTargetOptions } from './target.js';

/** Options of {@link WebhookNotifier}. Time limits, repeats and the transport are those of `HttpClient`. */
export interface WebhookNotifierOptions
  extends WebhookTargetOptions, Omit<HttpClientOptions, 'baseUrl' | 'auth' | 'paths'> {
  /** Signs every notification; with several, once with each. Without it notifications carry an id and no signature. */
  readonly secrets?: WebhookSecrets | undefined;
}

/** Options of one notification. */
export interface NotifyOptions extends Omit<CallOptions, 'idempotencyKey'> {
  /**
   * Identifies the event for the receiver: 1 to 255 visible ASCII characters.
   *
   * @defaultValue `msg_` and a random UUID
   */
  readonly id?: string | undefined;
}

/** A notification that was accepted with a 2xx. */
export interface NotifyResult {
  /** Its `webhook-id`. */
  readonly id: string;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Requests that were sent, the first one included. */
  readonly attempts: number;
}

/**
 * Sends signed notifications (protocol 10) with the retries of the HTTP core: 10 s for each attempt, 60 s for the call. Every
 * retry has the same bytes, id, timestamp and signature, so that the receiver can tell it from a new event. Redirects
 * are not followed and count as failures.
 *
 * Chat services put a secret into the URL of a webhook, so its path and query are in no error, log line or `onAttempt`.
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

  /** @throws `ConfigurationError` for an unusable secret. */
  constructor(options: WebhookNotifierOptions = {}) {
    if (options.secrets !== undefined) toList(options.secrets).forEach(decodeSecret);
    this.#options = options;
    this.#budget = options.retryBudget ?? new RetryBudget();
  }

  /**
   * Sends a notification.
   *
   * @param body - anything that JSON can hold; `{type, timestamp, data}` for receivers of protocol 10.
   * @throws (as rejection) `RequestValidationError` for a URL that {@link assertWebhookTarget} refuses or a body that
   * JSON cannot hold; `ConfigurationError` for an unusable secret or id; otherwise what `HttpClient.request` throws.
   */
  async send(url: string | URL, body: unknown, options: NotifyOptions = {}): Promise<NotifyResult> {
    const { secrets, allowLoopbackHttp, allowPrivateNetworks, ...httpOptions } = this.#options;
    const target = assertWebhookTarget(url, { allowLoopbackHttp, allowPrivateNetworks });
    const http = new HttpClient({ ...httpOptions, baseUrl: target.origin, retryBudget: this.#budget });
    const text = toJson(body, 'notification');
    const { id = `msg_${crypto.randomUUID()}`, ...callOptions } = options;
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
        { ...callOptions, headers: { ...callOptions.headers, ...headers } },
      )
      .withResponse();
    return { id, status, attempts };
  }
}

/** Shorter parts of a URL are words that any text may have, and no secrets. */
const MIN_SECRET_LENGTH = 8;

/** What of a URL can be a secret: its path and its query, whole and in their parts. */
function secretsOf({ pathname, search, searchParams }: URL): string[] {
  const parts = [...pathname.split('/'), ...[...searchParams].flat()].filter(
    ({ length }) => length >= MIN_SECRET_LENGTH,
  );
  return pathname === '/' ? [search, ...parts] : [pathname, search, ...parts];
}

/** A URL's path and query, with the braces escaped that the core would take for path parameters. */
function literalPath({ pathname, search }: URL): string {
  return (pathname + search).replaceAll('{', '%7B').replaceAll('}', '%7D');
}
