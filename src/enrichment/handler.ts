import { ApiError, CallError, ConfigurationError, EnrichmentError, TimeoutError } from '../errors.js';
import { checkRequest, resolveLogger, systemClock, validateRequest, withinLimit } from '../http/internal.js';
import { checkCounts, checkOptions, checkTimeLimits, required } from '../options.js';
import { EnrichmentCache } from './cache.js';
import { checkSources, DEFAULT_TOTAL_TIMEOUT_MS, loadAll } from './enrich.js';
import { checkAnswerLimit, fitAnswer } from './fit.js';
import { healthReporter } from './health.js';
import { promptBuilder } from './prompt.js';
import { bearerMatcher, readJson, Refusal, toErrorAnswer } from './request.js';
import { enrichmentRequest } from './schemas.js';
import type { EnrichmentHandlerOptions } from './types.js';
import { Turns } from './turns.js';

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const SANE_REQUEST_ID = /^[\w.:-]{1,128}$/;
const RESERVED_NAMES = ['enrichedPromptContext', 'unavailable', 'truncated'];

/**
 * Creates the enrichment proxy (protocol 9) as a request handler for any server of `Request` and `Response`.
 *
 * `POST /api/v1/agent-assist/enrich` returns 200 with the parts and `enrichedPromptContext`. `unavailable` lists the
 * parts that are empty because their source failed, and `truncated` what was cut to fit into `maxAnswerBytes`. Errors
 * are `{error, requestId}`:
 *
 * | status | when |
 * |---|---|
 * | 401 | the token is missing or wrong |
 * | 404, 405 | the path is neither `path` nor `/healthz`, or the method is wrong |
 * | 408 | the body did not arrive before the deadline |
 * | 413 | the body is too large |
 * | 415 | the content type is not JSON in UTF-8, or the body is compressed |
 * | 422 | the body is invalid; `issues` lists each problem with its path |
 * | 500 | unexpected error |
 * | 502 | a required source failed; `unavailable` names it |
 * | 503 | `concurrency` requests are already in progress; with `Retry-After` |
 * | 504 | a required source did not respond in time; `unavailable` names it |
 *
 * `GET /healthz` reports the health of the services: 200, or 503 if a required one does not respond. It checks them at
 * most once every five seconds. Use it as a readiness check, not as a liveness check: a restart of the proxy does not
 * repair a service.
 *
 * Every response has an `x-request-id`: the request's own if it is 1 to 128 letters, digits, `.`, `_`, `:` or `-`, else
 * a new one. The handler never logs customer identifiers or bodies.
 *
 * @throws `ConfigurationError` for an option out of range, and for a `webhookToken` that is given as `undefined`.
 *
 * @example
 * ```ts
 * import { createEnrichmentHandler, customerDataSources } from 'agent-assist-sdk/enrichment';
 *
 * const handler = createEnrichmentHandler({
 *   sources: customerDataSources(client),
 *   webhookToken: process.env['COGNIGY_WEBHOOK_TOKEN'],
 *   partial: true,
 * });
 * export const server = { fetch: handler };
 * ```
 */
