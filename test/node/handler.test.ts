import { createServer, request as httpRequest, type RequestListener } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import fastify from 'fastify';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import { toFastifyPlugin, toNodeHandler, type WebHandler } from 'agent-assist-sdk/node';
import { createWebhookHandler, signWebhook } from 'agent-assist-sdk/webhooks';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
// Other bytes than a parser would write again.
const body = '{ "type": "agentassist.alert.triggered",  "timestamp": "2026-01-15T10:30:00Z", "data": {"n": 1.0} }';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function receiver(maxBodyBytes?: number): { receive: WebHandler; types: string[] } {
  const types: string[] = [];
  const onUnknown = ({ type }: { readonly type: string }): void => void types.push(type);
  return { types, receive: createWebhookHandler({ secrets: SECRET, on: {}, onUnknown, maxBodyBytes }) };
}

async function send(url: string, text = body): Promise<string> {
  const headers = { ...(await signWebhook(body, SECRET)), 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', body: text, headers });
  return `${response.status} ${await response.text()}`;
}

const expressApp = (receive: WebHandler): RequestListener => {
  const app = express();
  app.post('/webhook', toNodeHandler(receive));
  app.use(express.json());
  return app;
};

async function fastifyUrl(receive: WebHandler): Promise<string> {
  const app = fastify();
  closers.push(() => app.close());
  app.post('/json', (request) => request.body);
  await app.register(toFastifyPlugin(receive), { prefix: '/webhook' });
  return app.listen({ port: 0, host: '127.0.0.1' });
}

describe.each([
  ['node:http', (receive: WebHandler) => listen(toNodeHandler(receive))],
  ['Express', (receive: WebHandler) => listen(expressApp(receive))],
  ['Fastify', fastifyUrl],
])('the receiver behind %s', (_, start) => {
  it('verifies the bytes as they came', async () => {
    const { receive, types } = receiver();
    const url = `${await start(receive)}/webhook`;
    expect(await send(url)).toBe('204 ');
    expect(await send(url, `${body} `)).toBe('401 {"error":"no_matching_signature"}');
    expect(types).toEqual(['agentassist.alert.triggered']);
  });

  it('answers 413 to a body that is too long, and takes the next one', async () => {
    const { receive } = receiver(200);
    const url = `${await start(receive)}/webhook`;
    expect(await send(url, 'x'.repeat(50_000))).toBe('413 {"error":"body_too_large"}');
    expect(await send(url)).toBe('204 ');
  });

  it('refuses by the headers alone, without the body', async () => {
    const { receive } = receiver();
    const url = `${await start(receive)}/webhook`;
    const response = await new Promise<[number | undefined, unknown]>((resolve, reject) => {
      const headers = { 'content-length': '1000', 'content-type': 'application/json' };
      const request = httpRequest(url, { method: 'POST', headers }, ({ statusCode, headers: answered }) => {
        resolve([statusCode, answered.connection]);
        request.destroy();
      });
      request.on('error', reject);
      request.write('{');
    });
    expect(response).toEqual([401, 'close']);
  });
});

describe('a body that a parser has read before', () => {
  it('is a clear error in Express, for its own error handler', async () => {
    const app = express();
    const errors: unknown[] = [];
    app.use(express.json());
    app.post('/webhook', toNodeHandler(receiver().receive));
    const onError: ErrorRequestHandler = (error, _request, response, next) => {
      errors.push(error);
      if (response.headersSent) next(error);
      else response.sendStatus(500);
    };
    app.use(onError);
    expect(await send(`${await listen(app as unknown as RequestListener)}/webhook`)).toBe('500 Internal Server Error');
    expect(errors).toEqual([expect.any(ConfigurationError)]);
    expect(String(errors[0])).toContain('before the parser');
  });

  it('is named in the answer without one', async () => {
    const handler = toNodeHandler(receiver().receive);
    const url = await listen((request, response) => {
      request.on('data', () => undefined);
      request.on('end', () => handler(request, response));
    });
    expect(await send(url)).toBe('500 {"error":"body_already_read"}');
  });
});

describe('toNodeHandler', () => {
  it('passes on method, URL, headers and body, and the answer with its cookies', async () => {
    const seen: unknown[] = [];
    const url = await listen(
      toNodeHandler(async (request) => {
        seen.push([request.method, request.url, request.headers.get('x-many'), await request.text()]);
        const headers = new Headers({ 'x-answer': 'yes' });
        headers.append('set-cookie', 'a=1');
        headers.append('set-cookie', 'b=2');
        return new Response('grüße', { status: 201, headers });
      }),
    );
    const response = await fetch(`${url}//evil.example/x?y=1`, {
      method: 'PUT',
      body: 'ä',
      headers: [
        ['x-many', '1'],
        ['x-many', '2'],
      ],
    });
    expect([response.status, response.headers.getSetCookie(), response.headers.get('x-answer')]).toEqual([
      201,
      ['a=1', 'b=2'],
      'yes',
    ]);
    expect(await response.text()).toBe('grüße');
    expect(seen).toEqual([['PUT', `${url}//evil.example/x?y=1`, '1, 2', 'ä']]);
  });

  it('keeps the whole path below a mount of Express, and gives it what the handler throws', async () => {
    const app = express();
    const urls: string[] = [];
    app.use(
      '/api',
      toNodeHandler(async ({ url }) => {
        urls.push(new URL(url).pathname);
        return Promise.reject(new Error('canary'));
      }),
    );
    const onError: ErrorRequestHandler = (error, _request, response, next) => {
      if (response.headersSent) next(error);
      else response.status(503).send(String(error));
    };
    app.use(onError);
    const response = await fetch(`${await listen(app)}/api/v1/x`);
    expect([response.status, await response.text(), urls]).toEqual([503, 'Error: canary', ['/api/v1/x']]);
  });

  it.each([
    'TRACE / HTTP/1.1\r\nHost: a',
    'POST / HTTP/1.1\r\nHost: a b',
    'POST http://user:pass@a/ HTTP/1.1\r\nHost: a',
    'GET http://[ HTTP/1.1\r\nHost: a',
  ])('answers 400 to what no Request can be: %j', async (head) => {
    const handler = vi.fn();
    const { port } = new URL(await listen(toNodeHandler(handler)));
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(`${head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    expect((await Array.fromAsync(socket, String)).join('')).toMatch(/^HTTP\/1\.1 400 .*malformed_request/s);
    expect(handler).not.toHaveBeenCalled();
  });

  it('answers 500 without the words of an error, and lives on', async () => {
    const handler = vi.fn<WebHandler>().mockRejectedValueOnce(new Error('canary'));
    handler.mockImplementation(() => Promise.resolve(new Response('ok')));
    const url = await listen(toNodeHandler(handler));
    const failed = await fetch(url);
    expect([failed.status, await failed.text()]).toEqual([500, '{"error":"internal_error"}']);
    expect(await (await fetch(url, { method: 'HEAD' })).text()).toBe('');
    expect(await (await fetch(url)).text()).toBe('ok');
  });

  it('tells the handler that the client has gone', async () => {
    const gone = Promise.withResolvers<unknown>();
    const started = Promise.withResolvers<undefined>();
    const url = await listen(
      toNodeHandler((request) => {
        request.signal.addEventListener('abort', () => gone.resolve(request.signal.reason));
        started.resolve(undefined);
        return new Promise(() => undefined);
      }),
    );
    const controller = new AbortController();
    const asking = fetch(url, { signal: controller.signal }).catch(() => undefined);
    await started.promise;
    controller.abort();
    expect(String(await gone.promise)).toContain('closed the connection');
    await asking;
  });
});
