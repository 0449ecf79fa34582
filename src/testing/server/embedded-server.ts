import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigurationError } from '../../errors.js';
import { systemClock, type Clock } from '../../http/clock.js';
import { checkFields, checkOptions, type Known } from '../../options.js';
import type { InjectedFault } from './armed-faults.js';
import { RequestFaults, type Injection } from './faults.js';
import { handleRequest, type ServerParts, type ServerSettings } from './http-listener.js';
import { KEPT } from './kept.js';
import { RequestLog } from './request-log.js';
import { Router, type Route } from './router.js';
import { TokenRegistry, type IssuedToken } from './tokens.js';
import { handleUpgrade, type AdmitUpgrade } from './upgrade-listener.js';

/** Options that every embedded server has. */
export interface EmbeddedServerOptions {
  /** Port on 127.0.0.1. @defaultValue a free one */
  readonly port?: number | undefined;
  /** Lifetime of access tokens, in seconds. @defaultValue 3600; 900 for `startCognigy`, like the vendor's chart */
  readonly tokenLifetimeSeconds?: number | undefined;
  /** Limit of `requests`, and of pushes and records in `Tenant.insights`. @defaultValue 10,000 */
  readonly maxRecordedRequests?: number | undefined;
  /** Origin allowed for browsers (CORS), `*` for any. Preflights are not recorded. @defaultValue none */
  readonly allowOrigin?: string | undefined;
  /** Source of time. @defaultValue the system clock */
  readonly clock?: Clock | undefined;
}

const commonOptions: Known<EmbeddedServerOptions> = {
  port: true,
  tokenLifetimeSeconds: true,
  maxRecordedRequests: true,
  allowOrigin: true,
  clock: 'a clock with monotonic()',
};

/** @internal Checks the options of a server; `own` are those that not every server has. */
export function checkServerOptions<T extends EmbeddedServerOptions>(
  owner: string,
  options: T,
  own: Readonly<Record<Exclude<keyof T, keyof EmbeddedServerOptions>, true>>,
): void {
  checkOptions<T>(owner, options, { ...commonOptions, ...own } as Readonly<Record<keyof T, true>>);
  const { port = 0, tokenLifetimeSeconds, maxRecordedRequests } = options;
  if (!(Number.isInteger(port) && port >= 0 && port < 2 ** 16))
    throw new ConfigurationError('port: expected an integer from 0 to 65535');
  checkPositive({ tokenLifetimeSeconds, maxRecordedRequests });
}

/** @internal Refuses numbers that are not above 0. */
export function checkPositive(numbers: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value = 1] of Object.entries(numbers)) {
    if (!(value > 0)) throw new ConfigurationError(`${name} must be more than 0`);
  }
}

/** @internal A server that listens, and where. */
export interface ListeningServer {
  readonly server: Server;
  readonly origin: string;
}

/** @internal Listens on a port of 127.0.0.1; any that is free by default. */
export async function startServer(port = 0): Promise<ListeningServer> {
  // A connection that the server ends for idling while the client picks it is no fault that anybody injected.
  const server = createServer({ keepAliveTimeout: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Base of the embedded servers: they record each request, fail on demand, and issue tokens. */
export abstract class EmbeddedServer implements AsyncDisposable {
  /** Scheme, host and port, e.g. `http://127.0.0.1:40123`. */
  readonly origin: string;
  readonly requests: RequestLog;

  /** @internal */
  protected readonly parts: ServerParts;
  readonly #server: Server;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  /** @internal */
  protected constructor({ server, origin }: ListeningServer, options: EmbeddedServerOptions, lifetimeSeconds = 3600) {
    const { clock = systemClock, tokenLifetimeSeconds = lifetimeSeconds, maxRecordedRequests = KEPT } = options;
    this.origin = origin;
    this.requests = new RequestLog(maxRecordedRequests, clock);
    this.#server = server;
    this.parts = {
      clock,
      router: new Router(),
      tokens: new TokenRegistry(clock, tokenLifetimeSeconds),
      requests: this.requests,
      faults: new RequestFaults(),
      allowOrigin: options.allowOrigin,
      closing: this.#closing.signal,
    };
  }

  /** @internal Answers from now on; without `admit`, no upgrades. */
  protected serve(settings: ServerSettings, admit?: AdmitUpgrade): void {
    const parts = { ...this.parts, ...settings };
    this.#server.on('request', (request, response) => void handleRequest(parts, request, response));
    if (admit === undefined) return;
    this.#server.on('upgrade', (request, socket, head) => void handleUpgrade(parts, admit, request, socket, head));
  }

  /** The issued tokens, oldest first; the last 10,000. */
  get issuedTokens(): readonly IssuedToken[] {
    return this.parts.tokens.issued;
  }

  /** Number of tokens issued since the start. */
  get issuedTokenCount(): number {
    return this.parts.tokens.issuedCount;
  }

  /** Revokes one token, or all of them. Open stream connections stay open. */
  revokeTokens(accessToken?: string): void {
    for (const each of accessToken === undefined ? this.issuedTokens : [{ accessToken }])
      this.parts.tokens.revoke(each.accessToken);
  }

  /**
   * Injects a fault into requests. If several faults apply to a request, the oldest is used.
   *
   * @throws `ConfigurationError` for an invalid injection.
   *
   * @example
   * ```ts
   * const limited = tenant.inject({
   *   route: 'POST /agentassist/suggest',
   *   fault: { kind: 'status', status: 429, retryAfter: 2 },
   * });
   * ```
   */
  inject(injection: Injection): InjectedFault {
    return this.parts.faults.inject(injection);
  }

  /** Removes all faults. */
  clearFaults(): void {
    this.parts.faults.clear();
  }

  /**
   * Adds or replaces a route; the latest wins. Use it for a server that differs, or for calls without a client in the
   * SDK.
   *
   * @example
   * ```ts
   * tenant.addRoute({
   *   method: 'GET',
   *   path: '/api/v1/agents/{agentId}',
   *   scope: 'dialog:read',
   *   handle: ({ params }) => ({ status: 200, json: { id: params['agentId'] } }),
   * });
   * ```
   */
  addRoute<Body = undefined>(route: Route<Body>): void {
    checkFields('route', route, { method: 'a string', path: 'a string', scope: 'a string', handle: 'a function' });
    this.parts.router.add(route);
  }

  /** Closes every connection and frees the port. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the server is closing'));
    this.#closed ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    await this.#closed;
  }

  /** Calls `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
