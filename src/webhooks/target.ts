import { RequestValidationError, type Issue } from '../errors.js';
import { checkOptions, type Known } from '../options.js';
import type { WebhookTargetOptions } from './types.js';

/**
 * Kinds of addresses, by the IANA special-purpose registries. `private` addresses belong to the machine or its networks
 * and can be allowed; `unusable` ones belong to no host.
 */
type AddressKind = 'public' | 'loopback' | 'private' | 'unusable';

type Range = readonly [network: string, prefixLength: number, kind: Exclude<AddressKind, 'public'>];

const IPV4_RANGES: readonly Range[] = [
  ['0.0.0.0', 8, 'unusable'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['127.0.0.0', 8, 'loopback'],
  // Link-local, including the metadata services of clouds.
  ['169.254.0.0', 16, 'private'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'unusable'],
  ['192.0.2.0', 24, 'unusable'],
  ['192.31.196.0', 24, 'unusable'],
  ['192.52.193.0', 24, 'unusable'],
  ['192.88.99.0', 24, 'unusable'],
  ['192.168.0.0', 16, 'private'],
  ['192.175.48.0', 24, 'unusable'],
  ['198.18.0.0', 15, 'unusable'],
  ['198.51.100.0', 24, 'unusable'],
  ['203.0.113.0', 24, 'unusable'],
  ['224.0.0.0', 3, 'unusable'],
];

/** Only 2000::/3 is global unicast. Private and loopback ranges come first; the rest is unusable. */
const IPV6_RANGES: readonly Range[] = [
  ['::1', 128, 'loopback'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'private'],
  // IETF protocols, including Teredo and ORCHID.
  ['2001::', 23, 'unusable'],
  ['2001:db8::', 32, 'unusable'],
  // 6to4 embeds an IPv4 address, which may be private.
  ['2002::', 16, 'unusable'],
  ['2620:4f:8000::', 48, 'unusable'],
  ['3fff::', 20, 'unusable'],
];

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

function kindIn(ranges: readonly Range[], address: string, bits: number): AddressKind | undefined {
  const value = parse(address);
  return ranges.find(([network, length]) => {
    const shift = BigInt(bits - length);
    return value >> shift === parse(network) >> shift;
  })?.[2];
}

/**
 * Returns the kind of address of a WHATWG URL's hostname; `undefined` for a name. URLs normalize every spelling of an
 * IPv4 address (`0x7f.1`, `2130706433`) to four decimals and put IPv6 in brackets.
 */
function addressKind(hostname: string): AddressKind | undefined {
  if (IPV4.test(hostname)) return kindIn(IPV4_RANGES, hostname, 32) ?? 'public';
  if (!hostname.startsWith('[')) return undefined;
  const address = hostname.slice(1, -1);
  return kindIn(IPV6_RANGES, address, 128) ?? (parse(address) >> 125n === 1n ? 'public' : 'unusable');
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
