import {
  ApiPromise,
  callOptions,
  checkedHttp,
  positiveInteger,
  validateRequest,
  type CallOptions,
  type HttpClient,
} from '../http/internal.js';
import { customerId as customerIdSchema, customerProfile, openTickets, recentOrders } from './schemas.js';
import type { CustomerOrder, CustomerProfile, CustomerTicket, ListRecentOrdersOptions } from './types.js';
import { checkOptions } from '../options.js';

/**
 * Calls the company's own services: customers, orders and tickets (protocol 9). They have their own authorization
 * server, so the HTTP client needs its own `AuthClient`, with the scopes `customer:read orders:read crm:read`.
 *
 * Each method rejects with a `RequestValidationError`, before anything is sent, if an identifier is empty, `.` or `..`,
 * or contains control characters or lone surrogates.
 *
 * @example
 * ```ts
 * import { AuthClient, HttpClient } from 'agent-assist-sdk';
 * import { CustomerDataClient } from 'agent-assist-sdk/enrichment';
 *
 * const auth = new AuthClient({
 *   tokenUrl: 'https://auth.example.com/oauth2/token',
 *   clientId: 'enrichment-proxy',
 *   clientSecret: process.env['COMPANY_CLIENT_SECRET'] ?? '',
 *   scopes: ['customer:read', 'orders:read', 'crm:read'],
 * });
 * const customers = new CustomerDataClient(new HttpClient({ baseUrl: 'https://api.example.com', auth }));
 * const profile = await customers.getProfile('CUST-992847');
 * ```
 */
export class CustomerDataClient {
  readonly #http: HttpClient;

  /** @param http - a client for the company's services; its base URL is the bare host. */
  constructor(http: HttpClient) {
    this.#http = checkedHttp(http);
  }

  /** Fetches the customer's record. Needs the scope `customer:read`. */
  getProfile(customerId: string, options?: CallOptions): ApiPromise<CustomerProfile> {
    return this.#http.call(options, () => ({
      method: 'GET',
      path: this.#http.path('customer', '/api/v1/customers/{customerId}'),
      pathParams: { customerId: checked(customerId) },
      scopes: ['customer:read'],
      response: customerProfile,
    }));
  }

  /** Fetches the customer's orders, newest first. Needs the scope `orders:read`. */
  listRecentOrders(
    customerId: string,
    listOptions: ListRecentOrdersOptions = {},
  ): ApiPromise<readonly CustomerOrder[]> {
    return ApiPromise.attempt(() => {
      checkOptions('listRecentOrders', listOptions, { ...callOptions, pageSize: true });
      const { pageSize = 5, ...options } = listOptions;
      return this.#http.request(
        {
          method: 'GET',
          path: this.#http.path('customerOrders', '/api/v1/orders'),
          query: {
            customerId: checked(customerId),
            limit: validateRequest(positiveInteger, pageSize, 'page size'),
            sort: 'createdDesc',
          },
          scopes: ['orders:read'],
          response: recentOrders,
        },
        options,
      );
    });
  }

  /** Fetches the customer's open tickets, in the CRM's order. Needs the scope `crm:read`. */
  listOpenTickets(customerId: string, options?: CallOptions): ApiPromise<readonly CustomerTicket[]> {
    return this.#http.call(options, () => ({
      method: 'GET',
      path: this.#http.path('customerTickets', '/api/v1/crm/tickets'),
      query: { customerId: checked(customerId), status: 'open' },
      scopes: ['crm:read'],
      response: openTickets,
    }));
  }
}

function checked(customerId: string): string {
  return validateRequest(customerIdSchema, customerId, 'customer id');
}
