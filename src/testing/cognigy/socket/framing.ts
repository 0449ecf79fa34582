/**
 * @internal A packet of Socket.IO in a frame of Engine.IO, as [both](https://socket.io/docs/v4/engine-io-protocol/)
 * [protocols](https://socket.io/docs/v4/socket-io-protocol/) write it.
 */
export type ClientPacket =
  | { readonly kind: 'connect' | 'disconnect' | 'close' | 'pong' | 'other' }
  | { readonly kind: 'ping'; readonly probe: string }
  | { readonly kind: 'event'; readonly name: string; readonly args: readonly unknown[]; readonly ackId?: number }
  | { readonly kind: 'ack'; readonly ackId: number; readonly args: readonly unknown[] }
  | { readonly kind: 'malformed' };

/** @internal Parses a text frame of a client. */
export function readPacket(text: string): ClientPacket {
  switch (text[0]) {
    case '1':
      return { kind: 'close' };
    case '2':
      return { kind: 'ping', probe: text.slice(1) };
    case '3':
      return { kind: 'pong' };
    case '4':
      return readMessage(text.slice(1));
    default:
      return { kind: 'other' };
  }
}

function readMessage(message: string): ClientPacket {
  const [, type, digits = '', json = ''] = /^([0-6])(\d*)(.*)$/s.exec(message) ?? [];
  if (type === undefined) return { kind: 'malformed' };
  if (type === '0') return { kind: 'connect' };
  if (type === '1') return { kind: 'disconnect' };
  if (type !== '2' && type !== '3') return { kind: 'other' };
  const args = readArguments(json);
  if (args === undefined) return { kind: 'malformed' };
  if (type === '3') return digits === '' ? { kind: 'malformed' } : { kind: 'ack', ackId: Number(digits), args };
  const [name, ...rest] = args;
  if (typeof name !== 'string') return { kind: 'malformed' };
  return { kind: 'event', name, args: rest, ...(digits !== '' && { ackId: Number(digits) }) };
}

function readArguments(json: string): readonly unknown[] | undefined {
  try {
    const value = JSON.parse(json) as unknown;
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @internal Writes an event as a text frame; an id requests an acknowledgement from the client. */
export function writeEvent(name: string, args: readonly unknown[], ackId?: number): string {
  return `42${ackId ?? ''}${JSON.stringify([name, ...args])}`;
}
