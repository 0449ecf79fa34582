import type { Transport } from './transport.js';

/**
 * Stands in for `default-transport.ts` where a bundler asks for the `browser` condition: there ky, of which the core
 * uses a single call, would be a third of what a client weighs.
 */
export function defaultTransport(fetch?: typeof globalThis.fetch): Transport {
  return ({ method, url, headers, body, signal }) =>
    (fetch ?? globalThis.fetch)(url, {
      method,
      headers,
      signal,
      body: body ?? null,
      // A followed redirect could carry a body or a token to another host.
      redirect: 'manual',
    });
}
