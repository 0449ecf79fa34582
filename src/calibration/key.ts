import { toHex } from '../hash.js';

/** An idempotency key as the platform wants it: `calib_` and 12 random hex digits. */
export function newCalibrationKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return `calib_${toHex(bytes)}`;
}
