import { ConfigurationError } from './errors.js';

/** Every `Platform` has these; no client has all of them among its options. */
const PLATFORM_FIELDS: readonly string[] = ['baseUrl', 'tokenUrl', 'streamUrl'];

/**
 * Rejects unknown options: a misspelled one would silently have no effect.
 *
 * @param owner - owner of the options, e.g. `HttpClient`.
 * @param known - every option as a field; the type ensures completeness.
 * @throws {@link ConfigurationError} with the unknown option and the nearest known one.
 */
export function checkOptions<T extends object>(
  owner: string,
  options: T,
  known: Readonly<Record<keyof T, unknown>>,
): void {
  const names = Object.keys(known);
  if (typeof options !== 'object' || (options as T | null) === null)
    throw new ConfigurationError(`${owner}: expected an object of options: ${names.join(', ')}`);
  const { signal } = options as { readonly signal?: Partial<AbortSignal> | null | undefined };
  if (signal !== undefined && typeof signal?.aborted !== 'boolean')
    throw new ConfigurationError(`${owner}: signal: expected an AbortSignal`);
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name) || options[name as keyof T] === undefined) continue;
    const isSpread = Object.hasOwn(known, 'platform') && PLATFORM_FIELDS.every((field) => field in options);
    const hint = isSpread
      ? "pass the platform as the option 'platform' instead of spreading it"
      : didYouMean(name, names);
    throw new ConfigurationError(`${owner}: unknown option ${JSON.stringify(name.slice(0, 50))}; ${hint}`);
  }
}

/** Returns the end of a message about an unknown name: the nearest known one, or all of them. */
export function didYouMean(unknown: string, known: readonly string[]): string {
  const ranked = known.map((name) => ({
    name,
    edits: editDistance(unknown.slice(0, 50).toLowerCase(), name.toLowerCase()),
  }));
  const nearest = ranked.reduce((best, next) => (next.edits < best.edits ? next : best));
  return nearest.edits <= Math.min(3, Math.ceil(unknown.length / 2))
    ? `did you mean '${nearest.name}'?`
    : `expected one of ${known.join(', ')}`;
}

/** Returns the Levenshtein distance. A library would be larger in a browser than the rest of this file. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** Refuses what only plain JavaScript can pass. @throws {@link ConfigurationError} `name: expected …` */
export function checkKind(
  name: string,
  value: unknown,
  kind: 'function' | 'list' | 'object' | 'string',
  expected?: string,
): void {
  const found = Array.isArray(value) ? 'list' : typeof value;
  if (found !== kind || value === null) throw new ConfigurationError(`${name}: expected ${expected ?? `a ${kind}`}`);
}

/** @throws {@link ConfigurationError} `name: expected …` for what lacks a method. */
export function checkMethod(name: string, value: unknown, method: string, expected: string): void {
  const found = (value as Readonly<Record<string, unknown>> | null | undefined)?.[method];
  checkKind(name, found, 'function', expected);
}

/** @throws `ConfigurationError` for a clock that lacks a method; `undefined` stands for the default. */
export function checkClock(clock: unknown): void {
  if (clock === undefined) return;
  for (const method of ['now', 'monotonic', 'setTimeout', 'clearTimeout'])
    checkMethod('clock', clock, method, `a clock with ${method}()`);
}

/**
 * Checks that a credential is present; one from an unset environment variable is `undefined`.
 *
 * @throws {@link ConfigurationError} with the name of the option.
 */
export function required<T>(name: string, value: T | undefined): T {
  if (value === undefined || value === null || value === '')
    throw new ConfigurationError(
      `${name}: missing (${value === '' ? 'an empty string' : String(value)}); pass it, or set the environment variable that it comes from`,
    );
  return value;
}

/**
 * Checks a part of a credential, which has no control characters (RFC 6749 appendix A). Files and mounted secrets often
 * end with a line break, and a server would only say that the credential is wrong.
 *
 * @throws {@link ConfigurationError} with the name of the option.
 */
export function checkedText(name: string, value: string | undefined): string {
  const text = required(name, value);
  if (typeof text !== 'string' || /\p{Cc}/u.test(text))
    throw new ConfigurationError(`${name}: expected a string without line breaks`);
  return text;
}

/**
 * @throws {@link ConfigurationError} for the first time that a timer cannot hold: not above 0 ms, or 2^31 ms and more.
 */
export function checkTimeLimits(limits: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value = 1] of Object.entries(limits)) {
    if (!(Number.isFinite(value) && value > 0 && value < 2 ** 31))
      throw new ConfigurationError(`${name}: expected ms above 0 and below 2^31`);
  }
}

/** @throws {@link ConfigurationError} for the first count that is not an integer of at least 1. */
export function checkCounts(counts: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value = 1] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ConfigurationError(`${name}: expected an integer of at least 1`);
  }
}
