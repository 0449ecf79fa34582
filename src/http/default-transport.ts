import ky from 'ky';
import type { Transport } from './transport.js';

/** The transport of a client that was given none: ky on `fetch`, or on what replaces it. */
export function defaultTransport(fetch?: typeof globalThis.fetch): Transport {
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
