import { ConfigurationError } from '../../errors.js';
import { TenantKnowledge } from '../routes/knowledge.js';
import type { ServerSettings } from '../server/http-listener.js';
import { credentialsOf, type TenantClient } from '../server/oauth.js';
import {
  checkPositive,
  checkServerOptions,
  EmbeddedServer,
  startServer,
  type EmbeddedServerOptions,
  type ListeningServer,
} from '../server/embedded-server.js';
import { CognigyEndpoints, type CognigyEndpoint } from './flows/endpoints.js';
import { CognigyFlow } from './flows/flow.js';
import { searchArticles, suggestReplies } from './flows/scripts.js';
import { CognigySessions } from './flows/sessions.js';
import { CognigySockets } from './socket/sockets.js';
import { CognigyAuditEvents } from './routes/audit-events.js';
import { CognigyTasks } from './flows/tasks.js';
import { addAnalyticsRoutes } from './routes/analytics.js';
import { addKnowledgeStoreRoutes } from './routes/knowledge-stores.js';
import type { CognigySimulator } from './flows/simulator.js';
import { addSimulatorRoutes } from './routes/simulator.js';
import { addNluRoutes } from './routes/nlu.js';
import { addPlaybookRoutes } from './routes/playbooks.js';
import { addEndpointRoutes } from './routes/endpoints.js';
import { CognigyLogin } from './routes/login.js';
import { addProjectRoutes, type CognigyProject } from './routes/project.js';
import { ApiRouter } from './server/api-router.js';
import { authorizeByRole, type CognigyApiKey } from './server/authorization.js';
import type { CognigyPageQuirk, PageSettings } from './server/pages.js';
import { problemDocument } from './server/problems.js';
import { createInspector, type CognigyRequestLimit } from './server/strictness.js';

/** Options of {@link startCognigy}. */
export interface CognigyOptions extends EmbeddedServerOptions {
  /** API keys. @defaultValue one of an administrator, see `CognigyTenant.apiKey` */
  readonly apiKeys?: readonly CognigyApiKey[] | undefined;
  /**
   * OAuth clients. Scopes and authentication methods are not checked.
   *
   * @defaultValue one, see `CognigyTenant.credentials`
   */
  readonly clients?: readonly TenantClient[] | undefined;
  /** Release of the platform, e.g. `2026.17`, which filters audit events by type and actor. @defaultValue `2026.16` */
  readonly release?: string | undefined;
  /**
   * Response to a GET with a body: `refuse` returns 403, as reported for the Trial environment; `accept` ignores the
   * body, as the vendor's REST client requires.
   *
   * @defaultValue `refuse`
   */
  readonly getWithBody?: 'refuse' | 'accept' | undefined;
  /** Largest JSON body in bytes. A larger one gets a 413. @defaultValue 61,440 */
  readonly maxJsonBytes?: number | undefined;
  /** Rate limit of the REST API; `false` for no limit. @defaultValue 1,000 requests in five minutes */
  readonly requestLimit?: CognigyRequestLimit | false | undefined;
  /** Interval of pings on the Socket.IO endpoint in ms. @defaultValue 25,000 */
  readonly pingIntervalMs?: number | undefined;
}

/**
 * A Cognigy.AI installation in this process: login, REST API, the endpoints of two flows, on one real socket of
 * 127.0.0.1. Created by {@link startCognigy}.
 */
export class CognigyTenant extends EmbeddedServer {
  /** The project that everything belongs to. */
  readonly project: CognigyProject;
  /** A flow that suggests replies, with `data.confidence`. */
  readonly flow: CognigyFlow = new CognigyFlow('Agent assist', suggestReplies);
  /** The articles that {@link CognigyTenant.knowledgeFlow} searches. */
  readonly knowledge: TenantKnowledge = new TenantKnowledge();
  /** A flow that searches {@link CognigyTenant.knowledge}; its hits are in `data.knowledgeSearch.topK`. */
  readonly knowledgeFlow: CognigyFlow = new CognigyFlow('Knowledge search', searchArticles(this.knowledge));
  /** The endpoints: a REST endpoint for each flow, and a Socket.IO endpoint for {@link CognigyTenant.flow}. */
  readonly endpoints: CognigyEndpoints;
  /** The REST endpoint of {@link CognigyTenant.flow}. */
  readonly restEndpoint: CognigyEndpoint;
  /** The REST endpoint of {@link CognigyTenant.knowledgeFlow}. */
  readonly knowledgeEndpoint: CognigyEndpoint;
  /** The Socket.IO endpoint of {@link CognigyTenant.flow}. */
  readonly socketEndpoint: CognigyEndpoint;
  /** The conversations with flows, with their context and messages. */
  readonly sessions: CognigySessions = new CognigySessions(this.parts.clock);
  /** The Socket.IO connections: withhold events, break connections. */
  readonly sockets: CognigySockets;
  /** Long-running work: runs of playbooks, trainings, imports. */
  readonly tasks: CognigyTasks = new CognigyTasks(this.parts.clock);
  /** The Simulator at `/testing`. */
  readonly simulator: CognigySimulator;
  /** The audit events; none at first. */
  readonly auditEvents: CognigyAuditEvents;
  /** The login page and its codes. */
  readonly login: CognigyLogin;

