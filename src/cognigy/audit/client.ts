import * as z from '../../schema.js';
import { csvLines } from '../../audit/csv.js';
import { BadRequestError } from '../../errors.js';
import {
  ApiPromise,
  checkedHttp,
  followCursors,
  lenient,
  listOf,
  positiveInteger,
  validateRequest,
  withNextCursor,
  type ApiResponse,
  type CallOptions,
  type HttpClient,
  type ListAllOptions,
  type PagedIterable,
  type Progress,
  anyString,
  filledList,
  filledString,
  withDefault,
} from '../../http/internal.js';
import type { AuditEvent, AuditEventPage, AuditEventQuery } from './types.js';

const PATH = '/new/v2.0/auditevents';

const names = z.optional(filledList(filledString));

const auditEventQuery: z.Schema<AuditEventQuery & { readonly pageSize: number }> = z.strictObject({
  pageSize: withDefault(positiveInteger, 25),
  cursor: z.optional(filledString),
  sort: z.optional(filledString),
  projectId: z.optional(filledString),
  filter: z.optional(filledString),
  user: z.optional(filledString),
  types: names,
  actors: names,
});

// Checks only what this package reads; the rest stays unchanged, for a trail.
const auditEvent: z.Schema<AuditEvent> = z.looseObject({ type: lenient(anyString) });

interface WirePage {
  readonly items: readonly AuditEvent[];
  readonly [field: string]: unknown;
}

const wirePage: z.Schema<WirePage> = z.looseObject({ items: listOf(auditEvent) });

/**
 * Fetches the audit events of a Cognigy.AI organization. The key's user must be an administrator or a support user;
 * otherwise the platform returns 403. By default it keeps events for 30 days and shows them with a delay.
 *
 * The events fit into an `AuditTrail` and into CSV unchanged.
 *
 * @example
 * ```ts
 * import { ApiKeyAuth, HttpClient } from 'agent-assist-sdk';
 * import { AuditTrail } from 'agent-assist-sdk/audit';
 * import { AuditEventsClient, cognigyAi } from 'agent-assist-sdk/cognigy';
 *
 * const auth = new ApiKeyAuth({ apiKey: process.env['COGNIGY_API_KEY'] });
 * const events = new AuditEventsClient(new HttpClient({ platform: cognigyAi({ environment: 'trial' }), auth }));
 * await using trail = await AuditTrail.open('audit.jsonl');
 * for await (const event of events.listAll({ sort: 'timestamp:asc' })) await trail.append(event);
 * ```
 */
export class AuditEventsClient {
  readonly #http: HttpClient;
  /** Whether the platform refused the fields of newer versions. */
  #isOlder = false;

  constructor(http: HttpClient) {
    this.#http = checkedHttp(http);
  }

  /**
   * Fetches one page.
   *
   * @throws (as rejection) `RequestValidationError` before anything is sent; `PaginationError` if the page is not the
   * last but cannot be followed; and what `HttpClient.request` throws.
   */
  list(query: AuditEventQuery = {}, options?: CallOptions): ApiPromise<AuditEventPage> {
    return ApiPromise.from(this.#page(query, options));
  }

  /**
   * Iterates over the events from `query.cursor` on. Fetches each page when it is needed. Only a page without a cursor
   * ends the list; a short or empty page does not.
   *
   * @throws `ConfigurationError` if `maxItems` is not an integer of at least 1; while iterating, what
   * {@link AuditEventsClient.list} throws, and `PaginationError` if the platform returns a cursor twice or a `total`
   * above the number of events.
   */
  listAll(query: AuditEventQuery = {}, options: ListAllOptions = {}): PagedIterable<AuditEvent, AuditEventPage> {
    return followCursors('listAll', query, options, (cursor, callOptions, soFar) =>
      this.#page({ ...query, cursor }, callOptions, soFar),
    );
  }

  /** Fetches one event. Rejects as `HttpClient.request` does. */
  get(id: string, options?: CallOptions): ApiPromise<AuditEvent> {
    return this.#http.request(
      { method: 'GET', path: `${PATH}/{id}`, pathParams: { id }, response: auditEvent },
      options,
    );
  }

  /**
   * Yields the events as CSV (RFC 4180), line by line, as {@link AuditEventsClient.listAll} fetches them. Escapes
   * formulas for spreadsheets; writes objects and lists as JSON.
   *
   * @param columns - fields of the events, in this order; the first line names them.
   * @throws (while iterating) what {@link AuditEventsClient.listAll} throws.
   */
  csv(
    columns: readonly string[],
    query: AuditEventQuery = {},
    options: ListAllOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    return csvLines(columns, this.listAll(query, options));
  }

  async #page(
    given: AuditEventQuery,
    options: CallOptions | undefined,
    soFar?: Progress,
  ): Promise<ApiResponse<AuditEventPage>> {
    const query = validateRequest(auditEventQuery, given, 'audit event query');
    const { cursor, types } = query;
    const response = withNextCursor(await this.#fetch(query, options), ['nextCursor', 'next'], cursor, soFar);
    const isAsked = ({ type }: AuditEvent): boolean =>
      types === undefined || (type !== undefined && types.includes(type));
    return { ...response, data: { ...response.data, items: response.data.items.filter(isAsked) } };
  }

  async #fetch(
    query: AuditEventQuery & { readonly pageSize: number },
    options: CallOptions | undefined,
  ): Promise<ApiResponse<WirePage>> {
    const { pageSize, cursor, types, actors, ...fields } = query;
    const request = (newer: Readonly<Record<string, readonly string[] | undefined>>): Promise<ApiResponse<WirePage>> =>
      this.#http
        .request(
          {
            method: 'GET',
            path: PATH,
            query: { ...fields, limit: pageSize, next: cursor, ...newer },
            response: wirePage,
          },
          options,
        )
        .withResponse();
    const canFallBack = types !== undefined && actors === undefined;
    if (canFallBack && this.#isOlder) return request({});
    try {
      return await request({ 'type[]': types, 'actor[]': actors });
    } catch (error) {
      if (!canFallBack || !(error instanceof BadRequestError)) throw error;
      const response = await request({});
      this.#isOlder = true;
      this.#http.logger.warn(
        'The platform refuses the query field type[]; the client filters the types from all events',
      );
      return response;
    }
  }
}
