/**
 * What only runtimes of servers have: codes of Node, undici and OpenSSL for failed connections, and environment
 * variables. Bundles for browsers use `runtime.browser.ts` instead.
 *
 * @module
 */

import { AgentAssistError } from '../../errors.js';
import { isObject } from '../../json.js';

/** Codes of OpenSSL and Node for certificates and TLS, and of undici and Node for requests that they never send. */
const PERMANENT_CODES = [
  /CERT|^CRL_|^UNABLE_TO_|^UNSPECIFIED$|^INVALID_(?:CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$|^HOSTNAME_MISMATCH$/,
  /HEADERS?_OVERFLOW$|^HPE_INVALID_CONSTANT$/,
  /^EPROTO$|^ERR_SSL_(?!.*(?:INTERNAL_ERROR|MAC|DECRYPT|EOF|CLOSE))/,
  /^ERR_(?:INVALID_(?!STATE)|UNSUPPORTED_)|^UND_(?:MOCK_)?ERR_(?:INVALID_ARG|NOT_SUPPORTED|REQ_CONTENT_LENGTH|CLOSED|DESTROYED|MOCK_)/,
];

/** The same in the messages of Deno, and of undici without a code. */
const PERMANENT_MESSAGES = [
  /invalid peer certificate|InvalidContentType|unknown scheme|scheme '\S*' not supported|bad port|port \d+ are blocked/,
  /fatal alert: (?!InternalError|.*Mac|Decrypt|CloseNotify)/,
  /proxy authentication required|(?:Proxy response \(|open a tunnel: )4(?!08|29)\d\d/,
];

/** Limits of undici that cannot be lifted, e.g. that of 10 s to connect under Node's `fetch`. */
const FOREIGN_LIMIT = /^UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT$/;

/** A custom `fetch` can throw anything; only what looks like a system code may become a label of a metric. */
function codeOf(error: unknown): string | undefined {
  const code = isObject(error) && !(error instanceof AgentAssistError) ? error['code'] : undefined;
  return typeof code === 'string' && /^[A-Za-z][\w/]{1,63}$/.test(code) ? code : undefined;
}

/** Returns the innermost error with a system code; `fetch` wraps it in a `TypeError`, and ky wraps that again. */
function systemError(error: unknown): unknown {
  let current = error;
  for (let depth = 0; isObject(current) && codeOf(current) === undefined && depth < 5; depth += 1) {
    if (!isObject(current['cause'])) break;
    current = current['cause'];
  }
  return current;
}

/** Returns the code and the message of a failed connection. Common failures have the same code in each runtime. */
export function reasonOf(error: unknown): { readonly code: string | undefined; readonly text: string } {
  const reason = systemError(error);
  // If all addresses of a name failed, each has its own error.
  const parts: readonly unknown[] = isObject(reason) && Array.isArray(reason['errors']) ? reason['errors'] : [];
  const text = [...(parts.length > 0 ? parts : [reason])]
    .map((part) => (isObject(part) && typeof part['message'] === 'string' ? part['message'] : ''))
    .join(', ');
  const codes = [codeOf(reason), ...parts.map(codeOf)].filter((code) => code !== undefined);
  const isRefused = codes.some((code) => code === 'ECONNREFUSED' || code === 'ConnectionRefused');
  const code = isRefused || (codes.length === 0 && /Connection refused/i.test(text)) ? 'ECONNREFUSED' : codes[0];
  // undici has no code for an answer that does not begin like one of HTTP.
  return { code: code ?? (text.includes('(Expected HTTP/') ? 'HPE_INVALID_CONSTANT' : undefined), text };
}

/** Returns whether a retry would fail the same way, by the code or, without one, by the message. */
export function isPermanent(code: string | undefined, message: string): boolean {
  const isKnown = (text: string) => (pattern: RegExp) => pattern.test(text);
  return PERMANENT_CODES.some(isKnown(code ?? '')) || PERMANENT_MESSAGES.some(isKnown(message));
}

/** Returns a note for a message if a limit of the runtime was reached, not one of this package; otherwise an empty text. */
export function limitNote(code: string | undefined): string {
  const isForeign = code !== undefined && FOREIGN_LIMIT.test(code);
  return isForeign ? ' (a limit of the transport or the runtime, not of this client)' : '';
}

const UNTRUSTED = 'its certificate is not trusted: add its CA with NODE_EXTRA_CA_CERTS';
const EXPIRED = 'its certificate has expired or is not valid yet: check the certificate and the clock of this machine';
const CUT = 'the connection was closed before the response was complete: check proxies, and http or https';
const CLOSED = 'the transport was closed: create a new one, and close it after the last call';
const NO_CONNECTION = 'the connection was not established in time: check network, firewall and proxy';
const FOREIGN = 'a limit of the transport or the runtime, not of this client: NodeTransport has none';
const NO_ROUTE = 'no route to the host: check the network';
const NO_TLS = 'TLS failed: check http or https, the port, and proxies';
const TLS_REFUSED = 'TLS failed: check the host, and whether the server wants a client certificate';

/** Advice by the code of a failed connection, for Node, undici and OpenSSL. */
const advice: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such host: check tenant, host or the URL',
  EAI_AGAIN: 'the name could not be resolved: check the network and DNS',
  ECONNREFUSED: 'nothing is listening there: check host and port',
  ECONNRESET: CUT,
  EPIPE: CUT,
  UND_ERR_SOCKET: CUT,
  UND_ERR_CLOSED: CLOSED,
  UND_ERR_DESTROYED: CLOSED,
  ETIMEDOUT: NO_CONNECTION,
  UND_ERR_CONNECT_TIMEOUT: `${NO_CONNECTION} (${FOREIGN})`,
  UND_ERR_HEADERS_TIMEOUT: FOREIGN,
  UND_ERR_BODY_TIMEOUT: FOREIGN,
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  EPROTO: NO_TLS,
  HPE_INVALID_CONSTANT: 'the server there does not speak HTTP: check host and port, and http or https',
  CERT_HAS_EXPIRED: EXPIRED,
  CERT_NOT_YET_VALID: EXPIRED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: check the host',
};

/** Returns the advice that follows code and host in a message; empty for other codes. */
export function adviceOn(code: string | undefined, message: string): string {
  if (code === undefined) return '';
  if (Object.hasOwn(advice, code)) return `; ${advice[code]}`;
  if (code.startsWith('ERR_SSL_')) return `; ${code.includes('ALERT') ? TLS_REFUSED : NO_TLS}`;
  return message === code ? '' : `: ${message.slice(0, 200)}`;
}

/**
 * Returns the logger of the environment, to debug without changing code. `AGENT_ASSIST_LOG=debug` (or `info`, `warn`,
 * `error`, in any case) writes messages of that level and above to the console, for all clients without their own
 * logger. `1` and `true` mean `debug`.
 *
 * @returns `undefined` without the variable.
 */
export function environmentLogger<Level extends 'debug' | 'info' | 'warn' | 'error', Logger>(
  levels: readonly Level[],
  create: (log: (level: Level) => (message: string, fields?: object) => void) => Logger,
): Logger | undefined {
  const runtime = globalThis as { readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> } };
  let wanted: string | undefined;
  try {
    wanted = runtime.process?.env?.['AGENT_ASSIST_LOG']?.toLowerCase();
  } catch {
    // Deno throws without permission to read the environment.
  }
  const level = /^(?:1|true)$/.test(wanted ?? '') ? 'debug' : wanted;
  const from = levels.indexOf(level as Level);
  if (from < 0) {
    // eslint-disable-next-line no-console -- someone wants to see lines there
    if (!/^(?:|off|0|false)$/.test(level ?? '')) console.warn(`AGENT_ASSIST_LOG: expected ${levels.join(', ')} or off`);
    return undefined;
  }
  return create((level) =>
    levels.indexOf(level) < from
      ? () => undefined
      : // eslint-disable-next-line no-console -- this is the console's logger
        (message, fields = {}) => console[level](`agent-assist ${level}: ${message}`, fields),
  );
}
