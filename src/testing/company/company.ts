import { Authorizer } from '../server/authorization.js';
import type { TenantClient } from '../server/clients.js';
import {
  checkServerOptions,
  createParts,
  EmbeddedServer,
  type EmbeddedServerOptions,
} from '../server/embedded-server.js';
import { addCompanyRoutes, type CompanyCustomer } from '../routes/company.js';
import { addOAuthRoutes } from '../routes/oauth.js';
import { startServer, type ListeningServer } from '../server/server.js';

/**
 * A company's own services besides its contact center (protocol 9), with their authorization server: customers, orders
 * and tickets on one real socket of 127.0.0.1. Created by {@link startCompany}.
 */
export class Company extends EmbeddedServer {
  /** REST base of the services: scheme, host and port. */
  readonly baseUrl: string;
  /**
   * The data of the services, by customer; change it at any time. At first it contains the example customer
   * `CUST-992847`.
   */
  readonly customers: Map<string, CompanyCustomer>;
  /** Credentials of the client that may read everything. */
  readonly credentials: {
    readonly clientId: string;
    readonly clientSecret: string;
  };

  private constructor(listening: ListeningServer, options: EmbeddedServerOptions) {
    const parts = createParts(options);
    super(listening, { ...parts, authorizer: new Authorizer(parts.tokens, undefined) });
    const { clientId, clientSecret } = CLIENT;
    this.baseUrl = this.origin;
    this.credentials = { clientId, clientSecret };
    addOAuthRoutes(parts.router, parts.tokens, [CLIENT]);
    this.customers = addCompanyRoutes(parts.router);
  }

  /** @internal */
  static async start(options: EmbeddedServerOptions): Promise<Company> {
    checkServerOptions('startCompany', options, {});
    return new Company(await startServer(options.port), options);
  }

  /** The company's token endpoint. */
  get tokenUrl(): string {
    return `${this.baseUrl}/oauth/token`;
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
  return Company.start(options);
}
