/**
 * Returns the score interval of a share (Wilson 1927).
 *
 * @param size - number of independent observations, above 0; a fraction for an effective size.
 * @param z - quantile of the standard normal distribution, of at least 0.
 */
export function wilsonInterval(
  share: number,
  size: number,
  z: number,
): { readonly low: number; readonly high: number } {
  const square = (z * z) / size;
  const centre = share + square / 2;
  const spread = z * Math.sqrt((share * (1 - share)) / size + (z * z) / (4 * size * size));
  // Rounding may yield slightly less than zero, which would become −0.
  return { low: Math.max(0, (centre - spread) / (1 + square)), high: (centre + spread) / (1 + square) };
}
