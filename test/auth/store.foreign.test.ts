import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import KeyvRedis, { type RedisClientType } from '@keyv/redis';
import { Keyv } from 'keyv';
import { describe, expect, it } from 'vitest';
import { freePort } from '../helpers/foreign-server.js';
import { requireProgram } from '../helpers/programs.js';
import { fleet } from './fleet.js';

describe.runIf(requireProgram('redis-server', 'redis-server'))('Keyv on Redis as store', () => {
  async function startRedis(): Promise<{ readonly url: string } & AsyncDisposable> {
    const port = await freePort();
    const redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], {
      stdio: 'ignore',
    });
    const exited = new Promise((resolve) => redis.once('exit', resolve));
    const answers = (): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(() => resolve(true)));
        socket.on('error', () => resolve(false));
      });
    await expect.poll(answers).toBe(true);
    return {
      url: `redis://127.0.0.1:${port}`,
      async [Symbol.asyncDispose]() {
        redis.kill();
        await exited;
      },
    };
  }

  it('shares, hands on and removes tokens, each stored until it expires', async () => {
    await using redis = await startRedis();
    const adapter = new KeyvRedis(redis.url);
    const store = new Keyv({ store: adapter });
    const { clock, server, member } = fleet(store);
    const first = member();
    const refused = await first.getToken();
    await first.close();
    expect(await member().getToken()).toBe('token-1');

    const redisClient = (await adapter.getClient()) as RedisClientType;
    const keys = await redisClient.sendCommand<string[]>(['KEYS', '*']);
    expect(keys).toHaveLength(1);
    expect(keys.join()).toMatch(/agent-assist-token-[0-9a-f]{64}$/);
    const ttl = Number(await redisClient.sendCommand(['PTTL', keys[0] ?? '']));
    expect(ttl).toBeGreaterThan(3_500_000);
    expect(ttl).toBeLessThanOrEqual(3_600_000);

    const second = member();
    expect(await second.getToken()).toBe('token-1');
    second.invalidate(refused);
    expect(await second.getToken()).toBe('token-2');
    await second.close();
    expect(await member().getToken()).toBe('token-2');
    await clock.advance(3_600_000);
    expect(await member().getToken()).toBe('token-3');
    expect(server.requests).toHaveLength(3);
    await store.disconnect();
  });

  it('loses no call when Redis goes away', async () => {
    const redis = await startRedis();
    const adapter = new KeyvRedis(redis.url, { throwOnConnectError: false });
    const store = new Keyv({ store: adapter });
    store.on('error', () => undefined);
    const { clock, member } = fleet(store);
    expect(await member().getToken()).toBe('token-1');
    await redis[Symbol.asyncDispose]();
    expect(await clock.runUntilSettled(member().getToken())).toBe('token-2');
    await adapter.disconnect(true);
  });
});
