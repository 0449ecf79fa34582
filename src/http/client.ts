import { defaultTransport } from '#default-transport';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import {
  AbortError,
  ConfigurationError,
  NotSupportedError,
  RequestTooLargeError,
  ResponseValidationError,
  type CallInfo,
} from '../errors.js';
import { parseJson, toJson } from '../json.js';
import { checkCounts, checkKind, checkMethod, checkOptions, checkTimeLimits } from '../options.js';
import { ApiPromise, type ApiResponse } from './api-promise.js';
import { Call, type CallContext, type PreparedRequest } from './call.js';
import { namingCaller, systemClock, type Clock } from './clock.js';
import { isPage, type Answer } from './transport.js';
import {
  buildUrl,
  checkEncrypted,
  checkedHeaders,
  defaultHeaderNames,
  parseBaseUrl,
  type HeaderNames,
} from './request.js';
import { guarded } from './guard.js';
import { resolveInstrumentation, type Instruments } from './instrumentation.js';
import { resolveLogger, type Logger } from './logger.js';
import { apiPathNames, type ApiPaths } from './paths.js';
import { redact } from './redact.js';
import { requestOptions } from './request-options.js';
import { RetryBudget } from './retry.js';
import type { CallOptions, HttpClientOptions, HttpRequest } from './types.js';
import { readBySchema, type OmittedPart } from './validation.js';

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_TOTAL_TIMEOUT_MS = 60_000;
const DEFAULT_MAX_RETRIES = 3;
const MAX_LOGGED_OMISSIONS = 20;
const DEFAULT_MAX_RESPONSE_BYTES = 10 * 1024 * 1024;
const CREDENTIAL_HEADERS = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key'];
const METHODS: readonly HttpRequest<unknown>['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

const CALL_OPTIONS: Readonly<Record<keyof CallOptions, true>> = {
  signal: true,
  timeoutMs: true,
  totalTimeoutMs: true,
  maxRetries: true,
  headers: true,
  idempotencyKey: true,
};

const REQUEST_FIELDS: Readonly<Record<keyof HttpRequest<unknown>, true>> = {
  method: true,
  path: true,
  pathParams: true,
  query: true,
  json: true,
  form: true,
  body: true,
  secrets: true,
  headers: true,
  safeToRepeat: true,
  scopes: true,
  response: true,
  refusal: true,
  beforeAttempt: true,
};

interface Limits {
  readonly timeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly maxRetries: number;
}

function checkedLimits(options: Partial<CallOptions>, defaults: Limits): Limits {
  const {
    timeoutMs = defaults.timeoutMs,
    totalTimeoutMs = defaults.totalTimeoutMs,
    maxRetries = defaults.maxRetries,
  } = options;
  checkTimeLimits({ timeoutMs, totalTimeoutMs });
  if (!Number.isInteger(maxRetries) || maxRetries < 0)
    throw new ConfigurationError('maxRetries: expected an integer of at least 0');
  return { timeoutMs, totalTimeoutMs, maxRetries };
}

/**
 * The HTTP core that all feature clients share. It adds the credential, enforces the time limits and retries (protocol
 * 3): after 408, 429, 500, 502, 503 (520 to 524 and 529 count as 503), 504 and transient connection failures, for calls
 * that are safe to repeat. Retries honor `Retry-After`, else use exponential backoff with full jitter, and send the
 * same bytes as the first request. After a 401, it drops the token, fetches another and retries once.
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
  /** Header names of this client. */
  readonly headerNames: HeaderNames;
  /** Source of time, also for feature clients. */
  readonly clock: Clock;
  /** Logger of this client and its feature clients. Errors that it throws are ignored. */
  readonly logger: Logger;
  /** @internal */
  readonly instruments: Instruments | undefined;
  /** The configured total time in ms; `undefined` for the default. */
  readonly totalTimeoutMs: number | undefined;

  readonly #baseUrl: string;
  readonly #paths: Partial<Record<keyof ApiPaths, string>>;
  readonly #platform: NonNullable<HttpClientOptions['platform']> | undefined;
  readonly #context: CallContext;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #allowInsecureRequests: boolean | undefined;
  readonly #limits: Limits;

  /** @throws `ConfigurationError` for an option out of range. */
  constructor(options: HttpClientOptions) {
    checkOptions('HttpClient', options, {
      ...requestOptions,
      platform: true,
      baseUrl: true,
      auth: true,
      allowInsecureRequests: true,
      paths: true,
      headerNames: true,
      maxResponseBytes: true,
      headers: true,
    });
    const { platform, baseUrl = platform?.baseUrl } = options;
    if (baseUrl === undefined) throw new ConfigurationError('baseUrl: missing; pass platform or baseUrl');
    this.#baseUrl = parseBaseUrl(baseUrl, 'baseUrl');
    this.#platform = platform;
    this.#headers = { accept: 'application/json', ...checkedHeaders(options.headers) };
    this.#allowInsecureRequests = options.allowInsecureRequests;
    if (options.auth !== undefined) checkEncrypted('baseUrl', this.#baseUrl, options.allowInsecureRequests);
    this.#checkedCredentials(this.#headers);
    this.#limits = checkedLimits(options, {
      timeoutMs: DEFAULT_TIMEOUT_MS,
      totalTimeoutMs: DEFAULT_TOTAL_TIMEOUT_MS,
      maxRetries: DEFAULT_MAX_RETRIES,
    });
    this.totalTimeoutMs = options.totalTimeoutMs;
    this.#paths = replacements('paths', apiPathNames, { ...platform?.paths, ...options.paths });
    this.headerNames = {
      ...defaultHeaderNames,
      ...replacements('headerNames', defaultHeaderNames, options.headerNames),
    };
    for (const name of Object.values(this.headerNames) as string[]) checkedHeaders({ [name]: '' });
    this.clock = options.clock ?? systemClock;
    this.logger = resolveLogger(options.logger);
    this.instruments = resolveInstrumentation(options.instrumentation, this.logger, this.clock);
    const { maxResponseBytes = DEFAULT_MAX_RESPONSE_BYTES } = options;
    checkCounts({ maxResponseBytes, 'platform.maxRequestBytes': platform?.maxRequestBytes });
    if (options.auth !== undefined)
      checkMethod('auth', options.auth, 'getToken', 'a provider of tokens, e.g. new AuthClient({ … })');
    if (options.fetch !== undefined) checkKind('fetch', options.fetch, 'function', 'a function that takes (url, init)');
    this.#context = {
      auth: options.auth,
      transport: options.transport ?? defaultTransport(options.fetch),
      budget: options.retryBudget ?? new RetryBudget(),
      onAttempt: guarded('onAttempt', options.onAttempt, this.logger),
      instruments: this.instruments,
      requestIdHeader: this.headerNames.requestId,
      maxResponseBytes,
      limiter: platform?.rateLimiter,
      logger: this.logger,
      clock: this.clock,
      random: options.random ?? Math.random,
    };
  }

  /**
   * Makes one call. The feature clients are built on this; use it for calls that have no client yet.
   *
   * @throws (as rejection) `RequestValidationError` and `ConfigurationError` before anything is sent; `ApiError` or the
   * subclass of its status; `ConnectionError`; `TimeoutError`; `AbortError`; `ResponseValidationError`; and what the
   * auth provider throws.
   */
  request<T>(request: HttpRequest<T>, options: CallOptions = {}): ApiPromise<T> {
    return ApiPromise.from(namingCaller(this.#run(request, options)));
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

  async #run<T>(request: HttpRequest<T>, options: CallOptions): Promise<ApiResponse<T>> {
    checkOptions('the request', request, REQUEST_FIELDS);
    checkOptions('the call', options, CALL_OPTIONS);
    if (!METHODS.includes(request.method)) throw new ConfigurationError(`method: expected ${METHODS.join(', ')}`);
    checkKind('path', request.path, 'string');
    if (options.signal?.aborted === true) throw new AbortError(options.signal.reason);
    const call = new Call(this.#context, this.#prepare(request, options));
    return call.inside('call', async () => {
      const answer = await call.run();
      const { data, omitted } = await readData(request.response, answer, call.info);
      this.#reportOmitted(omitted, call.info);
      return {
        data,
        status: answer.status,
        headers: answer.headers,
        requestId: answer.requestId,
        attempts: call.info.attempts,
        omitted,
      };
    });
  }

  /**
   * Returns the credentials among the headers.
   *
   * @throws `ConfigurationError` if one would be sent unencrypted.
   */
  #checkedCredentials(headers: Readonly<Record<string, string>>): readonly string[] {
    const credentials = CREDENTIAL_HEADERS.flatMap((name) => headers[name] ?? []);
    if (credentials.length > 0) checkEncrypted('baseUrl', this.#baseUrl, this.#allowInsecureRequests);
    return credentials;
  }

  /** @throws `RequestTooLargeError` */
  #checkSize(request: string, body: string | undefined): void {
    const maxBytes = this.#platform?.maxRequestBytes;
    if (maxBytes === undefined || body === undefined) return;
    const bytes = new TextEncoder().encode(body).length;
    if (bytes > maxBytes) throw new RequestTooLargeError(request, bytes, maxBytes);
  }

  #reportOmitted(omitted: readonly OmittedPart[], { method, path }: CallInfo): void {
    const [first] = omitted;
    if (first === undefined) return;
    const others = omitted.length > 1 ? ` and ${omitted.length - 1} more` : '';
    this.#context.logger.warn(
      `${method} ${path}: left ${first.omitted} out of the answer (${first.path}: ${first.message})${others}`,
      { omitted: omitted.slice(0, MAX_LOGGED_OMISSIONS) },
    );
  }

  #prepare<T>(request: HttpRequest<T>, options: CallOptions): PreparedRequest {
    const { method, json, form } = request;
    const { idempotencyKey, signal } = options;
    if (idempotencyKey !== undefined && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
      throw new ConfigurationError('idempotencyKey: expected 1 to 255 visible ASCII characters');
    }
    const url = buildUrl(this.#baseUrl, request.path, request.pathParams, request.query);
    const headers: Record<string, string> = { ...this.#headers };
    if (json !== undefined) headers['content-type'] = 'application/json';
    if (form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
    Object.assign(headers, checkedHeaders(request.headers), checkedHeaders(options.headers));
    if (idempotencyKey !== undefined)
      Object.assign(headers, checkedHeaders({ [this.headerNames.idempotencyKey]: idempotencyKey }));
    const secrets = [...(request.secrets ?? []), ...this.#checkedCredentials(headers)];
    const body = request.body ?? form?.toString() ?? (json === undefined ? undefined : toJson(json, 'request body'));
    this.#checkSize(`${method} ${request.path}`, body);
    if (body !== undefined && typeof body !== 'string')
      throw new ConfigurationError('body: expected a string; pass an object as json');
    if (form !== undefined && !(form instanceof URLSearchParams))
      throw new ConfigurationError('form: expected URLSearchParams');
    // `fetch` refuses it too, but with an error like that of a broken connection, which would be retried.
    if (method === 'GET' && body !== undefined) throw new ConfigurationError('GET: must not have a body');
    const isIdempotent = method === 'GET' || method === 'PUT' || method === 'DELETE' || idempotencyKey !== undefined;
    // The token endpoint is itself the base URL.
    const route = request.path === '' ? url.pathname : request.path;
    return {
      ...checkedLimits(options, this.#limits),
      method,
      url: url.href,
      path: secrets.length === 0 ? url.pathname : redact(url.pathname, secrets),
      route: secrets.length === 0 ? route : redact(route, secrets),
      host: url.host,
      origin: url.origin,
      headers,
      body,
      safeToRepeat: request.safeToRepeat ?? isIdempotent,
      secrets,
      needsBody: request.response !== undefined,
      scopes: this.#platform?.hasScopes === false ? undefined : request.scopes,
      refusal: request.refusal,
      beforeAttempt: request.beforeAttempt,
      signal,
    };
  }
}

/**
 * Returns the replacements of a table. An `undefined` one, e.g. from the environment, replaces nothing.
 *
 * @throws {@link ConfigurationError} for a name that is not in the table.
 */
function replacements<Name extends string>(
  table: string,
  known: Readonly<Record<Name, unknown>>,
  given: Readonly<Partial<Record<Name, string | undefined>>> | undefined,
): Partial<Record<Name, string>> {
  const entries = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  const unknown = entries.find(([name]) => !Object.hasOwn(known, name));
  if (unknown !== undefined) throw new ConfigurationError(`${table}.${unknown[0]}: there is no such entry`);
  return Object.fromEntries(entries) as Partial<Record<Name, string>>;
}

/** @throws {@link ResponseValidationError} */
async function readData<T>(
  schema: StandardSchemaV1<unknown, T> | undefined,
  answer: Answer,
  call: CallInfo,
): Promise<{ readonly data: T; readonly omitted: readonly OmittedPart[] }> {
  if (schema === undefined) {
    if (!isPage(answer)) return { data: undefined as T, omitted: [] };
    throw new ResponseValidationError(call, answer.status, [{ path: '', message: 'expected no HTML page' }]);
  }
  let body: unknown;
  try {
    body = answer.text ? parseJson(answer.text) : undefined;
  } catch (error) {
    const message = `${(error as SyntaxError).message}${sentAs(answer.headers)}`;
    throw new ResponseValidationError(call, answer.status, [{ path: '', message }]);
  }
  const reading = await readBySchema(schema, body);
  if (!reading.success) throw new ResponseValidationError(call, answer.status, reading.issues);
  return reading;
}

/** An HTML page, or an encoding that the transport does not support, is the usual reason for invalid JSON. */
function sentAs(headers: Headers): string {
  const named = ['content-type', 'content-encoding'].flatMap((name) => {
    const value = headers.get(name) ?? '';
    return /^[\w /;,.=+-]{1,80}$/.test(value) ? `${name}: ${value}` : [];
  });
  return named.length === 0 ? '' : ` (${named.join(', ')})`;
}
