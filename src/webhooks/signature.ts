import { concat, fromBase64, toBase64 } from '../bytes.js';
import { ConfigurationError, WebhookVerificationError } from '../errors.js';
import { isHeaderName, systemClock } from '../http/internal.js';
import { checkKind, checkOptions } from '../options.js';
import { importSecrets } from './secrets.js';
import type {
  ReceivedHeaders,
  SignWebhookOptions,
  SignatureOptions,
  SignedWebhookHeaders,
  WebhookBody,
  WebhookSecrets,
} from './types.js';

/** Five minutes (protocol 10). */
export const DEFAULT_TOLERANCE_MS = 300_000;
/** More than any rotation needs. The limit keeps a forged header from costing a hash of the body for each signature. */
const MAX_SIGNATURES = 16;
/** 32 bytes in base64. */
const SHA256 = /^[A-Za-z0-9+/]{43}=$/;
const ID = /^[\x21-\x7e]{1,255}$/;

/**
 * Returns the bytes of a raw body.
 *
 * @internal
 * @throws {@link ConfigurationError} for a parsed body.
 */
export function toBytes(body: WebhookBody): Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return new TextEncoder().encode(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>;
  throw new ConfigurationError('webhook body: expected the raw body as a string or bytes, before any JSON parser');
}

function signedContent(id: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat([new TextEncoder().encode(`${id}.${timestamp}.`), body]) as Uint8Array<ArrayBuffer>;
}

/**
 * Signs a body by Standard Webhooks v1: HMAC-SHA256 over `id.timestamp.body`, once with each secret.
 *
 * @returns the headers to send with the body.
 * @throws (as rejection) {@link ConfigurationError} for an invalid secret, id, timestamp or body.
 *
 * @example
 * ```ts
 * import { signWebhook } from 'agent-assist-sdk/webhooks';
 *
 * const body = JSON.stringify({ type: 'agentassist.alert.triggered', timestamp: new Date().toISOString(), data: {} });
 * const headers = await signWebhook(body, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
 * await fetch('https://coaching.example.com/webhook', { method: 'POST', body, headers });
 * ```
 */
export async function signWebhook(
  body: WebhookBody,
  secrets: WebhookSecrets | undefined,
  options: SignWebhookOptions = {},
): Promise<SignedWebhookHeaders> {
  checkOptions('signWebhook', options, { id: true, timestamp: true });
  const { id = `msg_${crypto.randomUUID()}`, timestamp = new Date(systemClock.now()) } = options;
  if (!ID.test(id)) throw new ConfigurationError('webhook id: expected 1 to 255 visible ASCII characters');
  checkKind('webhook timestamp', timestamp, 'a Date with getTime()');
  const seconds = Math.floor(timestamp.getTime() / 1000);
  if (!(seconds >= 0)) throw new ConfigurationError('webhook timestamp: expected a date since 1970');
  const content = signedContent(id, String(seconds), toBytes(body));
  const keys = await importSecrets(secrets);
  const signatures = await Promise.all(
    keys.map(async (key) => new Uint8Array(await crypto.subtle.sign('HMAC', key, content))),
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.map((signature) => `v1,${toBase64(signature)}`).join(' '),
  };
}

/** Returns all values of a header, ignoring the case of its name. */
function headerValues(headers: ReceivedHeaders, name: string): string[] {
  if (typeof headers.get === 'function') {
    const value = (headers as Pick<Headers, 'get'>).get(name);
    return value === null ? [] : [value];
  }
  return Object.entries(headers as Readonly<Record<string, string | readonly string[] | undefined>>)
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]) => value ?? []);
}

function single(headers: ReceivedHeaders, name: string, pattern: RegExp): string {
  const values = headerValues(headers, name);
  const [value] = values;
  if (value === undefined || value === '')
    throw new WebhookVerificationError('missing_header', `The header ${name} is missing`);
  if (values.length > 1 || !pattern.test(value)) {
    throw new WebhookVerificationError('malformed_header', `The header ${name} is malformed`);
  }
  return value;
}

