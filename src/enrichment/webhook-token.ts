import { ConfigurationError } from '../errors.js';

const TOKEN = /^[\x21-\x7e]+$/;
const BEARER = /^Bearer +(\S+)$/i;

/**
 * Compares the token of an `Authorization: Bearer` header with the configured ones. Digests are compared, each to its
 * end, so that the time it takes says nothing about a token or its length.
 *
 * @throws {@link ConfigurationError} when there is no token, or one that no header can carry.
 */
export function bearerMatcher(tokens: readonly string[]): (authorization: string | null) => Promise<boolean> {
  if (tokens.length === 0 || !tokens.every((token) => TOKEN.test(token))) {
    throw new ConfigurationError('webhookToken: expected one or more tokens of visible ASCII characters');
  }
  let known: Promise<Uint8Array[]> | undefined;
  return async (authorization) => {
    known ??= Promise.all(tokens.map(digest));
    const presented = await digest(BEARER.exec(authorization ?? '')?.[1] ?? '');
    const matches = (await known).map((token) => areEqual(token, presented));
    return matches.includes(true);
  };
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  a.forEach((byte, index) => {
    difference |= byte ^ (b[index] ?? 0);
  });
  return difference === 0;
}
