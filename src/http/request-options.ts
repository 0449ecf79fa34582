import type { HttpClientOptions } from './types.js';
import type { Known } from '../options.js';

/** Options of requests, for clients that create their own `HttpClient`. */
export type RequestOptions = Pick<
  HttpClientOptions,
  | 'timeoutMs'
  | 'totalTimeoutMs'
  | 'maxRetries'
  | 'fetch'
  | 'transport'
  | 'retryBudget'
  | 'onAttempt'
  | 'instrumentation'
  | 'logger'
  | 'clock'
  | 'random'
>;

/** All names, to check options. */
export const requestOptions: Known<RequestOptions> = {
  timeoutMs: true,
  totalTimeoutMs: true,
  maxRetries: true,
  fetch: 'a function',
  transport: 'a function; e.g. send of a NodeTransport',
  retryBudget: 'a RetryBudget with take()',
  onAttempt: 'a function',
  instrumentation: 'an object',
  logger: true,
  clock: 'a clock with monotonic()',
  random: 'a function',
};

/** Returns these options alone, so that e.g. `auth` or `headers` never reach a foreign endpoint. */
export function pickRequestOptions(options: RequestOptions): RequestOptions {
  const names = Object.keys(requestOptions) as (keyof RequestOptions)[];
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}
