import { AssistEngine, ConfigurationError } from 'agent-assist-sdk';
import { EnrichmentCache } from 'agent-assist-sdk/enrichment';
import { encryptedStore, MemoryStore, unencryptedStore } from 'agent-assist-sdk/http';
import { redisStore, redisRateLimiter, type RedisClient } from 'agent-assist-sdk/redis';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../helpers/any-character.js';

const keyOf = (seed: number): string => Buffer.alloc(32, seed).toString('base64');
const [OLD, NEW, OTHER] = [keyOf(1), keyOf(2), keyOf(3)];

const logs = () => {
  const lines: string[] = [];
  const log = (message: string): void => void lines.push(message);
  return { lines, logger: { debug: log, info: log, warn: log, error: log } };
};

describe('encryptedStore', () => {
  it('gives back what it was given, and shows nothing of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string({ minLength: 8, unit: anyCharacter }), async (name, value) => {
        const inner = new MemoryStore<string>();
        const store = encryptedStore(inner, { keys: [NEW] });
        await store.set(name, value, 1000);
        expect(await store.get(name)).toBe(value.toWellFormed());
        const held = inner.get(name) ?? '';
        expect(held).toMatch(/^v1\.[\w-]{8}\.[\w-]{16}\.[\w-]+$/);
        expect(held).not.toContain(value);
        await store.delete(name);
        expect([await store.get(name), inner.get(name)]).toEqual([undefined, undefined]);
      }),
    );
  });

  it('encrypts equal values differently, each for its own key', async () => {
    const inner = new MemoryStore<string>();
    const { lines, logger } = logs();
    const store = encryptedStore(inner, { keys: [NEW], logger });
    await store.set('a', 'same', 1000);
    await store.set('b', 'same', 1000);
    expect(inner.get('a')).not.toBe(inner.get('b'));
    inner.set('b', inner.get('a') ?? '', 1000);
    expect([await store.get('a'), await store.get('b')]).toEqual(['same', undefined]);
    expect(lines).toEqual(['Encrypted store: a value cannot be decrypted with any of the keys and is ignored']);
  });

  it('binds a value to its whole key in Redis: moved under the prefix of another tenant, it does not decrypt', async () => {
    const held = new Map<string, string>();
    const client: RedisClient = {
      call: (command, key = '', value = '') =>
        Promise.resolve(command === 'SET' ? held.set(key, value).size : (held.get(key) ?? null)),
    };
    const storeOf = (keyPrefix?: string) => encryptedStore(redisStore(client, { keyPrefix }), { keys: [NEW] });
    await storeOf('acme:').set('token', 'secret', 1000);
    held.set('beta:token', held.get('acme:token') ?? '');
    held.set('token', held.get('acme:token') ?? '');
    expect(await storeOf('acme:').get('token')).toBe('secret');
    expect(await storeOf('ac').get('me:token')).toBe('secret');
    expect([await storeOf('beta:').get('token'), await storeOf().get('token')]).toEqual([undefined, undefined]);
  });

  it('changes keys without losing a value: all decrypt, the first encrypts', async () => {
    const inner = new MemoryStore<string>();
    await encryptedStore(inner, { keys: [OLD] }).set('a', 'old', 1000);
    const added = encryptedStore(inner, { keys: [OLD, NEW] });
    const swapped = encryptedStore(inner, { keys: [NEW, OLD] });
    await swapped.set('b', 'new', 1000);
    for (const store of [added, swapped]) expect([await store.get('a'), await store.get('b')]).toEqual(['old', 'new']);
    const removed = encryptedStore(inner, { keys: [NEW] });
    expect([await removed.get('a'), await removed.get('b')]).toEqual([undefined, 'new']);
  });

  it('takes what no key decrypts for missing, and says so once', async () => {
    const inner = new MemoryStore();
    await encryptedStore(inner, { keys: [OTHER] }).set('other', 'value', 1000);
    await encryptedStore(inner, { keys: [NEW] }).set('mine', 'value', 1000);
    const [version, id, iv, data] = String(inner.get('mine')).split('.');
    const broken = [
      inner.get('other'),
      [version, id, iv, data?.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))].join('.'),
      [version, id, iv].join('.'),
      [version, id, '', data].join('.'),
      [version, id, '!', data].join('.'),
      ['v2', id, iv, data].join('.'),
      'value',
      '',
      7,
      { value: 'value' },
    ];
    const { lines, logger } = logs();
    const store = encryptedStore(inner, { keys: [NEW], logger });
    for (const value of broken) {
      inner.set('mine', value, 1000);
      expect(await store.get('mine'), JSON.stringify(value)).toBeUndefined();
    }
    for (const missing of [undefined, null])
      expect(
        await encryptedStore(
          { get: () => missing, set: () => undefined, delete: () => undefined },
          { keys: [NEW], logger },
        ).get('a'),
      ).toBeUndefined();
    expect(lines).toHaveLength(1);
  });

  it('adds where the store can, and only there', async () => {
    const store = encryptedStore(new MemoryStore<string>(), { keys: [NEW] });
    expect([await store.add?.('a', 'first', 1000), await store.add?.('a', 'second', 1000)]).toEqual([true, false]);
    expect(await store.get('a')).toBe('first');
    expect(encryptedStore(new Map<string, string>(), { keys: [NEW] }).add).toBeUndefined();
  });

  it.each([
    [[], 'keys: expected at least one key, e.g. from `openssl rand -base64 32`'],
    [[undefined], /^keys\[0\]: missing/],
    [[NEW, ''], /^keys\[1\]: missing/],
    [['secret!'], 'keys[0]: expected 32 bytes in base64, e.g. from `openssl rand -base64 32`'],
    [
      [Buffer.alloc(31).toString('base64')],
      'keys[0]: expected 32 bytes in base64, e.g. from `openssl rand -base64 32`',
    ],
  ])('refuses the keys %j', (keys, message) => {
    const create = (): unknown => encryptedStore(new MemoryStore<string>(), { keys });
    expect(create).toThrow(ConfigurationError);
    expect(create).toThrow(message);
  });
});

describe('what is not a store', () => {
  it.each([undefined, null, {}, 'redis://127.0.0.1'])('is refused where it is given: %j', (given) => {
    const nothing = given as never;
    const expected = /^(?:\w+: )?store: expected a store with get\(\)$/;
    expect(() => encryptedStore(nothing, { keys: [NEW] })).toThrow(expected);
    expect(() => unencryptedStore(nothing)).toThrow(expected);
    if (given === undefined || given === null) return;
    expect(() => new EnrichmentCache({ store: nothing })).toThrow(expected);
    expect(
      () => new AssistEngine({ client: { suggest: () => Promise.resolve({ suggestions: [] }) }, store: nothing }),
    ).toThrow(expected);
  });

  it.each([undefined, null, {}, 'redis://127.0.0.1'])('is refused where a client of Redis is expected: %j', (given) => {
    const nothing = given as never;
    const expected = new ConfigurationError('client: expected a client of ioredis or node-redis with sendCommand()');
    expect(() => redisStore(nothing)).toThrow(expected);
    expect(() => redisRateLimiter(nothing, { name: 'a', maxCalls: 1, windowMs: 1000 })).toThrow(expected);
  });
});
