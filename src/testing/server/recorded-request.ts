import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** A request that the tenant received: a REST call, a token request or an upgrade to the stream. */
export interface RecordedRequest {
  /** Position since the start, from 1. */
  readonly sequence: number;
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Headers as Node represents them, with lowercase names. Tokens and secrets are in plain text. */
  readonly headers: IncomingHttpHeaders;
  readonly bodyText: string;
  /** The body parsed as JSON; `undefined` if it is missing or not JSON. */
  readonly json: unknown;
  /** When it arrived, ms since the epoch on the tenant's clock. */
  readonly receivedAt: number;
  /** Value of the response's `x-request-id`. */
  readonly requestId: string;
  /** Status of the response; `undefined` before it is sent, and if the connection was dropped. */
  readonly status: number | undefined;
  /** Settles when the response was sent or the connection dropped. */
  readonly finished: Promise<void>;
}

/** @internal Returns method, path and query of a request line. */
export function requestTarget(request: IncomingMessage): { method: string; path: string; query: URLSearchParams } {
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s, 2);
  return { method: request.method ?? 'GET', path, query: new URLSearchParams(query) };
}
