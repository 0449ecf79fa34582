import type { Issue } from '../errors.js';
import { isRecord } from '../json.js';
import type { NotificationEvent } from './events.js';

/** A JSON object from outside. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a message became: events, what is wrong with it, or `undefined` for one of another kind. */
export type Decoding =
  { readonly events: readonly NotificationEvent[] } | { readonly issues: readonly Issue[] } | undefined;

/** A message that lacks what it cannot do without. */
export const lacks = (path: string, expected: string): Decoding => ({
  issues: [{ path, message: `expected ${expected}` }],
});

/** A text that is not empty. */
export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** An id, which some messages write as a number. */
export const id = (value: unknown): string | undefined => (Number.isSafeInteger(value) ? String(value) : text(value));

/** A number that is one. */
export const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** An object; empty in place of anything else. */
export const fields = (value: unknown): Fields => (isRecord(value) ? value : {});

/** The objects of a list, or the one that stands in its place. */
export const list = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value : [value]).filter(isRecord);
