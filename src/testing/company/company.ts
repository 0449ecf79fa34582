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
  /** Where it takes its time from; the system by default. */
  readonly clock?: Clock | undefined;
}

/**
 * A company's own services beside a contact centre (protocol 9), with their authorization server: customers, orders and
 * tickets on one real socket of 127.0.0.1. Made by {@link startCompany}.
 */
export class Company implements AsyncDisposable {
  /** REST base of the services: scheme, host and port. */
  readonly baseUrl: string;
  /** What it received. */
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

  /** Makes requests go wrong, in the same ways as a tenant's. A service that hangs: a delay of a day. */
  inject(injection: Injection): InjectedFault {
    return this.#parts.faults.inject(injection);
  }

  /** Takes all faults away. */
  clearFaults(): void {
    this.#parts.faults.clear();
  }

  /** Ends every connection and frees the port. May be called again. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the company is closing'));
    this.#closed ??= stopServer(this.#server);
    await this.#closed;
  }

  /** The same as {@link Company.close}. */
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
 * Starts stand-ins for a company's own services, for tests of an enrichment and for a proxy without a company.
 *
 * @throws Node's own error when the port is taken.
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
