import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { keepLatest } from '../server/kept.js';
import { ConfigurationError } from '../../errors.js';
import { checkKind } from '../../options.js';

/** A frame that a client sent. */
export interface ReceivedFrame {
  /** Payload of the frame; a binary one decoded as UTF-8. */
  readonly text: string;
  readonly binary: boolean;
  /** Time of arrival, in ms since the epoch on the tenant's clock. */
  readonly receivedAt: number;
}

/** Where a client sent its token: `frame` means after the connection was open. */
export type TokenPlace = 'header' | 'query' | 'api-key' | 'frame';

/** @internal What is known of a connection when it is accepted. */
export type ConnectionFacts = Pick<TenantConnection, 'id' | 'path' | 'headers' | 'tokenIn' | 'clientId'>;

/** @throws `ConfigurationError` for what is not a frame. */
export function checkFrame(data: unknown): void {
  if (typeof data !== 'string' && !(data instanceof Uint8Array))
    throw new ConfigurationError('data: expected a string or bytes');
}

const KEPT_FRAMES = 1000;

/** One client of the tenant's stream. Keeps the last 1,000 frames that it sent. */
export class TenantConnection {
  /** Number since the start, from 1. */
  readonly id: number;
  /** Path of the stream. */
  readonly path: string;
  /** Headers of its upgrade. */
  readonly headers: IncomingHttpHeaders;
  /** Where the client sent its token. */
  readonly tokenIn: TokenPlace;
  /** The client that the token was issued to. */
  readonly clientId: string;
  /**
   * Settles when the connection has ended, with the client's close code: 1005 for a close frame without one, 1006
   * without a close frame.
   */
  readonly closed: Promise<number>;

  readonly #socket: WebSocket;
  readonly #rawSocket: Duplex;
  readonly #received: ReceivedFrame[] = [];
  readonly #flushWaiters: (() => void)[] = [];
  #unsent = 0;
  #silent = false;
  #onFrame: ((frame: ReceivedFrame) => void) | undefined;

  /** @internal */
  constructor(socket: WebSocket, rawSocket: Duplex, facts: ConnectionFacts, now: () => number) {
    this.id = facts.id;
    this.path = facts.path;
    this.headers = facts.headers;
    this.tokenIn = facts.tokenIn;
    this.clientId = facts.clientId;
    this.#socket = socket;
    this.#rawSocket = rawSocket;
    socket.on('message', (data: RawData, binary: boolean) => {
      const frame = { text: toText(data), binary, receivedAt: now() };
      keepLatest(this.#received, frame, KEPT_FRAMES);
      this.#onFrame?.(frame);
    });
    socket.on('ping', (payload: Buffer) => {
      if (!this.#silent) socket.pong(payload);
    });
    // A client may break the protocol on purpose: `close` follows, where it is counted.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code) => {
        this.#releaseFlushWaiters();
        resolve(code);
      });
    });
  }

  /** Whether the connection is open, and not closing. */
  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** The client's frames, oldest first. */
  get received(): readonly ReceivedFrame[] {
    return [...this.#received];
  }

  /** @internal Tells of each frame that it sends from now on. */
  listen(onFrame: (frame: ReceivedFrame) => void): void {
    this.#onFrame = onFrame;
  }

  /** Sends an event as JSON. Returns whether it was sent; it is not if the connection is silent or not open. */
  send(event: object): boolean {
    checkKind('event', event, 'an object');
    return this.sendRaw(JSON.stringify(event));
  }

  /** Sends a frame unchanged: a string as text, bytes as binary. Returns whether it was sent. */
  sendRaw(data: string | Uint8Array): boolean {
    checkFrame(data);
    if (this.#silent || !this.isOpen) return false;
    this.#unsent += 1;
    this.#socket.send(data, { binary: typeof data !== 'string' }, () => {
      this.#unsent -= 1;
      if (this.#unsent === 0) this.#releaseFlushWaiters();
    });
    return true;
  }

  /** Sends nothing and answers no ping from now on, like a peer behind a dead network. Received frames are kept. */
  silence(): void {
    this.#silent = true;
  }

  /** Ends {@link TenantConnection.silence}. What was sent in between is lost. */
  unsilence(): void {
    this.#silent = false;
  }

  /**
   * Closes with any code, even one that a well-behaved server would not send; 1005 sends a close frame without a code,
   * 1006 sends none.
   */
  close(code = 1000, reason = ''): void {
    checkKind('code', code, 'a number');
    checkKind('reason', reason, 'a string');
    if (code === 1006) this.terminate();
    else if (code === 1005) this.#socket.close();
    else if (isRegularCode(code)) this.#socket.close(code, reason);
    else this.#closeIrregularly(code, reason);
  }

  /** Destroys the connection without a close frame: the client sees 1006. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Resolves when all sent data has left for the network, or the connection has ended. */
  async flushed(): Promise<void> {
    if (this.#unsent === 0 || this.#socket.readyState === this.#socket.CLOSED) return;
    await new Promise<void>((resolve) => this.#flushWaiters.push(resolve));
  }

  #releaseFlushWaiters(): void {
    for (const release of this.#flushWaiters.splice(0)) release();
  }

  /** `ws` refuses to send such codes, so the frame is written by hand. */
  #closeIrregularly(code: number, reason: string): void {
    const text = Buffer.from(reason).subarray(0, 123);
    this.#rawSocket.end(Buffer.concat([Buffer.from([0x88, text.length + 2, code >> 8, code & 0xff]), text]));
  }
}

function isRegularCode(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999)
  );
}

function toText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.from(data as Buffer).toString('utf8');
}
