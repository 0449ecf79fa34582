import { ConfigurationError } from '../errors.js';

/**
 * A signing secret (Standard Webhooks): a string is base64, with or without `whsec_` before it, as tenants hand it out;
 * bytes are taken as they are, for senders whose secret is a plain text (`new TextEncoder().encode(text)`).
 */
export type WebhookSecret = string | Uint8Array;

/** One secret, or several while one replaces the other. */
export type WebhookSecrets = WebhookSecret | readonly WebhookSecret[];

const PREFIX = 'whsec_';
const HMAC: HmacImportParams = { name: 'HMAC', hash: 'SHA-256' };

/** @internal @throws {@link ConfigurationError} that never quotes the secret. */
export function decodeSecret(secret: WebhookSecret): Uint8Array<ArrayBuffer> {
  const bytes =
    typeof secret === 'string' ? decodeText(secret) : secret instanceof Uint8Array ? secret.slice() : undefined;
  if (bytes === undefined)
    throw new ConfigurationError('webhook secret: expected base64 (with or without whsec_) or bytes');
  if (bytes.length === 0) throw new ConfigurationError('webhook secret: must not be empty');
  return bytes as Uint8Array<ArrayBuffer>;
}

function decodeText(secret: string): Uint8Array | undefined {
  return fromBase64(withoutPrefix(secret));
}

function withoutPrefix(secret: string): string {
  return secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
}

/** What of a secret a server may quote. */
export function quotable(secret: WebhookSecret): string {
  return typeof secret === 'string' ? withoutPrefix(secret) : new TextDecoder().decode(secret);
}

/** @internal The bytes of a base64 text, or `undefined` when it is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Bytes as base64. */
export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Secrets as a list. */
export function toList(secrets: WebhookSecrets): readonly WebhookSecret[] {
  return typeof secrets === 'string' || secrets instanceof Uint8Array ? [secrets] : secrets;
}

/**
 * Checks secrets at once and imports them.
 *
 * @internal
 * @throws {@link ConfigurationError} when there is no secret or one cannot be used.
 */
export function importSecrets(secrets: WebhookSecrets): Promise<CryptoKey[]> {
  const list = toList(secrets);
  // An environment variable that is not set must be named as what it is.
  if (!Array.isArray(list) || list.length === 0) throw new ConfigurationError('webhook secret: expected at least one');
  const keys = list.map(decodeSecret);
  return Promise.all(keys.map((bytes) => crypto.subtle.importKey('raw', bytes, HMAC, false, ['sign', 'verify'])));
}

/** A new signing secret: `whsec_` and 32 random bytes in base64. */
export function generateWebhookSecret(): string {
  return PREFIX + toBase64(crypto.getRandomValues(new Uint8Array(32)));
}
