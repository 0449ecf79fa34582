import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { abortable, type Clock } from '../../http/clock.js';
import type { ServerParts } from '../server/http-listener.js';
import type { WaitOptions } from '../server/request-log.js';
import { Waiters } from '../server/waiters.js';
import { checkFrame, TenantConnection } from './connection.js';
import { checkKind, signalOf } from '../../options.js';

const MAX_FRAME_BYTES = 1024 * 1024;

/** @internal An upgrade that was let in. */
export type AcceptedUpgrade = Pick<TenantConnection, 'path' | 'tokenIn' | 'clientId'>;

/** Frames that are not JSON, or not an event at all. */
export const garbageFrames: readonly (string | Uint8Array)[] = [
  'not json',
  '{"type":"INTERACTION_UPDATE","payload":{',
  '',
  'null',
  '[]',
  '"INTERACTION_UPDATE"',
  '{"payload":{}}',
  '{"type":7}',
  new Uint8Array([0xff, 0xfe, 0x00, 0x80]),
];

/** The connections to an embedded server's stream, and its faults. */
export class ConnectionPool {
  readonly #clock: Clock;
  readonly #server: WebSocketServer = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    autoPong: false,
  });
  readonly #connections = new Set<TenantConnection>();
  /** Calls that wait for a number of open connections. */
  readonly #waiters = new Waiters<number>();
  #total = 0;
  #most = 0;
  #silent = false;
  /** @internal For a stream that answers: called before the first frame can come. */
  protected readonly opened?: ((connection: TenantConnection, request: IncomingMessage) => void) | undefined;

  /** @internal */
  protected readonly garbage: readonly (string | Uint8Array)[] = garbageFrames;

  /** @internal */
  constructor({ clock, closing }: Pick<ServerParts, 'clock' | 'closing'>) {
    this.#clock = clock;
    closing.addEventListener('abort', () => {
      this.terminateAll();
      this.#server.close();
    });
  }

  /** The open connections, oldest first. */
  get connections(): readonly TenantConnection[] {
    return [...this.#connections].filter(({ isOpen }) => isOpen);
  }

  /** Number of connections since the start. */
  get totalConnections(): number {
    return this.#total;
  }

  /** Maximum number of concurrent connections. */
  get maxConcurrentConnections(): number {
    return this.#most;
  }

  /**
   * Sends a frame unchanged to every connection, a string as text and bytes as binary. Returns the number of receivers.
   */
  sendRaw(data: string | Uint8Array): number {
    checkFrame(data);
    return this.connections.filter((connection) => connection.sendRaw(data)).length;
  }

  /** Sends invalid frames: not JSON, not an object, not an event, binary. */
  sendGarbage(): void {
    for (const frame of this.garbage) this.sendRaw(frame);
  }

  /** Closes every connection with any code, see `TenantConnection.close`. */
  closeAll(code = 1000, reason = ''): void {
    checkKind('code', code, 'a number');
    checkKind('reason', reason, 'a string');
    for (const connection of this.connections) connection.close(code, reason);
  }

  /** Destroys every connection without a close frame: clients see 1006. */
  terminateAll(): void {
    for (const connection of this.#connections) connection.terminate();
  }

  /** Silences every connection, including future ones: no events, no heartbeats, no responses to pings. */
  silence(): void {
    this.#silent = true;
    for (const connection of this.#connections) connection.silence();
  }

  /** Ends {@link ConnectionPool.silence}. */
  unsilence(): void {
    this.#silent = false;
    for (const connection of this.#connections) connection.unsilence();
  }

  /**
   * Resolves as soon as `count` connections are open at the same time.
   *
   * @throws `AbortError` if `signal` is aborted first.
   */
  async waitForConnections(count = 1, options?: WaitOptions): Promise<readonly TenantConnection[]> {
    checkKind('count', count, 'a number');
    const signal = signalOf('waitForConnections', options);
    if (this.connections.length < count) await this.#waiters.wait((open) => open >= count, signal);
    return this.connections;
  }

  /**
   * Resolves when all sent data has left for the network. A client that has stopped reading delays this.
   *
   * @throws `AbortError` if `signal` is aborted first.
   */
  async flushed(options?: WaitOptions): Promise<void> {
    const signal = signalOf('flushed', options);
    await abortable(Promise.all([...this.#connections].map((connection) => connection.flushed())), signal);
  }

  /** @internal */
  accept(request: IncomingMessage, rawSocket: Duplex, head: Buffer, upgrade: AcceptedUpgrade): void {
    this.#server.handleUpgrade(request, rawSocket, head, (socket) => {
      this.#total += 1;
      const facts = { ...upgrade, id: this.#total, headers: request.headers };
      const connection = new TenantConnection(socket, rawSocket, facts, () => this.#clock.now());
      if (this.#silent) connection.silence();
      this.opened?.(connection, request);
      this.#connections.add(connection);
      void connection.closed.then(() => this.#connections.delete(connection));
      const open = this.connections.length;
      this.#most = Math.max(this.#most, open);
      this.#waiters.offer(open);
    });
  }
}
