/**
 * Addresses that are not public unicast, after the IANA special-purpose registries. `private` ones belong to the
 * machine or its networks and can be allowed; `unusable` ones are no host's address.
 */
export type AddressKind = 'public' | 'loopback' | 'private' | 'unusable';

type Range = readonly [network: string, prefixLength: number, kind: Exclude<AddressKind, 'public'>];

const IPV4_RANGES: readonly Range[] = [
  ['0.0.0.0', 8, 'unusable'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['127.0.0.0', 8, 'loopback'],
  // Link-local, with the metadata services of the clouds.
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

/** Only 2000::/3 is global unicast; what else is private or loopback comes first, the rest of the space is unusable. */
const IPV6_RANGES: readonly Range[] = [
  ['::1', 128, 'loopback'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'private'],
  // IETF protocols, with Teredo and ORCHID.
  ['2001::', 23, 'unusable'],
  ['2001:db8::', 32, 'unusable'],
  // 6to4 carries an IPv4 address that could be a private one.
  ['2002::', 16, 'unusable'],
  ['2620:4f:8000::', 48, 'unusable'],
  ['3fff::', 20, 'unusable'],
];

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/** An address as one number. Takes the spellings that a WHATWG URL's hostname can have. */
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
 * What kind of address the hostname of a WHATWG URL is; `undefined` when it is a name. URLs bring every spelling of an
 * IPv4 address (`0x7f.1`, `2130706433`) to four decimals and put IPv6 in brackets.
 */
export function addressKind(hostname: string): AddressKind | undefined {
  if (IPV4.test(hostname)) return kindIn(IPV4_RANGES, hostname, 32) ?? 'public';
  if (!hostname.startsWith('[')) return undefined;
  const address = hostname.slice(1, -1);
  return kindIn(IPV6_RANGES, address, 128) ?? (parse(address) >> 125n === 1n ? 'public' : 'unusable');
}
