import { ApiError, ResponseValidationError } from '../errors.js';
import type { CallOptions } from '../http/internal.js';
import type { CustomerDataClient } from './client.js';
import type { CustomerDataSources, LoadContext, SourceWithEmpty } from './types.js';
import { checkKind } from '../options.js';

/** A customer number that does not exist. A service that responds with that status, or with no content, is healthy. */
const HEALTH_CUSTOMER = 'healthcheck';

const NO_CONTENT = 204;
/** A list for an unknown customer is empty; these statuses say that the service has no such path. */
const UNKNOWN = [404, 410];

/**
 * Creates the three sources of protocol 9. An unknown customer (404 or 410) has an empty profile; any part is empty if
 * its service returns 204. Their `check` requests a customer named `healthcheck`; any of these responses counts as
 * healthy.
 *
 * @throws `ConfigurationError` for a client that lacks one of the three calls.
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
  for (const method of ['getProfile', 'listRecentOrders', 'listOpenTickets'])
    checkKind('client', client, `a CustomerDataClient with ${method}()`);
  return {
    customerProfile: sourceOf((id, options) => client.getProfile(id, options), {}, [NO_CONTENT, ...UNKNOWN]),
    recentOrders: sourceOf((id, options) => client.listRecentOrders(id, options), [], [NO_CONTENT]),
    openTickets: sourceOf((id, options) => client.listOpenTickets(id, options), [], [NO_CONTENT]),
  };
}

function sourceOf<T>(
  ask: (customerId: string, options: CallOptions) => PromiseLike<T>,
  empty: T,
  emptyStatuses: readonly number[],
): SourceWithEmpty<T> {
  return {
    load: async ({ customerNumber }, context) => {
      try {
        return await ask(customerNumber, callOptions(context));
      } catch (error) {
        if (isAnswer(error, emptyStatuses)) return empty;
        throw error;
      }
    },
    empty,
    check: async (context) => {
      try {
        await ask(HEALTH_CUSTOMER, { ...callOptions(context), maxRetries: 0 });
      } catch (error) {
        if (!isAnswer(error, [NO_CONTENT, ...UNKNOWN])) throw error;
      }
    },
  };
}

/** Whether the service itself returned one of these statuses. A missing token endpoint returns 404 for a POST. */
function isAnswer(error: unknown, statuses: readonly number[]): boolean {
  const isCall = error instanceof ApiError || error instanceof ResponseValidationError;
  return isCall && error.method === 'GET' && statuses.includes(error.status);
}

// The signal ends the call; the total time lets it fail at once if `Retry-After` is too long.
function callOptions({ signal, remainingMs }: LoadContext): CallOptions {
  return { signal, totalTimeoutMs: Math.max(1, Math.ceil(remainingMs())) };
}
