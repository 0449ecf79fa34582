/**
 * McNemar's exact test on paired yes-or-no outcomes: how likely a split at least this uneven is when a change in
 * either direction is as likely as in the other. Two-sided, by the binomial distribution with p = ½.
 *
 * @param improved - pairs that went from no to yes; a whole number of at least 0.
 * @param worsened - pairs that went from yes to no; a whole number of at least 0.
 * @returns the p-value, above 0 (unless below the smallest double) and at most 1; 1 when nothing changed.
 */
export function mcnemarExact(improved: number, worsened: number): number {
  const [fewer, more] = improved < worsened ? [improved, worsened] : [worsened, improved];
  const pairs = fewer + more;
  // The probability of exactly `fewer`, as a logarithm: 2^-pairs alone is below the smallest double from 1075 pairs on.
  let logTerm = -pairs * Math.LN2;
  for (let k = 1; k <= fewer; k += 1) logTerm += Math.log((more + k) / k);
  // The terms below it shrink by k / (pairs - k + 1) each, so that the sum relative to the first one stays small.
  let [sum, term] = [0, 1];
  for (let k = fewer; term > sum * Number.EPSILON; k -= 1) {
    sum += term;
    term *= k / (pairs - k + 1);
  }
  return Math.min(1, 2 * Math.exp(logTerm + Math.log(sum)));
}
