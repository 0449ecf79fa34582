import { AbortError, ConfigurationError } from '../errors.js';
import { isObject } from '../json.js';
import { notePiece } from './clock.js';
import { redact } from './redact.js';

/** One HTTP request. */
export interface TransportRequest {
  readonly method: string;
  /** Absolute URL. */
  readonly url: string;
  /** All headers, with lowercase names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Body, if there is one. */
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/** The response to a {@link TransportRequest}. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: Headers;
  /**
   * The body as it arrives, decompressed, in UTF-8; `null` for none. It fails if the connection breaks early. It is
   * read once, up to a limit, and canceled if nobody needs the rest: a stream by `cancel()` or `destroy()`, another
   * iterable by the `return()` of its iterator. A `Response` fits.
   */
  readonly body: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | null;
}

/**
 * Sends one request once, without following redirects or retrying. By default ky on `fetch`, in bundles for browsers
 * `fetch`; `agent-assist-sdk/undici` has a faster one for Node.
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;

/** The second argument of a `fetch` call. */
export interface FetchInit {
  /** HTTP method. */
  method: string;
  /** All headers, with lowercase names. */
  headers: Record<string, string>;
  /** Body, if there is one. */
  body: string | null;
  /** Aborts the request. */
  signal: AbortSignal;
  /** A followed redirect could send a body or a token to another host. */
  redirect: 'manual';
}

/** The part of a `Response` that the SDK reads, from any implementation. */
export interface FetchResponse {
  readonly status: number;
  /** Headers of the response. */
  readonly headers: {
    /** Calls `visit` for each header. */
    forEach(visit: (value: string, name: string) => void): void;
  };
  /** The body as it arrives, decompressed; `null` for none. */
  readonly body: ReadableStream | AsyncIterable<unknown> | null;
}

/**
 * A `fetch`: the runtime's, undici's, node-fetch 3, or a function around one of them. It is called with `(url, init)`.
 */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** Creates a transport directly on a `fetch`. */
export function fetchTransport(fetch: FetchLike): Transport {
  // `exchange` checks the response.
  return async ({ method, url, headers, body = null, signal }) =>
    fetch(url, { method, headers: { ...headers }, body, signal, redirect: 'manual' }) as Promise<TransportResponse>;
}

function isResponse(value: unknown): boolean {
  const { status, headers, body } = Object(value) as Partial<FetchResponse>;
  const isBody = body === null || (isObject(body) && ('getReader' in body || Symbol.asyncIterator in body));
  return typeof status === 'number' && typeof headers?.forEach === 'function' && isBody;
}

/** @throws `ConfigurationError` if a custom `fetch` or transport returned something else, e.g. a mock without a body. */
function checkReturned(isReadable: boolean): void {
  if (!isReadable)
    throw new ConfigurationError(
      'fetch or transport: expected a Response with status, headers, and body: bytes as a stream, or null',
    );
}

function toHeaders(given: FetchResponse['headers']): Headers {
  if (given instanceof Headers) return given;
  const headers = new Headers();
  given.forEach((value, name) => {
    headers.append(name, value);
  });
  return headers;
}

/** A response and the part of its body that was read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The whole body; `undefined` if it was canceled as too long or not needed. */
  readonly text: string | undefined;
}

/** Shared: creating one costs more than decoding a response. */
const utf8 = new TextDecoder();

/** Limit of bodies whose content is secondary: those of errors, and of calls that need no response. */
const MAX_SIDE_BYTES = 64 * 1024;

interface ExchangeOptions {
  readonly needsBody: boolean;
  readonly maxBytes: number;
  /** Called before a body is read whose content is secondary, with what suffices if it breaks off. */
  readonly onHead: (head: Answer) => void;
}

/**
 * Sends a request and reads its response. Reads a 2xx body up to `maxBytes` if the call `needsBody`. Otherwise reads at
 * most 64 KiB of a body that is sure to end, and the beginning of one that may be an HTML page. Cancels the rest.
 */
export async function exchange(
  transport: Transport,
  request: TransportRequest,
  { needsBody, maxBytes, onHead }: ExchangeOptions,
): Promise<Answer> {
  const response = await transport(request);
  checkReturned(isResponse(response));
  const { status, body } = response;
  const headers = toHeaders(response.headers);
  const isNeeded = needsBody && status >= 200 && status < 300;
  if (!isNeeded && (status >= 300 || !mayBePage(headers))) onHead({ status, headers, text: undefined });
  if (!isNeeded && status < 300 && !isShort(headers)) {
    // JSON never begins like a page, but some proxies send theirs under the type that the client accepts.
    if (mayBePage(headers) || isOfType(headers, /json/i))
      return { status, headers, text: utf8.decode(await readBeginning(body, request.signal)) };
    cancelBody(body);
    return { status, headers, text: undefined };
  }
  const bytes = await readBody(body, isNeeded ? maxBytes : MAX_SIDE_BYTES, request.signal);
  return { status, headers, text: bytes && utf8.decode(bytes) };
}

