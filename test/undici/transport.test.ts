import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { AbortError, ApiError, ConnectionError, HttpClient, ServerError, TimeoutError } from 'agent-assist-sdk';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { freePort } from '../helpers/foreign-server.js';
import { answer, dropConnection, dropInBody, hang, scriptedServer } from '../helpers/scripted-server.js';

const GET = { method: 'GET', path: '/thing' } as const;

let transport: NodeTransport;
beforeEach(() => {
  transport = new NodeTransport();
});
afterEach(() => transport.close());

describe('NodeTransport', () => {
  it('sends method, query, headers and body as they are, and gives the answer', async () => {
    await using server = await scriptedServer(answer(201, { ok: 'ä€😀' }, { 'x-request-id': 'r-1' }));
    const http = new HttpClient({ baseUrl: server.url, transport: transport.send });
    const { status, requestId } = await http
      .request(
        { method: 'POST', path: '/thing', query: { q: 'a b&c' }, json: { text: 'ä€😀' } },
        { headers: { 'X-Own': 'yes' } },
      )
      .withResponse();
    expect([status, requestId]).toEqual([201, 'r-1']);
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        url: '/thing?q=a+b%26c',
        body: '{"text":"ä€😀"}',
        headers: { 'x-own': 'yes', 'content-type': 'application/json' },
      },
    ]);
  });

  it('follows no redirect', async () => {
    await using server = await scriptedServer(answer(302, {}, { location: '/elsewhere' }));
    const http = new HttpClient({ baseUrl: server.url, transport: transport.send });
    await expect(http.request(GET)).rejects.toBeInstanceOf(ApiError);
    expect(server.requests).toHaveLength(1);
  });

  it('repeats what the core repeats, also after a dropped connection', async () => {
    await using server = await scriptedServer(dropConnection, answer(503, {}, { 'retry-after': '0' }), answer(200));
    const http = new HttpClient({ baseUrl: server.url, transport: transport.send, random: () => 0 });
    const { attempts } = await http.request(GET).withResponse();
    expect(attempts).toBe(3);
  });

  it('tells the system’s code of a failure', async () => {
    const http = new HttpClient({
      baseUrl: `http://127.0.0.1:${await freePort()}`,
      transport: transport.send,
      maxRetries: 0,
    });
    await expect(http.request(GET)).rejects.toMatchObject({ name: 'ConnectionError', systemCode: 'ECONNREFUSED' });
  });

  it('takes a body that ends early for a failed connection', async () => {
    await using server = await scriptedServer(dropInBody);
    const http = new HttpClient({ baseUrl: server.url, transport: transport.send, maxRetries: 0 });
    await expect(http.request({ ...GET, response: z.unknown() })).rejects.toBeInstanceOf(ConnectionError);
  });

  it('ends with the caller’s signal and with the time limit', async () => {
    await using server = await scriptedServer(hang);
    const http = new HttpClient({ baseUrl: server.url, transport: transport.send, maxRetries: 0 });
    const controller = new AbortController();
    const call = http.request(GET, { signal: controller.signal });
    await expect.poll(() => server.requests.length).toBe(1);
    controller.abort();
    await expect(call).rejects.toBeInstanceOf(AbortError);
    await expect(http.request(GET, { timeoutMs: 1 })).rejects.toBeInstanceOf(TimeoutError);
  });

  it('closes its own connections, and none that were given', async () => {
    await using server = await scriptedServer(answer(500));
    const dispatcher = new Agent();
    const lent = new NodeTransport({ dispatcher });
    await lent.close();
    const http = new HttpClient({ baseUrl: server.url, transport: lent.send, maxRetries: 0 });
    await expect(http.request(GET)).rejects.toBeInstanceOf(ServerError);
    await dispatcher.close();
    await transport.close();
    const closed = new HttpClient({ baseUrl: server.url, transport: transport.send, maxRetries: 0 });
    await expect(closed.request(GET)).rejects.toBeInstanceOf(ConnectionError);
  });
});
