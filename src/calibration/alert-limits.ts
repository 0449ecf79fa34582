// In a file of their own, so that who checks a trigger alone gets no schemas.
import type { AlertDirective } from './types.js';

/** What an alert may do. */
export const DIRECTIVES: readonly AlertDirective[] = ['block', 'notify', 'escalate', 'log'];
/** The highest threshold of a trigger. */
export const MAX_THRESHOLD = 0.95;
/** The lowest threshold of a trigger that blocks. */
export const MIN_BLOCK_THRESHOLD = 0.7;
