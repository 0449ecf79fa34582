import isNetworkError from 'is-network-error';
import { AgentAssistError, ClosedError, ConfigurationError } from '../errors.js';
import { isObject } from '../json.js';
import { redact } from './redact.js';

/** What is known of a connection that failed. */
export interface ConnectionFailure {
  /** The system's code where there is one, e.g. `ECONNREFUSED`; the same on each runtime for a refused connection. */
  readonly systemCode: string | undefined;
  /** The reason in the runtime's words, without credentials and without any URL's query. */
  readonly message: string;
  /** Whether the next attempt will fail in the same way: a certificate, a wrong protocol, a closed transport. */
  readonly permanent: boolean;
}

/** Codes of OpenSSL and Node for certificates and TLS, of undici and Node for requests that they never send. */
const PERMANENT_CODES = [
  /CERT|^CRL_|^UNABLE_TO_|^INVALID_(?:CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$|^HOSTNAME_MISMATCH$/,
  /^EPROTO$|^ERR_SSL_(?!.*(?:INTERNAL_ERROR|MAC|DECRYPT|EOF|CLOSE))/,
  /^ERR_(?:INVALID_(?!STATE)|UNSUPPORTED_)|^UND_(?:MOCK_)?ERR_(?:INVALID_ARG|NOT_SUPPORTED|REQ_CONTENT_LENGTH|CLOSED|DESTROYED|MOCK_)/,
];

/** How Deno, and undici where it has no code, say the same. */
const PERMANENT_MESSAGE =
  /invalid peer certificate|InvalidContentType|unknown scheme|scheme '\S*' not supported|bad port|port \d+ are blocked/;

/** Limits of undici that nobody could lift, as that of 10 s to connect under Node's `fetch`. */
const FOREIGN_LIMIT = /^UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT$/;

/** A caller's own `fetch` can throw anything; only what looks like a system code may become a label of a metric. */
function codeOf(error: unknown): string | undefined {
  const code = isObject(error) && !(error instanceof AgentAssistError) ? error['code'] : undefined;
  return typeof code === 'string' && /^[A-Za-z]\w{1,63}$/.test(code) ? code : undefined;
}

/** The innermost error with a system code; fetch wraps it in a `TypeError`, and ky wraps that again. */
function systemError(error: unknown): unknown {
  let current = error;
  for (let depth = 0; isObject(current) && codeOf(current) === undefined && depth < 5; depth += 1) {
    if (!isObject(current['cause'])) break;
    current = current['cause'];
  }
  return current;
}

/** What Deno and Safari say besides the words that `is-network-error` knows. */
const NETWORK_MESSAGE =
  /^(?:error (?:sending|reading|decoding) |Load failed|The network |A server |Could not connect )/;

/** Whether a program failed and not the network, e.g. the caller's own `fetch` by `undefined is not a function`. */
function isProgramFault(error: unknown): boolean {
  if (error instanceof TypeError) return !NETWORK_MESSAGE.test(error.message) && !isNetworkError(error);
  return error instanceof ReferenceError || error instanceof RangeError || error instanceof SyntaxError;
}

/** A query can hold a token, and Deno and Bun quote the whole URL. */
function withoutQueries(text: string): string {
  return text.slice(0, 1000).replaceAll(/\b((?:http|ws)s?:\/\/[^\s?#"<>]*)[?#][^\s"<>]*/gi, '$1');
}

/**
 * Reads what a transport, a `fetch` or a WebSocket gave as the reason for its failure, whatever the runtime.
 *
 * @param secrets - credentials that the message must not quote.
 */
export function connectionFailure(error: unknown, secrets: Iterable<string> = []): ConnectionFailure {
  const reason = systemError(error);
  // All addresses of a name were tried in vain: the reason for each is in an error of its own.
  const parts: readonly unknown[] = isObject(reason) && Array.isArray(reason['errors']) ? reason['errors'] : [];
  const text = [...(parts.length > 0 ? parts : [reason])]
    .map((part) => (isObject(part) && typeof part['message'] === 'string' ? part['message'] : ''))
    .join(', ');
  const codes = [codeOf(reason), ...parts.map(codeOf)].filter((code) => code !== undefined);
  const isRefused = codes.some((code) => code === 'ECONNREFUSED' || code === 'ConnectionRefused');
  const code = isRefused || (codes.length === 0 && /Connection refused/i.test(text)) ? 'ECONNREFUSED' : codes[0];
  const isOurs = error instanceof ClosedError || error instanceof ConfigurationError;
  const permanent =
    code === undefined
      ? isOurs || isProgramFault(error) || PERMANENT_MESSAGE.test(text)
      : PERMANENT_CODES.some((pattern) => pattern.test(code));
  const words = redact(withoutQueries(text === '' ? (code ?? 'connection failed') : text), secrets);
  const isForeign = code !== undefined && FOREIGN_LIMIT.test(code);
  const message = isForeign ? `${words} (a limit of the transport or the runtime, not of this client)` : words;
  return { systemCode: code, message, permanent };
}

const UNTRUSTED = 'its certificate is not trusted: add its CA by NODE_EXTRA_CA_CERTS';
const EXPIRED = 'its certificate is not valid now: check the clock of this machine and the certificate';
const CUT = 'the connection was closed before an answer: check proxies, and http or https';
const NO_CONNECTION = 'no connection came about in time: check network, firewall and proxy';
const NO_ROUTE = 'no route leads there: check the network';
const NO_TLS = 'TLS failed: check http or https, the port, and proxies';

/** What to check, by the code of a connection that failed: those of Node, undici and OpenSSL. */
const advice: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such host: check tenant, host or baseUrl',
  EAI_AGAIN: 'the name could not be looked up: check the network and DNS',
  ECONNREFUSED: 'nothing accepts connections there: check host and port',
  ECONNRESET: CUT,
  EPIPE: CUT,
  UND_ERR_SOCKET: CUT,
  ETIMEDOUT: NO_CONNECTION,
  UND_ERR_CONNECT_TIMEOUT: NO_CONNECTION,
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  CERT_HAS_EXPIRED: EXPIRED,
  CERT_NOT_YET_VALID: EXPIRED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: check the host',
};

/**
 * One line on a connection that failed: its code and the host, and for common codes what to check.
 *
 * @param message - stands in for a code where the runtime gives none.
 */
export function connectionProblem(code: string | undefined, message: string, host: string): string {
  if (code === undefined) return `${message} (${host})`;
  return Object.hasOwn(advice, code) ? `${code} (${host}); ${advice[code]}` : `${code} (${host})`;
}
