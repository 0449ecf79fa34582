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

/** Sends one command with either kind of client. */
export function sendCommand(client: RedisClient, command: string, ...args: string[]): Promise<unknown> {
  // ioredis has a `sendCommand` too, with other arguments.
  return 'call' in client ? client.call(command, ...args) : client.sendCommand([command, ...args]);
}
