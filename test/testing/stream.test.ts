import { once } from 'node:events';
import { createConnection } from 'node:net';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { FakeClock } from '../helpers/fake-clock.js';
import { accessToken, connect, ended, postSuggest, question } from './helpers.js';
import { garbageFrames } from '../../src/testing/stream/connection-pool.js';
import { outOfShapeEvents } from '../../src/testing/stream/stream.js';

let tenant: Tenant;
beforeEach(async () => {
  tenant = await startTenant({ heartbeatIntervalMs: Infinity });
});
afterEach(async () => {
  await tenant.close();
});

/** The status with which an upgrade was refused; 101 when it was not. */
async function upgradeStatus(url: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const socket = new WebSocket(url, { headers });
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', reject);
  });
}

describe('connecting to the stream', () => {
  it('takes the token from the header or the query, on both paths', async () => {
    const token = await accessToken(tenant);
    for (const url of [tenant.streamUrl, tenant.cxoneStreamUrl]) {
      expect(await upgradeStatus(url, { authorization: `Bearer ${token}` })).toBe(101);
      expect(await upgradeStatus(`${url}?access_token=${token}`)).toBe(101);
    }
    const upgrades = tenant.requests.to(({ status }) => status === 101);
    expect(upgrades.map(({ path }) => path)).toEqual([
      '/api/v1/streaming/agentassist',
      '/api/v1/streaming/agentassist',
      '/cxoneapi/v2/agentassist/stream',
      '/cxoneapi/v2/agentassist/stream',
    ]);
  });

  it('refuses a missing, wrong or revoked token, a token without the scope, and another path', async () => {
    const token = await accessToken(tenant);
    const scopeless = await accessToken(tenant, 'audit:read');
    expect(await upgradeStatus(tenant.streamUrl)).toBe(401);
    expect(await upgradeStatus(`${tenant.streamUrl}?access_token=wrong`)).toBe(401);
    expect(await upgradeStatus(`${tenant.streamUrl}?access_token=${scopeless}`)).toBe(403);
    expect(await upgradeStatus(`${tenant.streamUrl}x?access_token=${token}`)).toBe(404);
    tenant.revokeTokens(token);
    expect(await upgradeStatus(`${tenant.streamUrl}?access_token=${token}`)).toBe(401);
    expect(tenant.stream.totalConnections).toBe(0);
  });

  it.each([
    ['streaming:subscribe', 101, 403],
    ['agentassist:read', 403, 101],
  ])('answers the scope %s with %d on Cognigy.AI and with %d on CXone', async (scope, onCognigy, onCxone) => {
    const token = await accessToken(tenant, scope);
    expect(await upgradeStatus(`${tenant.streamUrl}?access_token=${token}`)).toBe(onCognigy);
    expect(await upgradeStatus(`${tenant.cxoneStreamUrl}?access_token=${token}`)).toBe(onCxone);
  });

  it('lets faults refuse an upgrade, drop it, delay it and revoke its token', async () => {
    const url = `${tenant.streamUrl}?access_token=${await accessToken(tenant)}`;
    for (const status of [401, 403, 503]) {
      tenant.inject({ route: 'GET /streaming/agentassist', fault: { kind: 'status', status, retryAfter: 1 } });
      expect(await upgradeStatus(url)).toBe(status);
    }
    tenant.inject({ fault: { kind: 'drop', at: 'before-work' } });
    await expect(upgradeStatus(url)).rejects.toThrow('socket hang up');
    tenant.inject({ fault: { kind: 'html' } });
    expect(await upgradeStatus(url)).toBe(200);
    tenant.inject({ fault: { kind: 'delay', delayMs: 1 } });
    expect(await upgradeStatus(url)).toBe(101);
    tenant.inject({ fault: { kind: 'revoked-token' } });
    expect(await upgradeStatus(url)).toBe(401);
    expect(await upgradeStatus(url)).toBe(401);
  });

  it('answers a refused upgrade with a whole HTTP answer', async () => {
    const socket = createConnection(Number(new URL(tenant.origin).port), '127.0.0.1');
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => (received += text));
    socket.write(
      'GET /api/v1/streaming/agentassist HTTP/1.1\r\nhost: tenant\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
        'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await once(socket, 'close');
    expect(received).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(received).toMatch(/\r\nx-request-id: [0-9a-f-]{36}\r\n/);
    expect(JSON.parse(received.split('\r\n\r\n')[1] ?? '')).toMatchObject({ error: 'unauthorized' });
  });

  it('shows who is connected, and how many there were', async () => {
    const waiting = tenant.stream.waitForConnections(2);
    const first = await connect(tenant);
    const token = await accessToken(tenant);
    const second = new WebSocket(`${tenant.cxoneStreamUrl}?access_token=${token}`);
    const connections = await waiting;
    expect(connections.map(({ id, tokenIn, path, clientId }) => [id, tokenIn, path, clientId])).toEqual([
      [1, 'header', '/api/v1/streaming/agentassist', 'tenant-client'],
      [2, 'query', '/cxoneapi/v2/agentassist/stream', 'tenant-client'],
    ]);
    first.socket.close(4001);
    expect(await connections[0]?.closed).toBe(4001);
    expect(tenant.stream.connections.map(({ id }) => id)).toEqual([2]);
    second.terminate();
    expect(await connections[1]?.closed).toBe(1006);
    await connect(tenant);
    expect([tenant.stream.totalConnections, tenant.stream.maxConcurrentConnections]).toEqual([3, 2]);
  });

  it('stops a wait for connections when it is told to', async () => {
    const waiting = tenant.stream.waitForConnections(1, { signal: AbortSignal.abort() });
    await expect(waiting).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }) as Error);
  });
});

