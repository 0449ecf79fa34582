import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import nodeFetch from 'node-fetch';
import { afterAll, describe, expect, it } from 'vitest';
import { Agent, fetch as undiciFetch } from 'undici';
import { HttpClient, type HttpClientOptions } from 'agent-assist-sdk';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { answer, scriptedServer } from '../helpers/scripted-server.js';
import { GET, testTransport, testZstd } from './transport-suite.js';

const dispatcher = new Agent();
const nodeTransport = new NodeTransport();
afterAll(async () => {
  await nodeTransport.close();
  await dispatcher.close();
});

/** Every way to send a request that the documentation names, but for the default. */
const TRANSPORTS: Readonly<Record<string, Partial<HttpClientOptions>>> = {
  NodeTransport: { transport: nodeTransport.send },
  'undici.fetch': { fetch: undiciFetch },
  'undici.fetch with a dispatcher': { fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }) },
  'node-fetch': { fetch: nodeFetch },
  'a function around the global fetch': { fetch: (url, init) => fetch(url, init) },
};

for (const [name, options] of Object.entries(TRANSPORTS)) testTransport(name, options);

describe('NodeTransport', () => {
  testZstd({ transport: nodeTransport.send });
});

it('has the name of this package and its version from the Node transport', async () => {
  await using server = await scriptedServer(answer(200));
  const http = new HttpClient({ baseUrl: server.url, transport: nodeTransport.send });
  await http.request(GET);
  await http.request(GET, { headers: { 'User-Agent': 'own/1' } });
  const { version } = (await import('../../package.json', { with: { type: 'json' } })).default;
  expect(server.requests.map(({ headers }) => headers['user-agent'])).toEqual([`agent-assist-sdk/${version}`, 'own/1']);
});

it('decodes several codings, one in the other, on the Node transport', async () => {
  const body = brotliCompressSync(gzipSync(deflateRawSync('{"deep":true}')));
  await using server = await scriptedServer((response) => {
    response.writeHead(200, { 'content-encoding': 'deflate, X-GZIP , br' }).end(body);
  });
  const http = new HttpClient({ baseUrl: server.url, transport: nodeTransport.send });
  expect(await http.request(GET)).toEqual({ deep: true });
});
