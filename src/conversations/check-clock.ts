import { checkMethod } from '../options.js';

/** @throws `ConfigurationError` for a clock that lacks a method; `undefined` stands for the default. */
export function checkClock(clock: unknown): void {
  if (clock === undefined) return;
  for (const method of ['now', 'monotonic', 'setTimeout', 'clearTimeout'])
    checkMethod('clock', clock, method, `a clock with ${method}()`);
}
