import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import {
  AbortError,
  ApiError,
  ConnectionError,
  HttpClient,
  ResponseTooLargeError,
  ResponseValidationError,
  ServerError,
  type AttemptInfo,
  type HttpClientOptions,
} from 'agent-assist-sdk';
import { answer, dropInBody, hang, scriptedServer, type Script } from '../helpers/scripted-server.js';

const MIB = 1024 * 1024;
export const GET = { method: 'GET', path: '/thing', response: z.unknown() } as const;
const PUSH = { method: 'POST', path: '/thing', json: {} } as const;

/** A script that never ends its body, and what became of it. */
function endless(
  status: number,
  headers: Record<string, string>,
  chunk: Buffer,
): { readonly script: Script; readonly closed: Promise<unknown>; written: () => number } {
  const closed = Promise.withResolvers<unknown>();
  let written = 0;
  const script: Script = (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.once('close', closed.resolve);
    const write = (): void => {
      while (!response.destroyed && response.write(chunk)) written += chunk.length;
      written += chunk.length;
    };
    response.on('drain', write);
    write();
  };
  return { script, closed: closed.promise, written: () => written };
}

/** What one server may have sent into the buffers of the system and of the client before it is told to stop. */
const BUFFERS = 16 * MIB;

/** What decompresses to 64 MiB. */
let bomb: Buffer | undefined;

