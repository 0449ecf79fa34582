import { ConfigurationError, TimeoutError, WebhookPayloadError, WebhookVerificationError } from '../errors.js';
import {
  checkRequest,
  guarded,
  readBody,
  resolveLogger,
  systemClock,
  withinLimit,
  type KeyValueStore,
} from '../http/internal.js';
import { checkCounts, checkOptions, checkTimeLimits } from '../options.js';
import type { WebhookEvent, WebhookEventHandler, WebhookEventMap, WebhookHandlerOptions } from './types.js';
import { parseEvent } from './schemas.js';
import { claim, forget, markDone, markDuplicate, seenKeys } from './seen.js';
import { importSecrets } from './secrets.js';
import { headerNamesOf, readSignature, verifySignature, type ClaimedSignature } from './signature.js';
import { checkedSeenTtl, verifyOptions } from './verify.js';

/** A response other than 204: a status and a code. */
class Refusal extends Error {
  readonly response: Response;

  constructor(status: number, code: string, headers: Readonly<Record<string, string>> = {}) {
    super(code);
    this.response = Response.json({ error: code }, { status, headers });
  }
}

/**
 * Creates a handler of webhook requests (protocol 10) for any server of `(request: Request) => Promise<Response>`.
 *
 * | status | when |
 * |---|---|
 * | 204 | the event was handled; or, with `seen`, it is a duplicate, and no handler runs |
 * | 400 | the webhook is genuine, but not a JSON event `{type, timestamp, data}`; or the connection broke while the body arrived |
 * | 401 | verification failed: a header is missing or malformed, the timestamp is out of tolerance (the body is not read then), or no signature matches |
 * | 405 | the method is not POST |
 * | 408 | the body did not arrive in time |
 * | 409 | with `seen`: the same webhook is in progress |
 * | 413 | the body is larger than `maxBodyBytes`; reading stops there, even without `Content-Length` |
 * | 500 | the handler failed or timed out, and its id is released for a retry; or the store failed, or the body was already read |
 * | 503 | `concurrency` webhooks are already in progress; with `Retry-After` |
 *
 * With `seen`, the receiver locks an id while it handles the event, and remembers the id for `seenTtlMs` after success.
 * If the process dies or the store fails in between, the lock ends after at most twice `timeoutMs`.
 *
 * @throws `ConfigurationError` for an invalid secret or option.
 *
 * @example
 * ```ts
 * import { MemoryStore } from 'agent-assist-sdk/http';
 * import { createWebhookHandler } from 'agent-assist-sdk/webhooks';
 *
 * const receive = createWebhookHandler({
 *   secrets: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
 *   seen: new MemoryStore({ maxEntries: 10_000 }),
 *   on: {
 *     'sentiment.calibration.updated': ({ data }) => console.log('calibrated', data.jobId),
 *     'agentassist.alert.triggered': ({ data }) => console.log('alert', data.emotion, data.directive),
 *   },
 *   onUnknown: ({ type }) => console.log('another event', type),
 *   onError: (error) => console.error(error),
 * });
 * // Bun.serve({ fetch: receive }), Deno.serve(receive), export default { fetch: receive }, …
 * ```
 */
