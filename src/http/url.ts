import { ConfigurationError } from '../errors.js';

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

/**
 * Checks a full URL, which may have a query.
 *
 * @throws `ConfigurationError` that never quotes the URL: it could hold credentials.
 */
export function checkedUrl(value: string | URL, name: string): string {
  const url = parseUrl(value, name);
  const withoutQuery = new URL(url);
  withoutQuery.search = '';
  parseBaseUrl(withoutQuery, name);
  return url.href;
}

/** Checks the URL of a stream. Turns http and https into ws and wss. @throws `ConfigurationError` */
export function checkedStreamUrl(value: string | URL, name: string): string {
  const url = parseUrl(value, name);
  const secure = { 'wss:': true, 'https:': true, 'ws:': false, 'http:': false }[url.protocol];
  if (secure === undefined) throw new ConfigurationError(`${name}: expected ws or wss`);
  const asHttp = new URL(url.href.replace(/^\w+/, secure ? 'https' : 'http'));
  return checkedUrl(asHttp, name).replace(/^http/, 'ws');
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
