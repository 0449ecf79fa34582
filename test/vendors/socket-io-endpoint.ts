import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { requireVendorPart } from '../helpers/vendors.js';

/** The members of a server's socket that these suites use, the same in Socket.IO 2 and 4. */
export interface EndpointSocket {
  readonly handshake: { readonly query: Readonly<Record<string, string>> };
  emit(name: string, ...args: unknown[]): unknown;
  on(name: string, listener: (...args: never[]) => void): unknown;
  disconnect(closes?: boolean): unknown;
}

interface SocketIoServer {
  on(name: 'connection', listener: (socket: EndpointSocket) => void): unknown;
  use(middleware: (socket: EndpointSocket, next: (error?: Error) => void) => void): unknown;
  close(): unknown;
}

interface Options {
  readonly pingInterval: number;
  readonly pingTimeout: number;
  readonly serveClient: false;
}

function createSocketIo(version: 2 | 4, server: ReturnType<typeof createServer>, options: Options): SocketIoServer {
  if (version === 2) {
    const create = requireVendorPart('socket.io-2') as (http: typeof server, options: Options) => SocketIoServer;
    return create(server, options);
  }
  const { Server } = requireVendorPart('socket.io-4') as {
    readonly Server: new (http: typeof server, options: Options) => SocketIoServer;
  };
  return new Server(server, options);
}

/** A Socket.IO server that we did not write, which the test plays the flow's endpoint on. */
export class SocketIoEndpoint implements AsyncDisposable {
  /** URLs of the upgrades. */
  readonly upgrades: string[] = [];
  readonly #io: SocketIoServer;
  readonly #server: ReturnType<typeof createServer>;
  readonly #raw = new Set<Duplex>();
  readonly #sockets: EndpointSocket[] = [];
  readonly #waiters: ((socket: EndpointSocket) => void)[] = [];
  /** What the endpoint refuses the next connections with. */
  refusal: string | undefined;

  private constructor(io: SocketIoServer, server: ReturnType<typeof createServer>) {
    this.#io = io;
    this.#server = server;
    server.prependListener('upgrade', ({ url = '' }, socket: Duplex) => {
      this.upgrades.push(url);
      this.#raw.add(socket);
      socket.once('close', () => this.#raw.delete(socket));
    });
    io.use((_socket, next) => next(this.refusal === undefined ? undefined : new Error(this.refusal)));
    io.on('connection', (socket) => {
      const waiter = this.#waiters.shift();
      if (waiter === undefined) this.#sockets.push(socket);
      else waiter(socket);
    });
  }

  static async start(version: 2 | 4, times: Partial<Options> = {}): Promise<SocketIoEndpoint> {
    const server = createServer();
    const io = createSocketIo(version, server, {
      pingInterval: 25_000,
      pingTimeout: 20_000,
      serveClient: false,
      ...times,
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new SocketIoEndpoint(io, server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next connection that no one has asked for yet. */
  next(): Promise<EndpointSocket> {
    const socket = this.#sockets.shift();
    return socket === undefined ? new Promise((resolve) => this.#waiters.push(resolve)) : Promise.resolve(socket);
  }

  /** Breaks the connections, as a network does. */
  cut(): void {
    for (const socket of this.#raw) socket.destroy();
  }

  /** Reads nothing more, so that pings stay unanswered. */
  freeze(): void {
    for (const socket of this.#raw) socket.removeAllListeners('data').pause();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#io.close();
    this.#server.close();
    await Promise.resolve();
  }
}
