import { ConfigurationError } from '../../errors.js';
import { isThenable } from '../../http/internal.js';

/**
 * Returns what a function of the caller returned.
 *
 * @param name - of the function, for the error message.
 * @throws {@link ConfigurationError} for a promise: it would be taken for the result, and its failure for nobody's.
 */
export function syncResult<T>(name: string, result: T): T {
  if (!isThenable(result)) return result;
  Promise.resolve(result).catch(() => undefined);
  throw new ConfigurationError(`${name}: returned a promise, but must return its result immediately`);
}
