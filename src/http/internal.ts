/**
 * The inner face of the HTTP core: what the features of this package import. Users import `./index.js`.
 *
 * @module
 */

export { ApiPromise, type ApiResponse } from './api-promise.js';
export type { AttemptInfo, AuthProvider, CallOptions, HttpClientOptions, HttpRequest, Platform } from './types.js';
export { RetryBudget, backoffDelay, type BackoffOptions } from './retry.js';
export { HttpClient } from './client.js';
export { lastFailure, noteFailure, startLimit, withinLimit, type TimeLimit } from './time-limit.js';
export { checkCallbacks, checkedHttp, errorText, guarded, isThenable, namingCaller } from './guard.js';
export { abortable, sleep, systemClock, type Clock, type TimerHandle } from './clock.js';
export { connectionFailure, type ConnectionFailure } from './connection-failure.js';
export type {
  FetchInit,
  FetchLike,
  FetchResponse,
  Transport,
  TransportRequest,
  TransportResponse,
} from './transport.js';
export { buildUrl, checkEncrypted, parseBaseUrl, type HeaderNames, type PathParams, type Query } from './request.js';
export { pinoLogger, resolveLogger, silentLogger, type FieldsFirstLogger, type Logger } from './logger.js';
export { MemoryStore, type MemoryStoreOptions } from './memory-store.js';
export { checkLastPage, paginate, type Page, type PagedIterable, type PageRange } from './pages.js';
export type { ApiPaths } from './paths.js';
export { Poller, pollLimits, type PollLimits, type PollOptions, type PollTarget } from './poller.js';
export { RateLimiter, type RateLimitWait, type RateLimiterOptions, type Turn, type WaitLimit } from './rate-limiter.js';
export { redact } from './redact.js';
export { parseHttpDate, parseRetryAfter } from './retry-after.js';
export { SharedCalls, unwantedReason, type Wait } from './shared-calls.js';
export {
  absentable,
  isIsoMoment,
  jsonObject,
  lenient,
  listOf,
  readBySchema,
  positiveInteger,
  readLeniently,
  toIssues,
  validateOption,
  validateRequest,
  type OmittedPart,
  type Reading,
} from './validation.js';
