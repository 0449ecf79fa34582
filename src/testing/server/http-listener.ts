import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sleep, type Clock } from '../../http/clock.js';
import { bearerToken, type Authorize } from './authorization.js';
import { parseJsonBody, readBody } from './body.js';
import { formatRetryAfter, type RequestFaults, type StatusFault } from './faults.js';
import {
  plainProblemAnswer,
  renderAnswer,
  sendAnswer,
  sendHalf,
  spoil,
  type ProblemAnswer,
  type RenderedAnswer,
} from './http-answers.js';
import { HttpProblem, methodNotAllowed } from './problem.js';
import { requestTarget, type RecordedRequest } from './recorded-request.js';
import type { RequestLog } from './request-log.js';
import type { Router } from './router.js';
import type { Grant, TokenRegistry } from './tokens.js';

/** @internal What every embedded server has. */
export interface ServerParts {
  readonly clock: Clock;
  readonly router: Router;
  readonly tokens: TokenRegistry;
  readonly requests: RequestLog;
  readonly faults: RequestFaults;
  /** Origin that browsers may call from. */
  readonly allowOrigin: string | undefined;
  /** Aborted when the server closes. */
  readonly closing: AbortSignal;
}

/** @internal How a server differs from the others. */
export interface ServerSettings {
  readonly authorize: Authorize;
  /** How errors are written. @defaultValue that of this project's protocol */
  readonly problemAnswer?: ProblemAnswer;
  /** Header with the id of the request. @defaultValue `x-request-id`, none for `false` */
  readonly requestIdHeader?: string | false;
  /** Looks at each request before its route is sought; throws an `HttpProblem` to refuse it. */
  readonly inspect?: (request: RecordedRequest, body: Buffer) => void;
}

/** @internal What the listener works with. */
export type ListenerParts = ServerParts & ServerSettings;

const NOBODY: Grant = { clientId: '', scopes: new Set() };

/** @internal Returns the response to an error. */
export function renderProblem(
  { problemAnswer = plainProblemAnswer }: Pick<ListenerParts, 'problemAnswer'>,
  request: Pick<RecordedRequest, 'path' | 'requestId'>,
  error: unknown,
): RenderedAnswer {
  // The message of an error of a handler is shown, since the client is a test.
  const problem =
    error instanceof HttpProblem
      ? error
      : new HttpProblem(500, 'internal_error', `the tenant itself failed: ${String(error)}`);
  return renderAnswer(problemAnswer(problem, request));
}

/** @internal Returns the response of a status fault. */
export function renderStatusFault(parts: ListenerParts, request: RecordedRequest, fault: StatusFault): RenderedAnswer {
  const headers = {
    ...fault.headers,
    ...(fault.retryAfter !== undefined && { 'retry-after': formatRetryAfter(fault.retryAfter, parts.clock) }),
  };
  const { status, body } = fault;
  if (typeof body === 'string')
    return renderAnswer({ status, text: body, headers: { 'content-type': 'text/plain', ...headers } });
  if (body !== undefined) return renderAnswer({ status, json: body, headers });
  const problem = new HttpProblem(status, 'injected_fault', `injected ${status}`, { headers });
  return renderProblem(parts, request, problem);
}

/** @internal Handles one REST or token request from its arrival to its answer. */
export async function handleRequest(
  parts: ListenerParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomUUID();
  const { requestIdHeader = 'x-request-id' } = parts;
  if (requestIdHeader !== false) response.setHeader(requestIdHeader, requestId);
  if (parts.allowOrigin !== undefined && allowBrowser(parts.allowOrigin, request, response)) return;
  const gone = new AbortController();
  // Closing the tenant destroys its connections and so comes by here as well.
  response.on('close', () => gone.abort());

  let bytes: Buffer;
  try {
    bytes = await readBody(request);
  } catch (error) {
    if (!response.destroyed)
      sendAnswer(response, renderProblem(parts, { path: requestTarget(request).path, requestId }, error));
    return;
  }
  const record = parts.requests.record(request, bytes.toString('utf8'), requestId);
  let status: number | undefined;
  try {
    status = await answer(parts, record.request, bytes, response, gone.signal);
  } catch (error) {
    if (gone.signal.aborted || response.headersSent) response.destroy();
    else sendAnswer(response, renderProblem(parts, record.request, error));
  } finally {
    record.finish(status);
  }
}

/** Lets a browser's page see the answer; returns whether the request was a preflight and was answered. */
function allowBrowser(allowOrigin: string, request: IncomingMessage, response: ServerResponse): boolean {
  response.setHeader('access-control-allow-origin', allowOrigin);
  response.setHeader('access-control-expose-headers', 'x-request-id, retry-after');
  const asked = request.headers['access-control-request-method'];
  if (request.method !== 'OPTIONS' || asked === undefined) return false;
  response.setHeader('access-control-allow-methods', asked);
  response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '');
  response.writeHead(204).end();
  return true;
}

async function answer(
  parts: ListenerParts,
  request: RecordedRequest,
  bytes: Buffer,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<number | undefined> {
  const fault = parts.faults.pick(request);
  if (fault?.delayMs !== undefined) await sleep(parts.clock, fault.delayMs, signal);
  if (fault?.kind === 'drop' && fault.at === 'before-work') {
    response.destroy();
    return undefined;
  }
  if (fault?.kind === 'status') {
    const rendered = renderStatusFault(parts, request, fault);
    sendAnswer(response, rendered);
    return rendered.status;
  }
  if (fault?.kind === 'revoked-token') parts.tokens.revoke(bearerToken(request.headers) ?? '');
  const rendered = await work(parts, request, bytes, signal);
  if (signal.aborted) return undefined;
  if (fault?.kind !== 'drop') sendAnswer(response, fault === undefined ? rendered : spoil(rendered, fault.kind));
  else if (fault.at === 'mid-body') await sendHalf(response, rendered);
  else {
    response.destroy();
    return undefined;
  }
  return rendered.status;
}

async function work(
  parts: ListenerParts,
  request: RecordedRequest,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<RenderedAnswer> {
  try {
    parts.inspect?.(request, bytes);
    const match = parts.router.find(request.method, request.path);
    if (!match.found) throw noRoute(parts.router, request, match.allowedMethods);
    const { route, params } = match;
    const grant = route.scope === 'public' ? NOBODY : parts.authorize(request, route.scope);
    const body =
      route.body &&
      (await parseJsonBody(bytes, request.headers['content-type'], route.body, route.invalidBodyStatus ?? 422));
    const { method, path, query, headers, bodyText, requestId } = request;
    return renderAnswer(
      await route.handle({ method, path, params, query, headers, bodyText, body, grant, requestId, signal }),
    );
  } catch (error) {
    return renderProblem(parts, request, error);
  }
}

function noRoute(router: Router, { method, path }: RecordedRequest, allowedMethods: readonly string[]): HttpProblem {
  if (allowedMethods.length > 0) return methodNotAllowed(allowedMethods);
  // The two platforms of the protocol page differ in the base of their calls, and one tenant serves both.
  const other = path.startsWith('/api/v1/') ? path.slice('/api/v1'.length) : `/api/v1${path}`;
  const hint = router.find(method, other).found ? `: ${method} ${other} belongs to the other platform` : '';
  return new HttpProblem(404, 'not_found', `there is no such route${hint}`);
}
