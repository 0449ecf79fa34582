import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** Answers one request. */
export type Script = (response: ServerResponse, request: ReceivedRequest) => void;

/** A server that answers its n-th request by the n-th script, and the rest by the last one. */
export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: ReceivedRequest[];
}

/** Answers with a status, a JSON body and headers. */
export function answer(status: number, body: unknown = {}, headers: Record<string, string> = {}): Script {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Closes the connection without an answer. */
export const dropConnection: Script = (response) => {
  response.socket?.destroy();
};

/** Sends a status and half of a body, then closes the connection, or leaves it open. */
export function halfAnswer(status: number, headers: Record<string, string>, end: 'closed' | 'open'): Script {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': '100', ...headers });
    response.write('{"half":', () => (end === 'closed' ? response.socket?.destroy() : undefined));
  };
}

/** Sends the headers and half of the body, then closes the connection. */
export const dropInBody: Script = halfAnswer(200, {}, 'closed');

/** Never answers. */
export const hang: Script = () => undefined;

export async function scriptedServer(...scripts: readonly Script[]): Promise<ScriptedServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = request;
      const received = { method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString() };
      requests.push(received);
      const script = scripts[Math.min(requests.length, scripts.length) - 1] ?? answer(200);
      script(response, received);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A URL on which nothing listens. */
export async function refusedUrl(): Promise<string> {
  const server = await scriptedServer();
  await server[Symbol.asyncDispose]();
  return server.url;
}
