import type { Issue } from '../errors.js';
import type { CallOptions, HttpClientOptions, KeyValueStore } from '../http/internal.js';

/** Event types of protocol 10. Other types are passed on unchanged. */
export type WebhookEventType = 'sentiment.calibration.updated' | 'agentassist.alert.triggered' | (string & {});

/**
 * Data of `sentiment.calibration.updated`. The tutorials do not define it. The fields named here, known from protocol
 * 6, are checked if present (`jobId` also as `job_id`); other fields are kept unchanged.
 */
export interface CalibrationUpdatedData {
  /** Id of the calibration job, for `CalibrationClient.get`. */
  readonly jobId?: string | undefined;
  /** Status of the job: `queued`, `running`, `completed`, `failed` or another one. */
  readonly status?: string | undefined;
  /** Further fields under their wire names. */
  readonly [field: string]: unknown;
}

/**
 * Data of `agentassist.alert.triggered`. The tutorials do not define it. The fields named here, known from protocol 6,
 * are checked if present (`interactionId` also as `interaction_id`); other fields are kept unchanged.
 */
export interface AlertTriggeredData {
  readonly interactionId?: string | undefined;
  readonly emotion?: string | undefined;
  /** Confidence of the classification, 0 to 1. */
  readonly confidence?: number | undefined;
  /** The threshold that the confidence exceeded, 0.0 to 0.95. */
  readonly threshold?: number | undefined;
  /** What the alert does: `block`, `notify`, `escalate`, `log` or another directive. */
  readonly directive?: string | undefined;
  /** Further fields under their wire names. */
  readonly [field: string]: unknown;
}

/** An event of a webhook's body (protocol 10). */
export interface WebhookEvent<Type extends string = WebhookEventType, Data = unknown> {
  readonly type: Type;
  /** Time of the event, ISO 8601 as sent. */
  readonly timestamp: string;
  readonly data: Data;
  /** Further fields of the body. */
  readonly [field: string]: unknown;
}

/** The events with typed data, by their type. */
export interface WebhookEventMap {
  /** Sentiment thresholds were changed. */
  readonly 'sentiment.calibration.updated': WebhookEvent<'sentiment.calibration.updated', CalibrationUpdatedData>;
  /** An alert of a calibrated interaction fired. */
  readonly 'agentassist.alert.triggered': WebhookEvent<'agentassist.alert.triggered', AlertTriggeredData>;
}

/** A webhook to register (protocol 4). */
export interface WebhookRegistrationRequest {
  /** Where the platform sends events, checked by `assertWebhookTarget`. */
  readonly url: string | URL;
  /** Event types; at least one. */
  readonly events: readonly WebhookEventType[];
  /** The signing secret: `whsec_` and base64. `generateWebhookSecret` creates one. */
  readonly secret: string | undefined;
  /** Whether the platform sends events. @defaultValue true */
  readonly active?: boolean | undefined;
}

/** A registered webhook. A secret in the response is left out. */
export interface WebhookRegistration {
  readonly id?: string | undefined;
  /** Where the platform sends events. */
  readonly url?: string | undefined;
  /** Event types that are sent. */
  readonly events?: readonly WebhookEventType[] | undefined;
  /** Whether events are sent. */
  readonly active?: boolean | undefined;
  /** Further fields of the response. */
  readonly [field: string]: unknown;
}

/** Options of {@link WebhookNotifier}. Time limits, retries and the transport are those of `HttpClient`. */
export interface WebhookNotifierOptions
  extends WebhookTargetOptions, Omit<HttpClientOptions, 'baseUrl' | 'auth' | 'paths'> {
  /**
   * Secrets that sign every notification; each adds a signature. Without them, notifications carry an id and no
   * signature.
   */
  readonly secrets?: WebhookSecrets | undefined;
}

/** Options of one notification. */
export interface NotifyOptions extends Omit<CallOptions, 'idempotencyKey'> {
  /** Identifies the event; 1 to 255 visible ASCII characters. @defaultValue `msg_` and a random UUID */
  readonly id?: string | undefined;
}

/** An accepted notification (status 2xx). */
export interface NotifyResult {
  /** Value of `webhook-id`. */
  readonly id: string;
  /** HTTP status of the response. */
  readonly status: number;
  /** Number of requests, the first included. */
  readonly attempts: number;
}

/** Context of a webhook, passed to its handler. */
export interface WebhookContext {
  /** The webhook's id, the same in every retry of its delivery. */
  readonly id: string;
  /** Aborted when the time limit is reached; the sender then gets an error and retries. */
  readonly signal: AbortSignal;
}

/** Handles an event. If it throws or rejects, the receiver returns 500, so that the sender retries. */
export type WebhookEventHandler<Event extends WebhookEvent> = (event: Event, context: WebhookContext) => unknown;

/** Handlers by event type. */
export type WebhookEventHandlers = {
  readonly [Type in keyof WebhookEventMap]?: WebhookEventHandler<WebhookEventMap[Type]> | undefined;
};

