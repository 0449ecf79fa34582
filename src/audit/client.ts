import {
  checkedHttp,
  followCursors,
  ApiPromise,
  validateRequest,
  withNextCursor,
  type ApiResponse,
  type CallOptions,
  type HttpClient,
  type ListAllOptions,
  type PagedIterable,
  type Progress,
} from '../http/internal.js';
import { csvLines } from './csv.js';
import { auditLogPage, auditLogQuery } from './schemas.js';
import type { AuditLogEntry, AuditLogPage, AuditLogQuery } from './types.js';

/**
 * Reads a tenant's audit log of sentiment calibrations (protocol 4).
 *
 * @example
 * ```ts
 * import { AuditClient, HttpClient, StaticTokenAuth, cognigy } from 'agent-assist-sdk';
 *
 * const platform = cognigy({ tenant: 'acme' });
 * const audit = new AuditClient(new HttpClient({ platform, auth: new StaticTokenAuth({ token: 'token' }) }));
 * for await (const entry of audit.listAll()) console.log(entry);
 *
 * let cursor: string | undefined;
 * for await (const page of audit.listAll({ pageSize: 100 }).byPage()) cursor = page.nextCursor; // keep it to resume there
 * for await (const entry of audit.listAll({ cursor })) console.log(entry);
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
   * @throws (as rejection) `RequestValidationError` before anything is sent; `PaginationError` if the page is not the
   * last but has no cursor (`next_cursor` or `nextCursor`); and what `HttpClient.request` throws.
   */
  list(query: AuditLogQuery = {}, options?: CallOptions): ApiPromise<AuditLogPage> {
    return ApiPromise.from(this.#page(query, options));
  }

  /**
   * Iterates over the log from `query.cursor` on. Fetches each page when it is needed. Only a page without a cursor
   * ends the log; a short or empty page does not.
   *
   * @throws `ConfigurationError` if `maxItems` is not an integer of at least 1; while iterating, what
   * {@link AuditClient.list} throws, and `PaginationError` if the server returns a cursor twice or a `total` above the
   * number of entries.
   */
  listAll(query: AuditLogQuery = {}, options: ListAllOptions = {}): PagedIterable<AuditLogEntry, AuditLogPage> {
    return followCursors('listAll', query, options, (cursor, callOptions, soFar) =>
      this.#page({ ...query, cursor }, callOptions, soFar),
    );
  }

  /**
   * Yields the log as CSV (RFC 4180), line by line, as {@link AuditClient.listAll} fetches it. Escapes formulas for
   * spreadsheets; writes objects and lists as JSON.
   *
   * @param columns - fields of the entries, in this order; the first line names them.
   * @throws (while iterating) what {@link AuditClient.listAll} throws.
   */
  csv(
    columns: readonly string[],
    query: AuditLogQuery = {},
    options: ListAllOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    return csvLines(columns, this.listAll(query, options));
  }

  async #page(
    query: AuditLogQuery,
    options: CallOptions | undefined,
    soFar?: Progress,
  ): Promise<ApiResponse<AuditLogPage>> {
    const path = this.#http.path('calibrationAudit', '/audit/sentiment/calibration');
    const { pageSize: limit, cursor, query: fields } = validateRequest(auditLogQuery, query, 'audit log query');
    const request = { path, scopes: ['audit:read'], query: { ...fields, limit, cursor }, response: auditLogPage };
    const call = this.#http.request({ method: 'GET', ...request }, options);
    const response = withNextCursor(await call.withResponse(), ['nextCursor', 'next_cursor'], cursor, soFar);
    return { ...response, data: { ...response.data, next_cursor: undefined } };
  }
}
