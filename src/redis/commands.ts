/**
 * A client of Redis 5 or later, or Valkey: one of ioredis and iovalkey (`call`), or of node-redis (`sendCommand`). It stays
 * yours: connect it, listen to its `error` events and close it.
 */
export type RedisClient =
  { call(command: string, ...args: string[]): Promise<unknown> } | { sendCommand(args: string[]): Promise<unknown> };

/** Sends one command by whichever client it is. */
export function sendCommand(client: RedisClient, command: string, ...args: string[]): Promise<unknown> {
  // ioredis has a `sendCommand` too, which takes something else.
  return 'call' in client ? client.call(command, ...args) : client.sendCommand([command, ...args]);
}
