import { ConfigurationError } from '../errors.js';
import { checkKind, type Kind } from '../options.js';
import { attempt, isThenable } from './callbacks.js';
import type { Logger } from './logger.js';
import { redact } from './redact.js';

/**
 * Wraps a caller's callback, e.g. `onAttempt`: logs what it throws or rejects with, and ignores it. Nothing waits for
 * it.
 *
 * @param name - name of the option, for the log message.
 * @param logger - from `resolveLogger`.
 * @throws `ConfigurationError` for a callback that is not a function.
 */
export function guarded<Args extends readonly unknown[]>(
  name: string,
  callback: ((...args: Args) => unknown) | null | undefined,
  logger: Logger,
): (...args: Args) => void {
  if (callback === undefined || callback === null) return () => undefined;
  checkKind(name, callback, 'a function');
  const failed = (error: unknown): void => {
    logger.error(`${name} failed: ${errorText(error)}`, { error });
  };
  return (...args) => attempt(() => callback(...args), failed);
}

/** @throws `ConfigurationError` for a value that is not an `HttpClient`, for callers without TypeScript. */
export function checkedHttp<Http extends { readonly request: unknown }>(http: Http): Http {
  checkKind('http', http, 'an HttpClient with request()');
  return http;
}

/**
 * Checks the result of a function of the caller. If the function should not have been async, the rejection of its promise
 * must not end the process.
 *
 * @throws `ConfigurationError` `name: expected …`
 */
export function checkResult(name: string, result: unknown, kind: Kind, expected: string = kind): void {
  if (!isThenable(result)) {
    checkKind(name, result, kind, expected);
    return;
  }
  Promise.resolve(result).catch(() => undefined);
  throw new ConfigurationError(`${name}: expected ${expected}, not a promise`);
}

/**
 * Returns what a function of the caller returned at once. A promise would be taken for the result, and its rejection
 * would end the process.
 *
 * @throws `ConfigurationError` for a promise.
 */
export function syncResult<T>(name: string, result: T): T {
  if (!isThenable(result)) return result;
  Promise.resolve(result).catch(() => undefined);
  throw new ConfigurationError(`${name}: returned a promise, but must return its result immediately`);
}

/** @throws `ConfigurationError` for a request that is not a `Request`, e.g. that of Express. */
export function checkRequest(request: unknown): void {
  const expected = 'a Request of the Fetch API; for a request of node:http, use toNodeHandler of agent-assist-sdk/node';
  checkKind('request', request, 'a Request with arrayBuffer()', expected);
}

/** Returns class and message of a thrown value, as one line for a log. */
export function errorText(error: unknown): string {
  if (typeof error === 'string') return redact(error);
  try {
    return error instanceof Error ? redact(`${error.name}: ${error.message}`) : typeof error;
  } catch {
    return 'an error that cannot be read';
  }
}
