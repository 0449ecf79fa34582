import type { AuthClientOptions, KeyValueStore } from 'agent-assist-sdk';
import fc from 'fast-check';
import { Keyv } from 'keyv';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { fleet } from './fleet.js';
import { issuing, settle } from './token-server.js';

/** A `Map` as a store that also says what was asked of it. */
class MapStore implements KeyValueStore {
  readonly values = new Map<string, string>();
  readonly ttls: number[] = [];
  get(key: string): unknown {
    return this.values.get(key);
  }
  set(key: string, value: string, ttlMs: number): void {
    this.values.set(key, value);
    this.ttls.push(ttlMs);
  }
  delete(key: string): void {
    this.values.delete(key);
  }
}

function storeSuite(create: () => KeyValueStore): void {
  it('spares all members of a fleet but the first their request', async () => {
    const { server, member } = fleet(create());
    expect(await member().getToken()).toBe('token-1');
    await settle();
    expect(await Promise.all([member().getToken(), member().getToken()])).toEqual(['token-1', 'token-1']);
    expect(server.requests).toHaveLength(1);
  });

  it('hands a refreshed token on', async () => {
    const { clock, server, member } = fleet(create());
    const [first, second] = [member(), member()];
    await first.getToken();
    await settle();
    await second.getToken();
    await clock.advance(3_541_000);
    await Promise.all([first.getToken()]);
    await expect.poll(() => first.getToken()).toBe('token-2');
    expect(await second.getToken()).toBe('token-1');
    await expect.poll(() => second.getToken()).toBe('token-2');
    expect(server.requests).toHaveLength(2);
  });

  it('takes a refused token from all, and only that one', async () => {
    const { server, member } = fleet(create());
    const [first, second] = [member(), member()];
    const refused = await first.getToken();
    await settle();
    await second.getToken();
    first.invalidate(refused);
    expect(await first.getToken()).toBe('token-2');
    await settle();
    second.invalidate(refused);
    expect(await second.getToken()).toBe('token-2');
    expect(await member().getToken()).toBe('token-2');
    expect(server.requests).toHaveLength(2);
  });
}

describe('a Map as store', () => {
  storeSuite(() => new Map<string, string>());
});

describe('Keyv in memory as store', () => {
  storeSuite(() => new Keyv());
});

