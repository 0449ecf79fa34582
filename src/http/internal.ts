/**
 * The inner face of the HTTP core: what the features of this package import. Users import `./index.js`.
 *
 * @module
 */

export { ApiPromise, type ApiResponse } from './api-promise.js';
export type { AuthProvider } from './auth-provider.js';
export { backoffDelay, type BackoffOptions } from './backoff.js';
export { HttpClient } from './client.js';
export { lastFailure, noteFailure } from './failures.js';
export { checkCallbacks, checkedHttp, errorText, guarded, isThenable } from './guard.js';
export { abortable, sleep, systemClock, type Clock, type TimerHandle } from './clock.js';
export { connectionFailure, type ConnectionFailure } from './connection-failure.js';
export type { FetchInit, FetchLike, FetchResponse } from './fetch-transport.js';
export type { HeaderNames } from './header-names.js';
export { pinoLogger, resolveLogger, silentLogger, type FieldsFirstLogger, type Logger } from './logger.js';
export { MemoryStore, type MemoryStoreOptions } from './memory-store.js';
export { checkLastPage, paginate, type Page, type PagedIterable, type PageRange } from './pages.js';
export { defaultPaths, type ApiPaths } from './paths.js';
export type { Platform } from './platform.js';
export { Poller, pollLimits, type PollLimits, type PollOptions, type PollTarget } from './poller.js';
export { RateLimiter, type RateLimitWait, type RateLimiterOptions, type Turn, type WaitLimit } from './rate-limiter.js';
export { redact } from './redact.js';
export { parseHttpDate, parseRetryAfter } from './retry-after.js';
export { RetryBudget } from './retry-budget.js';
export { SharedCalls, unwantedReason, type Wait } from './shared-calls.js';
export { namingCaller } from './stack.js';
export { startLimit, withinLimit, type TimeLimit } from './time-limit.js';
export type { Transport, TransportRequest, TransportResponse } from './transport.js';
export type { AttemptInfo, CallOptions, HttpClientOptions, HttpRequest } from './types.js';
export { buildUrl, checkEncrypted, parseBaseUrl, type PathParams, type Query } from './url.js';
export {
  absentable,
  isIsoMoment,
  jsonObject,
  lenient,
  listOf,
  readLeniently,
  toIssues,
  validateOption,
  validateRequest,
  type OmittedPart,
  type Reading,
} from './validation.js';
