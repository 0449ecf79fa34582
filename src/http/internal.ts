/**
 * The internal API of the HTTP core, for the features of this package. Users import `./index.js`.
 *
 * @module
 */

export type { AuthProvider, CallOptions, HttpClientOptions, Platform } from './types.js';
export { readErrorAnswer, refusesClient } from './api-error.js';
export { RetryBudget, backoffDelay } from './retry.js';
export { ApiPromise, HttpClient, type ApiResponse } from './client.js';
export { attempt, CALLBACK_TIMEOUT_MS, callbackLimit, Callbacks, handleWithin, isThenable } from './callbacks.js';
export { checkedHttp, checkRequest, checkResult, errorText, guarded, syncResult } from './guard.js';
export {
  abortable,
  because,
  lastFailure,
  namingCaller,
  sleep,
  startTimer,
  systemClock,
  withinLimit,
  type Clock,
  type Limit,
} from './clock.js';
export { adviceOn } from '#runtime';
export { connectionFailure, type ConnectionFailure } from './connection-failure.js';
export {
  resolveInstrumentation,
  type CallEnd,
  type CallStart,
  type Instrumentation,
  type Instruments,
  type Measurement,
} from './instrumentation.js';
export { readBody, type Transport } from './transport.js';
export { checkEncrypted, checkedStreamUrl, checkedUrl, parseBaseUrl, parseUrl } from './url.js';
export { pickRequestOptions, requestOptions, type RequestOptions } from './request-options.js';
export { resolveLogger, silentLogger, type Logger } from './logger.js';
export { checkTtl, MemoryStore } from './stores/memory-store.js';
export {
  checkLastPage,
  followCursors,
  receivedItems,
  withNextCursor,
  type ListAllOptions,
  type Page,
  type PagedIterable,
  type Progress,
} from './pages.js';
export type { ApiPaths } from './paths.js';
export {
  checkRunOptions,
  hasFailed,
  hasSucceeded,
  pollLimits,
  pollOptions,
  pollUntilDone,
  type JobStart,
  type PollOptions,
} from './poller.js';
export {
  LimiterQueue,
  type Quota,
  type RateLimit,
  type RateLimitWait,
  type Turn,
  type WaitLimit,
} from './limits/limiter-queue.js';
export { buildUrl, callOptions, toBase } from './request.js';
export { MemoryQuota } from './limits/memory-quota.js';
export { RateLimiter } from './limits/rate-limiter.js';
export { CREDENTIALS, formEncoded, redact, rememberToken, withoutSecrets } from './redact.js';
export { isHeaderName } from './headers.js';
export { parseHttpDate, parseRetryAfter } from './retry-after.js';
export { CircuitBreaker, SharedStore, withKeyPrefix, type KeyValueStore } from './stores/shared-store.js';
export { shareToken, type AccessToken, type SharedToken, type TokenStore } from './stores/shared-token.js';
export { SharedCalls, unwantedReason, type Wait } from './shared-calls.js';
export {
  absentable,
  anyString,
  checkedBy,
  filledList,
  filledString,
  finiteNumber,
  flag,
  formatKey,
  integer,
  integerFrom,
  isToken,
  isIsoMoment,
  jsonObject,
  lenient,
  listOf,
  numberFrom,
  oneOf,
  positiveInteger,
  readLeniently,
  safeParse,
  tokenText,
  toIssues,
  validateOption,
  validateRequest,
  withDefault,
} from './validation.js';
