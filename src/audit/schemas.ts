import * as z from 'zod/mini';
import { listOf, type Page } from '../http/internal.js';

/** One event of the tenant's audit log. The documents give its fields no names; all are kept as they came. */
export type AuditLogEntry = Readonly<Record<string, unknown>>;

/** One page of the tenant's audit log. */
export interface AuditLogPage extends Page<AuditLogEntry> {
  /** The entries of this page, in the tenant's order. */
  readonly items: readonly AuditLogEntry[];
  /** Where the next page begins; absent on the last page. Pass it as `cursor` to resume later. */
  readonly nextCursor?: string | undefined;
  /** Whatever else the server says. */
  readonly [field: string]: unknown;
}

/** Which part of the audit log is asked for. */
export interface AuditLogQuery {
  /** Entries of a page, at least 1. Default 50. */
  readonly pageSize?: number | undefined;
  /** Where to begin: the `nextCursor` of an earlier page. Default: the beginning. */
  readonly cursor?: string | undefined;
  /**
   * Further fields of the query, as the tenant names them, e.g. a range of time. A `Date` is sent as ISO 8601. The documents
   * name none.
   */
  readonly query?: Readonly<Record<string, string | number | boolean | Date | undefined>> | undefined;
}

const queryValue: z.ZodMiniType<string> = z.pipe(
  z.union([z.string(), z.number(), z.boolean(), z.date()]),
  z.transform((value) => (value instanceof Date ? value.toISOString() : String(value))),
);

/** {@link AuditLogQuery} with its default, checked. */
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
