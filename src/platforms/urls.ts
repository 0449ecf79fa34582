import { ConfigurationError } from '../errors.js';
import { checkedUrl } from '../http/internal.js';

// One DNS label (RFC 1035 §2.3.1, RFC 1123 §2.1), so that a tenant's name can never become another host, a port or a
// path.
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const AUTHORITY =
  /^(?:(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** Checks a name that becomes a label of a host, such as that of a tenant. @throws `ConfigurationError` */
export function checkedLabel(option: string, label: string, example: string): string {
  if (typeof label !== 'string' || !LABEL.test(label)) {
    throw new ConfigurationError(
      `${option}: expected one DNS label, letters, digits and inner hyphens, at most 63 characters, e.g. ${example}`,
    );
  }
  return label;
}

/** Returns the origin of a host with an optional scheme and port. @throws `ConfigurationError` */
export function originOf(host: string, name = 'host'): string {
  const [, scheme = 'https://', authority = ''] = /^(https?:\/\/)?(.*?)\/?$/is.exec(host) ?? [];
  if (AUTHORITY.test(authority) && URL.canParse(scheme + authority)) return new URL(scheme + authority).origin;
  throw new ConfigurationError(
    `${name}: expected a host name or an IP address, an optional port, and at most http:// or https:// before it`,
  );
}

/** Appends a path to a root URL. @throws `ConfigurationError` if the path does not begin with a slash. */
export function below(root: string, path: string, name: string): string {
  if (!path.startsWith('/')) throw new ConfigurationError(`${name}: expected a path that begins with /`);
  return checkedUrl(root + path, name);
}
