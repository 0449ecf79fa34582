import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HttpClient } from 'agent-assist-sdk';
import type * as UndiciSubpath from 'agent-assist-sdk/undici';
import type { WebhookTargetOptions } from 'agent-assist-sdk/webhooks';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

type Callback = (error: Error | null, addresses: LookupAddress[]) => void;

/** What names point to, one answer after the other; the last one stays. */
const zone = new Map<string, string[][]>();
const lookups: string[] = [];

vi.mock('node:dns', async (original) => ({
  ...(await original()),
  lookup: (name: string, _: LookupAllOptions, callback: Callback) => {
    lookups.push(name);
    const answers = zone.get(name) ?? [];
    const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    process.nextTick(callback, found.length === 0 ? Object.assign(new Error('x'), { code: 'ENOTFOUND' }) : null, found);
  },
}));

let undici: typeof UndiciSubpath;
let Http: typeof HttpClient;

beforeAll(async () => {
  // Files share a worker: one before this may have loaded the agent with the real look-up.
  vi.resetModules();
  undici = await import('agent-assist-sdk/undici');
  Http = (await import('agent-assist-sdk')).HttpClient;
});

beforeEach(() => {
  zone.clear();
  lookups.length = 0;
});

async function ask(url: string, options?: WebhookTargetOptions): Promise<unknown> {
  await using dispatcher = undici.createGuardedAgent(options);
  const transport = new undici.NodeTransport({ dispatcher });
  const http = new Http({ baseUrl: url, transport: transport.send, maxRetries: 0 });
  return (await http.request({ method: 'GET', path: '/x' }).withResponse()).status;
}

const refused = { name: 'ConnectionError', cause: { message: expect.stringContaining('not allowed here') as string } };

describe('createGuardedAgent', () => {
  it.each([
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['0.0.0.0'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['fe80::1%eth0'],
    ['fd00::1'],
    ['93.184.216.34', '10.0.0.1'],
  ])('refuses a public name that points to %s', async (...addresses) => {
    await using server = await scriptedServer(answer(200));
    zone.set('rebound.example.com', [addresses]);
    await expect(ask(`http://rebound.example.com:${new URL(server.url).port}`)).rejects.toMatchObject(refused);
    expect(server.requests).toHaveLength(0);
  });

  it('connects to the address that was checked, and asks for it once', async () => {
    await using server = await scriptedServer(answer(200, { ok: true }));
    // A second question would lead elsewhere.
    zone.set('hook.example.com', [['127.0.0.1'], ['192.0.2.1']]);
    const url = `http://hook.example.com:${new URL(server.url).port}`;
    expect(await ask(url, { allowLoopbackHttp: true })).toBe(200);
    expect(lookups).toEqual(['hook.example.com']);
    expect(server.requests[0]?.headers['host']).toBe(new URL(url).host);
  });

  it.each(['http://127.0.0.1', 'http://[::1]', 'http://10.0.0.1', 'http://localhost', 'http://db.internal'])(
    'refuses %s without a lookup',
    async (url) => {
      zone.set('localhost', [['93.184.216.34']]);
      await expect(ask(`${url}:9`)).rejects.toMatchObject(refused);
      expect(lookups).toEqual([]);
    },
  );

  it('passes on that a name does not exist', async () => {
    await expect(ask('http://nowhere.example.com')).rejects.toMatchObject({ systemCode: 'ENOTFOUND' });
  });

  it('is not repeated against', async () => {
    zone.set('rebound.example.com', [['10.0.0.1']]);
    await using dispatcher = undici.createGuardedAgent();
    const transport = new undici.NodeTransport({ dispatcher });
    const http = new Http({ baseUrl: 'http://rebound.example.com', transport: transport.send });
    await expect(http.request({ method: 'GET', path: '/x' })).rejects.toMatchObject({ ...refused, attempts: 1 });
  });
});
