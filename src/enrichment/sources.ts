import { NotFoundError } from '../errors.js';
import type { CallOptions } from '../http/internal.js';
import type { CustomerDataClient } from './client.js';
import type { CustomerOrder, CustomerProfile, CustomerTicket, EnrichmentRequest } from './schemas.js';

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
  /** Limit in ms of this source alone. Default: what the whole has. */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether the enrichment fails when this source does; otherwise the part is left empty. Default: the opposite of
   * the enrichment's `partial`.
   */
  readonly required?: boolean | undefined;
  /** What stands in the place of a part that could not be loaded. Default `null`. */
  readonly empty?: T | undefined;
  /**
   * What the part depends on, for the cache. Default: the request's `customerNumber` alone, so a source that looks at
   * anything else of the request must say so here.
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

/** No customer has this number: a service that says so, or that finds nothing, is one that answers. */
const HEALTH_CUSTOMER = 'healthcheck';

/**
 * The three sources of protocol 9. Their `check` asks for a customer named `healthcheck`; a 404 counts as an answer.
 *
 * @example
 * ```ts
 * import { customerDataSources, type EnrichmentSources } from 'agent-assist-sdk/enrichment';
 *
 * const languages = new Map([['CUST-992847', 'German']]);
 * const sources = {
 *   ...customerDataSources(client),
 *   language: { load: async ({ customerNumber }) => languages.get(customerNumber) ?? 'English', required: false },
 * } satisfies EnrichmentSources;
 * ```
 */
export function customerDataSources(client: CustomerDataClient): CustomerDataSources {
  return {
    customerProfile: sourceOf((id, options) => profileOf(client, id, options), {}),
    recentOrders: sourceOf((id, options) => client.listRecentOrders(id, options), []),
    openTickets: sourceOf((id, options) => client.listOpenTickets(id, options), []),
  };
}

/** A customer that the service does not know has an empty profile (protocol 9). */
async function profileOf(client: CustomerDataClient, id: string, options: CallOptions): Promise<CustomerProfile> {
  try {
    return await client.getProfile(id, options);
  } catch (error) {
    // A token endpoint that is not there gives a 404 as well, to a POST.
    if (error instanceof NotFoundError && error.method === 'GET') return {};
    throw error;
  }
}

function sourceOf<T>(ask: (customerId: string, options: CallOptions) => Promise<T>, empty: T): SourceWithEmpty<T> {
  return {
    load: ({ customerNumber }, context) => ask(customerNumber, callOptions(context)),
    empty,
    check: async (context) => {
      try {
        await ask(HEALTH_CUSTOMER, { ...callOptions(context), maxRetries: 0 });
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
      }
    },
  };
}

// The signal is what ends the call; the total time lets it give up at once on a `Retry-After` that is too long.
function callOptions({ signal, remainingMs }: LoadContext): CallOptions {
  return { signal, totalTimeoutMs: Math.max(1, Math.ceil(remainingMs())) };
}
