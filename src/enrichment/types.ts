import type { CallOptions, HttpClientOptions, Logger } from '../http/internal.js';
import type { EnrichmentError } from '../errors.js';
import type { EnrichmentCache } from './cache.js';

/** A value of a company's record, printed unchanged. */
export type RecordValue = string | number | null;

/** A customer's record (protocol 9). Unknown fields are kept. */
export interface CustomerProfile {
  readonly customerId?: RecordValue | undefined;
  readonly fullName?: RecordValue | undefined;
  /** The customer's segment, e.g. `Premium`. */
  readonly segment?: RecordValue | undefined;
  readonly [field: string]: unknown;
}

/** One order (protocol 9). Unknown fields are kept. */
export interface CustomerOrder {
  readonly orderNumber?: RecordValue | undefined;
  /** Status of the order, e.g. `shipped`. */
  readonly status?: RecordValue | undefined;
  /** Time of the order, ISO 8601. */
  readonly createdDate?: RecordValue | undefined;
  readonly [field: string]: unknown;
}

/** One ticket of the CRM (protocol 9). Unknown fields are kept. */
export interface CustomerTicket {
  readonly ticketId?: RecordValue | undefined;
  readonly subject?: RecordValue | undefined;
  /** Priority, e.g. `high`. */
  readonly priority?: RecordValue | undefined;
  /** Time of creation, ISO 8601. */
  readonly createdDate?: RecordValue | undefined;
  readonly [field: string]: unknown;
}

