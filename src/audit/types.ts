import type { HttpClientOptions, Page } from '../http/internal.js';

/** One event of the tenant's audit log. The tutorials do not name its fields; all are kept unchanged. */
export type AuditLogEntry = Readonly<Record<string, unknown>>;

/** One page of the tenant's audit log. */
export interface AuditLogPage extends Page<AuditLogEntry> {
  /** The entries of this page, in the tenant's order. */
  readonly items: readonly AuditLogEntry[];
  /** Cursor of the next page; absent on the last page. Pass it as `cursor` to resume. */
  readonly nextCursor?: string | undefined;
  /** Unknown fields of the page. */
  readonly [field: string]: unknown;
}

/** Selects a part of the audit log. */
export interface AuditLogQuery {
  /** Page size, at least 1. @defaultValue 50 */
  readonly pageSize?: number | undefined;
  /** Start of the list: the `nextCursor` of an earlier page. @defaultValue the beginning */
  readonly cursor?: string | undefined;
  /**
   * Further query parameters, as the tenant names them, e.g. a time range. A `Date` is sent as ISO 8601. The tutorials
   * name none.
   */
  readonly query?: Readonly<Record<string, string | number | boolean | Date | undefined>> | undefined;
}

/** A record: an object that JSON can express. */
export type AuditRecord = Readonly<Record<string, unknown>>;

/** One record of a trail and its place in the chain. */
export interface AuditTrailEntry {
  /** Position in the trail, from 1. */
  readonly seq: number;
  /** Time of the append, ISO 8601 in UTC. */
  readonly at: string;
  readonly record: AuditRecord;
  /** Hash of the previous entry; 64 zeros for the first. */
  readonly previousHash: string;
  /** SHA-256, in hex, of the canonical JSON (RFC 8785) of the four fields above. */
  readonly hash: string;
}

/** The end of a trail. Stored elsewhere, it later reveals that the trail was truncated or rewritten. */
export interface AuditTrailHead {
  /** Number of records. */
  readonly count: number;
  /** Hash of the last record; 64 zeros for an empty trail. */
  readonly hash: string;
}

/** Options of `AuditTrail.open`. */
export interface AuditTrailOptions extends Pick<HttpClientOptions, 'clock'> {
  /**
   * Limit of appends that wait for the disk. When the queue is full, `append` fails with a `QueueFullError`.
   *
   * @defaultValue 1,000
   */
  readonly capacity?: number | undefined;
}

/** Options of an `AuditTrail` call. */
export interface AuditTrailCallOptions {
  /** Aborts the wait with an `AbortError`. An accepted record is still written. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `AuditTrail.csv`. */
export interface AuditTrailCsvOptions extends AuditTrailCallOptions {
  /** Fields of the records that become columns. @defaultValue all that occur, in the order of their first occurrence */
  readonly columns?: readonly string[] | undefined;
  /** Starts with a byte order mark, without which Excel does not read the file as UTF-8. @defaultValue false */
  readonly bom?: boolean | undefined;
}

/** A record that a crash interrupted, at the end of a trail's file. */
export interface RecoveredTail {
  /** Position of the interrupted record; it was never acknowledged. */
  readonly seq: number;
  /** Size of the interrupted record in bytes. */
  readonly bytes: number;
  /** The file that contains it now, each interrupted record on its own line. */
  readonly movedTo: string;
}

/** A problem in a trail, with its first position. */
export interface AuditTrailProblem {
  /**
   * `changed`: the record was changed · `removed`: the record is missing · `inserted`: the record does not belong there
   * · `forked`: two records have this position and follow the same one, left by two concurrent writers or by someone
   * who added a record with a matching hash · `torn`: the last line is incomplete, after a crash during a write ·
   * `rewritten`: the chain is valid but does not contain the expected head.
   */
  readonly kind: 'changed' | 'removed' | 'inserted' | 'forked' | 'torn' | 'rewritten';
  /** Position of the first record concerned, from 1; it is also its line in the file. */
  readonly seq: number;
  /** Describes the problem. */
  readonly message: string;
}

/** The outcome of `verifyAuditTrail`. */
export type AuditTrailVerification =
  | {
      /** Every record is unchanged and in its place. */
      readonly ok: true;
      /** The end of the trail. */
      readonly head: AuditTrailHead;
    }
  | {
      /** The trail has a problem. */
      readonly ok: false;
      /** The problem and its position. */
      readonly problem: AuditTrailProblem;
    };

/** Options of `verifyAuditTrail`. */
export interface VerifyTrailOptions {
  /**
   * An earlier head, stored elsewhere. A chain alone cannot reveal that its end was cut off, or that records were
   * rewritten with matching hashes; a comparison with a head can.
   */
  readonly expectedHead?: AuditTrailHead | undefined;
  /** Aborts the verification with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
}
