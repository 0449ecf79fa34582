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
import type { Conversation } from '../stream/play.js';
import { TENANT_ID, USER, type CxoneUser } from './account.js';
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
  NAMED_HOSTS,
  NAMES,
  socketByName,
  type CxoneHosts,
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
  readonly expertKeys?: ExpertKeys | undefined;
}

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
  /** The hosts on this machine. All are the same, because one socket serves them. */
  readonly hosts: CxoneHosts = localHosts(this.origin);
  /** The notification socket. */
  readonly notificationUrl: string = `${this.hosts.notifications}${NOTIFICATION_PATH}`;
  readonly tenantId: string = TENANT_ID;
  /** The user that tokens are for. */
  readonly user: CxoneUser = USER;
  /** The hosts by their names, as `fetch` and `WebSocket` of this tenant reach them. */
  readonly namedHosts: CxoneHosts = NAMED_HOSTS;
  /** The notification sockets: topics, faults, raw frames. */
  readonly notifications: CxoneNotifications = new CxoneNotifications(this.parts);
  /** Sends messages of CXone's services on the socket. */
  readonly feed: CxoneFeed = new CxoneFeed(this.notifications, this.parts.clock);
  /** Agent Copilot: its answers, and what it was asked. */
  readonly copilot: CxoneCopilot;
  /** The articles that Expert and Copilot search. */
  readonly knowledge: TenantKnowledge = new TenantKnowledge();
  /** The keys that Expert accepts. */
  readonly expertKeys: ExpertKeys;
  /** Customers of the digital channels, by id. */
  readonly customers: Map<string, CxoneCustomer> = addCustomerRoutes(this.parts.router);
  /** A `fetch` that reaches all hosts by their names, so that a test sees which host a client called. */
  readonly fetch: typeof fetch = fetchByName(this.origin);
  /** A `WebSocket` that reaches all hosts by their names. */
  readonly WebSocket: NamedWebSocket = socketByName(this.origin);
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
    const { clients = [DEFAULT_CLIENT], accessKeys = [DEFAULT_ACCESS_KEY] } = options;
    const { clientId, clientSecret = '' } = clients[0] ?? DEFAULT_CLIENT;
    this.credentials = { clientId, clientSecret, accessKey: accessKeys[0] ?? DEFAULT_ACCESS_KEY };
    this.expertKeys = options.expertKeys ?? DEFAULT_EXPERT_KEYS;
    const idTokens = new IdTokens(clock);
    const login = new Login({ tokens, idTokens, claims: CLAIMS, clients, accessKeys });
    const hostsOf = (headers: IncomingHttpHeaders): CxoneHosts => hostsFor(headers, origin);
    const services = { tokens, idTokens, hostsOf };
    addLoginRoutes(router, { ...services, login });
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
      inspect: checkHost,
    };
    this.serve(settings, (request) => {
      checkHost(request);
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
    return localUrl(url, this.origin);
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

const CLAIMS: Readonly<Record<string, string>> = {
  sub: `user:${USER.userId}`,
  userId: USER.userId,
  tenantId: TENANT_ID,
  tenant: 'cxone_test',
  icAgentId: USER.agentId,
  icBUId: USER.businessUnit,
  icClusterId: NAMES.cluster.toUpperCase(),
  name: USER.userName,
  given_name: USER.firstName,
  family_name: USER.lastName,
  teamId: USER.teamId,
};

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
  checkServerOptions('startCxone', options, { clients: true, accessKeys: true, expertKeys: true });
  return new Cxone(await startServer(options.port), options);
}
