import pRetry from '#p-retry';
import {
  AbortError,
  ApiError,
  ConnectionError,
  ResponseTooLargeError,
  TimeoutError,
  type CallInfo,
} from '../errors.js';
import { readJson } from '../json.js';
import { apiError, readErrorAnswer } from './api-error.js';
import { noteFailure, sleep, withinLimit, type Clock } from './clock.js';
import { connectionError } from './connection-failure.js';
import type { Instruments } from './instrumentation.js';
import type { RateLimit } from './limits/limiter-queue.js';
import { checkResult } from './guard.js';
import { silentLogger, type Logger } from './logger.js';
import { checkedHeaders } from './headers.js';
import type { PreparedRequest } from './request.js';
import { backoffDelay, isRepeatable, StopRetrying, type RetryBudget } from './retry.js';
import { parseRetryAfter } from './retry-after.js';
import { exchange, requestIdOf, type Answer, type Transport } from './transport.js';
import type { AttemptInfo, AuthProvider } from './types.js';

/** What the calls of one client share. */
export interface CallContext {
  readonly auth: AuthProvider | undefined;
  readonly transport: Transport;
  readonly budget: RetryBudget;
  readonly onAttempt: ((info: AttemptInfo) => void) | undefined;
  readonly instruments: Instruments | undefined;
  readonly requestIdHeader: string;
  readonly maxResponseBytes: number;
  readonly limiter: Pick<RateLimit, 'enter'> | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  /** The credential that was checked last. */
  credential: Readonly<{ name: string; value: string; headers: Readonly<Record<string, string>> }> | undefined;
}

/** A shorter `Retry-After` is heeded once in a call. */
const SHORT_WAIT_MS = 100;

/** One call, from its first attempt to its end. */
export class Call {
  readonly #context: CallContext;
  readonly #request: PreparedRequest;
  /** Secrets of the request and of every token so far: a server may quote a token after its renewal. */
  readonly #secrets: string[];
  #deadline = Infinity;
  /** The token of the last attempt, and the headers with it. */
  #credential: { readonly token: string; readonly headers: Readonly<Record<string, string>> } | undefined;
  #attempts = 0;
  #attemptMs = 0;
  #tokenRenewed = false;
  #lastRetryCost: number | undefined;
  /** Why the previous attempt failed. */
  #lastFailure: Error | undefined;
  #wasAskedForShortWait = false;
  /** Reports the end of the attempt to the limiter. */
  #leave: (() => void) | undefined;

  constructor(context: CallContext, request: PreparedRequest) {
    this.#context = context;
    this.#request = request;
    this.#secrets = [...request.secrets];
  }

