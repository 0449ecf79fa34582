import { defaultTransport } from '#default-transport';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ConfigurationError, NotSupportedError, ResponseValidationError, type CallInfo } from '../errors.js';
import { parseJson } from '../json.js';
import { checkCounts, checkKind, checkOptions } from '../options.js';
import { Call, type CallContext } from './call.js';
import { namingCaller, systemClock, type Clock } from './clock.js';
import { isPage, isPlainText, type Answer } from './transport.js';
import { checkedHeaders, defaultHeaderNames, type HeaderNames } from './headers.js';
import { checkedLimits, checkedRequest, RequestFactory } from './request.js';
import { guarded } from './guard.js';
import { resolveInstrumentation, type Instruments } from './instrumentation.js';
import { resolveLogger, type Logger } from './logger.js';
import { apiPathNames, type ApiPaths } from './paths.js';
import { requestOptions } from './request-options.js';
import { RetryBudget } from './retry.js';
import type { CallOptions, HttpClientOptions, HttpRequest } from './types.js';
import { checkEncrypted, parseBaseUrl } from './url.js';
import { readBySchema, type OmittedPart, type Reading } from './validation.js';

const DEFAULT_LIMITS = { timeoutMs: 10_000, totalTimeoutMs: 60_000, maxRetries: 3 };
const MAX_LOGGED_OMISSIONS = 20;
const DEFAULT_MAX_RESPONSE_BYTES = 10 * 1024 * 1024;

/** The parsed response of a call, with its metadata. */
export interface ApiResponse<T> {
  /** The parsed body. */
  readonly data: T;
  readonly status: number;
  readonly headers: Headers;
  /** Request id from the response headers, if present. */
  readonly requestId: string | undefined;
  /** Number of requests sent for this call, the first included. */
  readonly attempts: number;
  /** Invalid parts that were left out of `data`: optional fields and list items. Nearly always empty. */
  readonly omitted: readonly OmittedPart[];
}

/**
 * The promise of a call. Await it for the parsed response. Call {@link ApiPromise.withResponse} if you also need
 * status, headers, request id and the number of attempts. `then`, `catch` and `finally` return ordinary promises.
 *
 * @example
 * ```ts
 * const { data, requestId } = await suggestions.suggest(interaction).withResponse();
 * ```
 */
export class ApiPromise<T> extends Promise<T> {
  #response: ApiResponse<T> | undefined;

  /** Makes `then`, `catch` and `finally` return ordinary promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** Creates the promise of a call from its `response`. */
  static from<T>(response: Promise<ApiResponse<T>>): ApiPromise<T> {
    if (!(response instanceof Promise)) checkKind('response', response, 'a promise with then()');
    // Each promise of this chain has one reaction, so that V8 can follow it from an error to the caller's `await`.
    const promise = new ApiPromise<T>((resolve) => {
      const data = response.then((answer) => {
        promise.#response = answer;
        return answer.data;
      });
      resolve(data);
    });
    return promise;
  }

  /** Runs `start`. An error that it throws becomes a rejection, as with `Promise.try`. */
  static attempt<T>(start: () => ApiPromise<T>): ApiPromise<T> {
    try {
      checkKind('start', start, 'a function');
      return start();
    } catch (error) {
      return ApiPromise.from<T>(Promise.reject(error));
    }
  }