/** The request of Cognigy Studio's HTTP action (protocol 9). */
export interface EnrichmentInput {
  /** Studio's session; not empty. */
  readonly sessionId: string;
  /**
   * The customer: 1 to 20 characters (Unicode code points). Control characters, lone surrogates and the path segments
   * `.` and `..` are refused.
   */
  readonly customerNumber: string;
  /** The recognized intent; may be empty. */
  readonly intent: string;
  /** The session's variables. @defaultValue none */
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** A validated {@link EnrichmentInput}, as passed to sources. */
export interface EnrichmentRequest extends EnrichmentInput {
  /** The session's variables; empty if the input has none. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Options of `CustomerDataClient.listRecentOrders`. */
export interface ListRecentOrdersOptions extends CallOptions {
  /** Number of orders, at least 1. @defaultValue 5 */
  readonly pageSize?: number | undefined;
}

/** Context of a load, passed to a source with the request. */
export interface LoadContext {
  /** Aborted when no request waits for this part anymore. Pass it on, so that no call outlives the response. */
  readonly signal: AbortSignal;
  /** Returns the remaining time in ms, at least 0. */
  readonly remainingMs: () => number;
}

/** One part of an enrichment and its source. */
export interface EnrichmentSource<T = unknown> {
  /** Loads the part. */
  readonly load: (request: EnrichmentRequest, context: LoadContext) => Promise<T>;
  /** Time limit of this source in ms. @defaultValue the limit of the enrichment */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether the enrichment fails if this source fails; otherwise the part is empty.
   *
   * @defaultValue the opposite of the enrichment's `partial`
   */
  readonly required?: boolean | undefined;
  /** Value of a part that could not be loaded. @defaultValue `null` */
  readonly empty?: T | undefined;
  /**
   * Returns what the part depends on, for the cache. Required if the source reads fields of the request other than the
   * default.
   *
   * @defaultValue the request's `customerNumber`
   */
  readonly cacheKey?: ((request: EnrichmentRequest) => string) | undefined;
  /** Rejects if the service behind the source does not respond; called by `GET /healthz`. */
  readonly check?: ((context: LoadContext) => Promise<unknown>) | undefined;
}

/** Sources, by the name of their part. */
export type EnrichmentSources = Readonly<Record<string, EnrichmentSource>>;

/** A source with an empty value of its own type. */
export type SourceWithEmpty<T> = EnrichmentSource<T> & {
  /** Value of a part that could not be loaded. */
  readonly empty: T;
};

// Not an interface: only an alias is assignable to an index signature.
/** The three parts of protocol 9. */
export type CustomerDataSources = Readonly<{
  /** `GET /api/v1/customers/{id}`; `{}` for an unknown customer (404). Empty: `{}`. */
  customerProfile: SourceWithEmpty<CustomerProfile>;
  /** `GET /api/v1/orders`, the five newest. Empty: `[]`. */
  recentOrders: SourceWithEmpty<readonly CustomerOrder[]>;
  /** `GET /api/v1/crm/tickets`, the open ones. Empty: `[]`. */
  openTickets: SourceWithEmpty<readonly CustomerTicket[]>;
}>;

/** Options of `enrich`. */
export interface EnrichOptions extends Pick<HttpClientOptions, 'clock'> {
  /** Time limit of the enrichment in ms. @defaultValue 4,500, since Studio waits 5 s */
  readonly totalTimeoutMs?: number | undefined;
  /**
   * Whether sources may fail unless they set `required`. The handler's response then lists them in `unavailable`.
   *
   * @defaultValue false
   */
  readonly partial?: boolean | undefined;
  /** Caches parts for a short time and shares loads. @defaultValue none */
  readonly cache?: EnrichmentCache | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Type of a source's part; includes `null` if the source has no `empty`. */
export type EnrichmentPart<S extends EnrichmentSource> =
  S extends SourceWithEmpty<unknown> ? Awaited<ReturnType<S['load']>> : Awaited<ReturnType<S['load']>> | null;

/** The parts of an enrichment, by the names of their sources. */
export type EnrichmentData<S extends EnrichmentSources> = { readonly [Name in keyof S]: EnrichmentPart<S[Name]> };

/** Result of `enrich`. */
export interface Enrichment<S extends EnrichmentSources> {
  /** The parts; those of failed sources are empty. */
  readonly data: EnrichmentData<S>;
  /** One error for each source that failed or timed out, in the order of the sources. */
  readonly failures: readonly EnrichmentError[];
}

/** Options of `buildPromptContext`. */
export interface PromptOptions {
  /**
   * Text with placeholders `{path|missing|absent}`. `path` names a value, e.g. `recentOrders.0.orderNumber`; `missing`
   * replaces a value that is missing or cannot be printed; `absent` is used if the object that would contain it is
   * missing too, e.g. without orders (default: the same as `missing`, which is empty by default).
   *
   * @defaultValue `defaultPromptTemplate`
   */
  readonly template?: string | undefined;
  /** Limit of each value's length in characters (Unicode code points), at least 1. @defaultValue 100 */
  readonly maxValueLength?: number | undefined;
}

/** Options of `createEnrichmentHandler`. */
export interface EnrichmentHandlerOptions extends PromptOptions, Pick<EnrichOptions, 'partial' | 'clock'> {
  /** The parts of the response. The names `enrichedPromptContext`, `unavailable` and `truncated` are reserved. */
  readonly sources: EnrichmentSources;
  /**
   * The token that Studio's HTTP action sends as `Authorization: Bearer …`, or several during a rotation. If you
   * leave it out, the handler serves anyone. `undefined`, e.g. of an unset environment variable, is refused.
   */
  readonly webhookToken?: string | readonly string[] | undefined;
  /** Time limit in ms, from the arrival of the request. @defaultValue 4,500, since Studio waits 5 s */
  readonly totalTimeoutMs?: number | undefined;
  /** Caches parts and shares loads. @defaultValue a new cache with its defaults */
  readonly cache?: EnrichmentCache | undefined;
  /** Largest body in bytes. A larger one gets a 413. @defaultValue 262,144 */
  readonly maxBodyBytes?: number | undefined;
  /**
   * Largest response in bytes, for callers with a limit: 32,000 for the REST action of CXone Studio, 524,000 for the
   * HTTP Request node of Cognigy.AI. A larger response is cut, and `truncated` lists what was cut: parts become empty,
   * the largest first. The prompt stays complete unless it alone is too large; it then ends after a whole character.
   *
   * @defaultValue no limit
   */
  readonly maxAnswerBytes?: number | undefined;
  /** Limit of requests in progress. At the limit, the handler returns 503 immediately. @defaultValue 500 */
  readonly concurrency?: number | undefined;
  /** Whole path of the enrichment request, including the prefix of a router. @defaultValue `/api/v1/agent-assist/enrich` */
  readonly path?: string | undefined;
  /** Receives a message for each response and each failed source. @defaultValue no logging */
  readonly logger?: Logger | undefined;
}
