import * as z from 'zod/mini';
import { listOf } from '../http/internal.js';
import type { AuditLogEntry, AuditLogPage } from './types.js';

const queryValue: z.ZodMiniType<string> = z.pipe(
  z.union([z.string(), z.number(), z.boolean(), z.date()]),
  z.transform((value) => (value instanceof Date ? value.toISOString() : String(value))),
);

/** `AuditLogQuery` with its default, checked. */
export const auditLogQuery: z.ZodMiniType<{
  pageSize: number;
  cursor?: string | undefined;
  query?: Readonly<Record<string, string | undefined>> | undefined;
}> = z.object({
  pageSize: z._default(z.int().check(z.minimum(1)), 50),
  cursor: z.optional(z.string().check(z.minLength(1))),
  query: z.optional(z.record(z.string(), z.optional(queryValue))),
});

/** A page as it arrives. Tenants end the list with a cursor that is missing, `null` or empty. */
export interface WireAuditLogPage {
  readonly items: readonly AuditLogEntry[];
  readonly next_cursor?: string | null | undefined;
  readonly [field: string]: unknown;
}

export const auditLogPage: z.ZodMiniType<WireAuditLogPage> = z.looseObject({
  items: listOf(z.looseObject({})),
  next_cursor: z.optional(z.nullable(z.string())),
});

export function toPage({ items, next_cursor: cursor, ...rest }: WireAuditLogPage): AuditLogPage {
  return { ...rest, items, nextCursor: cursor === null || cursor === '' ? undefined : cursor };
}
