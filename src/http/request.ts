import { AbortError, ConfigurationError, RequestTooLargeError, RequestValidationError } from '../errors.js';
import { toJson } from '../json.js';
import { checkKind, checkOptions, checkTimeLimits, signalKind, type Known } from '../options.js';
import { checkedHeaders } from './headers.js';
import { redact } from './redact.js';
import type { CallOptions, HttpRequest, Query } from './types.js';
import { checkEncrypted } from './url.js';

// The last three are those of Cognigy.AI's OData and endpoint keys, and of CXone Expert.
const CREDENTIAL_HEADERS = [
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-api-key',
  'apikey',
  'x-webhook-key',
  'x-deki-token',
];
const METHODS: readonly HttpRequest<unknown>['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** The names of {@link CallOptions}, to check options. */
export const callOptions: Known<CallOptions> = {
  signal: signalKind,
  timeoutMs: true,
  totalTimeoutMs: true,
  maxRetries: true,
  headers: 'an object',
  idempotencyKey: 'a string',
};

const REQUEST_FIELDS: Known<HttpRequest<unknown>> = {
  method: 'anything',
  path: 'a string',
  pathParams: 'an object',
  query: 'an object',
  json: 'anything',
  form: 'URLSearchParams with sort()',
  body: 'a string; pass objects as json',
  secrets: 'a list of strings',
  headers: 'an object',
  safeToRepeat: 'a boolean',
  scopes: 'a list of strings',
  response: true,
  refusal: 'a function',
  beforeAttempt: 'a function',
};

/**
 * Checks a request of a caller; the types check those of the features.
 *
 * @throws {@link ConfigurationError}
 */
export function checkedRequest<T>(request: HttpRequest<T>): HttpRequest<T> {
  checkOptions('the request', request, REQUEST_FIELDS);
  const { method, path, response } = request;
  if (!METHODS.includes(method)) throw new ConfigurationError(`method: expected ${METHODS.join(', ')}`);
  checkKind('path', path, 'a string');
  if (response !== undefined)
    checkKind(
      'response',
      (response as Partial<typeof response>)['~standard'],
      'a Standard Schema, e.g. from zod, with validate()',
    );
  return request;
}

/** Limits of a call; see {@link CallOptions}. */
export interface CallLimits {
  readonly timeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly maxRetries: number;
}

/** @throws {@link ConfigurationError} */
export function checkedLimits(
  options: { readonly [Name in keyof CallLimits]?: CallLimits[Name] | undefined },
  defaults: CallLimits,
): CallLimits {
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

/** A request that is the same in all attempts of its call; only the credential is added. */
export interface PreparedRequest extends CallLimits {
  readonly method: string;
  readonly url: string;
  readonly path: string;
  /** The path template, before its parameters are filled in. */
  readonly route: string;
  readonly host: string;
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly safeToRepeat: boolean;
  readonly secrets: readonly string[];
  readonly needsBody: boolean;
  readonly scopes: readonly string[] | undefined;
  readonly refusal: HttpRequest<unknown>['refusal'];
  readonly beforeAttempt: HttpRequest<unknown>['beforeAttempt'];
  readonly signal: AbortSignal | undefined;
}

/** What the requests of one client have in common. */
export interface RequestDefaults {
  /** From {@link parseBaseUrl}. */
  readonly baseUrl: string;
  /** From {@link checkedHeaders}. */
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: CallLimits;
  readonly idempotencyKeyHeader: string;
  readonly allowInsecureRequests: boolean | undefined;
  readonly maxRequestBytes: number | undefined;
  readonly hasScopes: boolean;
}

/** Checks the requests of one client and prepares them. It does the work that they share only once. */
export class RequestFactory {
  readonly #defaults: RequestDefaults;
  readonly #base: BaseUrl;
  readonly #secrets: readonly string[];

  /** @throws {@link ConfigurationError} if a credential among the headers would be sent unencrypted. */
  constructor(defaults: RequestDefaults) {
    this.#defaults = defaults;
    this.#base = toBase(defaults.baseUrl);
    this.#secrets = this.#credentials(defaults.headers);
  }

  /** @throws `ConfigurationError`, `RequestValidationError`, `RequestTooLargeError`; `AbortError` if already aborted. */
  prepare(request: HttpRequest<unknown>, given: CallOptions | undefined): PreparedRequest {
    if (given !== undefined) checkOptions('the call', given, callOptions);
    const options = given ?? {};
    const { method, path } = request;
    const { signal, timeoutMs, totalTimeoutMs, maxRetries, idempotencyKey } = options;
    if (signal?.aborted === true) throw new AbortError(signal.reason);
    if (idempotencyKey !== undefined && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
      throw new ConfigurationError('idempotencyKey: expected 1 to 255 visible ASCII characters');
    }
    const { href, pathname } = buildUrl(this.#base, path, request.pathParams, request.query);
    const { headers, secrets } = this.#headers(request, options);
    const body = this.#body(request);
    const { limits, hasScopes } = this.#defaults;
    const isLimited = timeoutMs !== undefined || totalTimeoutMs !== undefined || maxRetries !== undefined;
    const isIdempotent = method === 'GET' || method === 'PUT' || method === 'DELETE' || idempotencyKey !== undefined;
    // The token endpoint is itself the base URL.
    const route = path === '' ? pathname : path;
    return {
      ...(isLimited ? checkedLimits(options, limits) : limits),
      method,
      url: href,
      path: secrets.length === 0 ? pathname : redact(pathname, secrets),
      route: secrets.length === 0 ? route : redact(route, secrets),
      host: this.#base.host,
      origin: this.#base.origin,
      headers,
      body,
      safeToRepeat: request.safeToRepeat ?? isIdempotent,
      secrets,
      needsBody: request.response !== undefined,
      scopes: hasScopes ? request.scopes : undefined,
      refusal: request.refusal,
      beforeAttempt: request.beforeAttempt,
      signal,
    };
  }

  #headers(
    { json, form, headers: ofRequest, secrets: given }: HttpRequest<unknown>,
    { headers: ofCall, idempotencyKey }: CallOptions,
  ): Pick<PreparedRequest, 'headers' | 'secrets'> {
    const headers: Record<string, string> = { ...this.#defaults.headers };
    if (json !== undefined) headers['content-type'] = 'application/json';
    if (form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
    if (ofRequest !== undefined) Object.assign(headers, checkedHeaders(ofRequest));
    if (ofCall !== undefined) Object.assign(headers, checkedHeaders(ofCall));
    if (idempotencyKey !== undefined)
      Object.assign(headers, checkedHeaders({ [this.#defaults.idempotencyKeyHeader]: idempotencyKey }));
    const isUsual = ofRequest === undefined && ofCall === undefined && idempotencyKey === undefined;
    const credentials = isUsual ? this.#secrets : this.#credentials(headers);
    return { headers, secrets: given === undefined ? credentials : [...given, ...credentials] };
  }

  /** Returns the credentials among the headers. @throws `ConfigurationError` if one would be sent unencrypted. */
  #credentials(headers: Readonly<Record<string, string>>): readonly string[] {
    const credentials = CREDENTIAL_HEADERS.flatMap((name) => headers[name] ?? []);
    if (credentials.length > 0) checkEncrypted('baseUrl', this.#defaults.baseUrl, this.#defaults.allowInsecureRequests);
    return credentials;
  }

  #body({ method, path, json, form, body: given }: HttpRequest<unknown>): string | undefined {
    const body = given ?? form?.toString() ?? (json === undefined ? undefined : toJson(json, 'request body'));
    if (body === undefined) return undefined;
    const { maxRequestBytes } = this.#defaults;
    const bytes = maxRequestBytes === undefined ? 0 : new TextEncoder().encode(body).length;
    if (maxRequestBytes !== undefined && bytes > maxRequestBytes)
      throw new RequestTooLargeError(`${method} ${path}`, bytes, maxRequestBytes);
    // `fetch` refuses it too, but with an error like that of a broken connection, which would be retried.
    if (method === 'GET') throw new ConfigurationError('GET: must not have a body');
    return body;
  }
}

/**
 * Encodes a value as one path segment.
 *
 * @throws `RequestValidationError` if no segment can express it: empty, `.`, `..`, a lone surrogate, or not a string.
 */
function encodeSegment(name: string, value: string | undefined): string {
  const refuse = (message: string): never => {
    throw new RequestValidationError('path', [{ path: name, message }]);
  };
  if (typeof value !== 'string' || value === '') return refuse('must not be empty');
  if (value === '.' || value === '..') return refuse('must not be a relative segment');
  return value.isWellFormed() ? encodeURIComponent(value) : refuse('contains a lone surrogate');
}

/** The values for the `{name}`s of a path. */
type PathParams = Readonly<Record<string, string>>;

/** A URL below which all calls of a client are. */
export interface BaseUrl {
  readonly host: string;
  readonly origin: string;
  /** Without a trailing slash. */
  readonly pathname: string;
}

/** Splits a URL of {@link parseBaseUrl}. */
export function toBase(baseUrl: string): BaseUrl {
  const { host, origin, pathname } = new URL(baseUrl);
  return { host, origin, pathname: pathname.replace(/\/$/, '') };
}

/** A path template that a URL keeps as it is. */
const PLAIN_PATH = /^(?:\/(?:[\w~-][\w.~-]*|\{\w+\}))+$/;

/**
 * Joins a base, a path template and a query. The result is always below the base.
 *
 * @throws `RequestValidationError` for a path parameter that cannot be one segment, or a path that leaves the base.
 */
export function buildUrl(
  base: BaseUrl,
  template: string,
  params: PathParams = {},
  query: Query = {},
): Pick<URL, 'href' | 'pathname'> {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeSegment(name, params[name]));
  const pathname = base.pathname + path;
  const search = new URLSearchParams();
  for (const [name, value] of query instanceof URLSearchParams ? query : Object.entries(query)) {
    for (const item of (Array.isArray(value) ? value : [value]) as readonly unknown[]) {
      if (item === undefined) continue;
      // A date or an object would become a text that nobody means, and null the text "null".
      if (typeof item === 'object' || Number.isNaN(item))
        throw new ConfigurationError(`query.${name}: expected string, number or boolean`);
      search.append(name, item as string);
    }
  }
  // Parsing a URL would cost more than all else that prepares a call.
  if (PLAIN_PATH.test(template))
    return { href: base.origin + pathname + (search.size === 0 ? '' : `?${search}`), pathname };
  // Without a slash, a path would continue the host or the last segment of the base. The token endpoint has none.
  const begins = template === '' || template.startsWith('/');
  const url = new URL(begins ? base.origin + pathname : base.origin);
  if (!begins || url.origin !== base.origin || !`${url.pathname}/`.startsWith(`${base.pathname}/`)) {
    throw new RequestValidationError('path', [
      { path: '', message: `"${template}" must begin with / and stay below the base URL` },
    ]);
  }
  for (const [name, value] of search) url.searchParams.append(name, value);
  return url;
}