  /** Method, path and the number of requests so far, for errors. */
  get info(): CallInfo {
    return { method: this.#request.method, path: this.#request.path, attempts: this.#attempts };
  }

  /** Does work of this call inside of the caller's instrumentation. */
  inside<T extends { readonly status: number }>(
    hook: 'call' | 'attempt',
    work: (added?: Readonly<Record<string, string>>) => Promise<T>,
  ): Promise<T> {
    const { instruments } = this.#context;
    if (instruments === undefined) return work();
    const { method, origin, path, route } = this.#request;
    return instruments.inside(hook, { method, origin, path, route, attempt: this.#attempts }, work);
  }

  /** Returns a function that looks for the request id. It does not keep the call or the body alive. */
  requestIdReader({ headers }: Answer): () => string | undefined {
    const name = this.#context.requestIdHeader;
    const secrets = this.#secrets;
    return () => requestIdOf(headers, name, secrets);
  }

  /** Returns the request id of a response of this call. */
  requestIdOf(answer: Answer): string | undefined {
    return this.requestIdReader(answer)();
  }

  /** Makes the call with all its retries. Resolves with the first 2xx response. */
  async run(): Promise<Answer> {
    const { signal, totalTimeoutMs } = this.#request;
    const { budget, clock, instruments } = this.#context;
    this.#deadline = clock.monotonic() + totalTimeoutMs;
    budget.callBegan();
    let answer: Answer;
    try {
      // The only retry loop of the SDK. Its own waits know neither the clock nor `Retry-After`, so they are off.
      answer = await pRetry(() => this.#attempt(), {
        retries: Infinity,
        minTimeout: 0,
        shouldRetry: async ({ error, attemptNumber }) => {
          if (error instanceof StopRetrying) throw error.cause;
          const delayMs = this.#delayAfter(error, attemptNumber);
          if (delayMs === undefined) return false;
          await sleep(clock, delayMs, signal);
          return true;
        },
      });
    } catch (error) {
      const isBare = error instanceof AbortError && error.cause === error.reason;
      throw isBare ? new AbortError(error.reason, this.#lastFailure) : error;
    } finally {
      this.#leave?.();
      budget.callEnded();
    }
    const refunded = budget.refund(this.#lastRetryCost);
    if (refunded > 0) instruments?.record({ type: 'retry_refund', tokens: refunded });
    this.#report(answer, undefined);
    return answer;
  }

  get #remainingMs(): number {
    return Math.max(0, this.#deadline - this.#context.clock.monotonic());
  }

  async #attempt(): Promise<Answer> {
    const { auth } = this.#context;
    // Before the token, so that a long wait does not end with an expired one.
    await this.#admission();
    if (auth === undefined) return this.#send(this.#request.headers);
    const token = auth.cachedToken?.() ?? (await this.#byProvider((signal) => auth.getToken({ signal })));
    try {
      return await this.#send(this.#withCredential(auth, token));
    } catch (error) {
      const isRefused = error instanceof ApiError && error.status === 401;
      if (!isRefused || this.#tokenRenewed || this.#remainingMs === 0) throw error;
      this.#tokenRenewed = true;
      const freshToken = await this.#renew(auth, token, error);
      if (freshToken === token) throw error;
      this.#report(error, 0);
      return this.#send(this.#withCredential(auth, freshToken));
    }
  }

  async #renew(auth: AuthProvider, refused: string, refusal: ApiError): Promise<string> {
    try {
      await this.#byProvider(async () => auth.invalidate(refused));
      await this.#admission();
      return await this.#byProvider((signal) => auth.getToken({ signal }));
    } catch (error) {
      this.#report(refusal, undefined);
      throw error;
    }
  }

  /** Waits until the attempt may start. The wait does not count toward the time limits of the call. */
  async #admission(): Promise<void> {
    const { beforeAttempt, signal } = this.#request;
    const { clock, limiter } = this.#context;
    if (beforeAttempt === undefined && limiter === undefined) return;
    this.#leave?.();
    const startedAt = clock.monotonic();
    try {
      await beforeAttempt?.(signal);
      this.#leave = await limiter?.enter(signal);
    } catch (error) {
      throw new StopRetrying(error);
    }
    this.#deadline += clock.monotonic() - startedAt;
  }

  async #byProvider<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await this.#within(Infinity, work);
    } catch (error) {
      // The provider retries its own requests; retrying here too would multiply them.
      throw new StopRetrying(error);
    }
  }

  /** Returns the headers of an attempt; the same object unless the token has changed. */
  #withCredential(auth: AuthProvider, token: string): Readonly<Record<string, string>> {
    if (typeof token !== 'string') checkResult('token', token, 'a string');
    if (this.#credential?.token === token) return this.#credential.headers;
    const header = auth.header(token);
    if (!Array.isArray(header)) checkResult('header()', header, 'a list of strings');
    const [name, value] = header;
    const headers = { ...this.#request.headers, ...this.#checkedOnce(name, value) };
    this.#secrets.push(token, value);
    this.#credential = { token, headers };
    return headers;
  }

  /** Returns the header, checked. Most calls of a client send the same, so it is kept. */
  #checkedOnce(name: string, value: string): Readonly<Record<string, string>> {
    const context = this.#context;
    const { credential } = context;
    if (credential?.name === name && credential.value === value) return credential.headers;
    const headers = checkedHeaders({ [name]: value });
    context.credential = { name, value, headers };
    return headers;
  }

  async #send(headers: Readonly<Record<string, string>>): Promise<Answer> {
    this.#attempts += 1;
    const answer = await this.inside('attempt', (added) =>
      this.#exchange(added === undefined ? headers : { ...added, ...headers }),
    );
    if (answer.status >= 200 && answer.status < 300) {
      if (answer.text !== undefined || !this.#request.needsBody) return answer;
      throw new ResponseTooLargeError(this.info, answer.status, this.#context.maxResponseBytes);
    }
    const body = readJson(answer.text ?? '');
    const { bodyRequestId, ...said } = readErrorAnswer(answer, body, this.#secrets);
    const error = apiError({
      ...this.info,
      ...said,
      status: answer.status,
      scopes: this.#request.scopes,
      requestId: this.requestIdOf(answer) ?? bodyRequestId,
      retryAfterMs: parseRetryAfter(answer.headers, this.#context.clock.now()),
    });
    const refusal = this.#request.refusal?.(error, body);
    if (refusal === undefined) throw error;
    checkResult('refusal()', refusal, 'an object', 'an Error or undefined');
    this.#report(error, undefined);
    throw new StopRetrying(refusal);
  }

  async #exchange(headers: Readonly<Record<string, string>>): Promise<Answer> {
    const { method, url, host, body, timeoutMs, needsBody } = this.#request;
    const { clock, transport, maxResponseBytes: maxBytes } = this.#context;
    const startedAt = clock.monotonic();
    let known: Answer | undefined;
    const onHead = (head: Answer): void => void (known = head);
    try {
      return await this.#within(timeoutMs, async (signal) => {
        try {
          return await exchange(transport, { method, url, headers, body, signal }, { needsBody, maxBytes, onHead });
        } catch (error) {
          throw connectionError(error, { ...this.info, host }, this.#secrets);
        }
      });
    } catch (error) {
      // Status and headers decide what follows, so they count even if a secondary body breaks or does not end.
      if (known === undefined || error instanceof AbortError) throw error;
      return known;
    } finally {
      this.#attemptMs = clock.monotonic() - startedAt;
      this.#leave?.();
    }
  }

  /** Runs `work` within `limitMs` or the remaining total time, whichever ends first. */
  #within<T>(limitMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { method, path, host, signal, totalTimeoutMs } = this.#request;
    const { clock } = this.#context;
    const remainingMs = this.#remainingMs;
    const timeoutError = (failure = this.#lastFailure): Error => {
      if (limitMs < remainingMs)
        return new TimeoutError(`${method} ${path}: no response from ${host} within ${limitMs} ms`, limitMs, {
          call: this.info,
        });
      const reason = failure === undefined ? '' : `; its last failure: ${failure.message}`;
      const problem = `${method} ${path}: did not finish within ${totalTimeoutMs} ms in total${reason}`;
      return new TimeoutError(problem, totalTimeoutMs, { call: this.info, cause: failure });
    };
    return withinLimit(work, { clock, signal, timeoutMs: Math.min(limitMs, remainingMs), timeoutError });
  }

  #delayAfter(error: Error, attempt: number): number | undefined {
    const wasAnswered = error instanceof ApiError || error instanceof ResponseTooLargeError;
    if (!wasAnswered && !(error instanceof ConnectionError) && !(error instanceof TimeoutError)) return undefined;
    const delayMs = this.#affordableDelay(error, attempt);
    this.#report(error, delayMs);
    this.#lastFailure = error;
    noteFailure(this.#request.signal, error);
    return delayMs;
  }

  #affordableDelay(error: Error, attempt: number): number | undefined {
    const { method, path, maxRetries, safeToRepeat } = this.#request;
    const { budget, clock, instruments, logger, random } = this.#context;
    if (attempt > maxRetries || !isRepeatable(error, safeToRepeat)) return undefined;
    const askedFor = error instanceof ApiError ? error.retryAfterMs : undefined;
    const isHeeded = askedFor !== undefined && this.#isHeeded(askedFor);
    const delayMs = isHeeded ? askedFor : Math.max(askedFor ?? 0, backoffDelay(attempt, random));
    // A wait longer than the remaining time is not started; the error carries the server's wait.
    if (clock.monotonic() + delayMs >= this.#deadline) return undefined;
    const isPacedByServer = isHeeded && error instanceof ApiError && error.status === 429;
    if (isPacedByServer) return delayMs;
    const cost = budget.take(error instanceof TimeoutError ? 'timeout' : 'failure');
    instruments?.record({ type: 'retry_budget', tokens: cost });
    if (cost === undefined) {
      error.message += ' (not retried: the retry budget is exhausted)';
      logger.warn(`${method} ${path} is not retried: the retry budget is exhausted`);
      return undefined;
    }
    this.#lastRetryCost = cost;
    return delayMs;
  }

  /** Waits of nearly nothing, requested repeatedly, must not cause a flood of retries. */
  #isHeeded(askedForMs: number): boolean {
    if (askedForMs >= SHORT_WAIT_MS) return true;
    const isRepeated = this.#wasAskedForShortWait;
    this.#wasAskedForShortWait = true;
    return !isRepeated;
  }

