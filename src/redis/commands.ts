import { isObject } from '../json.js';
import { checkKind } from '../options.js';

/**
 * A client of Redis 5 or later, or Valkey: of ioredis and iovalkey (`call`), or of node-redis (`sendCommand`). You own
 * it: connect it, listen to its `error` events and close it.
 */
export type RedisClient =
  | {
      /** Sends a command (ioredis, iovalkey). */
      call(command: string, ...args: string[]): Promise<unknown>;
    }
  | {
      /** Sends a command (node-redis). */
      sendCommand(args: string[]): Promise<unknown>;
    };

/** What a client tells about its connection: `status` is that of ioredis, `isOpen` and `isReady` of node-redis. */
interface Connection {
  readonly status?: string;
  readonly isOpen?: boolean;
  readonly isReady?: boolean;
  on?(event: string, listener: () => void): unknown;
  off?(event: string, listener: () => void): unknown;
}

/** Less than the time that a store's operation has, so that no command is sent after it. */
const CONNECTING_MS = 900;
const CONNECTION_EVENTS = ['ready', 'error', 'close', 'end'];

/**
 * Creates the function that sends commands with either kind of client. A command waits for a connection that is being
 * established: without an offline queue, a client refuses it, and a process that has just started would count that as
 * a failure of Redis.
 *
 * @throws `ConfigurationError` if `client` is not a Redis client.
 */
export function commandSender(client: RedisClient): (command: string, ...args: string[]) => Promise<unknown> {
  const hasCall = isObject(client) && 'call' in client;
  checkKind('client', client, `a client of ioredis or node-redis with ${hasCall ? 'call' : 'sendCommand'}()`);
  const connection = client as Connection & RedisClient;
  let connecting: Promise<void> | undefined;
  // ioredis has a `sendCommand` too, with other arguments.
  const send = (command: string, args: string[]): Promise<unknown> =>
    'call' in client ? client.call(command, ...args) : client.sendCommand([command, ...args]);
  return (command, ...args) => {
    if (!isConnecting(connection)) return send(command, args);
    connecting ??= connectionChange(connection).finally(() => (connecting = undefined));
    return connecting.then(() => send(command, args));
  };
}

function isConnecting({ status, isOpen, isReady }: Connection): boolean {
  return status === 'connecting' || status === 'connect' || (isOpen === true && isReady === false);
}

/** Resolves when the client is connected, fails to connect, or takes too long; the next command tells which. */
function connectionChange(connection: Connection): Promise<void> {
  return new Promise((resolve) => {
    const onChange = (): void => {
      clearTimeout(timer);
      for (const event of CONNECTION_EVENTS) connection.off?.(event, onChange);
      resolve();
    };
    const timer = setTimeout(onChange, CONNECTING_MS);
    for (const event of CONNECTION_EVENTS) connection.on?.(event, onChange);
  });
}
