import { fromBase64, toBase64 } from '../bytes.js';
import { ConfigurationError } from '../errors.js';
import { silentLogger, type Logger } from '../http/internal.js';
import { checkKind, required } from '../options.js';
import type { WebhookSecret, WebhookSecrets } from './types.js';

const PREFIX = 'whsec_';
const MIN_SECRET_BYTES = 24;
const HMAC: HmacImportParams = { name: 'HMAC', hash: 'SHA-256' };

/**
 * Decodes a secret.
 *
 * @internal
 * @throws {@link ConfigurationError}, which never quotes the secret.
 */
export function decodeSecret(secret: WebhookSecret): Uint8Array<ArrayBuffer> {
  const bytes = secretBytes(secret);
  if (bytes === undefined)
    throw new ConfigurationError('webhook secret: expected base64 (with or without whsec_) or bytes');
  if (bytes.length === 0) throw new ConfigurationError('webhook secret: must not be empty');
  return bytes as Uint8Array<ArrayBuffer>;
}

/** @internal Returns the bytes of a secret; `undefined` for any other value. */
export function secretBytes(secret: WebhookSecret): Uint8Array | undefined {
  try {
    if (typeof secret === 'string') return fromBase64(withoutPrefix(secret));
    return secret instanceof Uint8Array ? secret.slice() : undefined;
  } catch {
    return undefined;
  }
}

function withoutPrefix(secret: string): string {
  return secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
}

/** Returns the part of a secret that a server may quote. */
export function quotable(secret: WebhookSecret): string {
  return typeof secret === 'string' ? withoutPrefix(secret) : new TextDecoder().decode(secret);
}

export function toList(secrets: WebhookSecrets): readonly WebhookSecret[] {
  if (typeof secrets === 'string' || secrets instanceof Uint8Array) return [secrets];
  checkKind('secrets', secrets, 'a list of strings or objects', 'a list of base64 strings or bytes');
  return secrets;
}

/**
 * Checks and imports secrets.
 *
 * @internal
 * @throws {@link ConfigurationError} if secrets are missing or invalid.
 */
export function importSecrets(
  secrets: WebhookSecrets | undefined,
  logger: Logger = silentLogger,
): Promise<CryptoKey[]> {
  const list = toList(required('secrets', secrets));
  if (list.length === 0) throw new ConfigurationError('secrets: expected at least one');
  const keys = list.map(decodeSecret);
  for (const bytes of keys) warnOfShortSecret(bytes, logger);
  return Promise.all(keys.map((bytes) => crypto.subtle.importKey('raw', bytes, HMAC, false, ['sign', 'verify'])));
}

/**
 * Warns about a short secret. Standard Webhooks requires 24 to 64 bytes; the platform's own examples are shorter, so
 * that such secrets are accepted.
 */
export function warnOfShortSecret({ length }: Uint8Array, logger: Logger): void {
  if (length >= MIN_SECRET_BYTES) return;
  logger.warn(
    `A webhook secret has only ${length} bytes; use at least ${MIN_SECRET_BYTES}, as from generateWebhookSecret()`,
  );
}

/** Generates a signing secret: `whsec_` and 32 random bytes in base64. */
export function generateWebhookSecret(): string {
  return PREFIX + toBase64(crypto.getRandomValues(new Uint8Array(32)));
}
