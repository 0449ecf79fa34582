import type { HttpClientOptions } from './types.js';

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
export const requestOptions: Readonly<Record<keyof RequestOptions, true>> = {
  timeoutMs: true,
  totalTimeoutMs: true,
  maxRetries: true,
  fetch: true,
  transport: true,
  retryBudget: true,
  onAttempt: true,
  instrumentation: true,
  logger: true,
  clock: true,
  random: true,
};

/** Returns these options alone, so that e.g. `auth` or `headers` never reach a foreign endpoint. */
export function pickRequestOptions(options: RequestOptions): RequestOptions {
  const names = Object.keys(requestOptions) as (keyof RequestOptions)[];
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}
