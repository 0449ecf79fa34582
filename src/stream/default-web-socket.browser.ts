import { ConfigurationError } from '../errors.js';
import { socketSource, type SocketSource, type WebSocketConstructor } from './socket.js';

/** Replaces `default-web-socket.ts` in bundles for browsers (condition `browser`): the global WebSocket. */
export function defaultWebSocket(): SocketSource {
  const { WebSocket } = globalThis as { readonly WebSocket?: WebSocketConstructor };
  if (typeof WebSocket !== 'function') {
    throw new ConfigurationError('WebSocket: missing; this runtime has no WebSocket class');
  }
  return socketSource(WebSocket);
}