/** Reading a short body to its end costs less than the connection that canceling it would close. */
function isShort(headers: Headers): boolean {
  return Number(headers.get('content-length') ?? Infinity) <= MAX_SIDE_BYTES;
}

function isOfType(headers: Headers, type: RegExp): boolean {
  return type.test(headers.get('content-type') ?? 'text/');
}

function isHtml(headers: Headers): boolean {
  return isOfType(headers, /html/i);
}

/** Returns whether a response may be an HTML page, also sent as plain text or without a type. Other types are trusted. */
function mayBePage(headers: Headers): boolean {
  return isOfType(headers, /html|^text\/(?!event-stream)/i);
}

/**
 * Returns whether a response that nobody reads is an HTML page, e.g. a captive portal's. Some services send `ok` as
 * HTML.
 */
export function isPage({ headers, text }: Answer): boolean {
  return (isHtml(headers) ? /^\s*</ : /^\s*<(?:!|(?:html|head|meta|script|body)\b)/i).test(text ?? '');
}

/** Returns whether a body that is not JSON is a text on purpose: no page, and no JSON that broke off. */
export function isPlainText(answer: Answer): boolean {
  return !isOfType(answer.headers, /json/i) && !isPage(answer);
}

const USUAL_REQUEST_ID_HEADERS = ['x-request-id', 'request-id', 'x-correlation-id', 'x-amzn-requestid', 'x-trace-id'];

/**
 * Returns the request id of a response, from the header of this name or a common one. A proxy may echo a credential
 * there.
 */
export function requestIdOf(headers: Headers, headerName: string, secrets: Iterable<string>): string | undefined {
  for (const name of [headerName, ...USUAL_REQUEST_ID_HEADERS]) {
    const value = headers.get(name);
    if (value !== null) return redact(value, secrets);
  }
  return undefined;
}

/** A body as it arrives: that of a `Request` or a `Response`, or a Node stream. */
export type Body = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Reads a body to its end, up to `maxBytes` and until `signal` is aborted. Costs about the body's size, regardless of
 * the size of its chunks.
 *
 * @returns its bytes, or `undefined` if it has more than `maxBytes`.
 * @throws `AbortError` if `signal` is aborted first; what the body throws.
 */
export async function readBody(
  body: Body | null,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (body === null) return new Uint8Array();
  const { read, cancel } = open(body);
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  let isDone = false;
  try {
    let bytes: Uint8Array<ArrayBuffer> | undefined;
    let length = 0;
    for (;;) {
      const { done, value } = await read();
      if (signal.aborted) throw new AbortError(signal.reason);
      notePiece();
      isDone = done === true;
      if (value === undefined || isDone) return bytes?.subarray(0, length) ?? new Uint8Array();
      checkReturned(ArrayBuffer.isView(value));
      if (length + value.length > maxBytes) return undefined;
      if (bytes === undefined) {
        // Most bodies are one chunk, which needs no copy.
        bytes = value as Uint8Array<ArrayBuffer>;
      } else {
        bytes = withRoom(bytes, length, value.length);
        bytes.set(value, length);
      }
      length += value.length;
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    if (!isDone) cancel();
  }
}

/** Reads only how a body begins, its first chunk, and cancels the rest. */
async function readBeginning(body: Body | null, signal: AbortSignal): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const { read, cancel } = open(body);
  signal.addEventListener('abort', cancel);
  try {
    const { value = new Uint8Array() } = await read();
    checkReturned(ArrayBuffer.isView(value));
    return value;
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

/** Cancels an unread body, so that its connection sends no more of it. */
export function cancelBody(body: Body | null): void {
  if (body !== null) open(body).cancel();
}

interface BodyReader {
  readonly read: () => Promise<{ readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined }>;
  readonly cancel: () => void;
}

function open(body: Body): BodyReader {
  // Errors of canceling carry no information.
  const ignore = (): undefined => undefined;
  if ('getReader' in body) {
    const reader = body.getReader();
    return { read: () => reader.read(), cancel: () => void reader.cancel().catch(ignore) };
  }
  const iterator = body[Symbol.asyncIterator]();
  // The iterator of a Node stream that was never read ends without the stream.
  const { destroy } = body as { readonly destroy?: () => void };
  const cancel = (): void => (destroy === undefined ? void iterator.return?.().catch(ignore) : destroy.call(body));
  return { read: () => iterator.next(), cancel };
}

/** Returns `bytes` if it has room for that many more, else a copy of twice the size. */
function withRoom(bytes: Uint8Array<ArrayBuffer>, used: number, more: number): Uint8Array<ArrayBuffer> {
  if (bytes.length >= used + more) return bytes;
  const larger = new Uint8Array(Math.max(2 * used, used + more));
  larger.set(bytes.subarray(0, used));
  return larger;
}
