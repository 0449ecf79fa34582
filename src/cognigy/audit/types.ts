import type { Page } from '../../http/internal.js';

/** The user or agent of the platform that performed an action (Cognigy.AI 2026.17 and later). */
export interface AuditEventActor {
  readonly actor?: string | undefined;
  readonly taskId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly [field: string]: unknown;
}

/** One audit event of an organization. Every field may be missing; unknown ones are kept. */
export interface AuditEvent {
  /** Id of the event. The vendor's documentation names it `id`. */
  readonly _id?: string | undefined;
  /** Time of the event, ISO 8601. */
  readonly timestamp?: string | undefined;
  /** Type of the action: `action`, `create`, `replace`, `patch`, `delete`, `unauthorized`, and newer ones. */
  readonly type?: string | undefined;
  /** Email address of the user. */
  readonly user?: string | undefined;
  /** The changed resources. */
  readonly chain?: readonly unknown[] | undefined;
  readonly performedBy?: AuditEventActor | undefined;
  readonly [field: string]: unknown;
}

/** One page of audit events. */
export type AuditEventPage = Page<AuditEvent> & Readonly<Record<string, unknown>>;

/** Selects audit events. */
export interface AuditEventQuery {
  /** Page size, at least 1. Sources disagree on the platform's maximum (25 or 100). @defaultValue 25 */
  readonly pageSize?: number | undefined;
  /** Start of the list: the `nextCursor` of an earlier page. @defaultValue the beginning */
  readonly cursor?: string | undefined;
  /** The order, e.g. `timestamp:desc`. @defaultValue the platform's */
  readonly sort?: 'timestamp:asc' | 'timestamp:desc' | (string & {}) | undefined;
  /** Id of a project (24 hex digits); without it, events of the whole organization. */
  readonly projectId?: string | undefined;
  /** A text that the platform searches for. */
  readonly filter?: string | undefined;
  /** Email address of a user. */
  readonly user?: string | undefined;
  /** Only events of these types. Cognigy.AI before 2026.17 refuses the field; the client then filters all events. */
  readonly types?: readonly string[] | undefined;
  /**
   * Only events of these actors (`performedBy.actor`). Cognigy.AI before 2026.17 refuses the field, and the call fails.
   */
  readonly actors?: readonly string[] | undefined;
}
