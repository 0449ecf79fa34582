import type { Clock } from '../../http/clock.js';
import type { ServerParts } from '../server/http-listener.js';
import { keepLatest } from '../server/kept.js';
import { cursorAt, queryInteger, readCursor } from '../server/query.js';
import { ok } from '../server/router.js';
import { checkKind } from '../../options.js';

/** An entry of the tenant's audit log, on the wire. */
export interface TenantAuditEntry {
  /** Position in the log, from 1, as `audit_` and at least six digits. */
  readonly id: string;
  /** Time of the entry, ISO 8601. */
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

/** How the tenant's pages deviate: every third one is an entry short, or the first cursor is repeated. */
export type AuditPageQuirk = 'short-pages' | 'repeated-cursor';

/** The audit log of calibrations (protocol 4). Keeps the latest 10,000 entries; each further one evicts the oldest. */
export class TenantAudit {
  readonly #clock: Clock;
  readonly #entries: TenantAuditEntry[] = [];
  #added = 0;
  #quirk: AuditPageQuirk | undefined;

  /** @internal */
  constructor({ router, clock }: ServerParts) {
    this.#clock = clock;
    router.on('GET /api/v1/audit/sentiment/calibration', { scope: 'audit:read' }, ({ query }) => {
      const limit = queryInteger(query, 'limit', { least: 1, most: 1000, absent: 50 });
      return ok(this.#page(limit, readCursor(query.get('cursor') ?? cursorAt(0))));
    });
  }

  /** The entries that are kept, oldest first. */
  get entries(): readonly TenantAuditEntry[] {
    return [...this.#entries];
  }

  /** Adds an entry. */
  add(fields: Readonly<Record<string, unknown>>): TenantAuditEntry {
    checkKind('fields', fields, 'an object');
    this.#added += 1;
    const id = `audit_${String(this.#added).padStart(6, '0')}`;
    const entry: TenantAuditEntry = { ...fields, id, timestamp: new Date(this.#clock.now()).toISOString() };
    keepLatest(this.#entries, entry);
    return entry;
  }

  /** Adds `count` entries of applied calibrations. */
  seed(count: number): void {
    checkKind('count', count, 'a number');
    for (let number = 1; number <= count; number += 1) {
      this.add({
        action: 'calibration.applied',
        actor: `supervisor-${number % 7}`,
        sensitivity_level: 0.05 + (number % 91) / 100,
      });
    }
  }

  /** Makes pages deviate from now on. Without an argument, pages are normal again. */
  deviate(quirk?: AuditPageQuirk): void {
    this.#quirk = quirk;
  }

  #page(limit: number, after: number): object {
    const evicted = this.#added - this.#entries.length;
    const start = Math.max(after, evicted);
    const short = this.#quirk === 'short-pages' && Math.floor(start / limit) % 3 === 2;
    const end = start + Math.max(1, limit - (short ? 1 : 0));
    const items = this.#entries.slice(start - evicted, end - evicted);
    if (this.#quirk === 'repeated-cursor') return { items, next_cursor: cursorAt(limit) };
    return end < this.#added ? { items, next_cursor: cursorAt(end) } : { items };
  }
}