describe('keys and values', () => {
  it('keeps a token until it expires, under a key that is a hash', async () => {
    const store = new MapStore();
    const { clock, member } = fleet(store);
    await member().getToken();
    await settle();
    expect(clock.pendingDelays).toEqual([]);
    expect([...store.values.keys()].join()).toMatch(/^agent-assist-token-[0-9a-f]{64}$/);
    expect(store.ttls).toEqual([3_600_000]);
    expect(JSON.stringify([...store.values])).not.toContain('canary-secret');
  });

  it('shares between clients that agree in token URL, client and scopes, in any order, and no others', async () => {
    const store = new MapStore();
    const { server, member } = fleet(store);
    const tokenOf = async (own: Partial<AuthClientOptions>): Promise<string> => {
      const token = await member(own).getToken();
      await settle();
      return token;
    };
    const token = await tokenOf({});
    expect(await tokenOf({ scopes: ['b', 'a', 'b'] })).toBe(token);
    expect(await tokenOf({ clientSecret: 'rotated' })).toBe(token);
    const others = [
      { scopes: ['a'] },
      { scopes: [] },
      { scopes: ['ab'] },
      { clientId: 'other' },
      { tokenUrl: 'https://tenant.example/oauth/token?x=1' },
    ];
    for (const own of others) expect(await tokenOf(own)).not.toBe(token);
    expect(store.values.size).toBe(1 + others.length);
    expect(server.requests).toHaveLength(1 + others.length);
  });

  it('ignores what is no token, expired or near its end', async () => {
    const now = new FakeClock().now();
    const entry = { accessToken: 'stored', issuedAt: now - 1000, lifetimeMs: 3_600_000 };
    const stored = (change: object): string => JSON.stringify({ ...entry, ...change });
    const values: [unknown, string][] = [
      [stored({}), 'stored'],
      [stored({ issuedAt: now + 5000 }), 'stored'],
      [stored({ issuedAt: now - 3_600_000 }), 'token-1'],
      [stored({ issuedAt: now - 3_550_000 }), 'token-1'],
      [stored({ accessToken: '' }), 'token-1'],
      [stored({ accessToken: 'a b' }), 'token-1'],
      [stored({ accessToken: 1 }), 'token-1'],
      [stored({ lifetimeMs: -1 }), 'token-1'],
      [stored({ lifetimeMs: '1' }), 'token-1'],
      [stored({ issuedAt: undefined }), 'token-1'],
      [{ ...entry }, 'token-1'],
      [null, 'token-1'],
      ['{', 'token-1'],
      ['null', 'token-1'],
      [7, 'token-1'],
    ];
    for (const [value, expected] of values) {
      const { member } = fleet({ get: () => value, set: () => undefined, delete: () => undefined });
      expect(await member().getToken(), JSON.stringify(value)).toBe(expected);
    }
  });

  it('takes any value from a store without failing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.anything(), fc.json(), fc.string()), async (value) => {
        const { member } = fleet({ get: () => value, set: () => undefined, delete: () => undefined });
        expect(await member().getToken()).toBe('token-1');
      }),
    );
  });

  it('does not take a refused token back from a store that cannot be written', async () => {
    const store = new MapStore();
    const { server, member } = fleet(store);
    const auth = member();
    const refused = await auth.getToken();
    await settle();
    store.set = () => undefined;
    auth.invalidate(refused);
    expect(await auth.getToken()).toBe('token-2');
    expect(server.requests).toHaveLength(2);
  });

  it('trusts a clock that is ahead no further than the lifetime', async () => {
    const store = new MapStore();
    const { clock, member } = fleet(store);
    const ahead = new FakeClock(clock.now() + 60_000);
    await member({ clock: ahead }).getToken();
    await settle();
    const auth = member();
    expect(await auth.getToken()).toBe('token-1');
    await clock.advance(3_600_000);
    expect(await auth.getToken()).toBe('token-2');
  });

  it('keeps no token that took longer than it lives', async () => {
    const store = new MapStore();
    const { clock, server, member } = fleet(store);
    server.onRequest = issuing(1, { clock, ms: 1500 });
    await clock.runUntilSettled(member().getToken());
    await settle();
    expect(store.values.size).toBe(0);
  });

  it('is asked once for all who were refused the same token', async () => {
    const store = new MapStore();
    const { member } = fleet(store);
    const auth = member();
    const token = await auth.getToken();
    await settle();
    await expect.poll(() => store.ttls.length).toBe(1);
    store.ttls.length = 0;
    for (let call = 0; call < 100; call += 1) auth.invalidate(token);
    await auth.close();
    expect(store.ttls).toEqual([3_600_000]);
  });

  it('has what was begun when the client is closed', async () => {
    const store = new MapStore();
    const { member } = fleet({
      get: () => undefined,
      delete: () => undefined,
      set: async (key, value, ttlMs) => {
        await settle();
        store.set(key, value, ttlMs);
      },
    });
    const auth = member();
    await auth.getToken();
    await auth.close();
    expect(store.values.size).toBe(1);
  });

  it('gives a token from a store the rest of its life', async () => {
    const { clock, server, member } = fleet(new Map<string, string>());
    await member().getToken();
    await clock.advance(3_000_000);
    const late = member();
    expect(await late.getToken()).toBe('token-1');
    await clock.advance(600_000);
    expect(await late.getToken()).toBe('token-2');
    expect(server.requests).toHaveLength(2);
  });
});

