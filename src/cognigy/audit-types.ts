import type { Page } from '../http/internal.js';

/** Who did what, for a user or an agent of the platform (Cognigy.AI 2026.17 and later). */
export interface AuditEventActor {
  readonly actor?: string | undefined;
  readonly taskId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly [field: string]: unknown;
}

/** One audit event of an organization, as it came; every field may be missing, unknown ones are kept. */
export interface AuditEvent {
  /** Id of the event. The vendor's documentation names it `id`. */
  readonly _id?: string | undefined;
  /** When it happened, ISO 8601. */
  readonly timestamp?: string | undefined;
  /** What was done: `action`, `create`, `replace`, `patch`, `delete`, `unauthorized`, and newer ones. */
  readonly type?: string | undefined;
  /** Email address of the user. */
  readonly user?: string | undefined;
  /** What was changed. */
  readonly chain?: readonly unknown[] | undefined;
  readonly performedBy?: AuditEventActor | undefined;
  readonly [field: string]: unknown;
}

/** One page of audit events. */
export interface AuditEventPage extends Page<AuditEvent> {
  /** The events of this page, in the platform's order. */
  readonly items: readonly AuditEvent[];
  /** Where the next page begins; absent on the last page. Pass it as `cursor` to resume later. */
  readonly nextCursor?: string | undefined;
  readonly [field: string]: unknown;
}

/** Which audit events are asked for. */
export interface AuditEventQuery {
  /**
   * Events of a page, at least 1. Sources disagree on the largest number that the platform takes (25 or 100).
   *
   * @defaultValue 25
   */
  readonly pageSize?: number | undefined;
  /**
   * Where to begin: the `nextCursor` of an earlier page.
   *
   * @defaultValue the beginning
   */
  readonly cursor?: string | undefined;
  /**
   * The order, e.g. `timestamp:desc`.
   *
   * @defaultValue the platform's
   */
  readonly sort?: 'timestamp:asc' | 'timestamp:desc' | (string & {}) | undefined;
  /** Id of a project (24 hex digits); without it, events of the whole organization. */
  readonly projectId?: string | undefined;
  /** A text that the platform looks for. */
  readonly filter?: string | undefined;
  /** Email address of a user. */
  readonly user?: string | undefined;
  /**
   * Only events of these types. Cognigy.AI before 2026.17 refuses the field; the types are then chosen here, from all
   * events.
   */
  readonly types?: readonly string[] | undefined;
  /** Only events of these actors (`performedBy.actor`). Cognigy.AI before 2026.17 refuses the field, and the call fails. */
  readonly actors?: readonly string[] | undefined;
}
