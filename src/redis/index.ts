/**
 * What the processes of a fleet share on Redis or Valkey: a store and rate limits. Brings no client: give it one of
 * `ioredis` or `redis`.
 *
 * Guide: [Many instances](../../docs/many-instances.md).
 *
 * @module agent-assist-sdk/redis
 */

export type { RedisClient } from './commands.js';
export { redisStore, type AddingStore, type RedisStoreOptions } from './store.js';
