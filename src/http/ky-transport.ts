import ky from 'ky';
import type { Transport } from './transport.js';

/**
 * The default transport: ky on `fetch`.
 *
 * @param fetch - replaces the global `fetch`.
 */
export function kyTransport(fetch?: typeof globalThis.fetch): Transport {
  return ({ method, url, headers, body, signal }) =>
    ky(url, {
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body }),
      ...(fetch === undefined ? {} : { fetch }),
      // Repeats, time limits and statuses are the core's business; two retry loops would multiply.
      retry: 0,
      timeout: false,
      throwHttpErrors: false,
      // A followed redirect could carry a body or a token to another host.
      redirect: 'manual',
    });
}