  /**
   * Returns the parsed response with status, headers, request id and the number of attempts.
   *
   * @throws (as rejection) what the call rejects with; `ConfigurationError` for a promise without a call, e.g. of
   * `ApiPromise.all`.
   */
  withResponse(): Promise<ApiResponse<T>> {
    return this.then(() => {
      if (this.#response === undefined)
        throw new ConfigurationError('withResponse: this promise does not belong to a call');
      // A copy, which has looked for the request id and keeps nothing else of the call alive.
      return { ...this.#response };
    });
  }
}

/**
 * The HTTP core that all feature clients share. It adds the credential, enforces the time limits and retries (protocol
 * 3). It retries calls that are safe to repeat, after 408, 429, 500, 502, 503 (520 to 524 and 529 count as 503), 504, a
 * timeout of an attempt, and temporary connection failures. A retry sends the same bytes as the first request. It waits
 * as long as `Retry-After` says, or otherwise uses exponential backoff with full jitter. After a 401, the client drops
 * the token, gets a new one and retries once.
 *
 * @example
 * ```ts
 * import { AuthClient, HttpClient, SuggestionsClient, cognigy } from 'agent-assist-sdk';
 *
 * const platform = cognigy({ tenant: 'acme' });
 * const auth = new AuthClient({ platform, clientId: 'id', clientSecret: 'secret', scopes: ['agentassist:read'] });
 * const http = new HttpClient({ platform, auth, totalTimeoutMs: 20_000 });
 * const suggestions = new SuggestionsClient(http);
 * ```
 */
export class HttpClient {
  readonly headerNames: HeaderNames;
  /** Source of time of this client and its feature clients. */
  readonly clock: Clock;
  /** Logger of this client and its feature clients. Errors that it throws are ignored. */
  readonly logger: Logger;
  /** @internal */
  readonly instruments: Instruments | undefined;
  /** The configured total time in ms; `undefined` for the default. */
  readonly totalTimeoutMs: number | undefined;

  readonly #paths: Partial<Record<keyof ApiPaths, string>>;
  readonly #platform: NonNullable<HttpClientOptions['platform']> | undefined;
  readonly #context: CallContext;
  readonly #requests: RequestFactory;

  /** @throws `ConfigurationError` for an option out of range. */
  constructor(options: HttpClientOptions) {
    checkOptions('HttpClient', options, {
      ...requestOptions,
      platform: 'an object',
      baseUrl: true,
      auth: 'a provider of tokens with getToken()',
      allowInsecureRequests: 'a boolean',
      paths: 'an object',
      headerNames: 'an object',
      maxResponseBytes: true,
      headers: 'an object',
    });
    const { platform, baseUrl: givenUrl = platform?.baseUrl, allowInsecureRequests } = options;
    if (givenUrl === undefined) throw new ConfigurationError('baseUrl: missing; pass platform or baseUrl');
    const baseUrl = parseBaseUrl(givenUrl, 'baseUrl');
    const headers = { accept: 'application/json', ...checkedHeaders(options.headers) };
    if (options.auth !== undefined) checkEncrypted('baseUrl', baseUrl, allowInsecureRequests);
    this.#platform = platform;
    this.totalTimeoutMs = options.totalTimeoutMs;
    this.#paths = replacements('paths', apiPathNames, { ...platform?.paths, ...options.paths });
    this.headerNames = {
      ...defaultHeaderNames,
      ...replacements('headerNames', defaultHeaderNames, options.headerNames),
    };
    for (const name of Object.values(this.headerNames) as string[]) checkedHeaders({ [name]: '' });
    this.#requests = new RequestFactory({
      baseUrl,
      headers,
      allowInsecureRequests,
      limits: checkedLimits(options, DEFAULT_LIMITS),
      idempotencyKeyHeader: this.headerNames.idempotencyKey,
      maxRequestBytes: platform?.maxRequestBytes,
      hasScopes: platform?.hasScopes !== false,
    });
    this.clock = options.clock ?? systemClock;
    this.logger = resolveLogger(options.logger);
    this.instruments = resolveInstrumentation(options.instrumentation, this.logger, this.clock);
    const { maxResponseBytes = DEFAULT_MAX_RESPONSE_BYTES } = options;
    checkCounts({ maxResponseBytes, 'platform.maxRequestBytes': platform?.maxRequestBytes });

    this.#context = {
      auth: options.auth,
      transport: options.transport ?? defaultTransport(options.fetch),
      budget: options.retryBudget ?? new RetryBudget(),
      onAttempt: options.onAttempt && guarded('onAttempt', options.onAttempt, this.logger),
      instruments: this.instruments,
      requestIdHeader: this.headerNames.requestId,
      maxResponseBytes,
      limiter: platform?.rateLimiter,
      logger: this.logger,
      clock: this.clock,
      random: options.random ?? Math.random,
      credential: undefined,
    };
  }

  /**
   * Makes one call. Use it for calls that no client offers. The feature clients use it too.
   *
   * @throws (as rejection) `RequestValidationError` and `ConfigurationError` before anything is sent; `ApiError` or the
   * subclass of its status; `ConnectionError`; `TimeoutError`; `AbortError`; `ResponseValidationError`; and what the
   * auth provider throws.
   */
  request<T>(request: HttpRequest<T>, options?: CallOptions): ApiPromise<T> {
    return this.call(options, () => checkedRequest(request));
  }

  /** @internal Makes the call that `prepare` returns. What that throws rejects the promise, as with `Promise.try`. */
  call<T>(options: CallOptions | undefined, prepare: () => HttpRequest<T>): ApiPromise<T> {
    return ApiPromise.from(namingCaller(this.#run(prepare, options)));
  }

  /**
   * @internal Returns the path of a feature's call: the replacement of the options or the platform, else `usual`.
   * @throws `NotSupportedError` if the platform has no such call.
   */
  path(name: keyof ApiPaths, usual: string): string {
    const path = this.#paths[name];
    const instead = this.#platform?.unsupported?.[name];
    if (path === undefined && instead !== undefined)
      throw new NotSupportedError(this.#platform?.name ?? 'The platform', name, instead);
    return path ?? usual;
  }

  async #run<T>(prepare: () => HttpRequest<T>, options: CallOptions | undefined): Promise<ApiResponse<T>> {
    const request = prepare();
    const call = new Call(this.#context, this.#requests.prepare(request, options));
    return call.inside('call', () => this.#complete(call, request.response));
  }

  async #complete<T>(call: Call, schema: HttpRequest<T>['response']): Promise<ApiResponse<T>> {
    const answer = await call.run();
    const pending = readData(schema, answer);
    const reading = pending instanceof Promise ? await pending : pending;
    if (!reading.success) {
      const issues = answer.text ? reading.issues : [{ path: '', message: 'empty' }];
      throw new ResponseValidationError(call.info, answer.status, issues);
    }
    this.#reportOmitted(reading.omitted, call.info);
    const { status, headers } = answer;
    const readRequestId = call.requestIdReader(answer);
    return {
      data: reading.data,
      omitted: reading.omitted,
      status,
      headers,
      attempts: call.info.attempts,
      // Few callers ask for it.
      get requestId() {
        return readRequestId();
      },
    };
  }

  #reportOmitted(omitted: readonly OmittedPart[], { method, path }: CallInfo): void {
    const [first] = omitted;
    if (first === undefined) return;
    const others = omitted.length > 1 ? ` and ${omitted.length - 1} more` : '';
    this.#context.logger.warn(
      `${method} ${path}: omitted ${first.omitted} from the response (${first.path}: ${first.message})${others}`,
      { omitted: omitted.slice(0, MAX_LOGGED_OMISSIONS) },
    );
  }
}

