import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createPlainServer } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Agent, ProxyAgent } from 'undici';
import { ConfigurationError, ConnectionError, HttpClient, type HttpClientOptions } from 'agent-assist-sdk';
import { RetryBudget, type FetchResponse } from 'agent-assist-sdk/http';
import { connectionFailure } from '#dist/http/internal.js';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { anyCharacter } from '../helpers/any-character.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

let folder: string;
const closing: (() => void)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certificates-'));
});

afterAll(async () => {
  for (const close of closing) close();
  await rm(folder, { recursive: true });
});

/** A server whose certificate nobody has signed but itself. */
async function tlsServer(
  host: string,
  { bits = 2048, ...tls }: ServerOptions & { readonly bits?: number } = {},
): Promise<{ readonly url: string; readonly ca: Buffer }> {
  const file = (suffix: string): string => join(folder, `${host}-${bits}${suffix}`);
  // Servers of one host share a key, which takes longer to make than the rest of a test.
  if (!existsSync(file('.crt'))) {
    const command = ['req', '-x509', '-newkey', `rsa:${bits}`, '-nodes', '-keyout', file('.key'), '-out', file('.crt')];
    const subject = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-days', '30'];
    execFileSync('openssl', [...command, ...subject], { stdio: 'ignore' });
  }
  const options: ServerOptions = { key: readFileSync(file('.key')), cert: readFileSync(file('.crt')), ...tls };
  const server = createServer(options, (_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, ca: readFileSync(file('.crt')) };
}

async function failureOf(options: Partial<HttpClientOptions> & { baseUrl: string }): Promise<unknown> {
  const clock = new FakeClock();
  const retryBudget = new RetryBudget();
  const http = new HttpClient({ clock, fetch: clock.fetch, retryBudget, ...options });
  const query = { q: 'a secret question' };
  const failure = await clock
    .runUntilSettled(http.request({ method: 'GET', path: '/thing', query }))
    .catch((error: unknown) => error);
  expect(retryBudget.tokens).toBe(500);
  return failure;
}

const once = { attempts: 1, permanent: true };

describe.each(['fetch', 'undici'] as const)('what cannot succeed is not repeated, over %s', (kind) => {
  const send = (): Partial<HttpClientOptions> => (kind === 'fetch' ? {} : { transport: new NodeTransport().send });

  it('a certificate that nobody trusts', async () => {
    const { url } = await tlsServer('localhost');
    expect(await failureOf({ ...send(), baseUrl: url })).toMatchObject({
      ...once,
      systemCode: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });

  it('TLS with a server that speaks none', async () => {
    await using server = await scriptedServer(answer(200));
    const baseUrl = server.url.replace('http:', 'https:');
    expect(await failureOf({ ...send(), baseUrl })).toMatchObject({
      ...once,
      systemCode: 'ERR_SSL_WRONG_VERSION_NUMBER',
    });
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['TLS, spoken to without it', Buffer.from([0x15, 3, 1, 0, 2, 2, 40])],
  ])('a server of %s', async (_, greeting) => {
    const server = createTcpServer((socket) => socket.on('error', () => undefined).write(greeting));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await failureOf({ ...send(), baseUrl })).toMatchObject({
      ...once,
      systemCode: 'HPE_INVALID_CONSTANT',
      message: expect.stringContaining('does not speak HTTP: check host and port') as unknown,
    });
  });

  it.each(['Transfer-Encoding', 'expect', 'Keep-Alive', 'upgrade'])('the header %s: nothing is sent', async (name) => {
    await using server = await scriptedServer(answer(200));
    const http = new HttpClient({ ...send(), baseUrl: server.url });
    const call = http.request({ method: 'GET', path: '/thing' }, { headers: { [name]: 'chunked' } });
    await expect(call).rejects.toThrow(ConfigurationError);
    await expect(call).rejects.toThrow(name);
    expect(server.requests).toEqual([]);
  });

  it('a length that is not that of the body', async () => {
    await using server = await scriptedServer(answer(200));
    const http = new HttpClient({ ...send(), baseUrl: server.url });
    const call = http.request({ method: 'PUT', path: '/thing', json: {} }, { headers: { 'content-length': '7' } });
    await expect(call).rejects.toMatchObject({ ...once, systemCode: 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH' });
  });
});

it('does not repeat a certificate for another host', async () => {
  const other = await tlsServer('other.test');
  await using otherTransport = agentWith(other.ca);
  const { send } = otherTransport.transport;
  expect(await failureOf({ baseUrl: other.url, transport: send })).toMatchObject({
    ...once,
    systemCode: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
});

it('does not repeat a certificate whose key is too short', async () => {
  const weak = await tlsServer('localhost', { bits: 1024, ciphers: 'DEFAULT@SECLEVEL=0' });
  await using agent = agentWith(weak.ca);
  expect(await failureOf({ baseUrl: weak.url, transport: agent.transport.send })).toMatchObject({
    ...once,
    systemCode: 'UNSPECIFIED',
    message: expect.stringContaining('EE certificate key too weak') as string,
  });
});

it.each([
  ['without a common cipher', { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }],
  ['without the client certificate that it wants', { requestCert: true, rejectUnauthorized: true }],
])('does not repeat what the server ends by an alert of TLS, %s', async (_, options) => {
  const server = await tlsServer('localhost', { maxVersion: 'TLSv1.2', ...options });
  await using agent = agentWith(server.ca);
  expect(await failureOf({ baseUrl: server.url, transport: agent.transport.send })).toMatchObject({
    ...once,
    systemCode: 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
    message: expect.stringContaining('TLS failed') as string,
  });
});

it.each([
  [407, 1],
  [403, 1],
  [429, 4],
  [502, 4],
])('tells that a proxy refused the tunnel with %i, after %i attempts', async (status, attempts) => {
  const proxy = createPlainServer().on('connect', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  closing.push(() => proxy.close());
  const dispatcher = new ProxyAgent(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  closing.push(() => void dispatcher.destroy());
  const clock = new FakeClock();
  const transport = new NodeTransport({ dispatcher }).send;
  const http = new HttpClient({ baseUrl: 'https://acme.example', clock, transport });
  await expect(clock.runUntilSettled(http.request({ method: 'GET', path: '/thing' }))).rejects.toMatchObject({
    attempts,
    message: expect.stringContaining(`Proxy response (${status})`) as string,
  });
});

function agentWith(ca: Buffer): AsyncDisposable & { readonly transport: NodeTransport } {
  const dispatcher = new Agent({ connect: { ca } });
  return {
    transport: new NodeTransport({ dispatcher }),
    [Symbol.asyncDispose]: () => dispatcher.close(),
  };
}

it('does not repeat over a transport that was closed', async () => {
  const transport = new NodeTransport();
  await transport.close();
  const error = await failureOf({ baseUrl: 'http://127.0.0.1', transport: transport.send });
  expect(error).toMatchObject({
    ...once,
    systemCode: 'UND_ERR_DESTROYED',
    message: expect.stringContaining('the transport was closed: create a new one') as string,
  });
});

it.each([new TypeError('undefined is not a function'), new ReferenceError('x is not defined')])(
  'does not repeat what the caller’s own fetch throws by mistake: %s',
  async (mistake) => {
    const fetch = (): never => {
      throw mistake;
    };
    const error = await failureOf({ baseUrl: 'http://127.0.0.1', fetch });
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ ...once, cause: { message: mistake.message } });
  },
);

it('reports what the caller’s own fetch throws without a message', async () => {
  const fetch = (): never => {
    throw Object.assign(new TypeError(), { message: undefined });
  };
  const error = await failureOf({ baseUrl: 'http://127.0.0.1', fetch });
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject(once);
});

const body = (chunk: unknown): AsyncIterable<unknown> => Readable.from([chunk]);
const headers = new Headers();

it.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a text', '{}'],
  ['no headers', { status: 200, body: null }],
  ['no body', { status: 200, headers, json: () => ({}) }],
  ['a body of text', { status: 200, headers, body: '{}' }],
  ['a body of bytes', { status: 200, headers, body: Buffer.from('{}') }],
  ['a status of text', { status: '200', headers, body: null }],
  ['a body with chunks of text', { status: 200, headers, body: body('{}') }],
  ['a body with chunks of objects', { status: 200, headers, body: body({ a: 1 }) }],
])('says what a custom fetch must return if it returns %s', async (_, response) => {
  const fetch = (): Promise<FetchResponse> => Promise.resolve(response as FetchResponse);
  const error = await failureOf({ baseUrl: 'http://127.0.0.1', fetch });
  expect(error).toMatchObject({
    ...once,
    message:
      'GET /thing failed: fetch or transport: expected a Response with status, headers, and body: bytes as a stream, or null (127.0.0.1)',
  });
});

const url = 'http://127.0.0.1:1/thing?q=secret';
const deno = (reason: string): unknown =>
  new TypeError('fetch failed', {
    cause: new Error(`error sending request for url (${url}): client error (Connect): ${reason}`),
  });

describe('the words of other runtimes', () => {
  it.each<[string, unknown, string | undefined, boolean]>([
    ['Deno, refused', deno('tcp connect error: Connection refused (os error 111)'), 'ECONNREFUSED', false],
    [
      'Bun, refused',
      Object.assign(new TypeError(`Unable to connect to ${url}`), { code: 'ConnectionRefused' }),
      'ECONNREFUSED',
      false,
    ],
    ['Deno, certificate', deno('invalid peer certificate: UnknownIssuer'), undefined, true],
    ['Deno, an alert of TLS', deno('received fatal alert: HandshakeFailure'), undefined, true],
    ['Deno, an alert of TLS that can pass', deno('received fatal alert: InternalError'), undefined, false],
    ['Deno, the proxy wants a login', deno('proxy authentication required'), undefined, true],
    [
      'Bun, the proxy refuses',
      Object.assign(new Error('Proxy refused to open a tunnel: 403 Forbidden'), { code: 'ERR_PROXY_TUNNEL' }),
      'ERR_PROXY_TUNNEL',
      true,
    ],
    ['Deno, no TLS', deno('received corrupt message of type InvalidContentType'), undefined, true],
    ['Deno, no such scheme', new TypeError("Url scheme 'ftp' not supported"), undefined, true],
    ['Deno, broken body', new TypeError('error reading a body from connection'), undefined, false],
    ['Deno, no such host', deno('dns error: failed to lookup address information'), undefined, false],
    ['Bun, no TLS', Object.assign(new TypeError('EPROTO: failed'), { code: 'EPROTO' }), 'EPROTO', true],
    [
      'Node, expired',
      Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' }),
      'CERT_HAS_EXPIRED',
      true,
    ],
    ['undici, no such scheme', new TypeError('fetch failed', { cause: new Error('unknown scheme') }), undefined, true],
    ['undici, closed in the body', new TypeError('terminated'), undefined, false],
    ['Safari', new TypeError('The network connection was lost.'), undefined, false],
    ['Safari, no such host', new TypeError('Load failed (host.example)'), undefined, false],
    ['Safari, offline', new TypeError('The Internet connection appears to be offline.'), undefined, false],
    ['Safari, timed out', new TypeError('The request timed out.'), undefined, false],
    ['Chromium', new TypeError('Failed to fetch'), undefined, false],
    ['Chromium, in a body', new TypeError('network error'), undefined, false],
    ['Firefox', new TypeError('NetworkError when attempting to fetch resource.'), undefined, false],
    ['Bun, cut off', new TypeError(' A network error occurred.'), undefined, false],
    ['Workers', new TypeError('Network connection lost'), undefined, false],
    ['cross-fetch', new TypeError('Network request failed'), undefined, false],
    ['a faulty fetch', new TypeError("Cannot read properties of undefined (reading 'network')"), undefined, true],
  ])('%s', (_, error, systemCode, permanent) => {
    expect(connectionFailure(error)).toMatchObject({ systemCode, permanent });
    expect(connectionFailure(error).message).not.toContain('secret');
  });

  it('names all addresses that were refused', () => {
    const refused = (address: string): Error =>
      Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED' });
    const all = Object.assign(new AggregateError([refused('::1:443'), refused('127.0.0.1:443')], ''), {
      systemCode: 'ECONNREFUSED',
    });
    expect(connectionFailure(new TypeError('fetch failed', { cause: all }))).toEqual({
      systemCode: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED ::1:443, connect ECONNREFUSED 127.0.0.1:443',
      permanent: false,
    });
  });

  it('takes a name of which one address is out of reach and the other refuses for refused', () => {
    const unreachable = Object.assign(new Error('connect ENETUNREACH'), { code: 'ENETUNREACH' });
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(connectionFailure(new AggregateError([unreachable, refused])).systemCode).toBe('ECONNREFUSED');
  });

  it('never quotes the query of a URL', () => {
    const plain = Array.from("ABCXYZabcxyz0129-._~!$&'()*+,;=:@/?");
    const character = fc.oneof(fc.constantFrom(...plain), anyCharacter.map(encodeURIComponent));
    const query = fc.array(character, { minLength: 4 }).map((characters) => characters.join(''));
    fc.assert(
      fc.property(query, fc.constantFrom('http', 'https', 'wss'), (text, scheme) => {
        const { message } = connectionFailure(new Error(`cannot reach ${scheme}://host.example/path?k=${text}`));
        expect(message).toBe(`cannot reach ${scheme}://host.example/path`);
      }),
    );
  });

  it.each([
    'GET /thing?q=secret failed',
    'connect to host.example:443/thing?q=secret',
    'no //host.example?q=secret',
    'to http%3A%2F%2Fhost%2Fthing%3fq%3Dsecret',
  ])('nor that of a part of one: %s', (text) => {
    expect(connectionFailure(new Error(text)).message).not.toContain('secret');
  });

  it('has words for whatever is thrown', () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        expect(connectionFailure(thrown).message).not.toBe('');
      }),
    );
  });
});
