import { adviceOn, isForeignLimit, isPermanent } from '#system-codes';
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

/** A caller's own `fetch` can throw anything; only what looks like a system code may become a label of a metric. */
function codeOf(error: unknown): string | undefined {
  const code = isObject(error) && !(error instanceof AgentAssistError) ? error['code'] : undefined;
  return typeof code === 'string' && /^[A-Za-z][\w/]{1,63}$/.test(code) ? code : undefined;
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

/** A query can hold a token, and Deno and Bun quote the whole URL, others its path. */
function withoutQueries(text: string): string {
  return text.slice(0, 1000).replaceAll(/(\/[^\s?#"<>]*)[?#][^\s"<>]*/g, '$1');
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
  const permanent = isPermanent(code, text) || (code === undefined && (isOurs || isProgramFault(error)));
  const words = redact(withoutQueries(text === '' ? (code ?? 'connection failed') : text), secrets);
  const message = isForeignLimit(code)
    ? `${words} (a limit of the transport or the runtime, not of this client)`
    : words;
  return { systemCode: code, message, permanent };
}

/**
 * One line on a connection that failed: its code and the host, for common codes what to check, for others the runtime's words.
 *
 * @param message - stands in for a code where the runtime gives none.
 */
export function connectionProblem(code: string | undefined, message: string, host: string): string {
  return `${code ?? message} (${host})${adviceOn(code, message)}`;
}