export function createEnrichmentHandler(options: EnrichmentHandlerOptions): (request: Request) => Promise<Response> {
  checkOptions('createEnrichmentHandler', options, {
    template: 'a string',
    maxValueLength: true,
    sources: 'anything',
    webhookToken: true,
    totalTimeoutMs: true,
    partial: 'a boolean',
    cache: true,
    maxBodyBytes: true,
    maxAnswerBytes: true,
    concurrency: true,
    path: 'a string',
    logger: true,
    clock: 'a clock with monotonic()',
  });
  const { sources, webhookToken, partial, maxAnswerBytes, clock = systemClock } = options;
  const { totalTimeoutMs = DEFAULT_TOTAL_TIMEOUT_MS, maxBodyBytes = 256 * 1024, concurrency = 500 } = options;
  const { path = '/api/v1/agent-assist/enrich' } = options;
  checkSources(sources, options.cache);
  checkTimeLimits({ totalTimeoutMs });
  checkCounts({ maxBodyBytes, concurrency });
  const taken = RESERVED_NAMES.find((name) => name in sources);
  if (taken !== undefined) throw new ConfigurationError(`sources.${taken}: this name is reserved in the response`);
  const buildPrompt = promptBuilder(options);
  if (maxAnswerBytes !== undefined) checkAnswerLimit(sources, maxAnswerBytes);
  // An environment variable that is not set must not open the handler to everyone.
  const isAuthorized =
    'webhookToken' in options ? bearerMatcher([required('webhookToken', webhookToken)].flat()) : () => true;
  const cache = options.cache ?? new EnrichmentCache({ clock });
  if (!path.startsWith('/')) throw new ConfigurationError('path: expected one that begins with /');
  const logger = resolveLogger(options.logger);
  const health = healthReporter(sources, partial, clock);
  const turns = new Turns();
  let underWay = 0;

  // Messages of calls contain paths, which identify customers; so only the kind of failure is logged.
  const logFailure = ({ message, source, timedOut, cause }: EnrichmentError, requestId: string): void => {
    const error = cause instanceof Error ? cause.name : typeof cause;
    logger.warn(`${message}: ${error}`, {
      requestId,
      source,
      timedOut,
      error,
      ...(cause instanceof ApiError && { upstreamStatus: cause.status }),
      ...((cause instanceof CallError || cause instanceof TimeoutError) && { attempts: cause.attempts }),
    });
  };

  const read = (request: Request, endsAt: number): Promise<unknown> => {
    // Nobody will read it.
    if (request.signal.aborted) void request.body?.cancel().catch(() => undefined);
    return withinLimit((signal) => readJson(request, maxBodyBytes, signal), {
      clock,
      timeoutMs: Math.max(0, endsAt - clock.monotonic()),
      timeoutError: () => new Refusal({ status: 408, error: 'The body did not arrive in time' }),
      signal: request.signal,
    });
  };

  const answer = async (request: Request, requestId: string, endsAt: number): Promise<Answer> => {
    const checked = validateRequest(enrichmentRequest, await read(request, endsAt), 'enrichment request');
    const time = { clock, endsAt, signal: request.signal };
    const load = () => loadAll(sources, checked, { ...time, partial, cache });
    const { data, failures } = await turns.run(load, time);
    for (const failure of failures) logFailure(failure, requestId);
    const body = {
      ...data,
      enrichedPromptContext: buildPrompt(data),
      ...(failures.length > 0 && { unavailable: failures.map(({ source }) => source) }),
    };
    if (maxAnswerBytes === undefined) return { status: 200, body };
    const fitted: Answer['body'] & { readonly truncated?: unknown } = fitAnswer(body, sources, maxAnswerBytes);
    const { truncated } = fitted;
    if (truncated !== undefined)
      logger.warn(`The response was cut to ${maxAnswerBytes} bytes`, { requestId, truncated });
    return { status: 200, body: fitted };
  };

  const route = async (request: Request, requestId: string, endsAt: number): Promise<Answer> => {
    const { pathname } = new URL(request.url);
    if (pathname === '/healthz') {
      allowMethods(request, ['GET', 'HEAD']);
      const report = await health();
      return { status: report.status === 'failed' ? 503 : 200, body: { ...report } };
    }
    if (pathname !== path) throw new Refusal({ status: 404, error: 'Not found' });
    allowMethods(request, ['POST']);
    if (!isAuthorized(request.headers.get('authorization'))) {
      const headers = { 'www-authenticate': 'Bearer' };
      throw new Refusal({ status: 401, error: 'The token is missing or wrong', headers });
    }
    if (underWay >= concurrency) {
      const headers = { 'retry-after': '1' };
      throw new Refusal({ status: 503, error: 'Too many requests are in progress', headers });
    }
    underWay += 1;
    try {
      return await answer(request, requestId, endsAt);
    } finally {
      underWay -= 1;
    }
  };

  return async (request) => {
    checkRequest(request);
    const startedAt = clock.monotonic();
    const given = request.headers.get('x-request-id') ?? '';
    const requestId = SANE_REQUEST_ID.test(given) ? given : crypto.randomUUID();
    let response: Response;
    try {
      response = toResponse(await route(request, requestId, startedAt + totalTimeoutMs), requestId);
    } catch (error) {
      const { status, headers, ...rest } = toErrorAnswer(error);
      if (error instanceof EnrichmentError) logFailure(error, requestId);
      if (status === 500) logger.error('The enrichment failed unexpectedly', { requestId, error });
      response = toResponse({ status, headers, body: { ...rest, requestId } }, requestId);
    }
    const { status } = response;
    const durationMs = Math.round(clock.monotonic() - startedAt);
    logger.info(`Answered ${status} in ${durationMs} ms`, { requestId, status, durationMs });
    return response;
  };
}

function allowMethods(request: Request, methods: readonly string[]): void {
  if (methods.includes(request.method)) return;
  throw new Refusal({ status: 405, error: 'Method not allowed', headers: { allow: methods.join(', ') } });
}

function toResponse({ status, body, headers }: Answer, requestId: string): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-request-id': requestId, ...headers },
  });
}
