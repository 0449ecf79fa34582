// The other side of a measurement, in a thread of its own so that its CPU time does not count.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { WebSocketServer } from 'ws';

/** The body of every answer of the HTTP server. */
const ANSWER = JSON.stringify({
  suggestions: [{ text: 'I can help you with that refund.', confidence: 0.91, source: 'kb-12' }],
});

export interface Server extends AsyncDisposable {
  readonly port: number;
}

/** What the thread serves. */
type Serve = { readonly http: true } | { readonly events: readonly string[]; readonly times: number };

/** Answers each request with the same suggestion. */
export const startHttpServer = (): Promise<Server> => start({ http: true });

/** Sends the events, `times` over, to whoever connects, as fast as they are read. */
export const startEventServer = (events: readonly string[], times: number): Promise<Server> => start({ events, times });

async function start(serve: Serve): Promise<Server> {
  const worker = new Worker(new URL(import.meta.url), { workerData: serve });
  const port = await new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  return {
    port,
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}

/** A frame as a server writes it, built beforehand so that sending it costs almost nothing. */
export function frame(event: string): Buffer {
  const text = Buffer.from(event);
  const header = text.length < 126 ? [0x81, text.length] : [0x81, 126, text.length >> 8, text.length & 0xff];
  return Buffer.concat([Buffer.from(header), text]);
}

if (!isMainThread && isOwn(workerData)) {
  const listening = 'http' in workerData ? serveHttp() : serveEvents(workerData.events, workerData.times);
  parentPort?.postMessage(await listening);
}

function isOwn(data: unknown): data is Serve {
  return typeof data === 'object' && data !== null && ('http' in data || 'events' in data);
}

async function serveHttp(): Promise<number> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      // Stripe's client asks for JSON of its own kind; all others take this as well.
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length }).end(ANSWER);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, resolve));
  return (server.address() as AddressInfo).port;
}

async function serveEvents(events: readonly string[], times: number): Promise<number> {
  const batch = Buffer.concat(events.map(frame));
  // The protocol of Centrifugo: events are the publications of a channel that the server subscribed the client to.
  const publications = Buffer.concat(
    events.map((event) => frame(`{"push":{"channel":"events","pub":{"data":${event}}}}`)),
  );
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (webSocket, { socket, url }) => {
    const isCentrifuge = url === '/centrifuge';
    let left = times;
    const send = (): void => {
      while (left > 0) {
        left -= 1;
        if (!socket.write(isCentrifuge ? publications : batch)) {
          socket.once('drain', send);
          return;
        }
      }
    };
    if (!isCentrifuge) {
      send();
      return;
    }
    webSocket.once('message', () => {
      webSocket.send('{"id":1,"connect":{"client":"bench","version":"6.0.0","subs":{"events":{}}}}', send);
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}
