import ky from 'ky';
import { fetchTransport, type FetchLike, type Transport } from './transport.js';

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

interface Dispatcher {
  dispatch(options: object, handler: object): boolean;
}

/** Where Node's `fetch`, and every undici beside it, finds what sends its requests. */
const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/**
 * Options for the global `fetch` that lift Node's own limits of five minutes for the headers and between two parts of
 * the body: only the client's limits end a call. What sends the requests stays the process's own, a proxy included. None
 * where the runtime has no such limits, or none that can be lifted.
 */
function withoutRuntimeLimits(): { readonly dispatcher?: object } {
  const known: unknown = Reflect.get(globalThis, GLOBAL_DISPATCHER);
  if (!isDispatcher(known)) return {};
  const dispatch: Dispatcher['dispatch'] = (options, handler) =>
    known.dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler);
  return { dispatcher: Object.create(known, { dispatch: { value: dispatch } }) as object };
}

function isDispatcher(value: unknown): value is Dispatcher {
  return typeof value === 'object' && value !== null && 'dispatch' in value && typeof value.dispatch === 'function';
}