  /** The first API key. */
  readonly apiKey: string;
  /** Id and secret of the first OAuth client. */
  readonly credentials: Pick<TenantClient, 'clientId' | 'clientSecret'>;

  readonly #pages: PageSettings = { quirk: undefined };

  /** @internal */
  constructor(listening: ListeningServer, options: CognigyOptions) {
    const { apiKeys = [{ key: 'cognigy-api-key' }], clients = [DEFAULT_CLIENT] } = options;
    const { pingIntervalMs = 25_000, release = '2026.16' } = options;
    super(listening, options, 900);
    const { parts, flow, knowledgeFlow, sessions, tasks } = this;
    const { clock, router, tokens } = parts;
    const api = new ApiRouter(router, this.#pages);
    const projectParts = addProjectRoutes(api, clock, [flow, knowledgeFlow]);
    const { project } = projectParts;
    const endpoints = new CognigyEndpoints(projectParts.endpoints, project.projectId);
    const sockets = new CognigySockets({ ...parts, endpoints, sessions, pingIntervalMs });
    this.apiKey = apiKeys[0]?.key ?? '';
    this.credentials = credentialsOf(clients);
    this.sockets = sockets;
    this.project = project;
    this.endpoints = endpoints;
    this.restEndpoint = endpoints.add({ flow });
    this.knowledgeEndpoint = endpoints.add({ flow: knowledgeFlow });
    this.socketEndpoint = endpoints.add({ flow, channel: 'socket' });
    addEndpointRoutes(router, api, { endpoints, sessions, sockets });
    const services = { ...parts, ...projectParts, sessions, tasks };
    addPlaybookRoutes(api, services);
    addNluRoutes(api, services);
    addKnowledgeStoreRoutes(api, clock, tasks);
    addAnalyticsRoutes(api);
    this.simulator = addSimulatorRoutes(api, services);
    this.login = new CognigyLogin(router, { clock, tokens, clients });
    this.auditEvents = new CognigyAuditEvents(api, clock, project.projectId, isAtLeast(release, 2026, 17));
    const settings: ServerSettings = {
      authorize: authorizeByRole(tokens, apiKeys),
      problemAnswer: problemDocument,
      requestIdHeader: false,
      inspect: createInspector(clock, options),
    };
    this.serve(settings, (request) => sockets.admit(request));
  }

  /** Makes pages of lists deviate from now on. Without an argument, pages are normal again. */
  deviate(quirk?: CognigyPageQuirk): void {
    this.#pages.quirk = quirk;
  }
}

const DEFAULT_CLIENT: TenantClient = { clientId: 'cognigy-client', clientSecret: 'cognigy-secret' };

function isAtLeast(release: string, year: number, number: number): boolean {
  const [, ownYear, ownNumber] = /^(\d{4})\.(\d+)(?:\.\d+)?$/.exec(release) ?? [];
  if (ownYear === undefined) throw new ConfigurationError('release: expected a release of the platform, e.g. 2026.16');
  return Number(ownYear) > year || (Number(ownYear) === year && Number(ownNumber) >= number);
}

/**
 * Starts a Cognigy.AI installation on 127.0.0.1, for tests and for development without an account. It follows the
 * vendor's published clients, types and documentation, and refuses the same requests. It records each request, and
 * fails on demand.
 *
 * @throws `ConfigurationError` for an option that is unknown or invalid; Node's error if the port is in use.
 *
 * @example
 * ```ts
 * import { startCognigy } from 'agent-assist-sdk/testing';
 *
 * await using cognigy = await startCognigy();
 * cognigy.auditEvents.seed(60);
 * const answer = await fetch(`${cognigy.origin}/new/v2.0/auditevents`, { headers: { 'X-API-Key': cognigy.apiKey } });
 * console.log(answer.status); // 200
 * ```
 */
export async function startCognigy(options: CognigyOptions = {}): Promise<CognigyTenant> {
  checkServerOptions('startCognigy', options, {
    apiKeys: true,
    clients: true,
    release: true,
    getWithBody: true,
    maxJsonBytes: true,
    requestLimit: true,
    pingIntervalMs: true,
  });
  const { maxJsonBytes, pingIntervalMs } = options;
  checkPositive({ maxJsonBytes, pingIntervalMs });
  return new CognigyTenant(await startServer(options.port), options);
}
