import { ConfigurationError } from '../../errors.js';
import { nativeSource, type SocketSource, type WebSocketConstructor } from './socket.js';

/**
 * Replaces `web-socket.ts` in bundles for browsers (condition `browser`): a given class, or the global one. There, the
 * package `ws` itself refuses to work.
 */
export function socketSource(given: WebSocketConstructor | undefined): SocketSource {
  const WebSocket = given ?? (globalThis as { readonly WebSocket?: WebSocketConstructor }).WebSocket;
  if (typeof WebSocket !== 'function')
    throw new ConfigurationError('WebSocket: missing; this runtime has no WebSocket class');
  return nativeSource(WebSocket);
}
