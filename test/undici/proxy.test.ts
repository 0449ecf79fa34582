import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProxyAgent, fetch as undiciFetch } from 'undici';
import { AuthClient, HttpClient, SuggestionsClient, type HttpClientOptions } from 'agent-assist-sdk';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { startTenant } from 'agent-assist-sdk/testing';

let proxy: Server;
const tunnels: string[] = [];

beforeAll(async () => {
  proxy = createServer().on('connect', (request, client) => {
    tunnels.push(request.url ?? '');
    const { hostname, port } = new URL(`http://${request.url ?? ''}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [upstream, client]) socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterAll(() => proxy.close());

it.each<[string, (dispatcher: ProxyAgent) => Pick<HttpClientOptions, 'fetch' | 'transport'>]>([
  ['transport', (dispatcher) => ({ transport: new NodeTransport({ dispatcher }).send })],
  ['fetch', (dispatcher) => ({ fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }) })],
])('a proxy in `%s` serves tokens and calls alike', async (_, options) => {
  await using tenant = await startTenant();
  const dispatcher = new ProxyAgent({
    uri: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    proxyTunnel: true,
  });
  const way = options(dispatcher);
  await using auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, ...way });
  const suggestions = new SuggestionsClient(new HttpClient({ platform: tenant.platform, auth, ...way }));
  tunnels.length = 0;
  const answer = await suggestions
    .suggest({ interactionId: 'i-1', transcript: 'I want a refund', sentimentScore: 0 })
    .finally(() => dispatcher.close());
  expect(answer.suggestions.length).toBeGreaterThan(0);
  // One tunnel is kept for both where the dispatcher sends one request after the other.
  expect(new Set(tunnels)).toEqual(new Set([new URL(tenant.tokenUrl).host]));
});
