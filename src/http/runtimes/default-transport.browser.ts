import { fetchTransport, type FetchLike, type Transport } from '../transport.js';

/**
 * Replaces `default-transport.ts` in bundles for browsers (condition `browser`), where ky would be a third of a
 * client's size.
 */
export function defaultTransport(fetch?: FetchLike): Transport {
  // Looked up for each request, so that a page may replace it later.
  return fetchTransport(fetch ?? ((url, init) => globalThis.fetch(url, init)));
}
