import { cancelBody, readBody } from '../bytes.js';
import { ConnectionError, type CallInfo } from '../errors.js';
import { connectionFailure } from './connection-failure.js';
import { connectionProblem } from './connection-advice.js';
import type { Transport, TransportRequest } from './transport.js';

/** An answer, and what was read of it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The whole body; `undefined` when it was cancelled, since it is too long or nobody needs it. */
  readonly text: string | undefined;
}

/** One for all: to make one costs more than to decode an answer. */
const utf8 = new TextDecoder();

/** What is read of bodies that only tell something on the side: those of errors, and of calls that need no answer. */
const MAX_SIDE_BYTES = 64 * 1024;

/**
 * Sends a request and reads its answer: a 2xx as far as `maxBytes` if the call `needsBody`; else at most 64 KiB, and only what
 * is sure to end, or may be a page instead of an answer. The rest is cancelled.
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

/** To its end, a short body costs less than the connection that cancelling it would close. */
function isShort(headers: Headers): boolean {
  return Number(headers.get('content-length') ?? Infinity) <= MAX_SIDE_BYTES;
}

function isHtml(headers: Headers): boolean {
  return /html/i.test(headers.get('content-type') ?? '');
}

/** Whether an answer that nobody reads is a page, e.g. a captive portal's. Some services say `ok` as HTML. */
export function isPage({ headers, text }: Answer): boolean {
  return isHtml(headers) && (text === undefined || /^\s*</.test(text));
}

/**
 * Turns whatever a transport threw into a `ConnectionError`. The original is not kept: its message may quote the
 * query, and inspecting it may show the request's headers.
 */
export function connectionError(
  error: unknown,
  call: CallInfo & { readonly host: string },
  secrets: readonly string[],
): ConnectionError {
  const { systemCode, message, permanent } = connectionFailure(error, secrets);
  const cause = new Error(message);
  const { method, path, host } = call;
  const problem = connectionProblem(systemCode, message, host);
  return new ConnectionError(`${method} ${path} failed: ${problem}`, call, { cause, systemCode, host, permanent });
}
