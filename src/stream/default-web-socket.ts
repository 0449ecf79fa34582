import { ConfigurationError } from '../errors.js';
import type { SocketSource, WebSocketConstructor } from './socket.js';

/** Returns the default WebSocket class: that of `ws`, which only the first connection loads. */
export function defaultWebSocket(): SocketSource {
  return { abilities: { isWs: true, canPause: true }, load: loadWs };
}

async function loadWs(): Promise<WebSocketConstructor> {
  try {
    return (await import('isomorphic-ws')).default;
  } catch {
    throw new ConfigurationError('WebSocket: the packages isomorphic-ws and ws cannot be loaded; pass a class instead');
  }
}
