/** The members of a WebSocket that the stream uses. */
export interface WebSocketLike {
  /** Starts the closing handshake (RFC 6455). */
  close(code?: number, reason?: string): void;
  /** Sends a text frame. */
  send(data: string): void;
}

/**
 * A WebSocket class: that of `ws`, the global one, or a subclass of either, e.g. one that adds a proxy agent. With a
 * class like that of `ws` the stream uses headers, pings and pausing; with others, and in bundles for browsers, only what
 * browsers have.
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
  /** Called when `ws` cannot read a frame. */
  invalid(message: string): void;
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

interface NativeSocket extends WebSocketLike {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
}

/** What a WebSocket class can do. */
export interface SocketAbilities {
  /** Headers on the upgrade, the status of a refusal, pings. */
  readonly isWs: boolean;
  readonly canPause: boolean;
}

/** Opens a socket. Only a class like that of `ws` sends the headers, and limits the frames itself. */
export type OpenSocket = (
  url: string,
  limits: { readonly headers: Readonly<Record<string, string>>; readonly maxFrameBytes: number },
  handlers: SocketHandlers,
) => Socket;

/** What opens the sockets of a stream; the first connection loads it. */
export interface SocketSource {
  readonly abilities: SocketAbilities;
  readonly load: () => OpenSocket | Promise<OpenSocket>;
}

/** Returns the source of a class like that of browsers. */
export function nativeSource(WebSocket: WebSocketConstructor): SocketSource {
  const open: OpenSocket = (url, _limits, handlers) => openNativeSocket(WebSocket, url, handlers);
  return { abilities: { isWs: false, canPause: false }, load: () => open };
}

/** Opens a socket of the class that browsers have. */
function openNativeSocket(WebSocket: WebSocketConstructor, url: string, handlers: SocketHandlers): Socket {
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
