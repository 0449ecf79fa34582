import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';

/** One connection of a {@link Peer}, with the socket under it for what `ws` would never send. */
export interface PeerConnection {
  readonly socket: WebSocket;
  readonly raw: Duplex;
  readonly closed: Promise<unknown>;
}

/** A bare WebSocket server that does what the test says. */
export class Peer implements AsyncDisposable {
  readonly #server: WebSocketServer;
  readonly #connections: PeerConnection[] = [];
  readonly #waiters: ((connection: PeerConnection) => void)[] = [];
  open = 0;
  mostOpen = 0;
  total = 0;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket, { socket: raw }) => {
      this.total += 1;
      this.mostOpen = Math.max(this.mostOpen, ++this.open);
      socket.on('error', () => undefined);
      const closed = once(socket, 'close').finally(() => (this.open -= 1));
      const connection = { socket, raw, closed };
      const waiter = this.#waiters.shift();
      if (waiter === undefined) this.#connections.push(connection);
      else waiter(connection);
    });
  }

  static async start(): Promise<Peer> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return new Peer(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/stream`;
  }

  /** The next connection that no one has asked for yet. */
  next(): Promise<PeerConnection> {
    const connection = this.#connections.shift();
    return connection === undefined
      ? new Promise((resolve) => this.#waiters.push(resolve))
      : Promise.resolve(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Sends frames and resolves when the last of them has left for the network. */
export async function sendAll(socket: WebSocket, events: readonly object[]): Promise<void> {
  await Promise.all(
    events.map(
      (event) =>
        new Promise<void>((resolve, reject) => {
          socket.send(JSON.stringify(event), (error?: Error | null) => {
            if (error instanceof Error) reject(error);
            else resolve();
          });
        }),
    ),
  );
}
