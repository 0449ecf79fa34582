import { ConfigurationError } from '../errors.js';

const TOKEN = /^[\x21-\x7e]+$/;
const BEARER = /^Bearer +(\S+)$/i;

/**
 * Compares the token of an `Authorization: Bearer` header with the configured ones. Each comparison goes over the whole
 * of what was presented, so the time it takes says nothing about a token or its length. It is done at once: a digest by
 * WebCrypto would queue for a thread, and under load every request would wait for it.
 *
 * @throws {@link ConfigurationError} when there is no token, or one that no header can carry.
 */
export function bearerMatcher(tokens: readonly string[]): (authorization: string | null) => boolean {
  if (tokens.length === 0 || !tokens.every((token) => TOKEN.test(token))) {
    throw new ConfigurationError('webhookToken: expected one or more tokens of visible ASCII characters');
  }
  return (authorization) => {
    const presented = BEARER.exec(authorization ?? '')?.[1] ?? '';
    // Not `some`, which would stop at the token that fits.
    return tokens.map((token) => areEqual(presented, token)).includes(true);
  };
}

function areEqual(presented: string, token: string): boolean {
  let difference = presented.length ^ token.length;
  for (let index = 0; index < presented.length; index += 1) {
    difference |= presented.charCodeAt(index) ^ token.charCodeAt(index % token.length);
  }
  return difference === 0;
}
