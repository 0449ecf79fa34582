import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { HttpProblem } from './problem.js';
import type { Fault } from './faults.js';
import type { RecordedRequest } from './request-log.js';
import type { RouteAnswer } from './router.js';

/** @internal A response with a body that is ready to send. */
export interface RenderedAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

const NO_BODY = Buffer.alloc(0);

/** @internal */
export function renderAnswer({ status, json, text, headers = {} }: RouteAnswer): RenderedAnswer {
  if (text !== undefined) return { status, headers, body: Buffer.from(text) };
  if (json === undefined) return { status, headers, body: NO_BODY };
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(json)),
  };
}

/** How a platform writes its errors. */
export type ProblemAnswer = (problem: HttpProblem, request: Pick<RecordedRequest, 'path' | 'requestId'>) => RouteAnswer;

/** @internal The format of the documents: `{error, message, issues?}`. */
export const plainProblemAnswer: ProblemAnswer = (problem) => ({
  status: problem.status,
  json: problem.toBody(),
  headers: problem.headers,
});

/** @internal Turns an error of a handler into a problem. Its message is shown, since the client is a test. */
export function toProblem(error: unknown): HttpProblem {
  return error instanceof HttpProblem
    ? error
    : new HttpProblem(500, 'internal_error', `the tenant itself failed: ${String(error)}`);
}

const PROXY_PAGE = '<!doctype html><html><head><title>Bad gateway</title></head><body><h1>502</h1></body></html>';

/** @internal Applies a fault to the right response. */
export function spoil(answer: RenderedAnswer, kind: Fault['kind']): RenderedAnswer {
  switch (kind) {
    case 'truncated-json':
      return { ...answer, body: answer.body.subarray(0, Math.floor(answer.body.length / 2)) };
    case 'invalid-json':
      return {
        ...answer,
        headers: { ...answer.headers, 'content-type': 'application/json' },
        body: Buffer.from("{'ok': undefined,}"),
      };
    case 'html':
      return {
        ...answer,
        headers: { ...answer.headers, 'content-type': 'text/html; charset=utf-8' },
        body: Buffer.from(PROXY_PAGE),
      };
    case 'empty':
      return { ...answer, body: NO_BODY };
    default:
      return answer;
  }
}

/** @internal Sends an answer as a whole. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: RenderedAnswer): void {
  const bodyless = status === 204 || status === 304;
  response.writeHead(status, { ...headers, ...(!bodyless && { 'content-length': body.length }) });
  response.end(bodyless ? undefined : body);
}

/** @internal Sends headers and half of the body, then destroys the connection. */
export async function sendHalf(response: ServerResponse, { status, headers, body }: RenderedAnswer): Promise<void> {
  const announced = Math.max(body.length, 2);
  response.writeHead(status, { ...headers, 'content-length': announced });
  response.flushHeaders();
  const half = body.length === 0 ? Buffer.from('{') : body.subarray(0, Math.ceil(body.length / 2));
  await new Promise<void>((resolve) => response.write(half, () => resolve()));
  response.destroy();
}
