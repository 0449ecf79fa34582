import { ConfigurationError, WebhookVerificationError } from '../errors.js';
import { guarded, silentLogger } from '../http/internal.js';
import { checkKind, checkOptions, type Known } from '../options.js';
import { parseEvent } from './schemas.js';
import { importSecrets } from './secrets.js';
import { claim, forget, markDuplicate, seenKeys } from './seen.js';
import { DEFAULT_TOLERANCE_MS, readSignature, toBytes, verifySignature } from './signature.js';
import type {
  ReceivedHeaders,
  VerifyWebhookOptions,
  WebhookBody,
  WebhookEvent,
  WebhookEventMap,
  WebhookSecrets,
} from './types.js';
import { isRecord } from '../json.js';

/** The names of {@link VerifyWebhookOptions}, to check options. */
export const verifyOptions: Known<VerifyWebhookOptions> = {
  seen: 'a store with get()',
  seenNamespace: 'a string',
  seenTtlMs: 'a number',
  onIssues: 'a function',
  headerNames: 'an object',
  toleranceMs: 'a number',
  clock: 'a clock with monotonic()',
};

/**
 * Returns how long an id is remembered: one day, which is longer than most senders retry a delivery, and never shorter
 * than its signature is valid.
 *
 * @throws {@link ConfigurationError} for a time out of range, and for a bare client of Redis as the store.
 */
export function checkedSeenTtl({
  seen,
  seenTtlMs = 86_400_000,
  toleranceMs = DEFAULT_TOLERANCE_MS,
}: VerifyWebhookOptions): number {
  if (seen !== undefined) checkKind('seen', seen, 'a store with delete()');
  if (!(toleranceMs >= 0 && toleranceMs < Infinity))
    throw new ConfigurationError('toleranceMs: expected finite ms of at least 0');
  if (!(seenTtlMs > 0 && seenTtlMs < Infinity)) throw new ConfigurationError('seenTtlMs: expected finite ms above 0');
  return Math.max(seenTtlMs, 2 * toleranceMs);
}

/**
 * Verifies a received webhook (protocol 10: Standard Webhooks v1) and parses its event. The signature is verified on
 * the raw bytes, in constant time, before the body is parsed. Calls of `seen` have no time limit.
 *
 * @param rawBody - the body before any JSON parser.
 * @param headers - the request's headers.
 * @param secrets - the secret, or several during a rotation.
 * @throws (as rejection) {@link WebhookVerificationError} with a `reason`; `WebhookPayloadError` if a genuine webhook
 * is not `{type, timestamp, data}`; `ConfigurationError` for an invalid secret or option or a parsed body; what `seen`
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
  secrets: WebhookSecrets | undefined,
  options: VerifyWebhookOptions = {},
): Promise<WebhookEvent> {
  checkOptions('verifyWebhook', options, verifyOptions);
  const seenTtlMs = checkedSeenTtl(options);
  const body = toBytes(rawBody);
  const keys = await importSecrets(secrets);
  const signature = readSignature(headers, options);
  await verifySignature(body, signature, keys);
  const { event, issues } = parseEvent(body);
  const { seen, seenNamespace, onIssues } = options;
  if (issues.length > 0) guarded('onIssues', onIssues, silentLogger)(issues, event);
  if (seen === undefined) return event;
  const ids = await seenKeys(signature.id, keys, seenNamespace);
  const claimed = await claim(seen, ids, 'done', seenTtlMs);
  if (typeof claimed === 'object') return event;
  if (claimed === 'done') await markDuplicate(seen, ids, seenTtlMs);
  throw new WebhookVerificationError('replayed', 'The webhook was accepted before');
}

/**
 * Releases the id of a webhook that {@link verifyWebhook} accepted. Call it if handling failed, so that the sender's
 * retry is accepted. Without `seen` it does nothing.
 *
 * @param headers - the request's headers.
 * @param secrets - the same as for `verifyWebhook`, like `options`.
 * @throws (as rejection) what `verifyWebhook` throws for its headers and what `seen` throws.
 *
 * @example
 * ```ts
 * import { MemoryStore } from 'agent-assist-sdk/http';
 * import { forgetWebhook, verifyWebhook } from 'agent-assist-sdk/webhooks';
 *
 * const options = { seen: new MemoryStore({ maxEntries: 10_000 }) };
 *
 * async function onRequest(request: Request, secret: string): Promise<void> {
 *   const event = await verifyWebhook(await request.arrayBuffer(), request.headers, secret, options);
 *   try {
 *     console.log(event.type);
 *   } catch (error) {
 *     await forgetWebhook(request.headers, secret, options);
 *     throw error;
 *   }
 * }
 * ```
 */
export async function forgetWebhook(
  headers: ReceivedHeaders,
  secrets: WebhookSecrets | undefined,
  options: VerifyWebhookOptions,
): Promise<void> {
  checkOptions('forgetWebhook', options, verifyOptions);
  const { seen, seenNamespace, ...rest } = options;
  if (seen === undefined) return;
  const { id } = readSignature(headers, { ...rest, toleranceMs: Infinity });
  await forget(seen, await seenKeys(id, await importSecrets(secrets), seenNamespace));
}

/**
 * Returns whether an event has this type, and narrows the type of its data.
 *
 * @example
 * ```ts
 * import { isWebhookEvent, verifyWebhook } from 'agent-assist-sdk/webhooks';
 *
 * async function onWebhook(body: Uint8Array, headers: Headers, secret: string): Promise<void> {
 *   const event = await verifyWebhook(body, headers, secret);
 *   if (isWebhookEvent(event, 'agentassist.alert.triggered')) console.log(event.data.directive);
 * }
 * ```
 */
export function isWebhookEvent<Type extends keyof WebhookEventMap>(
  event: WebhookEvent,
  type: Type,
): event is WebhookEventMap[Type] {
  return isRecord(event) && event.type === type;
}
