import { NotFoundError } from '../errors.js';
import type { CallOptions } from '../http/internal.js';
import type { CustomerDataClient } from './client.js';
import type { CustomerDataSources, CustomerProfile, LoadContext, SourceWithEmpty } from './types.js';

/** A customer number that does not exist. A service that answers so, or with nothing, is healthy. */
const HEALTH_CUSTOMER = 'healthcheck';

/**
 * Creates the three sources of protocol 9. Their `check` requests a customer named `healthcheck`; a 404 counts as
 * healthy.
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

/** An unknown customer has an empty profile (protocol 9). */
async function profileOf(client: CustomerDataClient, id: string, options: CallOptions): Promise<CustomerProfile> {
  try {
    return await client.getProfile(id, options);
  } catch (error) {
    // A missing token endpoint answers 404 too, but to a POST.
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

// The signal ends the call; the total time lets it fail at once if `Retry-After` is too long.
function callOptions({ signal, remainingMs }: LoadContext): CallOptions {
  return { signal, totalTimeoutMs: Math.max(1, Math.ceil(remainingMs())) };
}
