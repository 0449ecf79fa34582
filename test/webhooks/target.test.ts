import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { RequestValidationError } from 'agent-assist-sdk';
import { assertWebhookTarget, type WebhookTargetOptions } from 'agent-assist-sdk/webhooks';

const allowed = (url: string, options?: WebhookTargetOptions): boolean => {
  try {
    return assertWebhookTarget(url, options) instanceof URL;
  } catch (error) {
    expect(error).toBeInstanceOf(RequestValidationError);
    return false;
  }
};

describe('assertWebhookTarget', () => {
  it.each([
    'https://coaching.example.com/webhook',
    'https://93.184.216.34/',
    'https://test.com/',
    'https://alt.contest.dev/',
    'https://[2606:2800:220:1:248:1893:25c8:1946]:8443/x?y=1',
  ])('lets %s through', (url) => expect(assertWebhookTarget(url).href).toBe(url));

  it.each([
    'http://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'example.com',
    '',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://api.localhost/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://127.0.0.1./',
    'https://１２７.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://0.0.0.0/',
    'https://[::]/',
    'https://10.1.2.3/',
    'https://172.16.0.1/',
    'https://172.31.255.255/',
    'https://192.168.0.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
    'https://metadata.google.internal/',
    'https://intranet/',
    'https://printer.local./',
    'https://router.home.arpa/',
    'https://vault.corp/',
    'https://nas.lan/',
    'https://tv.home/',
    'https://api.default.svc/',
    'https://api.default.svc.cluster.local/',
    'https://db.private/',
    'https://wiki.intranet/',
    'https://box.localdomain/',
    'https://METADATA.INTERNAL/',
    'https://app.test/',
    'https://app.invalid/',
    'https://app.example/',
    'https://app.onion./',
    'https://app.alt/',
    'https://1.0.0.10.in-addr.arpa/',
    'https://resolver.arpa/',
    'https://255.255.255.255/',
    'https://224.0.0.1/',
    'https://[ff02::1]/',
    'https://198.18.0.1/',
  ])('refuses %s', (url) => expect(allowed(url)).toBe(false));

  it('names every broken rule at once, under the path url, and never quotes the URL', () => {
    try {
      assertWebhookTarget('ftp://user:canary-pass@10.0.0.1/');
      expect.unreachable();
    } catch (error) {
      const { issues, message } = error as RequestValidationError;
      expect(issues.map(({ path }) => path)).toEqual(['url', 'url', 'url']);
      expect(message).toMatch(/https.*credentials.*private/);
      expect(message).not.toContain('canary-pass');
    }
  });

  it.each([['https://user@example.com/'], ['https://:pass@example.com/']])('refuses the credentials of %s', (url) => {
    expect(allowed(url, { allowLoopbackHttp: true, allowPrivateNetworks: true })).toBe(false);
  });

  it('allows loopback, also by http, where that is wanted, and nothing else by http', () => {
    const options = { allowLoopbackHttp: true };
    for (const host of ['127.0.0.1:8080', '127.9.9.9', '[::1]', 'localhost:3000', 'app.localhost']) {
      expect(allowed(`http://${host}/`, options)).toBe(true);
      expect(allowed(`https://${host}/`, options)).toBe(true);
      expect(allowed(`http://${host}/`, { allowPrivateNetworks: true })).toBe(false);
    }
    for (const host of ['10.0.0.1', '0.0.0.0', 'example.com', '[::ffff:127.0.0.1]', 'localhost.example.com']) {
      expect(allowed(`http://${host}/`, options)).toBe(false);
    }
    expect(allowed('https://10.0.0.1/', options)).toBe(false);
  });

  it('allows private networks by https where that is wanted, and never an address that is no host’s', () => {
    const options = { allowPrivateNetworks: true };
    for (const host of [
      '10.0.0.1',
      '192.168.1.1',
      '100.64.0.1',
      '169.254.1.1',
      '[fd00::1]',
      '[fe80::1]',
      'intranet',
      'nas.local',
      '127.0.0.1',
    ]) {
      expect(allowed(`https://${host}/`, options)).toBe(true);
      if (host !== '127.0.0.1') expect(allowed(`http://${host}/`, { ...options, allowLoopbackHttp: true })).toBe(false);
    }
    for (const host of ['0.0.0.0', '255.255.255.255', '224.0.0.1', '[::]', '[ff02::1]', '192.0.2.1', '[2001:db8::1]']) {
      expect(allowed(`https://${host}/`, options)).toBe(false);
    }
  });
});

