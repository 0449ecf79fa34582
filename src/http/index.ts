/**
 * The HTTP core that all clients share: one client, its options, and the parts that they name.
 *
 * Guide: [Retries and deadlines](../../docs/retries-and-deadlines.md).
 *
 * @module agent-assist-sdk/http
 */

// `AsyncDisposable` for consumers whose `lib` does not have it.
/// <reference lib="esnext.disposable" preserve="true" />
export { ApiPromise, type ApiResponse } from './api-promise.js';
export type { AuthProvider } from './auth-provider.js';
export { HttpClient } from './client.js';
export { systemClock, type Clock, type TimerHandle } from './clock.js';
export type { FetchInit, FetchLike, FetchResponse } from './fetch-transport.js';
export type { HeaderNames } from './header-names.js';
export { pinoLogger, type FieldsFirstLogger, type Logger } from './logger.js';
export { MemoryStore, type MemoryStoreOptions } from './memory-store.js';
export type { Page, PagedIterable } from './pages.js';
export type { ApiPaths } from './paths.js';
export type { Platform } from './platform.js';
export type { PollOptions } from './poller.js';
export { RateLimiter, type RateLimitWait, type RateLimiterOptions, type Turn, type WaitLimit } from './rate-limiter.js';
export { RetryBudget } from './retry-budget.js';
export type { Transport, TransportRequest, TransportResponse } from './transport.js';
export type { AttemptInfo, CallOptions, HttpClientOptions, HttpRequest } from './types.js';
export type { Query } from './url.js';
export type { OmittedPart } from './validation.js';
