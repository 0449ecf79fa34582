/** A decimal number: `digits` × 10^-`scale`. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

function toDecimal(value: number): Decimal {
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const digits = BigInt(sign + whole + fraction);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/**
 * Returns the mean of finite numbers, rounded half up in decimal. Sums of doubles drift (0.1 + 0.2), and a mean halfway
 * between two results could round either way.
 *
 * @returns 0 without numbers.
 */
export function roundedMean(values: readonly number[], places: number): number {
  if (values.length === 0) return 0;
  const decimals = values.map(toDecimal);
  const scale = decimals.reduce((largest, decimal) => Math.max(largest, decimal.scale), 0);
  const sum = decimals.reduce((total, decimal) => total + decimal.digits * 10n ** BigInt(scale - decimal.scale), 0n);
  return divideRounded(sum, BigInt(values.length) * 10n ** BigInt(scale), places);
}

/** Returns `part` of `whole`, rounded half up. @returns 0 if `whole` is 0. */
export function roundedShare(part: number, whole: number, places: number): number {
  return whole === 0 ? 0 : divideRounded(BigInt(part), BigInt(whole), places);
}

/** Returns the decimal difference of two numbers: 0.9 − 0.8 is 0.1. */
export function exactDifference(minuend: number, subtrahend: number): number {
  const [a, b] = [toDecimal(minuend), toDecimal(subtrahend)];
  const scale = Math.max(a.scale, b.scale);
  const digits = a.digits * 10n ** BigInt(scale - a.scale) - b.digits * 10n ** BigInt(scale - b.scale);
  return Number(`${digits}e-${scale}`);
}

function divideRounded(dividend: bigint, divisor: bigint, places: number): number {
  const rounded = (dividend * 10n ** BigInt(places) * 2n + divisor) / (divisor * 2n);
  return Number(`${rounded}e-${places}`);
}

/**
 * Returns the p-value of McNemar's exact test on paired yes-or-no outcomes: the probability of a split at least this
 * uneven if both directions are equally likely. Two-sided, by the binomial distribution with p = ½.
 *
 * @param improved - pairs that changed from no to yes; a whole number of at least 0.
 * @param worsened - pairs that changed from yes to no; a whole number of at least 0.
 * @returns the p-value, above 0 (unless below the smallest double) and at most 1; 1 without changes.
 */
export function mcnemarExact(improved: number, worsened: number): number {
  const [fewer, more] = improved < worsened ? [improved, worsened] : [worsened, improved];
  const pairs = fewer + more;
  // The probability of exactly `fewer`, as a logarithm: 2^-pairs is below the smallest double from 1075 pairs on.
  let logTerm = -pairs * Math.LN2;
  for (let k = 1; k <= fewer; k += 1) logTerm += Math.log((more + k) / k);
  // The terms below shrink by k / (pairs - k + 1) each, so that the sum relative to the first one stays small.
  let [sum, term] = [0, 1];
  for (let k = fewer; term > sum * Number.EPSILON; k -= 1) {
    sum += term;
    term *= k / (pairs - k + 1);
  }
  return Math.min(1, 2 * Math.exp(logTerm + Math.log(sum)));
}
