import { fetchTransport, type FetchLike, type Transport } from './transport.js';

/**
 * Stands in for `default-transport.ts` where a bundler asks for the `browser` condition: there ky, of which the core
 * uses a single call, would be a third of what a client weighs.
 */
export function defaultTransport(fetch?: FetchLike): Transport {
  // Looked up for each request, so that a page may replace it later on.
  return fetchTransport(fetch ?? ((url, init) => globalThis.fetch(url, init)));
}
