import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import { ConfigurationError } from '../errors.js';
import { checkKind } from '../options.js';

/** A handler of web requests, e.g. of webhooks, the enrichment proxy or the widget's configuration. */
export type WebHandler = (request: Request) => Promise<Response>;

/** A listener of `node:http`, and middleware of Express. */
export type NodeHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/**
 * Turns a handler of web requests into one for `node:http` and Express. The body is passed on unparsed, since
 * signatures cover its bytes.
 *
 * If a parser, e.g. `express.json()` for the whole application, has already read the body, the request fails with a
 * `ConfigurationError`: mount the handler before the parser. A malformed method or URL gets a 400. In
 * Express, this error and any rejection of `handler` go to `next`; without Express the response is 500 with a code.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { toNodeHandler } from 'agent-assist-sdk/node';
 * import { createWebhookHandler } from 'agent-assist-sdk/webhooks';
 *
 * const receive = createWebhookHandler({ secrets: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', on: {} });
 * const server = createServer(toNodeHandler(receive)); // Express: app.post('/webhook', toNodeHandler(receive))
 * ```
 */
export function toNodeHandler(handler: WebHandler): NodeHandler {
  checkKind('handler', handler, 'a function');
  return (request, response, next) => {
    const respond = async (): Promise<void> =>
      write(await answerTo(handler, () => toRequest(request, response)), request, response);
    respond().catch((error: unknown) => {
      if (response.destroyed) return;
      if (next !== undefined && !response.headersSent) next(error);
      else fail(error, response);
    });
  };
}

/** The part of a Fastify instance that {@link toFastifyPlugin} needs. */
export interface FastifyInstanceLike {
  /** Removes the parsers of the parent scope. */
  removeAllContentTypeParsers(): unknown;
  /** Adds a parser for every content type. */
  addContentTypeParser(
    contentType: '*',
    parser: (request: unknown, payload: unknown, done: (error: Error | null, body?: unknown) => void) => void,
  ): unknown;
  /** Registers a route for every method. */
  all(path: string, handler: (request: { readonly raw: IncomingMessage }, reply: FastifyReplyLike) => void): unknown;
}

/** The part of a Fastify reply that {@link toFastifyPlugin} needs. */
export interface FastifyReplyLike {
  readonly raw: ServerResponse;
  /** Tells Fastify that the response is sent elsewhere. */
  hijack(): unknown;
}

/**
 * Turns a handler of web requests into a Fastify plugin. Bodies are not parsed in its scope.
 *
 * @example
 * ```ts
 * import { toFastifyPlugin } from 'agent-assist-sdk/node';
 * import { createWebhookHandler } from 'agent-assist-sdk/webhooks';
 *
 * const plugin = toFastifyPlugin(createWebhookHandler({ secrets: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', on: {} }));
 * // await fastify.register(plugin, { prefix: '/webhook' });
 * ```
 */
export function toFastifyPlugin(handler: WebHandler): (instance: FastifyInstanceLike) => Promise<void> {
  const listener = toNodeHandler(handler);
  return (instance) => {
    checkKind('instance', instance, 'a Fastify instance with removeAllContentTypeParsers()', 'a Fastify instance');
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser('*', (_request, _payload, done) => done(null));
    for (const path of ['/', '/*']) {
      instance.all(path, ({ raw }, reply) => {
        reply.hijack();
        listener(raw, reply.raw);
      });
    }
    return Promise.resolve();
  };
}

/** A method or URL that a `Request` cannot have is the client's fault; the handler is not called. */
async function answerTo(handler: WebHandler, makeRequest: () => Request): Promise<Response> {
  let request: Request;
  try {
    request = makeRequest();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return Response.json({ error: 'malformed_request' }, { status: 400 });
  }
  return handler(request);
}

/**
 * @throws `TypeError` for a method or URL that a `Request` cannot have; {@link ConfigurationError} for a body that was
 * already read.
 */
function toRequest(request: IncomingMessage, response: ServerResponse): Request {
  const { method = 'GET', headers, rawHeaders, socket } = request;
  const { originalUrl } = request as { originalUrl?: string };
  const path = originalUrl ?? request.url ?? '/';
  const origin = `${(socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http'}://${headers.host ?? 'localhost'}`;
  const ended = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) ended.abort(new Error('the client closed the connection'));
  });
  const hasBody = method !== 'GET' && method !== 'HEAD';
  if (hasBody && request.readableDidRead)
    throw new ConfigurationError(
      'the body has already been read, e.g. by express.json(): mount this handler before the parser',
    );
  const pairs: [string, string][] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) pairs.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  return new Request(path.startsWith('/') ? new URL(origin + path) : new URL(path, origin), {
    method,
    headers: pairs,
    signal: ended.signal,
    ...(hasBody && { body: bodyOf(request), duplex: 'half' }),
  });
}

/** Streams the body on demand. Unread rest does not close the connection at once. */
function bodyOf(request: IncomingMessage): ReadableStream {
  const chunks = request.iterator({ destroyOnReturn: false });
  return new ReadableStream(
    {
      pull: async (controller) => {
        const { done, value } = (await chunks.next()) as IteratorResult<Uint8Array, undefined>;
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => void chunks.return?.(),
    },
    { highWaterMark: 0 },
  );
}

async function write(answer: Response, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers, body } = answer;
  for (const [name, value] of headers) if (name !== 'set-cookie') response.setHeader(name, value);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  // Does not wait for the unread rest of a body.
  if (!request.complete) response.setHeader('connection', 'close');
  response.writeHead(status);
  if (body === null || request.method === 'HEAD') response.end();
  else await pipeline(body, response);
}

function fail(error: unknown, response: ServerResponse): void {
  const code = error instanceof ConfigurationError ? 'body_already_read' : 'internal_error';
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ error: code }));
}