describe('against ipaddr.js', () => {
  // Where the two read the IANA registries differently, ours is the stricter one: it refuses all of 2001::/23 and 3fff::/20.
  const stricter = (address: string): boolean => {
    const parsed = ipaddr.parse(address);
    return (
      parsed.kind() === 'ipv6' &&
      (parsed.match(ipaddr.parseCIDR('2001::/23')) || parsed.match(ipaddr.parseCIDR('3fff::/20')))
    );
  };
  const isPublic = (address: string): boolean => ipaddr.parse(address).range() === 'unicast';

  it('allows exactly the IPv4 addresses that are unicast there', () => {
    const edges = [
      '10.0.0.0',
      '100.64.0.0',
      '127.0.0.0',
      '169.254.0.0',
      '172.16.0.0',
      '192.0.0.0',
      '192.0.2.0',
      '192.88.99.0',
      '192.168.0.0',
      '198.18.0.0',
      '198.51.100.0',
      '203.0.113.0',
      '224.0.0.0',
      '11.0.0.0',
      '100.128.0.0',
      '128.0.0.0',
      '169.255.0.0',
      '172.32.0.0',
      '192.0.1.0',
      '192.0.3.0',
      '192.169.0.0',
      '198.20.0.0',
      '1.0.0.0',
      '192.31.196.0',
      '192.52.193.0',
      '192.175.48.0',
    ];
    const near = fc.tuple(fc.constantFrom(...edges), fc.integer({ min: -2, max: 2 })).map(([edge, step]) => {
      const value = edge.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + step;
      return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
    });
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), near), (address) => {
        expect([address, allowed(`https://${address}/`)]).toEqual([address, isPublic(address)]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('allows exactly the IPv6 addresses that are unicast there', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const heads = [
      '2000',
      '2001',
      '2001:0',
      '2001:db8',
      '2002',
      '2620:4f:8000',
      '3ffe',
      '3fff',
      '3fff:1000',
      '4000',
      'fc00',
      'fdff',
      'fe80',
      'febf',
      'fec0',
      'ff00',
      '64:ff9b:0',
      '100:0:0',
      '::ffff:0',
      '5f00',
    ];
    const special = fc
      .tuple(fc.constantFrom(...heads), group, group)
      .map(([head, a, b]) => (head.startsWith('::') ? `${head}:${a}` : `${head}::${a}:${b}`));
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), special), (address) => {
        if (address.startsWith('::ffff:0:')) return;
        const canonical = new URL(`https://[${address}]/`).hostname.slice(1, -1);
        const value = ipaddr.parse(canonical);
        const inGlobalUnicast = value.kind() === 'ipv6' && value.match(ipaddr.parseCIDR('2000::/3'));
        const expected = isPublic(canonical) && inGlobalUnicast && !stricter(canonical);
        expect([canonical, allowed(`https://[${address}]/`)]).toEqual([canonical, expected]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('refuses whatever is not unicast there, however an IPv4 address is spelt', () => {
    const spellings = [
      (bytes: number[]): string => bytes.map((byte) => `0x${byte.toString(16)}`).join('.'),
      (bytes: number[]): string => bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
      (bytes: number[]): string => String(bytes.reduce((sum, byte) => sum * 256 + byte, 0)),
      (bytes: number[]): string => `${bytes[0]}.${bytes[1]}.${(bytes[2] ?? 0) * 256 + (bytes[3] ?? 0)}.`,
    ];
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom(...spellings), (address, spell) => {
        expect(allowed(`https://${spell(address.split('.').map(Number))}/`)).toBe(isPublic(address));
      }),
      { numRuns: 2_000 },
    );
  });
});
