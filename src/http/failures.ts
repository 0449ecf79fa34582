const noted = new WeakMap<AbortSignal, Error | AbortSignal>();

/**
 * Remembers why the work under this signal failed last and is being repeated, or that the work under `failure`, which
 * others may share, is what it waits for. So who gives it up can tell the reason.
 */
export function noteFailure(signal: AbortSignal | undefined, failure: Error | AbortSignal): void {
  if (signal !== undefined) noted.set(signal, failure);
}

/** Why the work under this signal failed last. */
export function lastFailure(signal: AbortSignal): Error | undefined {
  let found = noted.get(signal);
  while (found instanceof AbortSignal) found = noted.get(found);
  return found;
}
