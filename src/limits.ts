import { ConfigurationError } from './errors.js';

/** @throws {@link ConfigurationError} that names the first time which no timer holds: not above 0 ms, or 2^31 ms and more. */
export function checkTimeLimits(limits: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value = 1] of Object.entries(limits)) {
    if (!(value > 0 && value < 2 ** 31)) throw new ConfigurationError(`${name}: expected ms above 0 and below 2^31`);
  }
}

/** @throws {@link ConfigurationError} that names the first one which is not an integer of at least 1. */
export function checkCounts(counts: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value = 1] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ConfigurationError(`${name}: expected an integer of at least 1`);
  }
}
