import { cancelBody, readBody } from '../bytes.js';
import { ConnectionError, type CallInfo } from '../errors.js';
import { connectionFailure, connectionProblem } from './connection-failure.js';
import { redact } from './redact.js';

/** One HTTP request, ready to be sent. */
export interface TransportRequest {
  /** HTTP method. */
  readonly method: string;
  /** Absolute URL. */
  readonly url: string;
  /** All headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Body, if there is one. */
  readonly body: string | undefined;
  /** Ends the request. */
  readonly signal: AbortSignal;
}

/** The answer to a {@link TransportRequest}. */
export interface TransportResponse {
  /** HTTP status. */
  readonly status: number;
  /** Headers of the answer. */
  readonly headers: Headers;
  /**
   * The body as it arrives, decompressed, in UTF-8; `null` for none. It fails when the connection breaks before its end. It
   * is read once, up to a limit, and canceled where nothing reads on: a stream by `cancel()` or `destroy()`, another
   * iterable by the `return()` of its iterator. A `Response` fits.
   */
  readonly body: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | null;
}

/**
 * Sends one request, once: it follows no redirect and repeats nothing. The default one is ky on `fetch`, in
 * bundles for browsers `fetch` itself; `agent-assist-sdk/undici` has a faster one for Node.
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;

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
  readonly headers: {
    /** Visits each header. */
    forEach(visit: (value: string, name: string) => void): void;
  };
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

/** An answer, and what was read of it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The whole body; `undefined` when it was canceled, since it is too long or nobody needs it. */
  readonly text: string | undefined;
}

/** One for all: to make one costs more than to decode an answer. */
const utf8 = new TextDecoder();

/** What is read of bodies that only tell something on the side: those of errors, and of calls that need no answer. */
const MAX_SIDE_BYTES = 64 * 1024;

/**
 * Sends a request and reads its answer: a 2xx as far as `maxBytes` if the call `needsBody`; else at most 64 KiB, and only what
 * is sure to end, or may be a page instead of an answer. The rest is canceled.
 */
export async function exchange(
  transport: Transport,
  request: TransportRequest,
  { needsBody, maxBytes }: { readonly needsBody: boolean; readonly maxBytes: number },
): Promise<Answer> {
  const { status, headers, body } = await transport(request);
  const isNeeded = needsBody && status >= 200 && status < 300;
  if (!isNeeded && status < 300 && !isShort(headers) && !isHtml(headers)) {
    cancelBody(body);
    return { status, headers, text: undefined };
  }
  const bytes = await readBody(body, isNeeded ? maxBytes : MAX_SIDE_BYTES, request.signal);
  return { status, headers, text: bytes && utf8.decode(bytes) };
}

/** To its end, a short body costs less than the connection that canceling it would close. */
function isShort(headers: Headers): boolean {
  return Number(headers.get('content-length') ?? Infinity) <= MAX_SIDE_BYTES;
}

function isHtml(headers: Headers): boolean {
  return /html/i.test(headers.get('content-type') ?? '');
}

/** Whether an answer that nobody reads is a page, e.g. a captive portal's. Some services say `ok` as HTML. */
export function isPage({ headers, text }: Answer): boolean {
  return isHtml(headers) ? text === undefined || /^\s*</.test(text) : /^\s*<(?:!doctype|html)\b/i.test(text ?? '');
}

const USUAL_REQUEST_ID_HEADERS = ['x-request-id', 'request-id', 'x-correlation-id', 'x-amzn-requestid', 'x-trace-id'];

/** The request id of an answer, where the header of this name or a usual one has it. A proxy may echo a credential there. */
export function requestIdOf({ headers }: Answer, headerName: string, secrets: Iterable<string>): string | undefined {
  for (const name of [headerName, ...USUAL_REQUEST_ID_HEADERS]) {
    const value = headers.get(name);
    if (value !== null) return redact(value, secrets);
  }
  return undefined;
}

/**
 * Turns whatever a transport threw into a `ConnectionError`. The original is not kept: its message may quote the
 * query, and inspecting it may show the request's headers.
 */
export function connectionError(
  error: unknown,
  call: CallInfo & { readonly host: string },
  secrets: Iterable<string>,
): ConnectionError {
  const { systemCode, message, permanent } = connectionFailure(error, secrets);
  const cause = new Error(message);
  const { method, path, host } = call;
  const problem = connectionProblem(systemCode, message, host);
  return new ConnectionError(`${method} ${path} failed: ${problem}`, call, { cause, systemCode, host, permanent });
}
