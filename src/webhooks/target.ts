import { RequestValidationError, type Issue } from '../errors.js';
import { checkOptions, type Known } from '../options.js';
import type { WebhookTargetOptions } from './types.js';

/**
 * Kinds of addresses, by the IANA special-purpose registries. `private` addresses belong to the machine or its networks
 * and can be allowed; `unusable` ones belong to no host.
 */
type AddressKind = 'public' | 'loopback' | 'private' | 'unusable';

/**
 * Ranges of addresses that are not public. Link-local ones include the metadata services of clouds. Among the unusable
 * are those of IETF protocols (Teredo, ORCHID) and 6to4, which embeds an IPv4 address that may be private. Of IPv6,
 * only 2000::/3 is global unicast: everything else is unusable, too.
 */
const RANGES: Readonly<Record<Exclude<AddressKind, 'public'>, string>> = {
  loopback: '127.0.0.0/8 ::1/128',
  private: '10.0.0.0/8 100.64.0.0/10 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 fc00::/7 fe80::/10',
  unusable:
    '0.0.0.0/8 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20',
};

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/** Parses an address into one number. Accepts the spellings of a WHATWG URL's hostname. */
function parse(address: string): bigint {
  if (IPV4.test(address)) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const before = groups(head);
  const after = groups(tail ?? '');
  const zeros = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}

/**
 * Returns the kind of address of a WHATWG URL's hostname; `undefined` for a name. URLs normalize every spelling of an
 * IPv4 address (`0x7f.1`, `2130706433`) to four decimals and put IPv6 in brackets.
 */
function addressKind(hostname: string): AddressKind | undefined {
  const isIpv4 = IPV4.test(hostname);
  if (!isIpv4 && !hostname.startsWith('[')) return undefined;
  const value = parse(isIpv4 ? hostname : hostname.slice(1, -1));
  const holds = (range: string): boolean => {
    const [network = '', length] = range.split('/');
    const shift = BigInt((isIpv4 ? 32 : 128) - Number(length));
    return IPV4.test(network) === isIpv4 && value >> shift === parse(network) >> shift;
  };
  const kinds = Object.keys(RANGES) as (keyof typeof RANGES)[];
  const known = kinds.find((kind) => RANGES[kind].split(' ').some(holds));
  return known ?? (isIpv4 || value >> 125n === 1n ? 'public' : 'unusable');
}

/** The names of {@link WebhookTargetOptions}, to check options. */
export const targetOptions: Known<WebhookTargetOptions> = {
  allowLoopbackHttp: 'a boolean',
  allowPrivateNetworks: 'a boolean',
};

/**
 * Names that cannot belong to a public host: a single label, the top-level domains of the IANA special-use domain
 * registry (RFC 6761, 6762, 7686, 9476; `arpa` as a whole), ICANN's `internal`, and names that networks use (RFC 6762
 * appendix G, `localdomain`, Kubernetes' `svc`).
 */
const LOCAL_NAME =
  /^[^.]+$|\.(?:alt|arpa|example|invalid|local|onion|test|internal|intranet|private|corp|home|lan|localdomain|svc)$/;

/** @internal Returns the kind of host of a URL's hostname. A name is not resolved. */
export function hostKind(hostname: string): AddressKind {
  const address = addressKind(hostname);
  if (address !== undefined) return address;
  const name = hostname.replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback';
  return LOCAL_NAME.test(name) ? 'private' : 'public';
}

/** @internal Returns whether a host of this kind may be called. */
export function isAllowedKind(kind: AddressKind, options: WebhookTargetOptions): boolean {
  if (kind === 'loopback' && options.allowLoopbackHttp === true) return true;
  return kind === 'public' || (kind !== 'unusable' && options.allowPrivateNetworks === true);
}

/**
 * Checks the URL of a webhook. It must use https (http only to loopback hosts, if allowed), without credentials. Its
 * host must not be an address of the machine or its network, nor the name of such a host, unless allowed; every
 * spelling of an address is recognized. These names have a single label, or lie below a top-level domain of the IANA
 * special-use domain registry (`.local`, `.test`, `.invalid`, `.example`, `.onion`, `.alt`, `.arpa`), `.internal`,
 * `.intranet`, `.private`, `.corp`, `.home`, `.lan`, `.localdomain` or `.svc`. Other private suffixes, e.g. `.consul`,
 * pass.
 *
 * DNS names are not resolved: a name that points to a private address passes. If targets come from untrusted users,
 * send through an egress proxy or `createGuardedAgent` from `agent-assist-sdk/undici`, which checks each address that
 * it connects to. Redirects are never followed.
 *
 * @returns the URL.
 * @throws `RequestValidationError` with all problems; `ConfigurationError` for an unknown option, or one of a wrong
 * type.
 *
 * @example
 * ```ts
 * import { assertWebhookTarget } from 'agent-assist-sdk/webhooks';
 *
 * assertWebhookTarget('https://coaching.example.com/webhook');
 * assertWebhookTarget('http://127.0.0.1:8080/', { allowLoopbackHttp: true });
 * ```
 */
export function assertWebhookTarget(url: string | URL, options: WebhookTargetOptions = {}): URL {
  checkOptions('assertWebhookTarget', options, targetOptions);
  const issues = targetIssues(url, options);
  if (issues.length > 0) throw new RequestValidationError('webhook target', issues);
  return new URL(url);
}

/** Returns why a webhook must not be sent to a URL. */
export function targetIssues(url: string | URL, options: WebhookTargetOptions): Issue[] {
  let target: URL;
  try {
    target = new URL(url);
  } catch {
    return [{ path: 'url', message: 'not a valid URL' }];
  }
  const { hostname, protocol, username, password } = target;
  const kind = hostKind(hostname);
  const problems: string[] = [];
  if (kind === 'loopback' && protocol === 'http:') {
    if (options.allowLoopbackHttp !== true)
      problems.push('http to a loopback host is not allowed here; for development, set allowLoopbackHttp');
  } else if (protocol !== 'https:') problems.push('expected https');
  if (username !== '' || password !== '') problems.push('must not contain credentials');
  if (kind === 'unusable') problems.push('the host is not a public address');
  else if (!isAllowedKind(kind, options)) problems.push('private, link-local and loopback hosts are not allowed here');
  return problems.map((message) => ({ path: 'url', message }));
}
