import type { Server } from 'node:http';
import { systemClock, type Clock } from '../../http/clock.js';
import { checkOptions } from '../../options.js';
import { Authorizer } from '../server/authorization.js';
import type { TenantClient } from '../server/clients.js';
import { FaultRegistry, type InjectedFault, type Injection } from '../server/faults.js';
import { handleRequest, type ListenerParts } from '../server/http-listener.js';
import { RequestLog } from '../server/request-log.js';
import { Router } from '../server/router.js';
import { addCompanyRoutes, type CompanyCustomer } from '../routes/company.js';
import { addOAuthRoutes } from '../routes/oauth.js';
import { startServer, stopServer } from '../server/server.js';
import { TokenRegistry } from '../server/tokens.js';

/** Options of {@link startCompany}. */
export interface CompanyOptions {
  /** Port on 127.0.0.1; a free one by default. */
  readonly port?: number | undefined;
  /** Lifetime of access tokens, in seconds; 3600 by default. */
  readonly tokenLifetimeSeconds?: number | undefined;
  /** How many requests are kept in `Company.requests`; 10,000 by default. */
  readonly maxRecordedRequests?: number | undefined;
  /** Source of time; the system's clock by default. */
  readonly clock?: Clock | undefined;
}

/**
 * A company's own services beside a contact centre (protocol 9), with their authorization server: customers, orders and
 * tickets on one real socket of 127.0.0.1. Created by {@link startCompany}.
 */
export class Company implements AsyncDisposable {
  /** REST base of the services: scheme, host and port. */
  readonly baseUrl: string;
  /** The recorded requests. */
  readonly requests: RequestLog;
  /** What the services know, by customer: change it at any time. At first it holds the example customer `CUST-992847`. */
  readonly customers: Map<string, CompanyCustomer>;
  /** Id and secret of the client that may read everything. */
  readonly credentials: {
    /** The client's id. */
    readonly clientId: string;
    /** The client's secret. */
    readonly clientSecret: string;
  };

  readonly #server: Server;
  readonly #parts: ListenerParts;
  readonly #closing: AbortController = new AbortController();
  #closed: Promise<void> | undefined;

  private constructor(server: Server, origin: string, options: CompanyOptions) {
    const { clientId, clientSecret } = CLIENT;
    const clock = options.clock ?? systemClock;
    const tokens = new TokenRegistry(clock, options.tokenLifetimeSeconds ?? 3600);
    const router = new Router();
    this.#server = server;
    this.baseUrl = origin;
    this.credentials = { clientId, clientSecret };
    this.requests = new RequestLog(options.maxRecordedRequests ?? 10_000);
    this.#parts = {
      clock,
      router,
      tokens,
      authorizer: new Authorizer(tokens, undefined),
      requests: this.requests,
      faults: new FaultRegistry(),
      closing: this.#closing.signal,
    };
    addOAuthRoutes(router, tokens, [CLIENT]);
    this.customers = addCompanyRoutes(router);
    server.on('request', (request, response) => void handleRequest(this.#parts, request, response));
  }

  /** @internal */
  static async start(options: CompanyOptions): Promise<Company> {
    checkOptions('startCompany', options, knownOptions);
    const { server, origin } = await startServer(options.port);
    return new Company(server, origin, options);
  }

  /** The company's token endpoint. */
  get tokenUrl(): string {
    return `${this.baseUrl}/oauth/token`;
  }

  /** Injects a fault, as `Tenant.inject` does. For a service that hangs, inject a delay of a day. */
  inject(injection: Injection): InjectedFault {
    return this.#parts.faults.inject(injection);
  }

  /** Removes all faults. */
  clearFaults(): void {
    this.#parts.faults.clear();
  }

  /** Closes every connection and frees the port. Can be called more than once. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the company is closing'));
    this.#closed ??= stopServer(this.#server);
    await this.#closed;
  }

  /** Calls `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

const knownOptions: Readonly<Record<keyof CompanyOptions, true>> = {
  port: true,
  tokenLifetimeSeconds: true,
  maxRecordedRequests: true,
  clock: true,
};

const CLIENT: TenantClient = {
  clientId: 'cognigy-proxy-client',
  clientSecret: 'proxy-secret-key',
  scopes: ['customer:read', 'orders:read', 'crm:read'],
};

/**
 * Starts a company's services, for tests of an enrichment and for development without the real ones.
 *
 * @throws `ConfigurationError` for an unknown option; Node's error if the port is in use.
 *
 * @example
 * ```ts
 * import { startCompany } from 'agent-assist-sdk/testing';
 *
 * await using company = await startCompany();
 * company.inject({ route: 'GET /api/v1/crm/tickets', fault: { kind: 'status', status: 503, retryAfter: 1 }, every: 1 });
 * ```
 */
export async function startCompany(options: CompanyOptions = {}): Promise<Company> {
  return Company.start(options);
}