describe('what the stream sends and receives', () => {
  it('sends events, raw frames and bursts to all, in order', async () => {
    const clients = [await connect(tenant), await connect(tenant)];
    expect(tenant.stream.send({ type: 'HEARTBEAT' })).toBe(2);
    expect(tenant.stream.sendRaw('raw')).toBe(2);
    const burst = Array.from({ length: 500 }, (_, n) => ({ type: 'N', n }));
    expect(tenant.stream.burst(burst)).toBe(1000);
    await tenant.stream.flushed();
    tenant.stream.closeAll();
    for (const { socket, frames } of clients) {
      await ended(socket);
      expect(frames).toEqual(['{"type":"HEARTBEAT"}', 'raw', ...burst.map((event) => JSON.stringify(event))]);
    }
    expect(tenant.stream.send({ type: 'HEARTBEAT' })).toBe(0);
  });

  it('keeps the frames that clients send, and counts their pings', async () => {
    const { socket } = await connect(tenant);
    socket.send('{"type":"HEARTBEAT"}');
    socket.send(Buffer.from('bytes'));
    socket.ping();
    await once(socket, 'pong');
    const [connection] = tenant.stream.connections;
    expect(connection?.received.map(({ text, binary }) => [text, binary])).toEqual([
      ['{"type":"HEARTBEAT"}', false],
      ['bytes', true],
    ]);
  });

  it('sends garbage and events out of shape', async () => {
    const { socket, frames } = await connect(tenant);
    tenant.stream.sendGarbage();
    tenant.stream.sendOutOfShape();
    tenant.stream.closeAll();
    await ended(socket);
    expect(frames.slice(0, garbageFrames.length)).toContain('not json');
    expect(frames.slice(garbageFrames.length)).toEqual(outOfShapeEvents.map((event) => JSON.stringify(event)));
  });

  it('sends a heartbeat at its interval, to whoever is connected', async () => {
    const clock = new FakeClock();
    await using beating = await startTenant({ clock, heartbeatIntervalMs: 1000 });
    await clock.advance(999);
    const { socket, frames } = await connect(beating);
    await clock.advance(1);
    await clock.advance(2000);
    beating.stream.closeAll();
    await ended(socket);
    expect(frames).toEqual(['{"type":"HEARTBEAT"}', '{"type":"HEARTBEAT"}', '{"type":"HEARTBEAT"}']);
  });
});

describe('how the stream fails', () => {
  it.each([1000, 1001, 1008, 1011, 1013, 3000, 4401, 1004, 1015, 2999, 5000])(
    'closes with the code %i',
    async (code) => {
      const { socket } = await connect(tenant);
      // `ws` reports a code that may not be sent as an error, and 1006.
      const error = new Promise<Error>((resolve) => socket.on('error', resolve));
      tenant.stream.closeAll(code, 'why');
      const [seen, reason] = (await once(socket, 'close').catch(async () => once(socket, 'close'))) as [number, Buffer];
      if (seen === 1006) expect((await error).message).toContain(`invalid status code ${code}`);
      else expect([seen, reason.toString()]).toEqual([code, 'why']);
    },
  );

  it('closes without a code, and without a close frame', async () => {
    const first = await connect(tenant);
    tenant.stream.closeAll(1005);
    expect((await once(first.socket, 'close'))[0]).toBe(1005);
    const second = await connect(tenant);
    tenant.stream.terminateAll();
    expect((await once(second.socket, 'close'))[0]).toBe(1006);
    expect(tenant.stream.connections).toEqual([]);
  });

  it('falls silent: no events, no answers to pings, also for who comes later; and comes back', async () => {
    const before = await connect(tenant);
    tenant.stream.silence();
    const after = await connect(tenant);
    let pongs = 0;
    for (const { socket } of [before, after]) {
      socket.on('pong', () => (pongs += 1));
      socket.ping();
      socket.send('still heard');
    }
    expect(tenant.stream.send({ type: 'LOST' })).toBe(0);
    const heard = (): boolean => tenant.stream.connections.every(({ received }) => received.length === 1);
    while (!heard()) await new Promise((resolve) => setImmediate(resolve));
    tenant.stream.unsilence();
    expect(tenant.stream.send({ type: 'BACK' })).toBe(2);
    tenant.stream.closeAll();
    for (const { socket, frames } of [before, after]) {
      await ended(socket);
      expect(frames).toEqual(['{"type":"BACK"}']);
    }
    expect(pongs).toBe(0);
  });

  it('ends a client that sends a frame of more than 1 MiB', async () => {
    const { socket } = await connect(tenant);
    socket.send('x'.repeat(1024 * 1024 + 1));
    expect((await once(socket, 'close'))[0]).toBe(1009);
    expect((await postSuggest(tenant, await accessToken(tenant), question)).status).toBe(200);
  });
});
