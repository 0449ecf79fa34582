const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const TIME = String.raw`(?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})`;
const MONTH = '(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';

/** The three forms of an HTTP-date (RFC 9110 §5.6.7): IMF-fixdate and the two obsolete ones. */
const DATE_FORMS = [
  new RegExp(String.raw`^${DAY}, (?<day>\d{2}) ${MONTH} (?<year>\d{4}) ${TIME} GMT$`),
  new RegExp(
    String.raw`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d{2})-${MONTH}-(?<year>\d{2}) ${TIME} GMT$`,
  ),
  new RegExp(String.raw`^${DAY} ${MONTH} (?<day>[ \d]\d) ${TIME} (?<year>\d{4})$`),
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
  for (const form of DATE_FORMS) {
    const parts = form.exec(value)?.groups;
    if (parts === undefined) continue;
    const { day = '', month = '', year = '', hour = '', minute = '', second = '' } = parts;
    const monthIndex = MONTHS.indexOf(month) / 3;
    const fullYearNumber = year.length === 2 ? fullYear(Number(year), nowMs) : Number(year);
    // A leap second is written as 60, which this scale does not have.
    const seconds = Math.min(Number(second), 59);
    const date = new Date(0);
    date.setUTCFullYear(fullYearNumber, monthIndex, Number(day));
    date.setUTCHours(Number(hour), Number(minute), seconds);
    const isPossible =
      date.getUTCDate() === Number(day) &&
      date.getUTCHours() === Number(hour) &&
      date.getUTCMinutes() === Number(minute) &&
      Number(second) <= 60;
    return isPossible ? date.getTime() : undefined;
  }
  return undefined;
}

/**
 * Returns the wait of a `Retry-After` header (RFC 9110 §10.2.3), in either of its forms. Fractions of a second, which
 * some servers send, are honored too.
 *
 * A date is compared with the response's own `Date` header, if present, so that a wrong clock does not change the wait.
 *
 * @param nowMs - the client's wall clock, ms since the epoch.
 * @returns ms, at least 0, or `undefined` if the header is absent or malformed.
 */
export function parseRetryAfter(headers: Headers, nowMs: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined) return undefined;
  // A number too large to represent is still a wait (RFC 9111 §1.2.2).
  if (/^\d+(?:\.\d+)?$/.test(value)) return Math.min(Math.round(Number(value) * 1000), Number.MAX_SAFE_INTEGER);
  const at = parseHttpDate(value, nowMs);
  if (at === undefined) return undefined;
  const serverNow = parseHttpDate(headers.get('date') ?? '', nowMs) ?? nowMs;
  return Math.max(0, at - serverNow);
}
