/**
 * Replaces `runtime.ts` in bundles for browsers (condition `browser`). A browser does not reveal why a connection failed,
 * and has no environment variables.
 *
 * @module
 */
import { isObject } from '../../json.js';
import type * as runtime from './runtime.js';

/** There is only a message. */
export const reasonOf: typeof runtime.reasonOf = (error) => ({
  code: undefined,
  text: isObject(error) && typeof error['message'] === 'string' ? error['message'] : '',
});

/** There is no code to judge by. */
export const isPermanent: typeof runtime.isPermanent = () => false;

/** There is no code to judge by. */
export const limitNote: typeof runtime.limitNote = () => '';

/** There is no code to explain. */
export const adviceOn: typeof runtime.adviceOn = () => '';

/** There is no environment. */
export const environmentLogger: typeof runtime.environmentLogger = () => undefined;
