import { ConfigurationError, RequestValidationError } from '../errors.js';

/** @throws `ConfigurationError` */
export function parseUrl(value: string | URL, name: string): URL {
  if (!URL.canParse(value)) throw new ConfigurationError(`${name}: not a valid URL`);
  return new URL(value);
}

/**
 * Checks a base URL.
 *
 * @returns the URL without a trailing slash.
 * @throws `ConfigurationError` if it is not an http(s) URL or has credentials, a query or a fragment.
 */
export function parseBaseUrl(value: string | URL, name: string): string {
  const url = parseUrl(value, name);
  if (!/^https?:$/.test(url.protocol)) throw new ConfigurationError(`${name}: expected http or https`);
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
  return value.isWellFormed() ? encodeURIComponent(value) : refuse('contains a lone surrogate');
}

/** The values for the `{name}`s of a path. */
type PathParams = Readonly<Record<string, string>>;

/** Query parameters. `undefined` is left out; a list repeats the name. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** A URL below which all calls of a client are. */
export interface BaseUrl {
  readonly host: string;
  readonly origin: string;
  /** Without a trailing slash. */
  readonly pathname: string;
}

/** Splits a URL of {@link parseBaseUrl}. */
export function toBase(baseUrl: string): BaseUrl {
  const { host, origin, pathname } = new URL(baseUrl);
  return { host, origin, pathname: pathname.replace(/\/$/, '') };
}

/** A path template that a URL keeps as it is. */
const PLAIN_PATH = /^(?:\/(?:[\w~-][\w.~-]*|\{\w+\}))+$/;

/**
 * Joins a base, a path template and a query. The result is always below the base.
 *
 * @throws `RequestValidationError` for a path parameter that cannot be one segment, or a path that leaves the base.
 */
export function buildUrl(
  base: BaseUrl,
  template: string,
  params: PathParams = {},
  query: Query = {},
): Pick<URL, 'href' | 'pathname'> {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeSegment(name, params[name]));
  const pathname = base.pathname + path;
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? (value as readonly string[]) : [value])
      if (item !== undefined) search.append(name, String(item));
  }
  // Parsing a URL would cost more than all else that prepares a call.
  if (PLAIN_PATH.test(template))
    return { href: base.origin + pathname + (search.size === 0 ? '' : `?${search}`), pathname };
  const url = new URL(base.origin + pathname);
  if (url.origin !== base.origin || !`${url.pathname}/`.startsWith(`${base.pathname}/`)) {
    throw new RequestValidationError('path', [{ path: '', message: `"${template}" leaves the base URL` }]);
  }
  for (const [name, value] of search) url.searchParams.append(name, value);
  return url;
}