describe('a store that fails', () => {
  const fail = (): never => {
    // Clients of a store hang the failed command on the error.
    throw Object.assign(new Error('store is down: token-1 canary-secret'), { command: ['SET', 'token-1'] });
  };

  it.each([
    ['throws', fail],
    ['rejects', () => Promise.resolve().then(fail)],
  ])('costs no call when it %s, and what is logged holds no token', async (_, operation) => {
    const { lines, member } = fleet({ get: operation, set: operation, delete: operation });
    const auth = member();
    expect(await auth.getToken()).toBe('token-1');
    auth.invalidate('token-1');
    expect(await auth.getToken()).toBe('token-2');
    await auth.close();
    expect(lines).toEqual([
      expect.stringMatching(
        /^Token store: read failed: store is down: .*; continuing without it until it responds again/,
      ),
    ]);
  });

  it('shows no token in what is logged of a write', async () => {
    const { lines, member } = fleet({ get: () => undefined, set: fail, delete: fail });
    const auth = member();
    await auth.getToken();
    await auth.close();
    expect(lines.join()).toMatch(/^Token store: write failed: store is down: \[redacted\] /);
    expect(lines.join()).not.toContain('token-1');
  });

  it('is waited for one second at most', async () => {
    const hang = (): Promise<never> => new Promise(() => undefined);
    const { clock, server, lines, member } = fleet({ get: hang, set: hang, delete: hang });
    const auth = member();
    const token = auth.getToken();
    await expect.poll(() => clock.pendingDelays).toEqual([1000]);
    await clock.advance(999);
    expect(server.requests).toHaveLength(0);
    await clock.advance(1);
    expect(await token).toBe('token-1');
    expect(await auth.getToken()).toBe('token-1');
    await auth.close();
    expect(lines).toEqual([expect.stringContaining('Token store: read failed: no response within 1000 ms')]);
    expect(clock.pendingDelays).toEqual([]);
  });

  it('is left alone for five seconds, tried by one operation, and used again when it answers', async () => {
    let isDown = true;
    let asked = 0;
    const map = new MapStore();
    const operation =
      <Args extends readonly unknown[]>(work: (...args: Args) => unknown) =>
      (...args: Args): unknown => {
        asked += 1;
        return isDown ? fail() : work(...args);
      };
    const { clock, server, lines, member } = fleet({
      get: operation((key: string) => map.get(key)),
      set: operation((key: string, value: string, ttlMs: number) => map.set(key, value, ttlMs)),
      delete: operation((key: string) => map.delete(key)),
    });
    const auth = member();
    for (let call = 0; call < 20; call += 1) expect(await auth.getToken()).toBe('token-1');
    await settle();
    expect(asked).toBe(1);
    await clock.advance(5000);
    await Promise.all(Array.from({ length: 20 }, () => auth.getToken()));
    expect(asked).toBe(2);
    await clock.advance(4999);
    await auth.getToken();
    expect(asked).toBe(2);
    isDown = false;
    await clock.advance(1);
    await auth.getToken();
    await auth.getToken();
    expect(asked).toBe(4);
    expect(server.requests).toHaveLength(1);
    expect(lines).toHaveLength(1);
  });

  it('never writes a token after its refusal', async () => {
    const log: string[] = [];
    let finishWrite = (): void => undefined;
    const { member } = fleet({
      get: () => {
        log.push('get');
        return undefined;
      },
      set: () => {
        log.push('set');
        return new Promise<void>((resolve) => {
          finishWrite = () => {
            log.push('set done');
            resolve();
          };
        });
      },
      delete: () => log.push('delete'),
    });
    const auth = member();
    auth.invalidate(await auth.getToken());
    await settle();
    expect(log).toEqual(['get', 'set']);
    finishWrite();
    await expect.poll(() => log).toEqual(['get', 'set', 'set done', 'set']);
    finishWrite();
    await auth.close();
  });
});
