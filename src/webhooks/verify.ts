import { ConfigurationError, WebhookVerificationError } from '../errors.js';
import type { WebhookEvent } from './events.js';
import { parseEvent } from './schemas.js';
import { importSecrets, type WebhookSecrets } from './secret.js';
import { claim, type SeenWebhookStore } from './seen.js';
import {
  DEFAULT_TOLERANCE_MS,
  toBytes,
  verifySignature,
  type ReceivedHeaders,
  type SignatureOptions,
  type WebhookBody,
} from './signature.js';

/** Options of {@link verifyWebhook}. */
export interface VerifyWebhookOptions extends SignatureOptions {
  /**
   * Refuses ids that were accepted before. An id is recorded once everything about the webhook is right; when handling
   * it fails, `await seen.delete(headers['webhook-id'])` lets the sender's repeat in.
   */
  readonly seen?: SeenWebhookStore | undefined;
  /** How long an accepted id is remembered, in ms; at least twice the tolerance. Default 86,400,000 (one day). */
  readonly seenTtlMs?: number | undefined;
}

/** One day: longer than most senders repeat a delivery. */
const DEFAULT_SEEN_TTL_MS = 86_400_000;

/** @throws {@link ConfigurationError} for a time out of its range. */
export function checkTimes({
  seenTtlMs = DEFAULT_SEEN_TTL_MS,
  toleranceMs = DEFAULT_TOLERANCE_MS,
}: VerifyWebhookOptions): void {
  if (!(toleranceMs >= 0 && toleranceMs < Infinity))
    throw new ConfigurationError('toleranceMs: expected finite ms of at least 0');
  if (!(seenTtlMs > 0 && seenTtlMs < Infinity)) throw new ConfigurationError('seenTtlMs: expected finite ms above 0');
}

/** How long an id is remembered: never shorter than its signature stays valid. */
export function seenTtl({
  seenTtlMs = DEFAULT_SEEN_TTL_MS,
  toleranceMs = DEFAULT_TOLERANCE_MS,
}: VerifyWebhookOptions): number {
  return Math.max(seenTtlMs, 2 * toleranceMs);
}

/**
 * Verifies a received webhook (protocol 10: Standard Webhooks v1) and reads its event. The body is parsed only after
 * its signature was verified, in constant time, on the raw bytes. `seen` is waited for as long as it takes.
 *
 * @param rawBody - the body as it arrived, before any JSON parser.
 * @param headers - the request's headers.
 * @param secrets - one secret, or several while one replaces the other.
 * @throws (as rejection) {@link WebhookVerificationError} with a `reason`; `WebhookPayloadError` when a genuine webhook
 * is not `{type, timestamp, data}`; `ConfigurationError` for an unusable secret or option or a parsed body; what `seen`
 * throws.
 *
 * @example
 * ```ts
 * import { MemoryStore } from 'agent-assist-sdk/http';
 * import { verifyWebhook } from 'agent-assist-sdk/webhooks';
 *
 * const seen = new MemoryStore({ maxEntries: 10_000 });
 *
 * async function onRequest(request: Request, secret: string): Promise<string> {
 *   const event = await verifyWebhook(await request.arrayBuffer(), request.headers, secret, { seen });
 *   return event.type;
 * }
 * ```
 */
export async function verifyWebhook(
  rawBody: WebhookBody,
  headers: ReceivedHeaders,
  secrets: WebhookSecrets,
  options: VerifyWebhookOptions = {},
): Promise<WebhookEvent> {
  checkTimes(options);
  const body = toBytes(rawBody);
  const id = await verifySignature(body, headers, await importSecrets(secrets), options);
  const event = parseEvent(body);
  const { seen } = options;
  if (seen !== undefined && (await claim(seen, id, 'done', seenTtl(options))) !== 'claimed') {
    throw new WebhookVerificationError('replayed', 'The webhook was accepted before');
  }
  return event;
}
