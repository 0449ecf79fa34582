import { ConfigurationError } from './errors.js';

type One =
  | 'a boolean'
  | 'a function'
  | 'a number'
  | 'a string'
  | 'an object'
  | `a list of ${'functions' | 'numbers' | 'objects' | 'strings' | 'strings or objects'}`
  | `${string} with ${string}()`;

/** What a value must be, as messages say it; {@link checkKind} reads the words. */
export type Kind = One | `${One} or ${One}` | `${One}; ${string}`;

/** Every option with its kind. Its owner checks `'anything'`, and `true` or a default value, which are never `null`. */
export type Known<T> = Readonly<Record<keyof T, Kind | 'anything' | number | true>>;

/** The kind of every `signal`. */
export const signalKind = 'an AbortSignal with addEventListener()';

const NOT_NULL = 'a value, not null; leave it out';

/**
 * Rejects unknown options, since a misspelled one would silently have no effect, and options of a wrong type.
 *
 * @param owner - owner of the options, e.g. `HttpClient`.
 * @param known - every option; the type ensures completeness.
 * @throws {@link ConfigurationError} with the option: for an unknown one, with the nearest known one as well.
 */
export function checkOptions<T extends object>(owner: string, options: T, known: Known<T>): void {
  const names = Object.keys(known);
  checkKind(owner, options, 'an object', `an object of options: ${names.join(', ')}`);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (Object.hasOwn(known, name)) {
      const kind = known[name as keyof T];
      if (kind !== 'anything') checkKind(`${owner}: ${name}`, value, typeof kind === 'string' ? kind : NOT_NULL);
      continue;
    }
    // Every `Platform` has both; no client has both among its options.
    const isSpread = 'platform' in known && 'tokenUrl' in options && 'streamUrl' in options;
    const hint = isSpread ? "pass the spread platform as 'platform'" : didYouMean(name, names);
    throw new ConfigurationError(`${owner}: unknown option ${JSON.stringify(name.slice(0, 50))}; ${hint}`);
  }
}

/** Returns the end of a message about an unknown name: the nearest known one, or all of them. */
export function didYouMean(unknown: string, known: readonly string[]): string {
  const edits = (name: string): number => editDistance(unknown.slice(0, 50).toLowerCase(), name.toLowerCase());
  const nearest = known.reduce((best, next) => (edits(next) < edits(best) ? next : best));
  return edits(nearest) <= Math.min(3, Math.ceil(unknown.length / 2))
    ? `did you mean '${nearest}'?`
    : `expected one of ${known.join(', ')}`;
}

/** Returns the Levenshtein distance. A library would be larger in a browser than the rest of this file. */
function editDistance(from: string, to: string): number {
  let row = [...Array(to.length + 1).keys()];
  for (let i = 0; i < from.length; i += 1) {
    let left = i;
    row = row.map((above, j) => {
      const replaced = (row[j - 1] ?? i + 1) + (from[i] === to[j - 1] ? 0 : 1);
      left = Math.min(replaced, above + 1, left + 1);
      return left;
    });
  }
  return row[to.length] ?? 0;
}

/** Refuses what only plain JavaScript can pass. @throws {@link ConfigurationError} `name: expected …` */
export function checkKind(name: string, value: unknown, kind: Kind | typeof NOT_NULL, expected: string = kind): void {
  // Calls and events pass here, so the usual case must cost nothing.
  if (value !== null && kind.endsWith(` ${typeof value}`) && !Array.isArray(value)) return;
  const words = kind.split(/\W* /);
  const method = words.at(-1)?.slice(0, -2) ?? '';
  const isKind = Array.isArray(value)
    ? words.includes('list') && value.every((item) => item !== null && words.includes(`${typeof item}s`))
    : words.includes(typeof value) ||
      typeof (value as Readonly<Record<string, unknown>> | null | undefined)?.[method] === 'function';
  if (value === null || !(kind === NOT_NULL || isKind)) throw new ConfigurationError(`${name}: expected ${expected}`);
}

/**
 * Checks an argument by those of its fields that the function cannot do without.
 *
 * @throws {@link ConfigurationError} `name: expected an object`, or `name.field: expected …`
 */
export function checkFields<T>(name: string, value: T, fields: { readonly [Field in keyof T]?: Kind }): void {
  checkKind(name, value, 'an object');
  for (const [field, kind] of Object.entries<Kind>(fields as Readonly<Record<string, Kind>>))
    checkKind(`${name}.${field}`, value[field as keyof T], kind);
}

/**
 * Returns the signal of a call that has no other option.
 *
 * @throws {@link ConfigurationError} for a signal of another kind, and as {@link checkOptions}.
 */
export function signalOf(
  owner: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): AbortSignal | undefined {
  checkOptions(owner, options, { signal: signalKind });
  return options.signal;
}

/** @throws `ConfigurationError` for an argument that is not a signal; `undefined` stands for none. */
export function checkSignal(signal: unknown): void {
  if (signal !== undefined) checkKind('signal', signal, signalKind);
}

/** @throws `ConfigurationError` for a clock that lacks a method; `undefined` stands for the default. */
export function checkClock(clock: unknown): void {
  if (clock === undefined) return;
  for (const method of ['now', 'monotonic', 'setTimeout', 'clearTimeout'])
    checkKind('clock', clock, `a clock with ${method}()`);
}

/**
 * Checks that a credential is present; one from an unset environment variable is `undefined`.
 *
 * @throws {@link ConfigurationError} with the name of the option.
 */
export function required<T>(name: string, value: T | undefined): T {
  if (value === undefined || value === '')
    throw new ConfigurationError(
      `${name}: missing (${value === '' ? 'an empty string' : 'undefined'}); pass it, or set the environment variable that it comes from`,
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
