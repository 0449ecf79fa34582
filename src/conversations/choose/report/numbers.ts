/** Returns a number as a person wrote it: 0.3 for 0.1 + 0.2. */
export const exact = (value: number): string => String(Number(value.toPrecision(12)));

/** Returns a share as a percentage without rounding it up to 100 %: a confidence or a limit, not a measurement. */
export const exactPercent = (share: number): string => `${exact(100 * share)} %`;