function checkTimestamp(
  timestamp: string,
  { toleranceMs = DEFAULT_TOLERANCE_MS, clock = systemClock }: SignatureOptions,
): void {
  const ageMs = clock.now() - Number(timestamp) * 1000;
  if (ageMs > toleranceMs)
    throw new WebhookVerificationError('timestamp_too_old', 'The webhook was signed too long ago');
  if (ageMs < -toleranceMs)
    throw new WebhookVerificationError('timestamp_too_new', 'The webhook was signed in the future');
}

/**
 * Returns the bytes of the `v1` signatures. Proxies and servers join repeated headers with a comma (RFC 9110, section
 * 5.3). Only canonical base64 is accepted: another text that decodes to the same bytes is not a signature.
 */
function parseSignatures(header: string): Uint8Array<ArrayBuffer>[] {
  return header
    .split(/,?\s+|,(?=v\d+a?,)|,+$/, MAX_SIGNATURES)
    .filter((entry) => entry.startsWith('v1,'))
    .flatMap((entry) => {
      const text = entry.slice('v1,'.length);
      const bytes = SHA256.test(text) ? fromBase64(text) : undefined;
      return bytes !== undefined && toBase64(bytes) === text ? [bytes] : [];
    });
}

/** @internal The claims of a webhook's headers, before verification with the body. */
export interface ClaimedSignature {
  /** The webhook's id. */
  readonly id: string;
  readonly timestamp: string;
  readonly signatures: readonly Uint8Array<ArrayBuffer>[];
  /** Whether the headers declare a compressed body. */
  readonly encoded: boolean;
}

const defaultNames = { id: 'webhook-id', timestamp: 'webhook-timestamp', signature: 'webhook-signature' };

/**
 * @internal Returns the names of the three headers, in small letters.
 * @throws {@link ConfigurationError} for a name that no header can have.
 */
export function headerNamesOf({ headerNames = {} }: SignatureOptions): typeof defaultNames {
  checkOptions('headerNames', headerNames, { id: 'a string', timestamp: 'a string', signature: 'a string' });
  const names = { ...defaultNames };
  for (const key of Object.keys(names) as (keyof typeof names)[]) {
    names[key] = (headerNames[key] ?? names[key]).toLowerCase();
    if (!isHeaderName(names[key])) throw new ConfigurationError(`headerNames.${key}: expected the name of a header`);
  }
  return names;
}

/**
 * Reads and checks the headers of a webhook, without its body: presence, format and tolerance.
 *
 * @internal
 * @throws {@link WebhookVerificationError}
 */
export function readSignature(headers: ReceivedHeaders, options: SignatureOptions): ClaimedSignature {
  checkKind('headers', headers, 'an object', 'the headers of the request');
  const names = headerNamesOf(options);
  const id = single(headers, names.id, ID);
  const timestamp = single(headers, names.timestamp, /^\d{1,12}$/);
  const name = names.signature;
  const signature = headerValues(headers, name).join(' ');
  if (signature === '') throw new WebhookVerificationError('missing_header', `The header ${name} is missing`);
  checkTimestamp(timestamp, options);
  const signatures = parseSignatures(signature);
  if (signatures.length === 0)
    throw new WebhookVerificationError('no_matching_signature', `The header ${name} has no signature of version v1`);
  const encoding = headerValues(headers, 'content-encoding').join();
  return { id, timestamp, signatures, encoded: encoding !== '' && encoding.toLowerCase() !== 'identity' };
}

/**
 * Verifies that a holder of one of the secrets signed this body.
 *
 * @internal
 * @throws {@link WebhookVerificationError}
 */
export async function verifySignature(
  body: Uint8Array,
  { id, timestamp, signatures, encoded }: ClaimedSignature,
  keys: readonly CryptoKey[],
): Promise<void> {
  const content = signedContent(id, timestamp, body);
  for (const signature of signatures) {
    for (const key of keys) {
      if (await crypto.subtle.verify('HMAC', key, signature, content)) return;
    }
  }
  if (encoded)
    throw new WebhookVerificationError(
      'compressed_body',
      'No signature matches the body, which is compressed; the sender, or a proxy in between, must not compress it',
    );
  throw new WebhookVerificationError('no_matching_signature', 'No signature of the webhook matches a known secret');
}
