import { ConfigurationError } from '../errors.js';

/** Names of the headers that this package sends or reads (protocol 4). The options of `HttpClient` can replace each. */
export interface HeaderNames {
  /** Header of a call's idempotency key. */
  readonly idempotencyKey: string;
  /** Header of the format version of `CalibrationClient.apply`. */
  readonly formatVersion: string;
  /** Header of a response's request id. If it is missing, other common names are tried. */
  readonly requestId: string;
}

/** The names of protocol 4. */
export const defaultHeaderNames: HeaderNames = {
  idempotencyKey: 'X-Idempotency-Key',
  formatVersion: 'X-Format-Version',
  requestId: 'X-Request-Id',
};

const NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
// RFC 9110 §5.5: visible characters, space and tab. `fetch` refuses others with an error that quotes the value.
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The transport frames messages: undici refuses requests with these headers, other runtimes drop them. */
const OF_THE_TRANSPORT: ReadonlySet<string> = new Set(['expect', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** Returns whether a header can have this name (RFC 9110 §5.6.2). */
export function isHeaderName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Checks headers and lowercases their names.
 *
 * @throws {@link ConfigurationError}, which names the header but not its value.
 */
export function checkedHeaders(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const checked: Record<string, string> = {};
  // The entries of `Headers` or of a map are no properties: none would be sent.
  if (Symbol.iterator in Object(headers)) throw new ConfigurationError('headers: expected an object');
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (!isHeaderName(name)) throw new ConfigurationError('headers: a name has characters that are not allowed');
    if (typeof value !== 'string' || !VALUE.test(value)) {
      throw new ConfigurationError(`headers.${name}: the value has characters that are not allowed in a header`);
    }
    if (OF_THE_TRANSPORT.has(name.toLowerCase()))
      throw new ConfigurationError(`headers.${name}: only the transport may set this header`);
    checked[name.toLowerCase()] = value;
  }
  return checked;
}