/** What every way to send a request must do. */
export function testTransport(name: string, options: Partial<HttpClientOptions>): void {
  describe(name, () => {
    let attempts: AttemptInfo[];
    const client = (baseUrl: string, more: Partial<HttpClientOptions> = {}): HttpClient =>
      new HttpClient({ baseUrl, maxRetries: 0, ...options, ...more, onAttempt: (info) => attempts.push(info) });
    beforeEach(() => {
      attempts = [];
    });

    it('sends what it is given, and gives the whole answer', async () => {
      await using server = await scriptedServer(answer(201, { ok: 'ä€😀' }, { 'x-request-id': 'r-1' }));
      const call = client(server.url).request(
        { ...GET, method: 'POST', query: { q: 'a b&c' }, json: { text: 'ä€😀' } },
        { headers: { 'X-Own': 'yes' } },
      );
      expect(await call.withResponse()).toMatchObject({ data: { ok: 'ä€😀' }, status: 201, requestId: 'r-1' });
      expect((await call.withResponse()).headers).toBeInstanceOf(Headers);
      expect(server.requests).toMatchObject([
        {
          method: 'POST',
          url: '/thing?q=a+b%26c',
          body: '{"text":"ä€😀"}',
          headers: { 'x-own': 'yes', 'content-type': 'application/json' },
        },
      ]);
    });

    it('reads an empty answer', async () => {
      await using server = await scriptedServer((response) => response.writeHead(204).end());
      expect(await client(server.url).request({ ...GET, response: z.optional(z.string()) })).toBeUndefined();
    });

    it('follows no redirect', async () => {
      await using server = await scriptedServer(answer(302, {}, { location: '/elsewhere' }));
      await expect(client(server.url).request(GET)).rejects.toBeInstanceOf(ApiError);
      expect(server.requests).toHaveLength(1);
    });

    it.each([
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['deflate', deflateRawSync],
      ['br', brotliCompressSync],
    ])('decodes %s by %o', async (coding, encode) => {
      const text = JSON.stringify({ text: 'ä€😀'.repeat(50_000) });
      await using server = await scriptedServer((response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': coding }).end(encode(text));
      });
      expect(JSON.stringify(await client(server.url).request(GET))).toBe(text);
    });

    it('takes a body that ends early for a failed connection', async () => {
      await using server = await scriptedServer(dropInBody);
      await expect(client(server.url).request(GET)).rejects.toBeInstanceOf(ConnectionError);
    });

    it('ends the connection with the caller’s signal, in the body too', async () => {
      await using silent = await scriptedServer(hang);
      const body = endless(200, {}, Buffer.alloc(1024, ' '));
      await using talking = await scriptedServer(body.script);
      for (const server of [silent, talking]) {
        const controller = new AbortController();
        const maxResponseBytes = Number.MAX_SAFE_INTEGER;
        const call = client(server.url, { maxResponseBytes }).request(GET, { signal: controller.signal });
        await expect.poll(() => server.requests.length).toBe(1);
        controller.abort();
        await expect(call).rejects.toBeInstanceOf(AbortError);
      }
      await body.closed;
    });

    it('reads an answer as far as it may be long', async () => {
      const text = JSON.stringify('x'.repeat(5 * MIB));
      await using server = await scriptedServer(answer(200, text));
      const allowed = client(server.url, { maxResponseBytes: text.length });
      expect(await allowed.request(GET)).toBe(JSON.parse(text));
      const error: unknown = await client(server.url, { maxResponseBytes: text.length - 1, maxRetries: 3 })
        .request(GET)
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ResponseTooLargeError);
      expect(error).toMatchObject({ status: 200, maxBytes: text.length - 1, attempts: 1, path: '/thing' });
      expect(attempts.map(({ status }) => status)).toEqual([200, 200]);
    });

    it('reads no more than 10 MiB of an endless answer, and ends the connection', async () => {
      const body = endless(200, {}, Buffer.alloc(64 * 1024, ' '));
      await using server = await scriptedServer(body.script);
      await expect(client(server.url).request(GET)).rejects.toMatchObject({ maxBytes: 10 * MIB });
      await body.closed;
      expect(body.written()).toBeLessThan(10 * MIB + BUFFERS);
    });

    it('counts after decompression', async () => {
      bomb ??= gzipSync(Buffer.alloc(64 * MIB));
      await using server = await scriptedServer((response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
      });
      await expect(client(server.url).request(GET)).rejects.toBeInstanceOf(ResponseTooLargeError);
    });

    it('reads far less of an error', async () => {
      const body = endless(500, {}, Buffer.alloc(64 * 1024, ' '));
      await using server = await scriptedServer(body.script);
      await expect(client(server.url).request(GET)).rejects.toBeInstanceOf(ServerError);
      await body.closed;
      expect(body.written()).toBeLessThan(MIB + BUFFERS);
    });

    it.each([1, 64 * 1024])('ends a body that nobody needs, in chunks of %i bytes', async (size) => {
      // The second is a server that goes silent in its body.
      const body = endless(200, {}, Buffer.alloc(size, ' '));
      const silent = Promise.withResolvers<unknown>();
      await using server = await scriptedServer(body.script, (response) => {
        response.once('close', silent.resolve);
        response.writeHead(200, { 'content-type': 'application/json' }).write('{');
      });
      expect(await client(server.url).request(PUSH)).toBeUndefined();
      await body.closed;
      expect(body.written()).toBeLessThan(MIB + BUFFERS);
      expect(await client(server.url).request(PUSH)).toBeUndefined();
      await silent.promise;
    });

    it('keeps the connection over a short answer that nobody needs', async () => {
      const sockets = new Set<unknown>();
      await using server = await scriptedServer((response) => {
        sockets.add(response.socket);
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 2 }).flushHeaders();
        setImmediate(() => response.end('{}'));
      });
      const http = client(server.url);
      for (let call = 0; call < 8; call += 1) await http.request(PUSH);
      expect(server.requests).toHaveLength(8);
      // A second one is opened where the first is not free yet when the next call begins.
      expect(sockets.size).toBeLessThanOrEqual(2);
    });

    it.each([
      ['a page', 200, '<!DOCTYPE html><html><title>Sign in</title></html>'],
      ['a page without its type', 200, '<HTML lang=en><title>Sign in</title></html>', {}],
      ['a page as text', 200, '\n<!DOCTYPE html><title>Sign in</title>', { 'content-type': 'text/plain' }],
      ['a page behind a comment', 200, '<!-- portal --><html>Sign in</html>', { 'content-type': 'text/plain' }],
      ['a page that only forwards', 200, '<meta http-equiv="refresh" content="0;url=/login">', {}],
      ['a script', 200, '<script>top.location="/login"</script>', {}],
      ['a long page', 200, ` <html>${'<p>Sign in</p>'.repeat(20_000)}`],
    ])('takes %s for no success of a call that needs no answer', async (...[, status, page, headers]) => {
      const type: Record<string, string> = { 'content-type': 'text/html; charset=utf-8' };
      await using server = await scriptedServer((response) => {
        response.writeHead(status, { 'content-length': page.length, ...(headers ?? type) }).end(page);
      });
      await expect(client(server.url).request(PUSH)).rejects.toBeInstanceOf(ResponseValidationError);
    });

    it.each([
      ['text/plain', '\n<!DOCTYPE html><title>Sign in</title>'],
      [undefined, '<html><title>Sign in</title>'],
      ['application/json', '<!DOCTYPE html><title>Sign in</title>'],
      ['application/problem+json; charset=utf-8', '<html><title>Sign in</title>'],
    ])('takes a page in chunks as %s for no success, and reads it no further than it must', async (type, page) => {
      const closed = Promise.withResolvers<unknown>();
      await using server = await scriptedServer((response) => {
        response.once('close', closed.resolve);
        // It never ends.
        response.writeHead(200, type === undefined ? {} : { 'content-type': type }).write(page);
      });
      await expect(client(server.url).request(PUSH)).rejects.toBeInstanceOf(ResponseValidationError);
      await closed.promise;
    });

    it.each([
      [200, '', 'text/html'],
      [202, '', 'text/html; charset=utf-8'],
      [204, '', undefined],
      [200, 'ok', 'text/html'],
      [200, 'OK', 'text/plain'],
      [201, '{"id":1}', 'application/json'],
    ])('takes %i %j as %s for a success', async (status, text, type) => {
      await using server = await scriptedServer((response) => {
        response.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(text);
      });
      expect((await client(server.url).request(PUSH).withResponse()).status).toBe(status);
    });

    it('names a coding that it does not know', async () => {
      await using server = await scriptedServer((response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'lzma' }).end('\x5d\0\0');
      });
      await expect(client(server.url).request(GET)).rejects.toMatchObject({
        name: 'ResponseValidationError',
        issues: [{ path: '', message: 'not valid JSON (content-type: application/json, content-encoding: lzma)' }],
      });
    });
  });
}

/** What those must do besides that decode zstd. */
export function testZstd(options: Partial<HttpClientOptions>): void {
  it('decodes zstd that nobody asked for', async () => {
    await using server = await scriptedServer((response) => {
      response.writeHead(200, { 'content-encoding': 'zstd' }).end(zstdCompressSync('{"deep":true}'));
    });
    expect(await new HttpClient({ baseUrl: server.url, ...options }).request(GET)).toEqual({ deep: true });
  });
}
