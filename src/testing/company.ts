import { found, HttpProblem } from './server/problem.js';
import { authorizeBy } from './server/authorization.js';
import { addOAuthRoutes, credentialsOf, type TenantClient } from './server/oauth.js';
import {
  checkServerOptions,
  EmbeddedServer,
  startServer,
  type EmbeddedServerOptions,
  type ListeningServer,
} from './server/embedded-server.js';
import { ok, type RouteContext, type Router } from './server/router.js';

/** A customer's records in the company's services, returned unchanged. */
export interface CompanyCustomer {
  /** Response of `GET /api/v1/customers/{id}`; without it, the route returns 404. */
  readonly profile?: Readonly<Record<string, unknown>> | undefined;
  /** Orders, newest first, each with a `createdDate`. @defaultValue none */
  readonly orders?: readonly Readonly<Record<string, unknown>>[] | undefined;
  /** Open tickets. @defaultValue none */
  readonly openTickets?: readonly Readonly<Record<string, unknown>>[] | undefined;
}

const ELENA: CompanyCustomer = {
  profile: { customerId: 'CUST-992847', fullName: 'Elena Rostova', segment: 'Premium', lifetimeValue: 12450 },
  orders: [{ orderNumber: 'ORD-88219', status: 'shipped', createdDate: '2024-05-12T14:30:00Z', totalAmount: 249.99 }],
  openTickets: [
    {
      ticketId: 'TKT-4492',
      subject: 'Billing discrepancy on May invoice',
      priority: 'high',
      createdDate: '2024-05-10T09:15:00Z',
    },
  ],
};

/**
 * A company's own services besides its contact center (protocol 9), with their authorization server: customers, orders
 * and tickets on one real socket of 127.0.0.1. Created by {@link startCompany}.
 */
export class Company extends EmbeddedServer {
  /** REST base of the services: scheme, host and port. */
  readonly baseUrl: string = this.origin;
  /** The company's token endpoint. */
  readonly tokenUrl: string = `${this.origin}/oauth/token`;
  /**
   * The data of the services, by customer; change it at any time. At first it contains the example customer
   * `CUST-992847`.
   */
  readonly customers: Map<string, CompanyCustomer> = addCompanyRoutes(this.parts.router);
  /** Credentials of the client that may read everything. */
  readonly credentials: Pick<TenantClient, 'clientId' | 'clientSecret'> = credentialsOf([CLIENT]);

  /** @internal */
  constructor(listening: ListeningServer, options: EmbeddedServerOptions) {
    super(listening, options);
    const { router, tokens } = this.parts;
    addOAuthRoutes(router, tokens, [CLIENT]);
    this.serve({ authorize: authorizeBy(tokens) });
  }
}

const CLIENT: TenantClient = {
  clientId: 'cognigy-proxy-client',
  clientSecret: 'proxy-secret-key',
  scopes: ['customer:read', 'orders:read', 'crm:read'],
};

/**
 * Starts a company's services, for tests of an enrichment and for development without the real ones.
 *
 * @throws `ConfigurationError` for an option that is unknown or invalid; Node's error if the port is in use.
 *
 * @example
 * ```ts
 * import { startCompany } from 'agent-assist-sdk/testing';
 *
 * await using company = await startCompany();
 * company.inject({ route: 'GET /api/v1/crm/tickets', fault: { kind: 'status', status: 503, retryAfter: 1 }, every: 1 });
 * ```
 */
export async function startCompany(options: EmbeddedServerOptions = {}): Promise<Company> {
  checkServerOptions('startCompany', options, {});
  return new Company(await startServer(options.port), options);
}

/** Adds the three services of protocol 9; returns the customers that they know, by identifier. */
function addCompanyRoutes(router: Router): Map<string, CompanyCustomer> {
  const customers = new Map([['CUST-992847', ELENA]]);
  router.on('GET /api/v1/customers/{customerId}', { scope: 'customer:read' }, ({ params }) => {
    const { profile } = customers.get(params['customerId'] ?? '') ?? {};
    return ok(found(profile, 'customer'));
  });
  router.on('GET /api/v1/orders', { scope: 'orders:read' }, (context) => {
    const orders = customers.get(queryValue(context, 'customerId', /./su))?.orders ?? [];
    const limit = Number(queryValue(context, 'limit', /^[1-9]\d{0,2}$/));
    queryValue(context, 'sort', /^createdDesc$/);
    return ok({ items: orders.slice(0, limit), total: orders.length });
  });
  router.on('GET /api/v1/crm/tickets', { scope: 'crm:read' }, (context) => {
    const tickets = customers.get(queryValue(context, 'customerId', /./su))?.openTickets ?? [];
    queryValue(context, 'status', /^open$/);
    return ok({ tickets, page: 1, pageCount: 1 });
  });
  return customers;
}

/** Returns a query parameter that must be present once and match a pattern. */
function queryValue({ query }: RouteContext, name: string, expected: RegExp): string {
  const [value = '', ...more] = query.getAll(name);
  if (more.length > 0 || !expected.test(value)) {
    throw new HttpProblem(422, 'invalid_query', undefined, {
      issues: [{ path: name, message: 'missing, repeated or malformed' }],
    });
  }
  return value;
}
