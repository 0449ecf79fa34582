import {
  checkedHttp,
  ApiPromise,
  paginate,
  validateRequest,
  type CallOptions,
  type HttpClient,
  type PagedIterable,
} from '../http/internal.js';
import { csvLine } from './csv.js';
import { auditLogPage, auditLogQuery, type AuditLogEntry, type AuditLogPage, type AuditLogQuery } from './schemas.js';

/**
 * Reads a tenant's audit log of sentiment calibrations (protocol 4).
 *
 * @example
 * ```ts
 * import { AuditClient, HttpClient, StaticTokenAuth, cognigy } from 'agent-assist-sdk';
 *
 * const http = new HttpClient({ ...cognigy({ tenant: 'acme' }), auth: new StaticTokenAuth({ token: 'token' }) });
 * const audit = new AuditClient(http);
 * for await (const entry of audit.all()) console.log(entry);
 *
 * let cursor: string | undefined;
 * for await (const page of audit.all({ limit: 100 }).byPage()) cursor = page.nextCursor; // keep it to resume there
 * for await (const entry of audit.all({ cursor })) console.log(entry);
 * ```
 */
export class AuditClient {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = checkedHttp(http);
  }

  /**
   * Fetches one page. Needs the scope `audit:read`.
   *
   * @throws (as rejection) `RequestValidationError` before anything is sent; otherwise what `HttpClient.request` throws.
   */
  list(query: AuditLogQuery = {}, options?: CallOptions): ApiPromise<AuditLogPage> {
    return ApiPromise.attempt(() => {
      const { limit, cursor, query: fields } = validateRequest(auditLogQuery, query, 'audit log query');
      return this.#http.request(
        {
          method: 'GET',
          path: this.#http.paths.calibrationAudit,
          scopes: ['audit:read'],
          query: { ...fields, limit, cursor },
          response: auditLogPage,
        },
        options,
      );
    });
  }

  /**
   * The whole log from `query.cursor` on, fetched page by page while it is iterated, until a page has no cursor. A
   * short or empty page does not end it.
   *
   * @param options - for each page's call.
   * @throws (while iterating) what {@link AuditClient.list} throws, and `PaginationError` when a cursor comes back twice.
   */
  all(query: AuditLogQuery = {}, options?: CallOptions): PagedIterable<AuditLogEntry, AuditLogPage> {
    return paginate((cursor) => this.list({ ...query, cursor }, options), query.cursor);
  }

  /**
   * The log as CSV (RFC 4180), line by line, as {@link AuditClient.all} fetches it; formulas are made harmless for
   * spreadsheets, what is neither text, number nor boolean stands as JSON.
   *
   * @param columns - which fields of the entries, in this order; the first line names them.
   * @throws (while iterating) what {@link AuditClient.all} throws.
   */
  async *csv(
    columns: readonly string[],
    query: AuditLogQuery = {},
    options?: CallOptions,
  ): AsyncGenerator<string, void, undefined> {
    yield csvLine(columns);
    for await (const entry of this.all(query, options)) {
      yield csvLine(columns.map((name) => (Object.hasOwn(entry, name) ? entry[name] : undefined)));
    }
  }
}
