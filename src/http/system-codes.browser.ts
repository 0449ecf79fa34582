/**
 * Stands in for `system-codes.ts` where a bundler asks for the `browser` condition: a browser does not tell why a
 * connection failed, so there is no code to explain.
 *
 * @module
 */
import type * as system from './system-codes.js';

/** No code tells what the next attempt will bring. */
export const isPermanent: typeof system.isPermanent = () => false;

/** No code tells whose limit was reached. */
export const isForeignLimit: typeof system.isForeignLimit = () => false;

/** No code, no advice. */
export const adviceOn: typeof system.adviceOn = () => '';
