import type { IncomingHttpHeaders } from 'node:http';
import { TenantKnowledge } from '../routes/knowledge.js';
import { authorizeBy } from '../server/authorization.js';
import {
  checkServerOptions,
  EmbeddedServer,
  startServer,
  type EmbeddedServerOptions,
  type ListeningServer,
} from '../server/embedded-server.js';
import type { RecordedRequest } from '../server/recorded-request.js';
import type { Conversation } from '../stream/play.js';
import type { CxoneUser } from './account.js';
import { CxoneCopilot } from './copilot.js';
import { addCustomerRoutes, type CxoneCustomer } from './customers.js';
import { addExpertRoutes, DEFAULT_EXPERT_KEYS, type ExpertKeys } from './expert.js';
import { CxoneFeed } from './feed.js';
import {
  checkHost,
  fetchByName,
  hostsFor,
  localHosts,
  localUrl,
  namedHosts,
  socketByName,
  type CxoneHosts,
  type CxoneNames,
  type NamedWebSocket,
} from './hosts.js';
import { IdTokens } from './id-tokens.js';
import { Login, type CxoneAccessKey, type CxoneClient } from './login.js';
import { addLoginRoutes } from './login-routes.js';
import { admitToNotifications, CxoneNotifications, NOTIFICATION_PATH } from './notifications.js';
import { playOnCxone, type CxonePlayOptions, type CxonePlayResult } from './play.js';
import { cxoneProblemAnswer } from './problems.js';
import { ConfigurationError } from '../../errors.js';

/** Options of {@link startCxone}. */
export interface CxoneOptions extends EmbeddedServerOptions {
  /** Registered applications. @defaultValue one, see `Cxone.credentials` */
  readonly clients?: readonly CxoneClient[] | undefined;
  /** Access keys. @defaultValue one, see `Cxone.credentials` */
  readonly accessKeys?: readonly CxoneAccessKey[] | undefined;
  /** The user of the tokens. @defaultValue an agent */
  readonly user?: Partial<CxoneUser> | undefined;
  readonly tenantId?: string | undefined;
  /** Names of the hosts. @defaultValue under `cxone.test` */
  readonly names?: Partial<CxoneNames> | undefined;
  readonly expertKeys?: ExpertKeys | undefined;
  /** Enabled feature toggles. @defaultValue none */
  readonly toggledFeatures?: readonly string[] | undefined;
}

const DEFAULT_USER: CxoneUser = {
  userId: 'aaaaaaaa-2222-4333-8444-555555555555',
  agentId: '1001',
  businessUnit: '4600001',
  userName: 'ada.agent@example.com',
  firstName: 'Ada',
  lastName: 'Agent',
  teamId: '77',
};

const DEFAULT_TENANT_ID = '11111111-2222-4333-8444-555555555555';

/** Under `.test`, which no resolver knows: a name that was not mapped reaches no host. */
const DEFAULT_NAMES: CxoneNames = {
  area: 'na1',
  cluster: 'c31',
  domain: 'cxone.test',
  uhDomain: 'uh.cxone.test',
  acdDomain: 'acd.cxone.test',
};

const DEFAULT_CLIENT = { clientId: 'cxone-client', clientSecret: 'cxone-client-secret' };
const DEFAULT_ACCESS_KEY: CxoneAccessKey = { id: 'cxone-access-key-id', secret: 'cxone-access-key-secret' };

/**
 * A CXone tenant in this process, built from what is published about the real one: login, notification socket, Copilot
 * and Expert. One socket of 127.0.0.1 serves all its hosts, whose paths differ. Created by {@link startCxone}.
 */
export class Cxone extends EmbeddedServer {
  /** Issuer of the tokens; discovery is at `{issuer}/.well-known/openid-configuration`. */
  readonly issuer: string = this.origin;
  readonly tokenUrl: string = `${this.origin}/auth/token`;
  /** The hosts on this machine: all equal, since one socket serves them. */
  readonly hosts: CxoneHosts = localHosts(this.origin);
  /** The notification socket. */
  readonly notificationUrl: string = `${this.hosts.notifications}${NOTIFICATION_PATH}`;
  readonly tenantId: string;
  /** The user that tokens are for. */
  readonly user: CxoneUser;
  /** Names of the hosts, as discovery returns them. */
  readonly names: CxoneNames;
  /** The hosts by their names, as `fetch` and `WebSocket` of this tenant reach them. */
  readonly namedHosts: CxoneHosts;
  /** The notification sockets: topics, faults, raw frames. */
  readonly notifications: CxoneNotifications = new CxoneNotifications(this.parts);
  /** Sends messages of CXone's services on the socket. */
  readonly feed: CxoneFeed;
  /** Agent Copilot: its answers, and what it was asked. */
  readonly copilot: CxoneCopilot;
  /** The articles that Expert and Copilot search. */
  readonly knowledge: TenantKnowledge = new TenantKnowledge();
  /** The keys that Expert accepts. */
  readonly expertKeys: ExpertKeys;
  /** Customers of the digital channels, by id. */
  readonly customers: Map<string, CxoneCustomer> = addCustomerRoutes(this.parts.router);
  /** A `fetch` that reaches all hosts by their names, so that a test sees which host a client called. */
  readonly fetch: typeof fetch;
  /** A `WebSocket` that reaches all hosts by their names. */
  readonly WebSocket: NamedWebSocket;
  /** Credentials of its first application and its first access key. */
  readonly credentials: {
    readonly clientId: string;
    /** The application's secret; empty for one without. */
    readonly clientSecret: string;
    readonly accessKey: CxoneAccessKey;
  };

