import type { Transport } from './transport.js';

/** What the SDK gives to a `fetch` beside the URL. */
export interface FetchInit {
  /** HTTP method. */
  method: string;
  /** All headers, names in lower case. */
  headers: Record<string, string>;
  /** Body, if there is one. */
  body: string | null;
  /** Ends the request. */
  signal: AbortSignal;
  /** A followed redirect could carry a body or a token to another host. */
  redirect: 'manual';
}

/** What the SDK reads of a `Response`, whoever's it is. */
export interface FetchResponse {
  /** HTTP status. */
  readonly status: number;
  /** Headers of the answer. */
  readonly headers: { forEach(visit: (value: string, name: string) => void): void };
  /** The body as it arrives, decompressed; `null` for none. */
  readonly body: ReadableStream | AsyncIterable<unknown> | null;
}

/** A `fetch`: the runtime's, undici's, node-fetch 3, or a function around one of them. It gets `(url, init)`. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** Sends by a `fetch`, without anything between. */
export function fetchTransport(fetch: FetchLike): Transport {
  return async ({ method, url, headers, body = null, signal }) => {
    const response = await fetch(url, { method, headers: { ...headers }, body, signal, redirect: 'manual' });
    return {
      status: response.status,
      headers: toHeaders(response.headers),
      body: response.body as AsyncIterable<Uint8Array>,
    };
  };
}

function toHeaders(given: FetchResponse['headers']): Headers {
  if (given instanceof Headers) return given;
  const headers = new Headers();
  given.forEach((value, name) => {
    headers.append(name, value);
  });
  return headers;
}
