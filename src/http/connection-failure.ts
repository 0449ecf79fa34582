import { adviceOn, isPermanent, limitNote, reasonOf } from '#runtime';
import { ClosedError, ConfigurationError, ConnectionError, type CallInfo } from '../errors.js';
import { redact } from './redact.js';

/** Describes a failed connection. */
export interface ConnectionFailure {
  /** The system's code, if known, e.g. `ECONNREFUSED`; the same in each runtime for a refused connection. */
  readonly systemCode: string | undefined;
  /** The runtime's message, without credentials and without the query of any URL. */
  readonly message: string;
  /** Whether a retry would fail the same way: a certificate, a wrong protocol, a closed transport. */
  readonly permanent: boolean;
}

/** How the runtimes begin the message of a `TypeError` of `fetch` if the program is not at fault. */
const NETWORK_MESSAGE =
  /^\s*(?:network(?:error)? |failed to fetch|fetch failed|terminated$|load failed|error (?:sending|reading|decoding) |(?:the|a|could not) (?:network|internet|server|connect|request) )/i;

/** Returns whether a program failed and not the network, e.g. a custom `fetch` with `undefined is not a function`. */
function isProgramFault(error: unknown): boolean {
  if (error instanceof TypeError) return !NETWORK_MESSAGE.test(error.message);
  return error instanceof ReferenceError || error instanceof RangeError || error instanceof SyntaxError;
}

/** Removes the queries of URLs, also percent-encoded: a query can contain a token, and Deno and Bun quote the whole URL. */
function withoutQueries(text: string): string {
  return text.slice(0, 1000).replaceAll(/((?:\/|%2F)[^\s?#"<>]*?)(?:[?#]|%3F|%23)[^\s"<>]*/gi, '$1');
}

/**
 * Describes the failure of a transport, a `fetch` or a WebSocket, in any runtime.
 *
 * @param secrets - credentials that the message must not quote.
 */
export function connectionFailure(error: unknown, secrets: Iterable<string> = []): ConnectionFailure {
  const { code, text } = reasonOf(error);
  const isOurs = error instanceof ClosedError || error instanceof ConfigurationError;
  const permanent = isPermanent(code, text) || (code === undefined && (isOurs || isProgramFault(error)));
  const words = redact(withoutQueries(text === '' ? (code ?? 'connection failed') : text), secrets);
  return { systemCode: code, message: `${words}${limitNote(code)}`, permanent };
}

/**
 * Turns an error of a transport into a `ConnectionError`. The original is not kept: its message may quote the query,
 * and inspecting it may show the request's headers.
 */
export function connectionError(
  error: unknown,
  call: CallInfo & { readonly host: string },
  secrets: Iterable<string>,
): ConnectionError {
  const { systemCode, message, permanent } = connectionFailure(error, secrets);
  const cause = new Error(message);
  const { method, path, host } = call;
  const problem = `${systemCode ?? message} (${host})${adviceOn(systemCode, message)}`;
  return new ConnectionError(`${method} ${path} failed: ${problem}`, call, { cause, systemCode, host, permanent });
}
