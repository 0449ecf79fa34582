import { EventEmitter } from 'node:events';
import type { WebSocketConstructor } from 'agent-assist-sdk/stream';

/** What the two fakes have in common: the test plays the server. */
interface FakeSocket {
  readonly url: string;
  readonly isLive: boolean;
  readonly sent: readonly string[];
  /** Completes the upgrade. */
  open(): void;
  frame(data: unknown): void;
  /** The server's close frame, or the end of the connection. */
  closed(code: number, reason?: string): void;
}

/** A socket with the members of `ws` that the stream uses. */
export class FakeWs extends EventEmitter implements FakeSocket {
  readonly url: string;
  readonly options: { readonly headers?: Record<string, string>; readonly maxPayload?: number };
  readonly sent: string[] = [];
  isLive = true;
  isPaused = false;
  answersClose = true;
  pings = 0;
  closeCalls = 0;

  constructor(url: string, _protocols: string[], options: FakeWs['options']) {
    super();
    this.url = url;
    this.options = options;
  }

  send(data: string): void {
    this.sent.push(data);
  }

  ping(): void {
    this.pings += 1;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  close(): void {
    this.closeCalls += 1;
    if (this.answersClose) queueMicrotask(() => this.closed(1000));
  }

  terminate(): void {
    queueMicrotask(() => this.closed(1006));
  }

  open(): void {
    this.emit('open');
  }

  frame(data: unknown): void {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    this.emit('message', Buffer.from(text), false);
  }

  closed(code: number, reason = ''): void {
    if (!this.isLive) return;
    this.isLive = false;
    this.emit('close', code, Buffer.from(reason));
  }

  refuse(status: number, headers: Record<string, string> = {}): void {
    this.emit('unexpected-response', {}, { statusCode: status, headers });
  }

  fail(error: Error): void {
    this.emit('error', error);
    this.closed(1006);
  }
}

/** A socket with no more than what browsers have. */
export class FakeNative implements FakeSocket {
  readonly url: string;
  readonly sent: string[] = [];
  binaryType = 'blob';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  isLive = true;
  answersClose = true;
  readonly argumentCount: number;

  constructor(...args: unknown[]) {
    this.url = String(args[0]);
    this.argumentCount = args.length;
  }

  send(data: string): void {
    this.sent.push(data);
  }

  close(): void {
    if (this.answersClose) queueMicrotask(() => this.closed(1000));
    else this.isLive = false;
  }

  open(): void {
    this.onopen?.();
  }

  frame(data: unknown): void {
    this.onmessage?.({ data: typeof data === 'string' || data instanceof ArrayBuffer ? data : JSON.stringify(data) });
  }

  closed(code: number, reason = ''): void {
    if (!this.isLive) return;
    this.isLive = false;
    this.onclose?.({ code, reason });
  }
}

/** A WebSocket class for the stream, and what came of it. */
export interface FakeNetwork<S> {
  readonly WebSocket: WebSocketConstructor;
  readonly sockets: S[];
  /** The socket that was made last. */
  readonly last: S;
  /** The most sockets that were alive at one time. */
  readonly mostLive: number;
}

function network<S extends FakeSocket>(Socket: new (...args: never[]) => S): FakeNetwork<S> {
  const sockets: S[] = [];
  let mostLive = 0;
  const WebSocket = class extends (Socket as unknown as new (...args: unknown[]) => FakeSocket) {
    constructor(...args: unknown[]) {
      super(...args);
      sockets.push(this as unknown as S);
      mostLive = Math.max(mostLive, sockets.filter(({ isLive }) => isLive).length);
    }
  };
  return {
    WebSocket: WebSocket as unknown as WebSocketConstructor,
    sockets,
    get last() {
      const socket = sockets.at(-1);
      if (socket === undefined) throw new Error('no socket was made');
      return socket;
    },
    get mostLive() {
      return mostLive;
    },
  };
}

export const fakeWsNetwork = (): FakeNetwork<FakeWs> => network(FakeWs);
export const fakeNativeNetwork = (): FakeNetwork<FakeNative> => network(FakeNative);
