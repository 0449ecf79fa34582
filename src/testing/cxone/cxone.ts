import type { Server } from 'node:http';
import { systemClock } from '../../http/clock.js';
import { TenantKnowledge } from '../routes/knowledge.js';
import { Authorizer } from '../server/authorization.js';
import { FaultRegistry, type InjectedFault, type Injection } from '../server/faults.js';
import { handleRequest, type ListenerParts } from '../server/http-listener.js';
import { HttpProblem } from '../server/problem.js';
import { RequestLog, type RecordedRequest } from '../server/request-log.js';
import { Router, type Route } from '../server/router.js';
import { startServer, stopServer } from '../server/server.js';
import { TokenRegistry, type IssuedToken } from '../server/tokens.js';
import { handleUpgrade, type AcceptUpgrade } from '../server/upgrade-listener.js';
import type { Conversation } from '../stream/play.js';
import { claimsOf, DEFAULT_NAMES, DEFAULT_TENANT_ID, DEFAULT_USER, type CxoneUser } from './account.js';
import { addCopilotRoutes, type CxoneCopilot } from './copilot.js';
import { addCustomerRoutes, type CxoneCustomer } from './customers.js';
import { addExpertRoutes, DEFAULT_EXPERT_KEYS, type ExpertKeys } from './expert.js';
import { CxoneFeed } from './feed.js';
import {
  fetchByName,
  localHosts,
  localUrl,
  namedHosts,
  socketByName,
  type CxoneHosts,
  type CxoneNames,
  type NamedWebSocket,
} from './hosts.js';
import { IdTokens } from './id-tokens.js';
import { Login, type CxoneAccessKey } from './login.js';
import { addLoginRoutes } from './login-routes.js';
import { CxoneNotifications } from './notifications.js';
import { checkCxoneOptions, type CxoneOptions } from './options.js';
import { playOnCxone, type CxonePlayOptions, type CxonePlayResult } from './play.js';
import { cxoneProblemAnswer } from './problems.js';

const NOTIFICATION_PATH = '/agent-assist-notifications/notifications/ws';
const DEFAULT_CLIENT = { clientId: 'cxone-client', clientSecret: 'cxone-client-secret' };
const DEFAULT_ACCESS_KEY: CxoneAccessKey = { id: 'cxone-access-key-id', secret: 'cxone-access-key-secret' };

/**
 * A CXone tenant in this process, written from what is published about the real one: login, notification socket, Copilot
 * and Expert. One socket of 127.0.0.1 serves all its hosts, whose paths differ. Created by {@link startCxone}.
 */
export class Cxone implements AsyncDisposable {
  /** Scheme, host and port, e.g. `http://127.0.0.1:40123`. */
  readonly origin: string;
  /** Id of the tenant. */
  readonly tenantId: string;
  /** The user that tokens are for. */
  readonly user: CxoneUser;
  /** Names of the hosts, as discovery tells them. */
  readonly names: CxoneNames;
  /** The recorded requests. */
  readonly requests: RequestLog;
  /** The notification socket. */
  readonly notifications: CxoneNotifications;
  /** Sends what CXone's services send on the socket. */
  readonly feed: CxoneFeed;
  /** Copilot. */
  readonly copilot: CxoneCopilot;
  /** The articles that Expert and Copilot search. */
  readonly knowledge: TenantKnowledge = new TenantKnowledge();
  /** Keys of CXone Expert. */
  readonly expertKeys: ExpertKeys;
  /** Customers of the digital channels, by id. */
  readonly customers: Map<string, CxoneCustomer>;
  /** A `fetch` that reaches all hosts by their names, so that a test sees which host a client chose. */
  readonly fetch: typeof fetch;
  /** A `WebSocket` that reaches all hosts by their names. */
  readonly WebSocket: NamedWebSocket;
  /** Id and secret of its first application and of its first access key. */
  readonly credentials: {
    /** The application's id. */
    readonly clientId: string;
    /** The application's secret; empty for one without. */
    readonly clientSecret: string;
    /** The access key. */
    readonly accessKey: CxoneAccessKey;
  };

  readonly #server: Server;
  readonly #parts: ListenerParts;
  readonly #closing: AbortController = new AbortController();
  #closed: Promise<void> | undefined;

