import type { Clock } from '../../../http/clock.js';
import { HttpProblem } from '../../server/problem.js';
import type { RecordedRequest } from '../../server/request-log.js';
import { SlidingWindow } from '../../server/sliding-window.js';

/** How many requests the REST API takes in a span of time. */
export interface CognigyRequestLimit {
  readonly limit: number;
  /** Span, in ms. */
  readonly windowMs: number;
}

/** @internal What is refused before a route is sought. */
export interface Strictness {
  readonly getWithBody: 'refuse' | 'accept';
  readonly maxJsonBytes: number;
  readonly requestLimit: CognigyRequestLimit | false;
}

/** @internal Refuses what the platform does not take, on any route of the REST API. */
export function createInspector(
  clock: Clock,
  strictness: Strictness,
): (request: RecordedRequest, body: Buffer) => void {
  const { requestLimit } = strictness;
  const arrivals = requestLimit === false ? undefined : new SlidingWindow(requestLimit);
  return ({ method, path, headers }, body) => {
    if (!/^\/(?:new\/|v\d|testing\/)/.test(path)) return;
    if (arrivals !== undefined && arrivals.waitFor(clock.now()) > 0) {
      throw new HttpProblem(429, 'too_many_requests', 'Too many requests');
    }
    if (method === 'GET' && body.length > 0 && strictness.getWithBody === 'refuse') {
      throw new HttpProblem(403, 'forbidden', 'a GET has no body');
    }
    if (headers['content-type']?.startsWith('application/json') === true && body.length > strictness.maxJsonBytes) {
      throw new HttpProblem(413, 'too_large', `JSON may have ${strictness.maxJsonBytes} bytes`);
    }
  };
}