  /** @internal */
  constructor(listening: ListeningServer, options: CxoneOptions) {
    super(listening, options);
    const { origin, notifications } = this;
    const { clock, router, tokens } = this.parts;
    const names = { ...DEFAULT_NAMES, ...options.names };
    const { clients = [DEFAULT_CLIENT], accessKeys = [DEFAULT_ACCESS_KEY], tenantId = DEFAULT_TENANT_ID } = options;
    const user = { ...DEFAULT_USER, ...options.user };
    const { clientId, clientSecret = '' } = clients[0] ?? DEFAULT_CLIENT;
    this.tenantId = tenantId;
    this.user = user;
    this.names = names;
    this.namedHosts = namedHosts(names);
    this.fetch = fetchByName(names, origin);
    this.WebSocket = socketByName(names, origin);
    this.credentials = { clientId, clientSecret, accessKey: accessKeys[0] ?? DEFAULT_ACCESS_KEY };
    this.expertKeys = options.expertKeys ?? DEFAULT_EXPERT_KEYS;
    this.feed = new CxoneFeed(notifications, clock, user, tenantId);
    const idTokens = new IdTokens(clock);
    const claims = claimsOf(user, tenantId, names.cluster);
    const login = new Login({ tokens, idTokens, claims, clients, accessKeys });
    const { toggledFeatures = [] } = options;
    const hostsOf = (headers: IncomingHttpHeaders): CxoneHosts => hostsFor(headers, names, origin);
    const services = { names, tenantId, user, tokens, idTokens, hostsOf };
    addLoginRoutes(router, { ...services, toggledFeatures, login });
    addExpertRoutes(router, this.knowledge, this.expertKeys);
    this.copilot = new CxoneCopilot(router, {
      ...services,
      knowledge: this.knowledge,
      sendCards: (contactId, elements) => void this.feed.sendCards(contactId, elements),
    });
    const settings = {
      authorize: authorizeBy(tokens),
      problemAnswer: cxoneProblemAnswer(clock),
      requestIdHeader: 'x-trace-id',
      inspect: (request: RecordedRequest) => checkHost(request, names),
    };
    this.serve(settings, (request) => {
      checkHost(request, names);
      return admitToNotifications(notifications, tokens, request);
    });
  }

  /**
   * Maps a URL of one of the named hosts to this machine.
   *
   * @throws `TypeError` for a host that the tenant does not have.
   */
  localUrl(url: string | URL): URL {
    if (!URL.canParse(url)) throw new ConfigurationError('url: not a valid URL');
    return localUrl(url, this.names, this.origin);
  }

  /** Removes all faults, those of the socket included. */
  override clearFaults(): void {
    super.clearFaults();
    this.notifications.clearFaults();
  }

  /**
   * Plays a conversation to the subscribers of the contact's topics: each turn as the transcript of one utterance,
   * optionally with interim text before it, and a score after it.
   *
   * @throws `AbortError` if `signal` is aborted or the tenant closes.
   */
  async play(conversation: Conversation, options: CxonePlayOptions = {}): Promise<CxonePlayResult> {
    const { notifications, feed, parts } = this;
    return playOnCxone({ notifications, feed, parts }, conversation, options);
  }
}

function claimsOf(user: CxoneUser, tenantId: string, cluster: string): Readonly<Record<string, string>> {
  return {
    sub: `user:${user.userId}`,
    userId: user.userId,
    tenantId,
    tenant: 'cxone_test',
    icAgentId: user.agentId,
    icBUId: user.businessUnit,
    icClusterId: cluster.toUpperCase(),
    name: user.userName,
    given_name: user.firstName,
    family_name: user.lastName,
    teamId: user.teamId,
  };
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
  checkServerOptions('startCxone', options, {
    clients: true,
    accessKeys: true,
    user: true,
    tenantId: true,
    names: true,
    expertKeys: true,
    toggledFeatures: true,
  });
  return new Cxone(await startServer(options.port), options);
}
