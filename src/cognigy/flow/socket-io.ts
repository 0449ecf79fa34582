import { isRecord, readJson, toJson } from '../../json.js';

/**
 * A text frame of Socket.IO over Engine.IO 3 (Socket.IO 2) or 4 (Socket.IO 3 and 4), in the default namespace. Binary
 * attachments are not supported.
 */
export type SocketIoPacket =
  /** Engine.IO is open. */
  | { readonly kind: 'opened'; readonly pingIntervalMs: number; readonly pingTimeoutMs: number }
  /** The server closes the connection, or leaves the namespace. */
  | { readonly kind: 'closed' }
  /** Data must be repeated in the answer. */
  | { readonly kind: 'ping'; readonly data: string }
  | { readonly kind: 'pong' }
  /** The namespace is open. A server of Engine.IO 4 sends an id for it. */
  | { readonly kind: 'connected'; readonly hasId: boolean }
  | { readonly kind: 'refused'; readonly reason: string }
  /** With an `ackId`, the server waits for an acknowledgement. */
  | {
      readonly kind: 'event';
      readonly name: string;
      readonly args: readonly unknown[];
      readonly ackId: number | undefined;
    }
  /** An acknowledgement, a packet of another namespace, or padding: ignored. */
  | { readonly kind: 'ignored' }
  /** The message quotes nothing of the frame. */
  | { readonly kind: 'invalid'; readonly message: string };

const IGNORED: SocketIoPacket = { kind: 'ignored' };

const invalid = (message: string): SocketIoPacket => ({ kind: 'invalid', message });

/** Parses a text frame. Never throws. */
export function parsePacket(frame: string): SocketIoPacket {
  const rest = frame.slice(1);
  switch (frame[0]) {
    case '0':
      return parseOpen(rest);
    case '1':
      return { kind: 'closed' };
    case '2':
      return { kind: 'ping', data: rest };
    case '3':
      return { kind: 'pong' };
    case '4':
      return parseMessage(rest);
    // A transport upgrade, and padding.
    case '5':
    case '6':
      return IGNORED;
    default:
      return invalid('unknown type of Engine.IO packet');
  }
}

function parseOpen(json: string): SocketIoPacket {
  const data = readJson(json);
  const { pingInterval, pingTimeout } = isRecord(data) ? data : {};
  if (!isDelay(pingInterval) || !isDelay(pingTimeout)) {
    return invalid('pingInterval, pingTimeout: expected ms above 0 and below 2^30');
  }
  return { kind: 'opened', pingIntervalMs: pingInterval, pingTimeoutMs: pingTimeout };
}

/** Two delays are added, and no timer holds 2^31 ms. */
const isDelay = (value: unknown): value is number => typeof value === 'number' && value > 0 && value < 2 ** 30;

/** Type, namespace, id of the acknowledgement, JSON: `2/admin,13["event",1]`. */
const MESSAGE = /^(\d)(?:(\/[^,]*)(?:,|$))?(\d{0,15})(.*)$/s;

function parseMessage(message: string): SocketIoPacket {
  const [, type, namespace = '/', id = '', json = ''] = MESSAGE.exec(message) ?? [];
  if (type === undefined) return invalid('unknown type of Socket.IO packet');
  if (type === '5' || type === '6') return invalid('binary attachments are not supported');
  // The namespace of Socket.IO 2 may have a query.
  if (namespace.replace(/\?.*/s, '') !== '/') return IGNORED;
  switch (type) {
    case '0':
      return { kind: 'connected', hasId: json !== '' };
    case '1':
      return { kind: 'closed' };
    case '2':
      return parseEvent(id, json);
    case '3':
      return IGNORED;
    case '4':
      return { kind: 'refused', reason: reasonOf(readJson(json)) };
    default:
      return invalid('unknown type of Socket.IO packet');
  }
}

function parseEvent(id: string, json: string): SocketIoPacket {
  const data = readJson(json);
  if (!Array.isArray(data)) return invalid('expected an array of JSON');
  const [name, ...args] = data as readonly unknown[];
  if (typeof name !== 'string') return invalid('expected the name of an event');
  return { kind: 'event', name, args, ackId: id === '' ? undefined : Number(id) };
}

/** Socket.IO 2 sends any JSON, later versions an object with a message. */
function reasonOf(data: unknown): string {
  const reason = isRecord(data) ? data['message'] : data;
  return typeof reason === 'string' ? reason : '';
}

export function eventFrame(name: string, ...args: readonly unknown[]): string {
  return `42${toJson([name, ...args], 'message')}`;
}

export function ackFrame(ackId: number, ...args: readonly unknown[]): string {
  return `43${ackId}${toJson(args, 'acknowledgement')}`;
}