export function createWebhookHandler(options: WebhookHandlerOptions): (request: Request) => Promise<Response> {
  checkOptions('createWebhookHandler', options, {
    ...verifyOptions,
    secrets: true,
    on: 'an object',
    onUnknown: 'a function',
    onError: 'a function',
    logger: true,
    maxBodyBytes: true,
    concurrency: true,
    timeoutMs: true,
  });
  const { on, onUnknown, onError, seen, clock = systemClock } = options;
  const { maxBodyBytes = 1_048_576, timeoutMs = 10_000, concurrency = 100 } = options;
  checkCounts({ maxBodyBytes, concurrency });
  checkTimeLimits({ timeoutMs });
  const seenTtlMs = checkedSeenTtl(options);
  headerNamesOf(options);
  // Events without a handler go to `onUnknown`, so an unknown name here is a misspelled type.
  checkOptions('on (for others: onUnknown)', on, {
    'sentiment.calibration.updated': 'a function',
    'agentassist.alert.triggered': 'a function',
  });
  const logger = resolveLogger(options.logger);
  const keys = importSecrets(options.secrets, logger);
  const report = guarded('onError', onError, logger);
  const reportIssues = guarded('onIssues', options.onIssues, logger);

  const inTime = <T>(problem: string, work: (signal: AbortSignal) => T | Promise<T>): Promise<T> =>
    withinLimit(async (signal) => work(signal), {
      clock,
      timeoutMs,
      timeoutError: () => new TimeoutError(`${problem} within ${timeoutMs} ms`, timeoutMs),
    });

  const read = async (request: Request): Promise<Uint8Array> => {
    let body: Uint8Array | undefined;
    try {
      body = await inTime('The body did not arrive', (signal) => readRawBody(request, maxBodyBytes, signal));
    } catch (error) {
      report(error);
      if (error instanceof TimeoutError) throw new Refusal(408, 'body_timeout');
      if (error instanceof ConfigurationError) throw new Refusal(500, 'internal_error');
      throw new Refusal(400, 'unreadable_body');
    }
    if (body === undefined) throw new Refusal(413, 'body_too_large');
    return body;
  };

  const proven = async <T>(check: () => T | Promise<T>): Promise<T> => {
    try {
      return await check();
    } catch (error) {
      report(error);
      if (error instanceof WebhookVerificationError) throw new Refusal(401, error.reason);
      if (error instanceof WebhookPayloadError) throw new Refusal(400, 'malformed_event');
      throw new Refusal(500, 'internal_error');
    }
  };

  const verify = async (body: Uint8Array, signature: ClaimedSignature): Promise<WebhookEvent> => {
    await verifySignature(body, signature, await keys);
    const { event, issues } = parseEvent(body);
    if (issues.length > 0) reportIssues(issues, event);
    return event;
  };

  const handle = async (id: string, event: WebhookEvent): Promise<void> => {
    const handler = Object.hasOwn(on, event.type) ? on[event.type as keyof WebhookEventMap] : undefined;
    const chosen = (handler ?? onUnknown) as WebhookEventHandler<WebhookEvent> | undefined;
    await inTime('The webhook was not handled', (signal) => chosen?.(event, { id, signal }));
  };

  const ask = <T>(work: (signal: AbortSignal) => T | Promise<T>): Promise<T> =>
    inTime('The store of seen webhooks did not respond', work);

  const handleOnce = async (store: KeyValueStore, id: string, event: WebhookEvent): Promise<void> => {
    const ids = await seenKeys(id, await keys, options.seenNamespace);
    const claimed = await ask((signal) => claim(store, ids, 'handling', 2 * timeoutMs, signal));
    if (claimed === 'done') return ask(() => markDuplicate(store, ids, seenTtlMs)).catch(report);
    if (claimed === 'handling') throw new Refusal(409, 'being_handled');
    try {
      await handle(id, event);
    } catch (error) {
      report(error);
      await ask(() => forget(store, ids, claimed.mark)).catch(report);
      throw new Refusal(500, 'handler_failed');
    }
    // The event was handled; the sender must not retry only because the store failed.
    await ask(() => markDone(store, ids, seenTtlMs)).catch(report);
  };

  let underWay = 0;
  return async (request) => {
    checkRequest(request);
    underWay += 1;
    try {
      if (request.method !== 'POST') throw new Refusal(405, 'method_not_allowed', { allow: 'POST' });
      if (underWay > concurrency) throw new Refusal(503, 'too_many_requests', { 'retry-after': '1' });
      const signature = await proven(() => readSignature(request.headers, options));
      const body = await read(request);
      const event = await proven(() => verify(body, signature));
      await (seen === undefined ? handle(signature.id, event) : handleOnce(seen, signature.id, event));
      return new Response(null, { status: 204 });
    } catch (error) {
      if (error instanceof Refusal) return error.response;
      report(error);
      return new Refusal(500, 'handler_failed').response;
    } finally {
      underWay -= 1;
    }
  };
}

/**
 * Reads a request's raw body.
 *
 * @returns the body, or `undefined` if it is larger than `maxBytes`. If `Content-Length` says so, nothing is read.
 * @throws `ConfigurationError` if the body was already read; what `readBody` throws.
 */
async function readRawBody(request: Request, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
  if (request.bodyUsed) throw new ConfigurationError('The body was already read; a webhook handler needs the raw body');
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) {
    await request.body?.cancel();
    return undefined;
  }
  return readBody(request.body, maxBytes, signal);
}
