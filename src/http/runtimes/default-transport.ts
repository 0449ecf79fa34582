import type { KyInstance } from 'ky';
import { fetchTransport, type FetchLike, type Transport } from '../transport.js';

/** Loaded by the first request: loading it creates all of Node's `fetch`, which many programs never use. */
let ky: KyInstance | undefined;

/** Returns the default transport: ky, around `fetch` or its replacement, which is called with `(url, init)`. */
export function defaultTransport(fetch?: FetchLike): Transport {
  if (fetch !== undefined) return fetchTransport(fetch);
  return async ({ method, url, headers, body = null, signal }) => {
    ky ??= (await import('ky')).default;
    return ky(url, {
      method,
      // Not the `Request` that ky passes: `fetch` would make another one of it, for a third of the cost of a call.
      fetch: () =>
        // A followed redirect could send a body or a token to another host.
        globalThis.fetch(url, {
          method,
          // A wrapped `fetch` may add to them, and all attempts of a call share the given ones.
          headers: { ...headers },
          body,
          signal,
          redirect: 'manual',
          ...withoutRuntimeLimits(),
        }),
      // The core handles retries, time limits and statuses; two retry loops would multiply.
      retry: 0,
      timeout: false,
      throwHttpErrors: false,
    });
  };
}

interface Dispatcher {
  dispatch(options: object, handler: object): boolean;
}

/** Key of the dispatcher of Node's `fetch`, shared by every undici in the process. */
const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/** Dispatchers without limits, by the one that they use. */
const unlimited = new WeakMap<Dispatcher, object>();

/**
 * Returns options for the global `fetch` that lift Node's limits of five minutes for the headers and between two parts
 * of the body, so that only the client's limits end a call. The process's own dispatcher, e.g. a proxy, stays in use.
 * Empty if the runtime has no such limits, or none that can be lifted.
 */
function withoutRuntimeLimits(): { readonly dispatcher?: object } {
  const known: unknown = Reflect.get(globalThis, GLOBAL_DISPATCHER);
  if (!isDispatcher(known)) return {};
  let dispatcher = unlimited.get(known);
  if (dispatcher === undefined) {
    const dispatch: Dispatcher['dispatch'] = (options, handler) =>
      known.dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler);
    dispatcher = Object.create(known, { dispatch: { value: dispatch } }) as object;
    unlimited.set(known, dispatcher);
  }
  return { dispatcher };
}

function isDispatcher(value: unknown): value is Dispatcher {
  return typeof value === 'object' && value !== null && 'dispatch' in value && typeof value.dispatch === 'function';
}
