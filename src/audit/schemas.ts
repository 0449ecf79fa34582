import * as z from '../schema.js';
import { anyString, filledString, jsonObject, listOf, positiveInteger, withDefault } from '../http/internal.js';
import type { AuditLogEntry } from './types.js';

function queryText(value: unknown): string | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  const isPlain = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
  return isPlain ? String(value) : undefined;
}

// `z.record` with `z.union` would be larger in a bundle than the rest of this client.
const queryFields: z.Schema<Readonly<Record<string, string | undefined>>> = z.map(
  z.check(jsonObject, (fields) =>
    Object.entries(fields)
      .filter(([, value]) => value !== undefined && queryText(value) === undefined)
      .map(([name]) => ({ path: [name], message: 'expected string, number, boolean or date' })),
  ),
  (fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, queryText(value)])),
);

/** A validated `AuditLogQuery` with its default. */
export const auditLogQuery: z.Schema<{
  pageSize: number;
  cursor?: string | undefined;
  query?: Readonly<Record<string, string | undefined>> | undefined;
}> = z.strictObject({
  pageSize: withDefault(positiveInteger, 50),
  cursor: z.optional(filledString),
  query: z.optional(queryFields),
});

/** A page on the wire. Tenants end the list with a cursor that is missing, `null` or empty. */
export interface WireAuditLogPage {
  readonly items: readonly AuditLogEntry[];
  readonly next_cursor?: string | null | undefined;
  readonly nextCursor?: string | null | undefined;
  readonly [field: string]: unknown;
}

export const auditLogPage: z.Schema<WireAuditLogPage> = z.looseObject({
  items: listOf(z.looseObject({})),
  next_cursor: z.optional(z.nullable(anyString)),
  nextCursor: z.optional(z.nullable(anyString)),
});
