import type * as z from 'zod/mini';
import {
  AbortError, ApiError, ConfigurationError, ConnectionError, ResponseValidationError, TimeoutError, type CallInfo,
} from '../errors.js';
import { apiError, readErrorBody, requestIdOf } from './api-error.js';
import { ApiPromise, type ApiResponse } from './api-promise.js';
import type { AuthProvider } from './auth-provider.js';
import { backoffDelay } from './backoff.js';
import { systemClock, type Clock } from './clock.js';
import { connectionError, exchange, withinLimit, type Answer } from './exchange.js';
import { checkedHeaders } from './headers.js';
import { kyTransport } from './ky-transport.js';
import { silentLogger, type Logger } from './logger.js';
import { defaultPaths, type ApiPaths } from './paths.js';
import { retry, stopRetrying } from './retry.js';
import { parseRetryAfter } from './retry-after.js';
import { RetryBudget } from './retry-budget.js';
import { isRepeatable } from './retry-policy.js';
import type { Transport, TransportRequest } from './transport.js';
import type { AttemptInfo, CallOptions, HttpClientOptions, HttpRequest } from './types.js';
import { buildUrl, parseBaseUrl } from './url.js';
import { toIssues } from './validation.js';

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_TOTAL_TIMEOUT_MS = 60_000;
const DEFAULT_MAX_RETRIES = 3;

interface Limits {
  readonly timeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly maxRetries: number;
}

function checkedLimits(options: Partial<CallOptions>, defaults: Limits): Limits {
  const { timeoutMs = defaults.timeoutMs, totalTimeoutMs = defaults.totalTimeoutMs, maxRetries = defaults.maxRetries } = options;
  for (const [name, value] of Object.entries({ timeoutMs, totalTimeoutMs })) {
    if (!(value > 0 && value < 2 ** 31)) throw new ConfigurationError(`${name}: expected ms above 0 and below 2^31`);
  }
  if (!Number.isInteger(maxRetries) || maxRetries < 0) throw new ConfigurationError('maxRetries: expected an integer of at least 0');
  return { timeoutMs, totalTimeoutMs, maxRetries };
}

/** A request that is fixed for all attempts of its call; only the credential is added to each. */
interface PreparedCall extends Limits {
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly safeToRepeat: boolean;
  readonly secrets: readonly string[];
}

/**
 * The HTTP core that all feature clients share. It knows the credential, the time limits and which calls may be
 * repeated (contract 3): 408, 429, 500, 502, 503, 504 and connection failures for calls that are safe to repeat, with
 * `Retry-After` honoured and exponential backoff with full jitter otherwise; a repeat is byte for byte the first
 * request. A 401 drops the token, fetches another and repeats the call once.
 *
 * @example
 * ```ts
 * import { AuthClient, HttpClient, SuggestionsClient, cognigy } from 'agent-assist-sdk';
 *
 * const platform = cognigy({ tenant: 'acme' });
 * const auth = new AuthClient({ ...platform, clientId: 'id', clientSecret: 'secret', scopes: ['agentassist:read'] });
 * const http = new HttpClient({ ...platform, auth, totalTimeoutMs: 20_000 });
 * const suggestions = new SuggestionsClient(http);
 * ```
 */
export class HttpClient {
  /** The table of paths, with this client's replacements. */
  readonly paths: ApiPaths;
  /** Source of time; feature clients wait on it too. */
  readonly clock: Clock;
  /** Source of jitter. */
  readonly random: () => number;
  /** Where this client logs to. */
  readonly logger: Logger;

  readonly #baseUrl: string;
  readonly #auth: AuthProvider | undefined;
  readonly #transport: Transport;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #limits: Limits;
  readonly #budget: RetryBudget;
  readonly #onAttempt: ((info: AttemptInfo) => void) | undefined;

