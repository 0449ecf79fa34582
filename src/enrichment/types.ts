import type { CallOptions, Clock, Logger } from '../http/internal.js';
import type { EnrichmentError } from '../errors.js';
import type { EnrichmentCache } from './cache.js';

/** A value of a company's record that is printed as it is. */
export type RecordValue = string | number | null;

/** A customer's record (protocol 9). Fields beside these are kept. */
export interface CustomerProfile {
  readonly customerId?: RecordValue | undefined;
  readonly fullName?: RecordValue | undefined;
  /** The customer's segment, e.g. `Premium`. */
  readonly segment?: RecordValue | undefined;
  readonly [field: string]: unknown;
}

/** One order (protocol 9). Fields beside these are kept. */
export interface CustomerOrder {
  readonly orderNumber?: RecordValue | undefined;
  /** Where the order stands, e.g. `shipped`. */
  readonly status?: RecordValue | undefined;
  /** When it was placed, ISO 8601. */
  readonly createdDate?: RecordValue | undefined;
  readonly [field: string]: unknown;
}

/** One ticket of the CRM (protocol 9). Fields beside these are kept. */
export interface CustomerTicket {
  readonly ticketId?: RecordValue | undefined;
  readonly subject?: RecordValue | undefined;
  /** The ticket's priority, e.g. `high`. */
  readonly priority?: RecordValue | undefined;
  /** When it was opened, ISO 8601. */
  readonly createdDate?: RecordValue | undefined;
  readonly [field: string]: unknown;
}

