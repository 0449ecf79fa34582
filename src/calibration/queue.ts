import { RateLimiter, type HttpClient, type RateLimit } from '../http/internal.js';
import { RunningJob } from './running-job.js';

/** What the calibrations of one HTTP client share. */
export interface Queue {
  readonly limiter: RateLimit;
  readonly runningJob: RunningJob;
}

const queues = new WeakMap<HttpClient, Queue>();

/** Returns the queue of an HTTP client: all its calibrations wait in one. */
export function queueOf(http: HttpClient): Queue {
  let queue = queues.get(http);
  if (queue === undefined) {
    const limiter = new RateLimiter({ maxCalls: 10, windowMs: 60_000, clock: http.clock });
    queue = { limiter, runningJob: new RunningJob() };
    queues.set(http, queue);
  }
  return queue;
}