  /** @throws `ConfigurationError` when an option is out of its range. */
  constructor(options: HttpClientOptions) {
    this.#baseUrl = parseBaseUrl(options.baseUrl, 'baseUrl');
    this.#auth = options.auth;
    this.#transport = options.transport ?? kyTransport(options.fetch);
    this.#headers = { accept: 'application/json', ...checkedHeaders(options.headers) };
    this.#limits = checkedLimits(options, {
      timeoutMs: DEFAULT_TIMEOUT_MS, totalTimeoutMs: DEFAULT_TOTAL_TIMEOUT_MS, maxRetries: DEFAULT_MAX_RETRIES,
    });
    this.#budget = options.retryBudget ?? new RetryBudget();
    this.#onAttempt = options.onAttempt;
    this.paths = { ...defaultPaths, ...options.paths };
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.logger = options.logger ?? silentLogger;
  }

  /**
   * Makes one call. The feature clients are built on this; use it for calls that have no client yet.
   *
   * @throws (as rejection) `RequestValidationError` and `ConfigurationError` before anything is sent; `ApiError` or the
   * subclass of its status; `ConnectionError`; `TimeoutError`; `AbortError`; `ResponseValidationError`; and what the
   * auth provider throws.
   */
  request<T>(request: HttpRequest<T>, options: CallOptions = {}): ApiPromise<T> {
    return new ApiPromise(this.#run(request, options));
  }

  async #run<T>(request: HttpRequest<T>, options: CallOptions): Promise<ApiResponse<T>> {
    const { signal } = options;
    if (signal?.aborted === true) throw new AbortError(signal.reason);
    const call = this.#prepare(request, options);
    const { method, path } = call;
    if (request.beforeAttempt !== undefined) await request.beforeAttempt(signal);

    const deadline = this.clock.monotonic() + call.totalTimeoutMs;
    let attempts = 0;
    let attemptStart = 0;
    let renewed = false;
    let paid: number | undefined;
    const info = (): CallInfo => ({ method, path, attempts });

    const limited = <R>(work: (signal: AbortSignal) => Promise<R>, limitMs: number): Promise<R> => {
      const remaining = deadline - this.clock.monotonic();
      const limit = limitMs < remaining
        ? { ms: limitMs, message: `${method} ${path}: no answer within ${limitMs} ms` }
        : { ms: Math.max(0, remaining), message: `${method} ${path}: not done within ${call.totalTimeoutMs} ms in all` };
      return withinLimit(work, limit, { clock: this.clock, signal, call: info });
    };

    const send = async (token: string | undefined): Promise<Answer> => {
      if (attempts > 0 && request.beforeAttempt !== undefined) {
        const { beforeAttempt } = request;
        await limited(beforeAttempt, Infinity);
      }
      const headers = { ...call.headers };
      if (this.#auth !== undefined && token !== undefined) {
        const [name, value] = this.#auth.header(token);
        Object.assign(headers, checkedHeaders({ [name]: value }));
      }
      attempts += 1;
      attemptStart = this.clock.monotonic();
      const sent: Omit<TransportRequest, 'signal'> = { method, url: call.url, headers, body: call.body };
      const secrets = token === undefined ? call.secrets : [...call.secrets, token];
      const answer = await limited(async (attemptSignal) => {
        try {
          return await exchange(this.#transport, { ...sent, signal: attemptSignal });
        } catch (error) {
          throw connectionError(error, info(), secrets);
        }
      }, call.timeoutMs);
      if (answer.status >= 200 && answer.status < 300) return answer;
      throw apiError({
        ...info(), ...readErrorBody(answer.text, secrets), status: answer.status, scopes: request.scopes,
        requestId: requestIdOf(answer.headers), retryAfterMs: parseRetryAfter(answer.headers, this.clock.now()),
      });
    };

    const report = (status: number | undefined, retryDelayMs?: number): void => {
      const durationMs = this.clock.monotonic() - attemptStart;
      this.#report({ ...info(), attempt: attempts, durationMs, status, retryDelayMs });
    };

    const token = async (): Promise<string | undefined> => {
      const auth = this.#auth;
      if (auth === undefined) return undefined;
      try {
        return await limited((tokenSignal) => auth.getToken({ signal: tokenSignal }), Infinity);
      } catch (error) {
        // The auth provider has its own repeats; repeating them here would multiply.
        throw stopRetrying(error);
      }
    };

    const attempt = async (): Promise<Answer> => {
      const used = await token();
      try {
        return await send(used);
      } catch (error) {
        if (renewed || used === undefined || !(error instanceof ApiError) || error.status !== 401) throw error;
        renewed = true;
        await this.#auth?.invalidate(used);
        const fresh = await token();
        if (fresh === used) throw error;
        report(401, 0);
        return send(fresh);
      }
    };

    const delayAfter = (error: Error, attemptNumber: number): number | undefined => {
      const status = error instanceof ApiError ? error.status : undefined;
      const isOfTheCall = status !== undefined || error instanceof ConnectionError || error instanceof TimeoutError;
      if (!isOfTheCall) return undefined;
      const delayMs = this.#retryDelay(error, attemptNumber, call, deadline);
      if (delayMs !== undefined && !(error instanceof ApiError && error.status === 429 && error.retryAfterMs !== undefined)) {
        const cost = this.#budget.take(error instanceof TimeoutError ? 'timeout' : 'failure');
        if (cost === undefined) {
          this.logger.warn(`${method} ${path} is not repeated: the retry budget is used up`);
          report(status);
          return undefined;
        }
        paid = cost;
      }
      report(status, delayMs);
      return delayMs;
    };

    const answer = await retry(attempt, { clock: this.clock, signal, delayAfter });
    this.#budget.refund(paid);
    report(answer.status);
    return {
      data: readData(request.response, answer, info()), status: answer.status, headers: answer.headers,
      requestId: requestIdOf(answer.headers), attempts,
    };
  }

  #prepare<T>(request: HttpRequest<T>, options: CallOptions): PreparedCall {
    const { method, json, form } = request;
    const url = buildUrl(this.#baseUrl, request.path, request.pathParams, request.query);
    const idempotencyKey = options.idempotencyKey;
    if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
      throw new ConfigurationError('idempotencyKey: expected 1 to 255 visible ASCII characters');
    }
    const headers: Record<string, string> = { ...this.#headers };
    if (json !== undefined) headers['content-type'] = 'application/json';
    if (form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
    Object.assign(headers, checkedHeaders(request.headers), checkedHeaders(options.headers));
    if (idempotencyKey !== undefined) headers['x-idempotency-key'] = idempotencyKey;
    return {
      ...checkedLimits(options, this.#limits),
      method,
      url: url.href,
      path: url.pathname,
      headers,
      body: form === undefined ? (json === undefined ? undefined : JSON.stringify(json)) : form.toString(),
      safeToRepeat: request.safeToRepeat ?? (method === 'GET' || method === 'PUT' || method === 'DELETE' || idempotencyKey !== undefined),
      secrets: request.secrets ?? [],
    };
  }

  /** The wait before the next attempt, or `undefined` when there is to be none. */
  #retryDelay(error: Error, attemptNumber: number, call: PreparedCall, deadline: number): number | undefined {
    if (attemptNumber > call.maxRetries || !isRepeatable(error, call.safeToRepeat)) return undefined;
    const askedFor = error instanceof ApiError ? error.retryAfterMs : undefined;
    const delayMs = askedFor ?? backoffDelay(attemptNumber, this.random);
    // A wait that outlasts the call is not begun; the error carries what the server asked for.
    return this.clock.monotonic() + delayMs < deadline ? delayMs : undefined;
  }

  #report(info: AttemptInfo): void {
    const { method, path, attempt, status, retryDelayMs } = info;
    const outcome = status ?? 'no answer';
    if (retryDelayMs === undefined) this.logger.debug(`${method} ${path}: ${outcome}, attempt ${attempt}`, { ...info });
    else this.logger.warn(`${method} ${path}: ${outcome}, attempt ${attempt}, next in ${Math.round(retryDelayMs)} ms`, { ...info });
    try {
      this.#onAttempt?.(info);
    } catch (error) {
      this.logger.error('onAttempt threw', { error });
    }
  }
}

/** @throws {@link ResponseValidationError} */
function readData<T>(schema: z.ZodMiniType<T> | undefined, answer: Answer, call: CallInfo): T {
  if (schema === undefined) return undefined as T;
  let body: unknown;
  try {
    body = answer.text === '' ? undefined : JSON.parse(answer.text);
  } catch {
    throw new ResponseValidationError(call, answer.status, [{ path: '', message: 'not valid JSON' }]);
  }
  const result = schema.safeParse(body);
  if (!result.success) throw new ResponseValidationError(call, answer.status, toIssues(result.error));
  return result.data;
}
