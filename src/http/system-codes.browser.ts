/**
 * Replaces `system-codes.ts` in bundles for browsers (condition `browser`): a browser does not reveal why a connection
 * failed, so there is no code to explain.
 *
 * @module
 */
import type * as system from './system-codes.js';

/** There is no code to judge by. */
export const isPermanent: typeof system.isPermanent = () => false;

/** There is no code to judge by. */
export const isForeignLimit: typeof system.isForeignLimit = () => false;

/** There is no code to explain. */
export const adviceOn: typeof system.adviceOn = () => '';
