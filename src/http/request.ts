import { ConfigurationError, RequestValidationError } from '../errors.js';

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

/**
 * Checks headers and lowercases their names.
 *
 * @throws {@link ConfigurationError}, which names the header but not its value.
 */
export function checkedHeaders(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (!NAME.test(name)) throw new ConfigurationError('headers: a name has characters that are not allowed');
    if (typeof value !== 'string' || !VALUE.test(value)) {
      throw new ConfigurationError(`headers.${name}: the value has characters that are not allowed in a header`);
    }
    if (OF_THE_TRANSPORT.has(name.toLowerCase()))
      throw new ConfigurationError(`headers.${name}: the transport alone may set this header`);
    checked[name.toLowerCase()] = value;
  }
  return checked;
}

/**
 * Checks a base URL.
 *
 * @returns the URL without a trailing slash.
 * @throws `ConfigurationError` if it is not an http(s) URL or has credentials, a query or a fragment.
 */
export function parseBaseUrl(value: string | URL, name: string): string {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new ConfigurationError(`${name}: not a valid URL`);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new ConfigurationError(`${name}: expected http or https`);
  if (url.username !== '' || url.password !== '') throw new ConfigurationError(`${name}: must not contain credentials`);
  if (url.search !== '' || url.hash !== '') throw new ConfigurationError(`${name}: must not have a query or fragment`);
  return url.href.replace(/\/+$/, '');
}

const LOOPBACK = /^(?:127(?:\.\d+){3}|\[::1\]|(?:.+\.)?localhost)\.?$/;

/**
 * Checks that credentials are sent unencrypted only within this machine (protocol 2).
 *
 * @throws `ConfigurationError` for an http or ws URL of a host that is not loopback, unless `isAllowed` is true.
 */
export function checkEncrypted(name: string, url: string | URL, isAllowed: boolean | undefined): void {
  const { protocol, hostname, host } = new URL(url);
  // Callers without TypeScript may pass an environment variable, and 'false' must not allow it.
  if (isAllowed === true || !/^(?:http|ws):$/.test(protocol) || LOOPBACK.test(hostname)) return;
  throw new ConfigurationError(
    `${name}: credentials would be sent unencrypted to ${host}; use ${protocol.replace(':', 's:')}// or set allowInsecureRequests: true`,
  );
}

/**
 * Encodes a value as one path segment.
 *
 * @throws `RequestValidationError` if no segment can express it: empty, `.`, `..`, a lone surrogate, or not a string.
 */
function encodeSegment(name: string, value: string | undefined): string {
  const refuse = (message: string): never => {
    throw new RequestValidationError('path', [{ path: name, message }]);
  };
  if (typeof value !== 'string' || value === '') return refuse('must not be empty');
  if (value === '.' || value === '..') return refuse('must not be a relative segment');
  try {
    return encodeURIComponent(value);
  } catch {
    return refuse('contains a lone surrogate');
  }
}

/** The values for the `{name}`s of a path. */
type PathParams = Readonly<Record<string, string>>;

/** Query parameters. `undefined` is left out; a list repeats the name. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/**
 * Joins a base, a path template and a query. The result is always below the base.
 *
 * @throws `RequestValidationError` for a path parameter that cannot be one segment, or a path that leaves the base.
 */
export function buildUrl(baseUrl: string, template: string, params: PathParams = {}, query: Query = {}): URL {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeSegment(name, params[name]));
  const url = new URL(baseUrl + path);
  const base = new URL(baseUrl);
  const below = base.pathname.replace(/\/$/, '');
  if (url.origin !== base.origin || (url.pathname !== base.pathname && !url.pathname.startsWith(`${below}/`))) {
    throw new RequestValidationError('path', [{ path: '', message: `"${template}" leaves the base URL` }]);
  }
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? (value as readonly string[]) : [value])
      if (item !== undefined) url.searchParams.append(name, String(item));
  }
  return url;
}
