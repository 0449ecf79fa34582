/** The members of a WebSocket that the stream uses. */
export interface WebSocketLike {
  /** Starts the closing handshake (RFC 6455). */
  close(code?: number, reason?: string): void;
  /** Sends a text frame. */
  send(data: string): void;
}

/**
 * A WebSocket class: that of `ws`, the global one, or a subclass of either, e.g. one that adds a proxy agent. With a
 * class like that of `ws` the stream uses headers, pings and pausing; with others only what browsers have.
 */
export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;

/** Callbacks of a socket. `closed` is called last and exactly once. */
export interface SocketHandlers {
  opened(): void;
  text(text: string): void;
  binary(bytes: Uint8Array): void;
  /** Called when a ping or a pong arrived. */
  heard(): void;
  /** Called when the upgrade was refused with an HTTP status. */
  refused(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void;
  /** Called when the runtime reports a failure; `closed` follows. */
  failed(error: unknown): void;
  closed(code: number, reason: string): void;
}

/** One socket, the same in every runtime. What a runtime cannot do is absent. */
export interface Socket {
  send(text: string): void;
  readonly ping?: () => void;
  readonly pause?: () => void;
  readonly resume?: () => void;
  /** Starts the closing handshake. */
  close(): void;
  /** Ends the connection now. */
  terminate(): void;
}

/** The members of `ws` beyond the browser's. */
interface WsSocket extends WebSocketLike {
  on(event: string, listener: (...args: never[]) => void): void;
  ping(): void;
  pause(): void;
  resume(): void;
  terminate(): void;
}

interface NativeSocket extends WebSocketLike {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
}

type WsConstructor = new (url: string, protocols: string[], options: object) => WsSocket;

/** What a WebSocket class can do. */
export interface SocketAbilities {
  /** Headers on the upgrade, the status of a refusal, pings. */
  readonly isWs: boolean;
  readonly canPause: boolean;
}

/** A WebSocket class that the first connection loads, and what it can do. */
export interface SocketSource {
  readonly abilities: SocketAbilities;
  readonly load: () => WebSocketConstructor | Promise<WebSocketConstructor>;
}

/** Returns the source of a class that is loaded. */
export function socketSource(WebSocket: WebSocketConstructor): SocketSource {
  const prototype = WebSocket.prototype as Partial<WsSocket> | undefined;
  const isWs = typeof prototype?.on === 'function' && typeof prototype.ping === 'function';
  return { abilities: { isWs, canPause: isWs && typeof prototype.pause === 'function' }, load: () => WebSocket };
}

/** Opens a socket of the class of `ws`. */
export function openWsSocket(
  WebSocket: WebSocketConstructor,
  url: string,
  { headers, maxFrameBytes }: { readonly headers: Readonly<Record<string, string>>; readonly maxFrameBytes: number },
  handlers: SocketHandlers,
): Socket {
  // Only reached for a class whose abilities are those of ws, which takes options as well.
  const socket = new (WebSocket as unknown as WsConstructor)(url, [], {
    headers,
    maxPayload: maxFrameBytes,
    // A compressed frame can grow a thousandfold, so frames read before a pause would have no useful bound.
    perMessageDeflate: false,
  });
  socket.on('open', () => handlers.opened());
  // Data and reason are Buffers, which convert themselves from UTF-8.
  socket.on('message', (data: Uint8Array, isBinary: boolean) => {
    if (isBinary) handlers.binary(data);
    else handlers.text(data.toString());
  });
  socket.on('ping', () => handlers.heard());
  socket.on('pong', () => handlers.heard());
  socket.on(
    'unexpected-response',
    (_request: object, response: { statusCode: number; headers: Record<string, string> }) => {
      handlers.refused(response.statusCode, response.headers);
      socket.terminate();
    },
  );
  socket.on('error', (error: unknown) => handlers.failed(error));
  socket.on('close', (code: number, reason: Uint8Array) => handlers.closed(code, reason.toString()));
  return {
    send: (text) => socket.send(text),
    ping: () => socket.ping(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.close(1000),
    terminate: () => socket.terminate(),
  };
}

/** Opens a socket of the class that browsers have. */
export function openNativeSocket(WebSocket: WebSocketConstructor, url: string, handlers: SocketHandlers): Socket {
  const socket = new WebSocket(url) as NativeSocket;
  const detach = (): void => {
    socket.onopen = socket.onmessage = socket.onclose = null;
    // A late failure of an abandoned socket must not be uncaught.
    socket.onerror = () => undefined;
  };
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => handlers.opened();
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') handlers.text(data);
    else handlers.binary(new Uint8Array(data as ArrayBuffer));
  };
  socket.onerror = () => handlers.failed(undefined);
  socket.onclose = ({ code, reason }) => {
    detach();
    // Deno reports 0 instead of 1006.
    handlers.closed(code === 0 ? 1006 : code, reason);
  };
  return {
    send: (text) => socket.send(text),
    close: () => socket.close(1000),
    // This API cannot terminate a connection: close it and ignore its events.
    terminate: () => {
      detach();
      socket.close();
      handlers.closed(1006, '');
    },
  };
}
