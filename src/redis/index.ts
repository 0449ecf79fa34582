/**
 * A store and rate limits that the processes of a fleet share on Redis or Valkey. Requires a client: pass one of
 * `ioredis` or `redis`.
 *
 * Guide: [Many instances](../../docs/many-instances.md).
 *
 * @module agent-assist-sdk/redis
 */

export type { RedisClient } from './commands.js';
export { redisRateLimiter, type RedisRateLimiterOptions } from './rate-limiter.js';
export { redisStore, type AddingStore, type RedisStoreOptions } from './store.js';
