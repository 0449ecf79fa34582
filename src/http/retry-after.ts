/** The three forms of an HTTP-date (RFC 9110 §5.6.7), and the order of their parts in the first of them. */
const FORMS: readonly (readonly [form: RegExp, order: string])[] = [
  [/^[A-Z][a-z]{2}, (\d\d) (\w{3}) (\d{4}) (\S{8}) GMT$/, '$1 $2 $3 $4'],
  [/^[A-Z][a-z]{5,8}, (\d\d)-(\w{3})-(\d\d) (\S{8}) GMT$/, '$1 $2 $3 $4'],
  [/^[A-Z][a-z]{2} (\w{3}) ([ \d]\d) (\S{8}) (\d{4})$/, '$2 $1 $4 $3'],
];

/** RFC 9110 §5.6.7: a two-digit year that seems more than 50 years ahead is in the past. */
function fullYear(twoDigits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear();
  const candidate = thisYear - (thisYear % 100) + twoDigits;
  return candidate > thisYear + 50 ? candidate - 100 : candidate;
}

/**
 * Parses an HTTP-date in any of its three forms (RFC 9110 §5.6.7).
 *
 * @param nowMs - ms since the epoch; resolves two-digit years.
 * @returns ms since the epoch, or `undefined` for anything else, including impossible dates.
 */
export function parseHttpDate(value: string, nowMs: number): number | undefined {
  const [form, order = ''] = FORMS.find(([pattern]) => pattern.test(value)) ?? [];
  if (form === undefined) return undefined;
  const text = value
    .replace(form, `${order} GMT`)
    .replace(/^ /, '0')
    .replace(/(?<= )\d\d(?= \d\d:)/, (year) => String(fullYear(Number(year), nowMs)))
    // A leap second is written as 60, which this scale does not have.
    .replace(':60 ', ':59 ');
  const date = new Date(text);
  // An impossible date becomes another one, or none.
  return date.toUTCString().endsWith(text) ? date.getTime() : undefined;
}

/**
 * Returns the wait of a `Retry-After` header (RFC 9110 §10.2.3), in either of its forms. Fractions of a second, which
 * some servers send, are honored too, and the longest of several.
 *
 * A date is compared with the response's own `Date` header, if present, so that a wrong clock does not change the wait.
 *
 * @param nowMs - the client's wall clock, ms since the epoch.
 * @returns ms, at least 0, or `undefined` if the header is absent or malformed.
 */
export function parseRetryAfter(headers: Headers, nowMs: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined) return undefined;
  // Repeated headers are joined (RFC 9110 §5.3). A comma without a space may be a decimal one.
  const seconds = value.split(', ').map((wait) => (/^\d+(?:\.\d+)?$/.test(wait) ? Number(wait) : NaN));
  const longest = Math.max(...seconds);
  // A number too large to represent is still a wait (RFC 9111 §1.2.2).
  if (longest >= 0) return Math.min(Math.round(longest * 1000), Number.MAX_SAFE_INTEGER);
  const at = parseHttpDate(value, nowMs);
  if (at === undefined) return undefined;
  const serverNow = parseHttpDate(headers.get('date') ?? '', nowMs) ?? nowMs;
  return Math.max(0, at - serverNow);
}
