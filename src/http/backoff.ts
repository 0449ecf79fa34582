/** Limits of {@link backoffDelay}. */
export interface BackoffOptions {
  /** Upper end of the first wait, in ms. Default 1,000. */
  readonly initialMs?: number | undefined;
  /** Upper end of any wait, in ms. Default 30,000. */
  readonly maxMs?: number | undefined;
}

/**
 * Exponential backoff with full jitter (protocol 3): a random time between 0 and a limit that starts at `initialMs`
 * and doubles with each retry up to `maxMs`.
 *
 * @param retry - 1 for the first retry.
 * @param random - a number from 0 to below 1.
 * @returns ms to wait.
 */
export function backoffDelay(retry: number, random: () => number, options: BackoffOptions = {}): number {
  const { initialMs = 1000, maxMs = 30_000 } = options;
  return Math.round(random() * Math.min(maxMs, initialMs * 2 ** (retry - 1)));
}
