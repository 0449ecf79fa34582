import { redisStore, type AddingStore } from 'agent-assist-sdk/redis';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { describe, expect, it } from 'vitest';
import { requireProgram } from '../helpers/programs.js';
import { startRedis } from './redis.js';

interface Subject extends AsyncDisposable {
  readonly store: AddingStore;
}

const clients: Readonly<Record<string, (url: string, keyPrefix: string) => Promise<Subject>>> = {
  ioredis: (url, keyPrefix) => {
    const redis = new Redis(url);
    const store = redisStore(redis, { keyPrefix });
    return Promise.resolve({ store, [Symbol.asyncDispose]: () => redis.quit().then(() => undefined) });
  },
  'node-redis': async (url, keyPrefix) => {
    const redis = createClient({ url });
    await redis.connect();
    return { store: redisStore(redis, { keyPrefix }), [Symbol.asyncDispose]: () => redis.close() };
  },
};

describe.runIf(requireProgram('redis-server', 'redis-server'))('redisStore', () => {
  it.each(Object.keys(clients))('keeps, adds, forgets and expires by %s', async (name) => {
    await using redis = await startRedis();
    const connect = clients[name] ?? (() => Promise.reject(new Error(name)));
    await using first = await connect(redis.url, 'a:');
    await using second = await connect(redis.url, 'b:');
    const { store } = first;
    expect(await store.get('key')).toBeNull();
    await store.set('key', 'välue', 60_000.7);
    expect([await store.get('key'), await second.store.get('key')]).toEqual(['välue', null]);
    expect(await store.add('key', 'other', 1000)).toBe(false);
    await store.delete('key');
    expect(await Promise.all(Array.from({ length: 8 }, () => store.add('key', 'x', 50)))).toEqual([
      true,
      ...Array.from({ length: 7 }, () => false),
    ]);
    await expect.poll(() => store.add('key', 'y', Infinity)).toBe(true);
    expect(await store.get('key')).toBe('y');
  });
});