/**
 * Returns the replacements of a table. An `undefined` one, e.g. from the environment, replaces nothing.
 *
 * @throws {@link ConfigurationError} for a name that is not in the table, with the nearest one, and a value of another kind.
 */
function replacements<Name extends string>(
  table: string,
  known: Readonly<Record<Name, unknown>>,
  given: Readonly<Partial<Record<Name, string | undefined>>> | undefined,
): Partial<Record<Name, string>> {
  const kinds = Object.fromEntries(Object.keys(known).map((name) => [name, 'a string']));
  if (given !== undefined) checkOptions<object>(table, given, kinds);
  const entries = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Record<Name, string>>;
}

/** Reads the content of a response. */
function readData<T>(
  schema: StandardSchemaV1<unknown, T> | undefined,
  answer: Answer,
): Reading<T> | Promise<Reading<T>> {
  const fail = (message: string): Reading<T> => ({ success: false, issues: [{ path: '', message }] });
  if (schema === undefined)
    return isPage(answer) ? fail('expected no HTML page') : { success: true, data: undefined as T, omitted: [] };
  let body: unknown;
  try {
    body = answer.text ? parseJson(answer.text) : undefined;
  } catch (error) {
    const failed = fail(`${(error as SyntaxError).message}${sentAs(answer.headers)}`);
    if (!isPlainText(answer)) return failed;
    // Few schemas accept a text; for the others, `failed` says what is wrong.
    return Promise.resolve(readBySchema(schema, answer.text)).then((reading) => (reading.success ? reading : failed));
  }
  return readBySchema(schema, body);
}

/** An HTML page, or an encoding that the transport does not support, is the usual reason for invalid JSON. */
function sentAs(headers: Headers): string {
  const named = ['content-type', 'content-encoding'].flatMap((name) => {
    const value = headers.get(name) ?? '';
    return /^[\w /;,.=+-]{1,80}$/.test(value) ? `${name}: ${value}` : [];
  });
  return named.length === 0 ? '' : ` (${named.join(', ')})`;
}
