import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHttpDate, parseRetryAfter } from '#dist/http/internal.js';

const NOW = Date.parse('2026-11-21T10:00:00Z');
const headers = (retryAfter: string, date?: string): Headers =>
  new Headers({ 'retry-after': retryAfter, ...(date === undefined ? {} : { date }) });

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');
const time = (date: Date): string =>
  [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
const day = (date: Date): string => DAYS[date.getUTCDay()] ?? '';
const month = (date: Date): string => MONTHS[date.getUTCMonth()] ?? '';

const imfFixdate = (date: Date): string => date.toUTCString();
const rfc850 = (date: Date): string =>
  `${day(date)}, ${two(date.getUTCDate())}-${month(date)}-${two(date.getUTCFullYear() % 100)} ${time(date)} GMT`;
const asctime = (date: Date): string =>
  `${day(date).slice(0, 3)} ${month(date)} ${String(date.getUTCDate()).padStart(2, ' ')} ${time(date)} ${date.getUTCFullYear()}`;

describe('Retry-After', () => {
  it('reads the three example dates of RFC 9110 §5.6.7', () => {
    const expected = Date.parse('1994-11-06T08:49:37Z');
    expect(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT', NOW)).toBe(expected);
    expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT', NOW)).toBe(expected);
    expect(parseHttpDate('Sun Nov  6 08:49:37 1994', NOW)).toBe(expected);
  });

  it.each([imfFixdate, rfc850, asctime])('reads every date that is written as %s', (write) => {
    const within50Years = fc.date({
      min: new Date('1980-01-01T00:00:00Z'),
      max: new Date('2070-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(within50Years, (date) => {
        date.setUTCMilliseconds(0);
        expect(parseHttpDate(write(date), NOW)).toBe(date.getTime());
      }),
    );
  });

  it('takes a two-digit year that seems over 50 years ahead as one of the past', () => {
    expect(parseHttpDate('Saturday, 21-Nov-76 10:00:00 GMT', NOW)).toBe(Date.parse('2076-11-21T10:00:00Z'));
    expect(parseHttpDate('Monday, 21-Nov-77 10:00:00 GMT', NOW)).toBe(Date.parse('1977-11-21T10:00:00Z'));
  });

  it('reads seconds as seconds, however small', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (seconds) => {
        expect(parseRetryAfter(headers(String(seconds)), NOW)).toBe(seconds * 1000);
      }),
    );
  });

  it('reads a fraction of a second, as some servers send it', () => {
    expect(parseRetryAfter(headers('1.5'), NOW)).toBe(1500);
    fc.assert(
      fc.property(fc.nat(1_000_000), (ms) => {
        expect(parseRetryAfter(headers((ms / 1000).toFixed(3)), NOW)).toBe(ms);
      }),
    );
  });

  it('takes the longest wait of a header that a proxy repeats', () => {
    expect(parseRetryAfter(headers('30, 30'), NOW)).toBe(30_000);
    expect(parseRetryAfter(headers('1, 2.5, 0'), NOW)).toBe(2500);
    expect(parseRetryAfter(headers('1, soon'), NOW)).toBe(undefined);
  });

  it.each([20, 400])('takes seconds of %i digits for a wait that never ends', (digits) => {
    expect(parseRetryAfter(headers('9'.repeat(digits)), NOW)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("measures a date from the answer's own Date, so that a wrong clock does no harm", () => {
    const at = (offsetMs: number): string => new Date(NOW + offsetMs).toUTCString();
    expect(parseRetryAfter(headers(at(2000), at(0)), NOW + 600_000)).toBe(2000);
    expect(parseRetryAfter(headers(at(2000)), NOW)).toBe(2000);
    expect(parseRetryAfter(headers(at(-2000)), NOW)).toBe(0);
  });

  it.each([
    '',
    '-1',
    '1.',
    '.5',
    '1,5',
    '1e3',
    '+3',
    '0x10',
    '2s',
    'soon',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 31 Feb 2027 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    '2027-01-01T00:00:00Z',
    'Sun, 06 nov 1994 08:49:37 GMT',
  ])('ignores the malformed value "%s"', (value) => {
    expect(parseRetryAfter(headers(value), NOW)).toBeUndefined();
  });

  it('is a number of at least 0 or nothing for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
        const delay = parseRetryAfter(headers(text.trim()), NOW);
        expect(delay === undefined || delay >= 0).toBe(true);
      }),
    );
  });
});