/** Options of {@link createWebhookHandler}. */
export interface WebhookHandlerOptions extends VerifyWebhookOptions, Pick<HttpClientOptions, 'logger'> {
  /** The secret, or several during a rotation. */
  readonly secrets: WebhookSecrets | undefined;
  /** Handlers by event type. */
  readonly on: WebhookEventHandlers;
  /** Called for events whose type has no handler in `on`. Without it, the receiver accepts such events and drops them. */
  readonly onUnknown?: WebhookEventHandler<WebhookEvent> | undefined;
  /**
   * Called with each error: `WebhookVerificationError`, `WebhookPayloadError`, `TimeoutError`, and what a handler or
   * the store throws. The responses contain only a code. Errors that it throws are logged and ignored.
   */
  readonly onError?: ((error: unknown) => unknown) | undefined;
  /** Largest accepted body in bytes. @defaultValue 1,048,576 (1 MiB) */
  readonly maxBodyBytes?: number | undefined;
  /** Limit of webhooks in progress. Above it, the handler returns 503 with `Retry-After`. @defaultValue 100 */
  readonly concurrency?: number | undefined;
  /**
   * Time limit in ms, each for reading the body, for handling the event and for each call of `seen`.
   *
   * @defaultValue 10,000
   */
  readonly timeoutMs?: number | undefined;
}

/** A raw body. Parsing and serializing it again would change its bytes. */
export type WebhookBody = string | Uint8Array | ArrayBuffer;

/** Headers of a received webhook: `Headers`, or a record such as Node's `request.headers` (names in any case). */
export type ReceivedHeaders = Pick<Headers, 'get'> | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The three headers of a signed webhook (Standard Webhooks). */
export interface SignedWebhookHeaders {
  /** Identifies the event; the same in every retry of its delivery. */
  readonly 'webhook-id': string;
  /** Time of the signature, in seconds since the epoch. */
  readonly 'webhook-timestamp': string;
  /** Signatures, one for each secret, separated by spaces. */
  readonly 'webhook-signature': string;
  /** Lets `fetch` accept the object as headers. */
  readonly [name: string]: string;
}

/** Options of {@link signWebhook}. */
export interface SignWebhookOptions {
  /** Identifies the event; 1 to 255 visible ASCII characters. @defaultValue `msg_` and a random UUID */
  readonly id?: string | undefined;
  /** Time of the signature. @defaultValue now */
  readonly timestamp?: Date | undefined;
}

/** Names of the three headers, in any case. */
export interface WebhookHeaderNames {
  /** @defaultValue `webhook-id` */
  readonly id?: string | undefined;
  /** @defaultValue `webhook-timestamp` */
  readonly timestamp?: string | undefined;
  /** @defaultValue `webhook-signature` */
  readonly signature?: string | undefined;
}

/** Options that verify a signature. */
export interface SignatureOptions extends Pick<HttpClientOptions, 'clock'> {
  /** Header names of the sender, if it uses others, e.g. `svix-id`, `svix-timestamp`, `svix-signature`. */
  readonly headerNames?: WebhookHeaderNames | undefined;
  /**
   * Largest accepted difference between the timestamp and now, past or future, in ms.
   *
   * @defaultValue 300,000 (five minutes)
   */
  readonly toleranceMs?: number | undefined;
}

/**
 * A signing secret (Standard Webhooks). A string is base64, with or without the prefix `whsec_`. Bytes are used
 * unchanged, for senders whose secret is plain text (`new TextEncoder().encode(text)`).
 */
export type WebhookSecret = string | Uint8Array;

/** The secret, or several during a rotation. */
export type WebhookSecrets = WebhookSecret | readonly WebhookSecret[];

/** Options of {@link assertWebhookTarget}. */
export interface WebhookTargetOptions {
  /** Allows loopback hosts, even over http, for development and tests. @defaultValue false */
  readonly allowLoopbackHttp?: boolean | undefined;
  /**
   * Allows loopback, private (RFC 1918, RFC 6598, RFC 4193) and link-local addresses, and names of the local network,
   * over https.
   *
   * @defaultValue false
   */
  readonly allowPrivateNetworks?: boolean | undefined;
}

/** Options of {@link verifyWebhook}. */
export interface VerifyWebhookOptions extends SignatureOptions {
  /**
   * Rejects duplicates. An id is recorded once the webhook is verified. If handling it fails, {@link forgetWebhook}
   * releases the id, so that the sender's retry is accepted.
   *
   * Ids of senders with different secrets never collide in a store. A store without `add` needs two steps, `get` and
   * `set`: two processes that receive the same id within the time of one `get` can then both accept it. If the store
   * fails, the webhook fails, and its id is released, so that the sender retries: no webhook is lost or accepted twice.
   * If the store recorded the id and then fails to release it too, call {@link forgetWebhook}.
   */
  readonly seen?: KeyValueStore | undefined;
  /**
   * Separates endpoints that share a store and a secret: give each its own namespace, the same in all processes of a
   * fleet. A sender uses one id for all endpoints of an event.
   *
   * @defaultValue none
   */
  readonly seenNamespace?: string | undefined;
  /**
   * Called if fields of a genuine event's `data` were left out because their type differs from the documented one. A
   * receiver logs and ignores errors that it throws.
   */
  readonly onIssues?: ((issues: readonly Issue[], event: WebhookEvent) => unknown) | undefined;
  /** How long an accepted id is remembered, in ms; at least twice the tolerance. @defaultValue 86,400,000 (one day) */
  readonly seenTtlMs?: number | undefined;
}