  private constructor(server: Server, origin: string, options: CxoneOptions) {
    const clock = options.clock ?? systemClock;
    const tokens = new TokenRegistry(clock, options.tokenLifetimeSeconds ?? 3600);
    const idTokens = new IdTokens(clock);
    const router = new Router();
    const { clients = [DEFAULT_CLIENT], accessKeys = [DEFAULT_ACCESS_KEY], tenantId = DEFAULT_TENANT_ID } = options;
    const user = { ...DEFAULT_USER, ...options.user };
    const names = { ...DEFAULT_NAMES, ...options.names };
    const { clientId, clientSecret = '' } = clients[0] ?? DEFAULT_CLIENT;
    this.#server = server;
    this.origin = origin;
    this.tenantId = tenantId;
    this.user = user;
    this.names = names;
    this.fetch = fetchByName(names, origin);
    this.WebSocket = socketByName(names, origin);
    this.credentials = { clientId, clientSecret, accessKey: accessKeys[0] ?? DEFAULT_ACCESS_KEY };
    this.expertKeys = options.expertKeys ?? DEFAULT_EXPERT_KEYS;
    this.requests = new RequestLog(options.maxRecordedRequests ?? 10_000);
    this.notifications = new CxoneNotifications(clock, tokens);
    this.feed = new CxoneFeed(this.notifications, clock, user, tenantId);
    this.#parts = {
      clock,
      router,
      tokens,
      authorizer: new Authorizer(tokens, undefined),
      requests: this.requests,
      faults: new FaultRegistry(),
      allowOrigin: options.allowOrigin,
      closing: this.#closing.signal,
      problemAnswer: cxoneProblemAnswer(clock),
      requestIdHeader: 'x-trace-id',
    };
    const claims = claimsOf(user, tenantId, names.cluster);
    const login = new Login({ tokens, idTokens, claims, clients, accessKeys });
    const { toggledFeatures = [] } = options;
    addLoginRoutes(router, { origin, names, tenantId, user, toggledFeatures, login, tokens, idTokens });
    addExpertRoutes(router, this.knowledge, this.expertKeys);
    this.customers = addCustomerRoutes(router);
    this.copilot = addCopilotRoutes(router, {
      user,
      tenantId,
      idTokens,
      knowledge: this.knowledge,
      sendCards: (contactId, elements) => void this.feed.sendCards(contactId, elements),
    });
    const admit = (request: RecordedRequest): AcceptUpgrade => this.#admit(request);
    server.on('request', (request, response) => void handleRequest(this.#parts, request, response));
    server.on('upgrade', (request, socket, head) => void handleUpgrade(this.#parts, admit, request, socket, head));
  }

  /** @internal */
  static async start(options: CxoneOptions): Promise<Cxone> {
    checkCxoneOptions(options);
    const { server, origin } = await startServer(options.port);
    return new Cxone(server, origin, options);
  }

  /** Where discovery is: `{issuer}/.well-known/openid-configuration`. */
  get issuer(): string {
    return this.origin;
  }

  /** The token endpoint. */
  get tokenUrl(): string {
    return `${this.origin}/auth/token`;
  }

  /** The notification socket. */
  get notificationUrl(): string {
    return `${this.hosts.notifications}${NOTIFICATION_PATH}`;
  }

  /** The hosts on this machine: all the same, since one socket serves them. */
  get hosts(): CxoneHosts {
    return localHosts(this.origin);
  }

  /** The hosts by their names, as `fetch` and `WebSocket` of this tenant reach them. */
  get namedHosts(): CxoneHosts {
    return namedHosts(this.names);
  }

  /** The tokens that it issued, oldest first; the last 10,000. */
  get issuedTokens(): readonly IssuedToken[] {
    return this.#parts.tokens.issued;
  }

  /** How many tokens it issued since the start. */
  get issuedTokenCount(): number {
    return this.#parts.tokens.issuedCount;
  }

  /**
   * A URL of one of the named hosts, as a URL on this machine.
   *
   * @throws `TypeError` for a host that the tenant does not have.
   */
  localUrl(url: string | URL): URL {
    return localUrl(url, this.names, this.origin);
  }

  /** Revokes one access token, or all of them. Connections that are open stay open; their next `SUBSCRIBE` is refused. */
  revokeTokens(accessToken?: string): void {
    if (accessToken === undefined) this.#parts.tokens.revokeAll();
    else this.#parts.tokens.revoke(accessToken);
  }

  /**
   * Injects a fault into requests, upgrades included, as `Tenant.inject` does. A status without a body of its own has
   * that of the host. For the frames of the socket, see `notifications.inject`.
   *
   * @throws `ConfigurationError` for an invalid injection.
   */
  inject(injection: Injection): InjectedFault {
    return this.#parts.faults.inject(injection);
  }

  /** Removes all faults, those of the socket included. */
  clearFaults(): void {
    this.#parts.faults.clear();
    this.notifications.clearFaults();
  }

  /** Adds or replaces a route; the one that was added last wins. Its scope is `openid` or `public`. */
  addRoute<Body = undefined>(route: Route<Body>): void {
    this.#parts.router.add(route);
  }

  /**
   * Plays a conversation to those who subscribed to the contact's topics: each turn as the transcript of one utterance,
   * with interim text before it if asked for, and a score after it.
   *
   * @throws `AbortError` when `signal` is aborted or the tenant closes.
   */
  async play(conversation: Conversation, options: CxonePlayOptions = {}): Promise<CxonePlayResult> {
    const signals = [this.#closing.signal, ...(options.signal === undefined ? [] : [options.signal])];
    return playOnCxone(this.notifications, this.feed, this.#parts.clock, conversation, {
      ...options,
      signal: AbortSignal.any(signals),
    });
  }

  /** Closes every connection and frees the port. Can be called more than once. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the tenant is closing'));
    this.notifications.close();
    this.#closed ??= stopServer(this.#server);
    await this.#closed;
  }

  /** Calls `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The socket asks for no token at its upgrade. */
  #admit({ method, path }: RecordedRequest): AcceptUpgrade {
    if (path !== NOTIFICATION_PATH) throw new HttpProblem(404, 'not_found', { message: 'there is no such socket' });
    if (method !== 'GET') throw new HttpProblem(405, 'method_not_allowed', { headers: { allow: 'GET' } });
    return (request, socket, head) =>
      this.notifications.accept(request, socket, head, { path, tokenIn: 'frame', clientId: '' });
  }
}

/**
 * Starts a CXone tenant on 127.0.0.1, for tests and for development without an account. It records every request, and
 * fails on demand.
 *
 * @throws `ConfigurationError` for an option that is unknown or invalid; Node's error if the port is in use.
 *
 * @example
 * ```ts
 * import { startCxone } from 'agent-assist-sdk/testing';
 *
 * await using cxone = await startCxone();
 * const answer = await fetch(`${cxone.issuer}/.well-known/openid-configuration`);
 * console.log(((await answer.json()) as { token_endpoint: string }).token_endpoint === cxone.tokenUrl); // true
 * ```
 */
export async function startCxone(options: CxoneOptions = {}): Promise<Cxone> {
  return Cxone.start(options);
}
