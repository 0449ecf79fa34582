import { createHmac, randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { sleep, type Clock } from '../../http/clock.js';
import type { ServerParts } from '../server/http-listener.js';
import { keepLatest } from '../server/kept.js';
import { created } from '../server/router.js';
import { checkKind } from '../../options.js';

/** A registered webhook. */
export interface RegisteredWebhook {
  readonly id: string;
  /** Target of the events. */
  readonly url: string;
  /** Types of the events. */
  readonly events: readonly string[];
  /** Whether events are sent. */
  readonly active: boolean;
}

/** The delivery of an event to one registered URL. */
export interface WebhookDelivery {
  /** The `webhook-id` of the event, the same for all URLs and in all attempts. */
  readonly id: string;
  readonly type: string;
  readonly url: string;
  /** Status of each attempt; `undefined` without a response. */
  readonly statuses: readonly (number | undefined)[];
  /** Whether an attempt got a 2xx. */
  readonly delivered: boolean;
}

interface Registration {
  readonly webhook: RegisteredWebhook;
  readonly key: Buffer;
}

// Written from protocol 4 and 10, on purpose without the SDK's own schema and signature: a misreading shared by both
// would prove nothing.
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/;
function isTarget(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
}

const registerBody: z.ZodMiniType<{ url: string; events: string[]; secret: string; active: boolean }> = z.strictObject({
  url: z.string().check(z.refine(isTarget, 'must be https, or http on this machine')),
  events: z.array(z.string().check(z.minLength(1))).check(z.minLength(1)),
  secret: z.string().check(z.refine((secret) => keyOf(secret).length > 0, 'must be base64, with or without whsec_')),
  active: z.boolean(),
});

const DEFAULT_RETRY_DELAYS_MS = [100, 1_000, 5_000];
const ATTEMPT_TIMEOUT_MS = 10_000;

/** The tenant's webhooks: registrations and deliveries. Deliveries end when the tenant closes. */
export class TenantWebhooks {
  readonly #clock: Clock;
  readonly #closing: AbortSignal;
  readonly #registrations: Registration[] = [];
  readonly #deliveries: WebhookDelivery[] = [];
  #retryDelaysMs: readonly number[] = DEFAULT_RETRY_DELAYS_MS;

  /** @internal */
  constructor({ router, clock, closing }: ServerParts) {
    this.#clock = clock;
    this.#closing = closing;
    router.on('POST /api/v1/agentassist/webhooks', { scope: 'webhook:manage', body: registerBody }, ({ body }) => {
      const { secret, ...fields } = body;
      const webhook = { id: `wh_${randomUUID()}`, ...fields };
      keepLatest(this.#registrations, { webhook, key: keyOf(secret) });
      return created(webhook);
    });
  }

  /** The latest 10,000 registrations, oldest first, without the secrets. An evicted one gets no more deliveries. */
  get registered(): readonly RegisteredWebhook[] {
    return this.#registrations.map(({ webhook }) => ({ ...webhook }));
  }

  /** The latest 10,000 deliveries that have ended, oldest first. */
  get deliveries(): readonly WebhookDelivery[] {
    return [...this.#deliveries];
  }

  /** Sets the waits between the attempts of a delivery in ms. The number of attempts is one above that of waits. */
  retryAfter(delaysMs: readonly number[]): void {
    checkKind('delaysMs', delaysMs, 'a list of numbers');
    this.#retryDelaysMs = [...delaysMs];
  }

  /**
   * Sends a signed event to every active registration of its type, and retries until a 2xx arrives, with a new
   * signature. Its id is the same for all of them, and in all attempts. Resolves when all deliveries have ended.
   */
  async trigger(type: string, data: unknown): Promise<readonly WebhookDelivery[]> {
    checkKind('type', type, 'a string');
    const id = `msg_${randomUUID()}`;
    const body = JSON.stringify({ type, timestamp: new Date(this.#clock.now()).toISOString(), data });
    const targets = this.#registrations.filter(({ webhook }) => webhook.active && webhook.events.includes(type));
    return Promise.all(
      targets.map(async (target) => {
        const delivery = await this.#deliver(id, type, body, target);
        keepLatest(this.#deliveries, delivery);
        return delivery;
      }),
    );
  }

  async #deliver(id: string, type: string, body: string, { webhook, key }: Registration): Promise<WebhookDelivery> {
    const { url } = webhook;
    const statuses: (number | undefined)[] = [];
    for (const delayMs of [0, ...this.#retryDelaysMs]) {
      try {
        if (delayMs > 0) await sleep(this.#clock, delayMs, this.#closing);
      } catch {
        break;
      }
      const status = await this.#post(url, body, this.#sign(id, key, body));
      statuses.push(status);
      if (status !== undefined && status >= 200 && status < 300) return { id, type, url, statuses, delivered: true };
    }
    return { id, type, url, statuses, delivered: false };
  }

  #sign(id: string, key: Buffer, body: string): Record<string, string> {
    const timestamp = Math.floor(this.#clock.now() / 1000);
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` };
  }

  async #post(url: string, body: string, headers: Record<string, string>): Promise<number | undefined> {
    const late = new AbortController();
    const timer = this.#clock.setTimeout(() => late.abort(), ATTEMPT_TIMEOUT_MS);
    try {
      const answer = await fetch(url, {
        method: 'POST',
        body,
        redirect: 'manual',
        headers: { 'content-type': 'application/json', ...headers },
        signal: AbortSignal.any([late.signal, this.#closing]),
      });
      await answer.body?.cancel();
      return answer.status;
    } catch {
      return undefined;
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }
}
