import type { ServerResponse } from 'node:http';
import type { HttpProblem } from './problem.js';
import type { Fault } from './faults.js';
import type { RecordedRequest } from './recorded-request.js';
import type { RouteAnswer } from './router.js';

/** @internal A response with a body that is ready to send. */
export interface RenderedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
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

/** @internal The format of this project's protocol: `{error, message, issues?}`. */
export const plainProblemAnswer: ProblemAnswer = (problem) => ({
  status: problem.status,
  json: problem.toBody(),
  headers: problem.headers,
});

const PROXY_PAGE = '<!doctype html><html><head><title>Bad gateway</title></head><body><h1>502</h1></body></html>';

/** @internal Applies a fault to the right response. The listeners apply those that leave it as it is. */
export function spoil(answer: RenderedAnswer, kind: Fault['kind']): RenderedAnswer {
  const { status, headers, body } = answer;
  switch (kind) {
    case 'truncated-json':
      return { status, headers, body: body.subarray(0, Math.floor(body.length / 2)) };
    case 'invalid-json':
      return renderAnswer({
        status,
        text: "{'ok': undefined,}",
        headers: { ...headers, 'content-type': 'application/json' },
      });
    case 'html':
      return renderAnswer({
        status,
        text: PROXY_PAGE,
        headers: { ...headers, 'content-type': 'text/html; charset=utf-8' },
      });
    case 'empty':
      return { status, headers, body: NO_BODY };
    case 'status':
    case 'delay':
    case 'drop':
    case 'revoked-token':
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
