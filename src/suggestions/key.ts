import canonicalize from 'canonicalize';
import type { CheckedSuggestRequest } from './schemas.js';

/**
 * The canonical JSON (RFC 8785) of exactly what is sent; `undefined` when there is none, since a text has a lone
 * surrogate.
 */
export function canonicalRequest(request: CheckedSuggestRequest): string | undefined {
  try {
    return canonicalize(request);
  } catch {
    return undefined;
  }
}
