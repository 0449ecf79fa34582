import { EventEmitter } from 'node:events';
import { redisStore } from 'agent-assist-sdk/redis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** A client as ioredis: without its offline queue it refuses commands until it is ready. */
class Ioredis extends EventEmitter {
  status = 'connecting';
  call = (...command: string[]): Promise<unknown> =>
    this.status === 'ready' ? Promise.resolve(command.join(' ')) : Promise.reject(new Error(this.status));
  become(status: string, event = status): void {
    this.status = status;
    this.emit(event);
  }
}

/** A client as node-redis, with the same states. */
class NodeRedis extends EventEmitter {
  isOpen = true;
  isReady = false;
  sendCommand = (command: string[]): Promise<unknown> =>
    this.isReady ? Promise.resolve(command.join(' ')) : Promise.reject(new Error('offline'));
  become(status: string, event = status): void {
    this.isReady = status === 'ready';
    this.isOpen = status !== 'end';
    this.emit(event);
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe.each([
  ['ioredis', () => new Ioredis()],
  ['node-redis', () => new NodeRedis()],
])('a connection of %s that is being established', (_, create) => {
  const listeners = (client: EventEmitter): number =>
    client.eventNames().reduce((sum, name) => sum + client.listenerCount(name), 0);

  it('holds commands until it is ready, in order, with one set of listeners', async () => {
    const client = create();
    const store = redisStore(client, { keyPrefix: 'a:' });
    const sent: unknown[] = [];
    const work = ['1', '2', '3'].map((key) => Promise.resolve(store.get(key)).then((answer) => sent.push(answer)));
    await vi.advanceTimersByTimeAsync(500);
    expect([sent.length, listeners(client)]).toEqual([0, 4]);
    client.become('ready');
    await Promise.all(work);
    expect(sent).toEqual(['GET a:1', 'GET a:2', 'GET a:3']);
    expect([listeners(client), vi.getTimerCount()]).toEqual([0, 0]);
  });

  it.each(['close', 'end', 'error'])('fails commands at once when it fails with %s', async (event) => {
    const client = create();
    client.on('error', () => undefined);
    const answer = expect(redisStore(client).get('1')).rejects.toThrow();
    client.become('end', event);
    await answer;
    expect([listeners(client), vi.getTimerCount()]).toEqual([1, 0]);
  });

  it('fails commands before the second of a store is over, and tries again', async () => {
    const client = create();
    const store = redisStore(client);
    const answer = expect(store.get('1')).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(999);
    await answer;
    client.become('ready');
    expect(await store.get('1')).toBe('GET 1');
  });
});