/** What Cognigy Studio's HTTP action posts (protocol 9). */
export interface EnrichmentInput {
  /** Studio's session; not empty. */
  readonly sessionId: string;
  /**
   * The customer: 1 to 20 characters, counted as Unicode code points. Control characters, halves of surrogate pairs and
   * the path segments `.` and `..` are refused.
   */
  readonly customerNumber: string;
  /** The intent that the bot recognized; may be empty. */
  readonly intent: string;
  /**
   * The session's variables.
   *
   * @defaultValue none
   */
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** An {@link EnrichmentInput} that passed its rules, as sources get it. */
export interface EnrichmentRequest extends EnrichmentInput {
  /** The session's variables; empty when the input has none. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What a caller can say about `CustomerDataClient.listRecentOrders`. */
export interface ListRecentOrdersOptions extends CallOptions {
  /**
   * How many orders to ask for, at least 1.
   *
   * @defaultValue 5
   */
  readonly pageSize?: number | undefined;
}

/** What a source is given beside the request. */
export interface LoadContext {
  /** Aborted when nobody waits for this part any more. Hand it down, so that no call outlives the answer. */
  readonly signal: AbortSignal;
  /** Time in ms that is left to this load, at least 0. */
  readonly remainingMs: () => number;
}

/** One part of an enrichment and where it comes from. */
export interface EnrichmentSource<T = unknown> {
  /** Loads the part. */
  readonly load: (request: EnrichmentRequest, context: LoadContext) => Promise<T>;
  /**
   * Limit in ms of this source alone.
   *
   * @defaultValue what the whole has
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether the enrichment fails when this source does; otherwise the part is left empty.
   *
   * @defaultValue the opposite of the enrichment's `partial`
   */
  readonly required?: boolean | undefined;
  /**
   * What stands in the place of a part that could not be loaded.
   *
   * @defaultValue `null`
   */
  readonly empty?: T | undefined;
  /**
   * What the part depends on, for the cache.
   *
   * @defaultValue the request's `customerNumber` alone, so a source that looks at anything else of the request must say
   * so here
   */
  readonly cacheKey?: ((request: EnrichmentRequest) => string) | undefined;
  /** Rejects when the service behind the source does not answer; asked by `GET /healthz`. */
  readonly check?: ((context: LoadContext) => Promise<unknown>) | undefined;
}

/** Sources by the name of the part that each loads. */
export type EnrichmentSources = Readonly<Record<string, EnrichmentSource>>;

/** A source with a part of its own kind to stand in when it fails. */
export type SourceWithEmpty<T> = EnrichmentSource<T> & {
  /** What stands in the place of a part that could not be loaded. */
  readonly empty: T;
};

// Not an interface, since only the members of an alias are known to be all that there is.
/** The three parts of protocol 9. */
export type CustomerDataSources = Readonly<{
  /** `GET /api/v1/customers/{id}`; `{}` for a customer that the service does not know (404). Empty: `{}`. */
  customerProfile: SourceWithEmpty<CustomerProfile>;
  /** `GET /api/v1/orders`, the five newest; empty: `[]`. */
  recentOrders: SourceWithEmpty<readonly CustomerOrder[]>;
  /** `GET /api/v1/crm/tickets`, the open ones; empty: `[]`. */
  openTickets: SourceWithEmpty<readonly CustomerTicket[]>;
}>;

/** Options of `enrich`. */
export interface EnrichOptions {
  /**
   * Limit of the whole in ms.
   *
   * @defaultValue 4,500, since Studio waits 5 s
   */
  readonly totalTimeoutMs?: number | undefined;
  /**
   * Whether a source that does not say so itself may fail.
   *
   * @defaultValue false
   */
  readonly partial?: boolean | undefined;
  /**
   * Keeps parts for a short time and shares loads.
   *
   * @defaultValue every enrichment loads for itself
   */
  readonly cache?: EnrichmentCache | undefined;
  /** Ends the enrichment at any moment. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Source of time.
   *
   * @defaultValue the system clock
   */
  readonly clock?: Clock | undefined;
}

/** What a source yields: its part or, where it gives no `empty`, possibly `null`. */
export type EnrichmentPart<S extends EnrichmentSource> =
  S extends SourceWithEmpty<unknown> ? Awaited<ReturnType<S['load']>> : Awaited<ReturnType<S['load']>> | null;

/** The parts of an enrichment, by the names of their sources. */
export type EnrichmentData<S extends EnrichmentSources> = { readonly [Name in keyof S]: EnrichmentPart<S[Name]> };

/** What `enrich` resolves with. */
export interface Enrichment<S extends EnrichmentSources> {
  /** The parts; those of failed sources are empty. */
  readonly data: EnrichmentData<S>;
  /** Why parts are empty, one for each source that failed or was too slow; in the order of the sources. */
  readonly failures: readonly EnrichmentError[];
}

/** Options of `EnrichmentCache`. */
export interface EnrichmentCacheOptions {
  /**
   * How long a part is kept, in ms; 0 keeps none and still shares loads in progress.
   *
   * @defaultValue 30,000
   */
  readonly ttlMs?: number | undefined;
  /**
   * How many parts are kept, one for each source and customer; at the bound the one not used for longest goes.
   *
   * @defaultValue 10,000
   */
  readonly maxEntries?: number | undefined;
  /**
   * Source of time.
   *
   * @defaultValue the system clock
   */
  readonly clock?: Clock | undefined;
}

/** How `buildPromptContext` turns data into text. */
export interface PromptOptions {
  /**
   * Text with placeholders `{path|missing|absent}`. `path` names a value, e.g. `recentOrders.0.orderNumber`; `missing`
   * replaces a value that is missing or cannot be printed; `absent` is used if the object that would contain it is
   * missing too, e.g. without orders (default: the same as `missing`, which is empty by default).
   *
   * @defaultValue `defaultPromptTemplate`
   */
  readonly template?: string | undefined;
  /**
   * How many characters (Unicode code points) of each value are kept; at least 1.
   *
   * @defaultValue 100
   */
  readonly maxValueLength?: number | undefined;
}

/** Options of `createEnrichmentHandler`. */
export interface EnrichmentHandlerOptions extends PromptOptions {
  /** The parts of the answer; `enrichedPromptContext`, `unavailable` and `truncated` are taken. */
  readonly sources: EnrichmentSources;
  /**
   * The token that Studio's HTTP action sends as `Authorization: Bearer …`; several while one replaces another. Without
   * it anyone who reaches the handler is answered.
   */
  readonly webhookToken?: string | readonly string[] | undefined;
  /**
   * Limit of the whole in ms, from the arrival of the request.
   *
   * @defaultValue 4,500, since Studio waits 5 s
   */
  readonly totalTimeoutMs?: number | undefined;
  /**
   * Whether a source that does not say so itself may fail; the answer then names it in `unavailable`.
   *
   * @defaultValue false
   */
  readonly partial?: boolean | undefined;
  /**
   * Keeps parts and shares loads.
   *
   * @defaultValue a cache of this handler's own with its default options
   */
  readonly cache?: EnrichmentCache | undefined;
  /**
   * Largest body in bytes; a larger one is answered with 413.
   *
   * @defaultValue 262,144
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * Largest answer in bytes, for a caller that refuses a larger one: 32,000 for the REST action of CXone Studio,
   * 524,000 for the HTTP Request node of Cognigy.AI. A larger answer is cut and names in `truncated` what was cut:
   * parts become empty, the largest first; the prompt stays whole unless it does not fit alone, and then ends after a
   * whole character.
   *
   * @defaultValue no limit
   */
  readonly maxAnswerBytes?: number | undefined;
  /**
   * How many requests may be in progress at once; further ones are answered with 503 at once.
   *
   * @defaultValue 500
   */
  readonly concurrency?: number | undefined;
  /**
   * Path of the request to enrich.
   *
   * @defaultValue `/api/v1/agent-assist/enrich`
   */
  readonly path?: string | undefined;
  /**
   * Receives a line for each answer and each source that failed.
   *
   * @defaultValue no logging
   */
  readonly logger?: Logger | undefined;
  /**
   * Source of time.
   *
   * @defaultValue the system clock
   */
  readonly clock?: Clock | undefined;
}
