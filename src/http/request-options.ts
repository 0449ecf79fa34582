import type { HttpClientOptions } from './types.js';

/** How requests are sent: what a client with an `HttpClient` of its own takes over from its own options. */
export type RequestOptions = Pick<
  HttpClientOptions,
  | 'timeoutMs'
  | 'totalTimeoutMs'
  | 'maxRetries'
  | 'fetch'
  | 'transport'
  | 'retryBudget'
  | 'onAttempt'
  | 'logger'
  | 'clock'
  | 'random'
>;

/** Their names, for the check of options. */
export const requestOptions: Readonly<Record<keyof RequestOptions, true>> = {
  timeoutMs: true,
  totalTimeoutMs: true,
  maxRetries: true,
  fetch: true,
  transport: true,
  retryBudget: true,
  onAttempt: true,
  logger: true,
  clock: true,
  random: true,
};

/** These options alone, so that e.g. `auth` or `headers` among the others reaches no foreign endpoint. */
export function pickRequestOptions(options: RequestOptions): RequestOptions {
  const names = Object.keys(requestOptions) as (keyof RequestOptions)[];
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}
