import { checkFields } from '../../../options.js';
import type { Clock } from '../../../http/clock.js';
import type { ServerSettings } from '../../server/http-listener.js';
import { HttpProblem } from '../../server/problem.js';
import { SlidingWindow } from '../../server/sliding-window.js';

/** How many requests the REST API takes in a span of time. */
export interface CognigyRequestLimit {
  readonly maxCalls: number;
  /** Span, in ms. */
  readonly windowMs: number;
}

/** @internal Refuses what the platform does not take, on any route of the REST API. */
export function createInspector(
  clock: Clock,
  options: {
    readonly getWithBody?: 'refuse' | 'accept' | undefined;
    readonly maxJsonBytes?: number | undefined;
    readonly requestLimit?: CognigyRequestLimit | false | undefined;
  },
): NonNullable<ServerSettings['inspect']> {
  const {
    getWithBody = 'refuse',
    maxJsonBytes = 61_440,
    requestLimit = { maxCalls: 1000, windowMs: 300_000 },
  } = options;
  if (requestLimit !== false) checkFields('requestLimit', requestLimit, { maxCalls: 'a number', windowMs: 'a number' });
  const arrivals = requestLimit === false ? undefined : new SlidingWindow(requestLimit);
  return ({ method, path, headers }, body) => {
    if (!/^\/(?:new\/|v\d|testing\/)/.test(path)) return;
    if (arrivals !== undefined && arrivals.waitFor(clock.now()) > 0) {
      throw new HttpProblem(429, 'too_many_requests', 'Too many requests');
    }
    if (method === 'GET' && body.length > 0 && getWithBody === 'refuse') {
      throw new HttpProblem(403, 'forbidden', 'a GET has no body');
    }
    if (headers['content-type']?.startsWith('application/json') === true && body.length > maxJsonBytes) {
      throw new HttpProblem(413, 'too_large', `JSON may have at most ${maxJsonBytes} bytes`);
    }
  };
}
