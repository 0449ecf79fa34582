import ky from 'ky';
import { fetchTransport, type FetchLike } from './fetch-transport.js';
import { withoutRuntimeLimits } from './runtime-limits.js';
import type { Transport } from './transport.js';

/** The transport of a client that was given none: ky, or what replaces `fetch`, which gets `(url, init)` as it does everywhere. */
export function defaultTransport(fetch?: FetchLike): Transport {
  if (fetch !== undefined) return fetchTransport(fetch);
  return ({ method, url, headers, body, signal }) =>
    ky(url, {
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body }),
      ...withoutRuntimeLimits(),
      // Repeats, time limits and statuses are the core's business; two retry loops would multiply.
      retry: 0,
      timeout: false,
      throwHttpErrors: false,
      // A followed redirect could carry a body or a token to another host.
      redirect: 'manual',
    });
}
