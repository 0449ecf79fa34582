import { ConfigurationError } from '../../errors.js';
import { codeOf, tooLarge } from './failure-text.js';
import {
  nativeSource,
  type OpenSocket,
  type Socket,
  type SocketSource,
  type WebSocketConstructor,
  type WebSocketLike,
} from './socket.js';

/** The members of `ws` beyond the browser's. */
interface WsSocket extends WebSocketLike {
  on(event: string, listener: (...args: never[]) => void): void;
  ping(): void;
  pause(): void;
  resume(): void;
  terminate(): void;
}

type WsConstructor = new (url: string, protocols: string[], options: object) => WsSocket;

/**
 * Returns the source of the sockets of a class. Without one, it is that of `ws`, which only the first connection loads.
 */
export function socketSource(WebSocket: WebSocketConstructor | undefined): SocketSource {
  if (WebSocket === undefined)
    return { abilities: { isWs: true, canPause: true }, load: async () => opener(await loadWs()) };
  const prototype = WebSocket.prototype as Partial<WsSocket> | undefined;
  const isWs = typeof prototype?.on === 'function' && typeof prototype.ping === 'function';
  if (!isWs) return nativeSource(WebSocket);
  return { abilities: { isWs, canPause: typeof prototype.pause === 'function' }, load: () => opener(WebSocket) };
}

async function loadWs(): Promise<WebSocketConstructor> {
  try {
    return (await import('isomorphic-ws')).default;
  } catch {
    throw new ConfigurationError('WebSocket: the packages isomorphic-ws and ws cannot be loaded; pass a class instead');
  }
}

/** Takes a class whose abilities are those of `ws`, so that it takes options as well. */
function opener(WebSocket: WebSocketConstructor): OpenSocket {
  return (...args) => openWsSocket(WebSocket as unknown as WsConstructor, ...args);
}

/** Opens a socket of the class of `ws`. */
function openWsSocket(
  WebSocket: WsConstructor,
  ...[url, { headers, maxFrameBytes }, handlers]: Parameters<OpenSocket>
): Socket {
  const socket = new WebSocket(url, [], {
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
  socket.on('error', (error: unknown) => {
    handlers.failed(error);
    const broken = brokenFrame(error, maxFrameBytes);
    if (broken !== undefined) handlers.invalid(broken);
  });
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

/** Describes a frame that `ws` rejected. `ws` then ends the connection (RFC 6455 §7.1.7). */
function brokenFrame(error: unknown, maxFrameBytes: number): string | undefined {
  const code = codeOf(error);
  if (code?.startsWith('WS_ERR_') !== true) return undefined;
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return tooLarge(maxFrameBytes);
  return code === 'WS_ERR_INVALID_UTF8' ? 'expected UTF-8' : `breaks the WebSocket protocol (${code})`;
}
