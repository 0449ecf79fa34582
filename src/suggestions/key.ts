import canonicalize from 'canonicalize';
import type { SuggestRequest } from './schemas.js';

/**
 * The canonical JSON (RFC 8785) of exactly what is sent; `undefined` when there is none, since a text has a lone
 * surrogate.
 */
export function canonicalRequest(request: Required<SuggestRequest>): string | undefined {
  try {
    return canonicalize(request);
  } catch {
    return undefined;
  }
}

/** The key of a canonical request in the cache: its SHA-256 in hex (protocol 8). */
export async function suggestionKey(canonical: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonical));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