  /** Reports an attempt to the logger and `onAttempt`. */
  #report(outcome: Failure | Answer, retryDelayMs: number | undefined): void {
    const { logger, onAttempt } = this.#context;
    if (logger === silentLogger && onAttempt === undefined) return;
    const { method, path, route, host } = this.#request;
    const attempt = this.#attempts;
    const isFailure = outcome instanceof Error;
    const info: AttemptInfo = {
      method,
      path,
      route,
      host,
      attempt,
      durationMs: this.#attemptMs,
      ...(isFailure ? failureInfo(outcome) : { status: outcome.status, requestId: this.requestIdOf(outcome) }),
      retryDelayMs,
    };
    const line = `${isFailure ? outcome.message : `${method} ${path} returned ${outcome.status}`}, attempt ${attempt}`;
    if (retryDelayMs === undefined) logger.debug(line, { ...info });
    else logger.warn(`${line}, next in ${Math.round(retryDelayMs)} ms`, { ...info });
    onAttempt?.(info);
  }
}

function failureInfo(error: Failure): Pick<AttemptInfo, 'status' | 'code' | 'systemCode' | 'requestId'> {
  const { code } = error;
  if (error instanceof ApiError) return { status: error.status, code, requestId: error.requestId };
  if (error instanceof ResponseTooLargeError) return { status: error.status, code };
  return { code, systemCode: error instanceof ConnectionError ? error.systemCode : undefined };
}

type Failure = ApiError | ConnectionError | ResponseTooLargeError | TimeoutError;
