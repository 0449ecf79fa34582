import type { CallOptions, Clock, Page } from '../http/internal.js';

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
  /**
   * Entries of a page, at least 1.
   *
   * @defaultValue 50
   */
  readonly pageSize?: number | undefined;
  /**
   * Where to begin: the `nextCursor` of an earlier page.
   *
   * @defaultValue the beginning
   */
  readonly cursor?: string | undefined;
  /**
   * Further fields of the query, as the tenant names them, e.g. a range of time. A `Date` is sent as ISO 8601. The documents
   * name none.
   */
  readonly query?: Readonly<Record<string, string | number | boolean | Date | undefined>> | undefined;
}

/** Options of `AuditClient.listAll`: those of each page's call, and where to stop. */
export interface ListAllOptions extends CallOptions {
  /**
   * How many entries to yield at most; a page that has more is cut.
   *
   * @defaultValue all
   */
  readonly maxItems?: number | undefined;
}

/** What is recorded: an object that JSON can hold. */
export type AuditRecord = Readonly<Record<string, unknown>>;

/** One record of a trail with its place in the chain. */
export interface AuditTrailEntry {
  /** Position in the trail, from 1. */
  readonly seq: number;
  /** When it was appended, ISO 8601 in UTC. */
  readonly at: string;
  /** What was recorded. */
  readonly record: AuditRecord;
  /** Hash of the entry before; 64 zeros for the first. */
  readonly previousHash: string;
  /** SHA-256, in hex, of the canonical JSON (RFC 8785) of the four fields above. */
  readonly hash: string;
}

/** The end of a trail: all that must be kept elsewhere to notice later that the trail was cut or rewritten. */
export interface AuditTrailHead {
  /** How many records the trail has. */
  readonly count: number;
  /** Hash of the last one; 64 zeros for an empty trail. */
  readonly hash: string;
}

/** Options of `AuditTrail.open`. */
export interface AuditTrailOptions {
  /**
   * How many appends may wait for the disk; when the queue is full, `append` fails with a `QueueFullError`.
   *
   * @defaultValue 1,000
   */
  readonly capacity?: number | undefined;
  /**
   * Source of time.
   *
   * @defaultValue the system clock
   */
  readonly clock?: Clock | undefined;
}

/** Options of what takes time. */
export interface AuditTrailCallOptions {
  /** Ends the wait with an `AbortError`. A record that was handed over is written all the same. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `AuditTrail.csv`. */
export interface AuditTrailCsvOptions extends AuditTrailCallOptions {
  /**
   * Which fields of the records become columns.
   *
   * @defaultValue all that occur, in the order of their first occurrence
   */
  readonly columns?: readonly string[] | undefined;
  /**
   * Begins with a byte order mark, without which Excel takes UTF-8 for another encoding.
   *
   * @defaultValue false
   */
  readonly bom?: boolean | undefined;
}

/** What a crash in the middle of a write left at the end of a trail's file, and where it is now. */
export interface RecoveredTail {
  /** The record that was being written; it was never acknowledged. */
  readonly seq: number;
  /** How many bytes of it there were. */
  readonly bytes: number;
  /** The file that they were moved to, each such rest on a line of its own. */
  readonly movedTo: string;
}

/** What is wrong with a trail, at its first bad place. */
export interface AuditTrailProblem {
  /**
   * `changed`: the record is not what was written · `removed`: the record is missing · `inserted`: the record does not
   * belong there · `forked`: two records have this place and follow the same one, as two writers at one instant leave it or
   * someone who added a record with a matching hash · `torn`: the last line is incomplete, as a crash in the middle of a write leaves it ·
   * `rewritten`: the chain holds but does not contain the expected head.
   */
  readonly kind: 'changed' | 'removed' | 'inserted' | 'forked' | 'torn' | 'rewritten';
  /** The first record concerned, from 1: its position in the trail, which is also its line in the file. */
  readonly seq: number;
  /** The same as a sentence. */
  readonly message: string;
}

/** The outcome of `verifyAuditTrail`. */
export type AuditTrailVerification =
  | {
      /** Every record is as it was written and where it was written. */
      readonly ok: true;
      /** The end of the trail. */
      readonly head: AuditTrailHead;
    }
  | {
      /** Something is wrong. */
      readonly ok: false;
      /** What and where. */
      readonly problem: AuditTrailProblem;
    };

/** Options of `verifyAuditTrail`. */
export interface VerifyTrailOptions {
  /**
   * An earlier head, kept elsewhere. A chain alone cannot show that its end was cut off, or that everything from some
   * record on was written again with matching hashes; against a head it shows.
   */
  readonly expectedHead?: AuditTrailHead | undefined;
  /** Ends the verification with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
}
