import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { AuthClient } from 'agent-assist-sdk';
import { unencryptedStore } from 'agent-assist-sdk/http';
import { redisRateLimiter, redisStore, type RedisClient } from 'agent-assist-sdk/redis';
import { createWebhookHandler, signWebhook } from 'agent-assist-sdk/webhooks';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { issuing, TokenServer } from '../auth/token-server.js';
import { requireProgram } from '../helpers/programs.js';
import { SECRET, URL_ } from '../webhooks/receiver.js';
import { startRedis } from './redis.js';

/** A proxy before Redis that cuts the connection instead of answering the next command with this text. */
async function startProxy(port: number) {
  let cutAt: string | undefined;
  const server = createServer((socket) => {
    const redis = connectTcp(port, '127.0.0.1');
    let isCut = false;
    const close = (): void => {
      socket.destroy();
      redis.destroy();
    };
    for (const one of [socket, redis]) one.on('error', close).on('close', close);
    socket.on('data', (data) => {
      if (cutAt !== undefined && data.includes(cutAt)) {
        cutAt = undefined;
        isCut = true;
      }
      redis.write(data);
    });
    redis.on('data', (data) => {
      if (isCut) close();
      else socket.write(data);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cutAt: (text: string) => (cutAt = text),
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

/** ioredis sends a command again whose answer was lost with the connection. */
async function connectedClient(port: number): Promise<AsyncDisposable & { readonly client: RedisClient }> {
  const redis = new Redis(port, '127.0.0.1', { enableOfflineQueue: false, retryStrategy: () => 10 });
  redis.on('error', () => undefined);
  await once(redis, 'ready');
  const close = async (): Promise<void> => {
    redis.disconnect();
    await once(redis, 'end');
  };
  return { client: redis, [Symbol.asyncDispose]: close };
}

describe.runIf(requireProgram('redis-server', 'redis-server'))('a command that Redis does twice', () => {
  it('takes one slot of a rate limit', async () => {
    await using redis = await startRedis();
    await using proxy = await startProxy(redis.port);
    await using connection = await connectedClient(proxy.port);
    const limiter = redisRateLimiter(connection.client, { name: 'a', maxCalls: 1, windowMs: 1 });
    proxy.cutAt('EVAL');
    (await limiter.enter())();
  });

  it('takes one lease of a token', async () => {
    await using redis = await startRedis();
    await using proxy = await startProxy(redis.port);
    await using connection = await connectedClient(proxy.port);
    const server = new TokenServer();
    server.onRequest = issuing(3600);
    await using auth = new AuthClient({
      tokenUrl: 'https://tenant.example/oauth/token',
      clientId: 'id',
      clientSecret: 'secret',
      transport: server.transport,
      store: unencryptedStore(redisStore(connection.client)),
      timeoutMs: 60_000,
    });
    proxy.cutAt('NX');
    expect(await auth.getToken()).toBe('token-1');
  });

  it('claims a webhook once', async () => {
    await using redis = await startRedis();
    await using proxy = await startProxy(redis.port);
    await using connection = await connectedClient(proxy.port);
    const receive = createWebhookHandler({ secrets: SECRET, on: {}, seen: redisStore(connection.client) });
    const body = JSON.stringify({ type: 'other', timestamp: '2026-01-01T00:00:00Z', data: {} });
    const headers = await signWebhook(body, SECRET, { id: 'msg_1' });
    proxy.cutAt('NX');
    expect((await receive(new Request(URL_, { method: 'POST', body, headers }))).status).toBe(204);
  });
});

describe.runIf(requireProgram('redis-server', 'redis-server'))('a Redis whose clock was set back', () => {
  it('lets the next call wait for no longer than the window', async () => {
    await using redis = await startRedis();
    await using connection = await connectedClient(redis.port);
    const limiter = redisRateLimiter(connection.client, { name: 'a', maxCalls: 1, windowMs: 100 });
    await limiter.run(async ({ slot, holdOff }) => {
      await slot();
      holdOff(100);
    });
    // The same as setting the clock back: all times are an hour ahead of it.
    const { client } = connection;
    const send = 'call' in client ? client.call.bind(client) : () => Promise.reject(new Error('not ioredis'));
    const script = `for _, key in ipairs(redis.call('KEYS', '*')) do
      if redis.call('TYPE', key).ok == 'zset' then
        for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZINCRBY', key, 3600000, member) end
      end
      redis.call('PEXPIRE', key, redis.call('PTTL', key) + 3600000)
    end`;
    await send('EVAL', script, '0');
    (await limiter.enter())();
  });
});
