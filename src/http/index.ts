/**
 * The HTTP core that all clients share: the client, its options, and the types that they name.
 *
 * Guide: [Retries and deadlines](../../docs/retries-and-deadlines.md).
 *
 * @module agent-assist-sdk/http
 */

export type {
  AttemptInfo,
  AuthProvider,
  CallOptions,
  HttpClientOptions,
  HttpRequest,
  Platform,
  Query,
} from './types.js';
export { ApiPromise, HttpClient, type ApiResponse } from './client.js';
export { systemClock, type Clock } from './clock.js';
export type {
  FetchInit,
  FetchLike,
  FetchResponse,
  Transport,
  TransportRequest,
  TransportResponse,
} from './transport.js';
export { encryptedStore, unencryptedStore, type EncryptedStoreOptions } from './stores/encrypted-store.js';
export type { HeaderNames } from './headers.js';
export type { AttemptStart, CallEnd, CallStart, Instrumentation, Measurement } from './instrumentation.js';
export { pinoLogger, type Logger } from './logger.js';
export { MemoryStore, type MemoryStoreOptions } from './stores/memory-store.js';
export type { Page, PagedIterable } from './pages.js';
export type { ApiPaths } from './paths.js';
export type { PollOptions } from './poller.js';
export type { RateLimit, RateLimitWait, Turn, WaitLimit } from './limits/limiter-queue.js';
export { RateLimiter, type RateLimiterOptions } from './limits/rate-limiter.js';
export type { KeyValueStore } from './stores/shared-store.js';
export { RetryBudget } from './retry.js';
export type { OmittedPart } from './validation.js';
