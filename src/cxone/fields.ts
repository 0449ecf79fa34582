import type { Issue } from '../errors.js';
import { isRecord } from '../json.js';
import type { NotificationEvent } from './notifications/types.js';

/** A JSON object from outside. */
export type Fields = Readonly<Record<string, unknown>>;

/** The result of decoding a message: events, a problem, or `undefined` for another kind of message. */
export type Decoding = readonly NotificationEvent[] | Issue | undefined;

/** Reports a message without a required field. */
export const lacks = (path: string, expected: string): Issue => ({ path, message: `expected ${expected}` });

/** Returns a text that is not empty. */
export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Returns an id, which some messages write as a number. */
export const id = (value: unknown): string | undefined => (Number.isSafeInteger(value) ? String(value) : text(value));

/** Returns a finite number. */
export const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** Returns an object; an empty one instead of anything else. */
export const fields = (value: unknown): Fields => (isRecord(value) ? value : {});

/** Returns the objects of a list, or the single object in its place. */
export const list = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value : [value]).filter(isRecord);
