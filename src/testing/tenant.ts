import { ConfigurationError } from '../errors.js';
import type { Platform } from '../http/types.js';
import { authorizeBy, type ApiKeyOptions } from './server/authorization.js';
import { addOAuthRoutes, allScopes, credentialsOf, type TenantClient } from './server/oauth.js';
import { playConversation, type Conversation, type PlayOptions, type PlayResult } from './stream/play.js';
import { TenantAudit } from './routes/audit.js';
import { TenantCalibrations } from './routes/calibration.js';
import { TenantInsights } from './routes/insights.js';
import { addKnowledgeRoutes, type TenantKnowledge } from './routes/knowledge.js';
import { TenantSimulations } from './routes/simulation.js';
import { TenantSuggestions } from './routes/suggestions.js';
import { TenantWebhooks } from './routes/webhooks.js';
import {
  checkPositive,
  checkServerOptions,
  EmbeddedServer,
  startServer,
  type EmbeddedServerOptions,
  type ListeningServer,
} from './server/embedded-server.js';
import { KEPT } from './server/kept.js';
import { admitToStream, TenantStream } from './stream/stream.js';

/** Options of {@link startTenant}. */
export interface TenantOptions extends EmbeddedServerOptions {
  /** OAuth clients. @defaultValue one with all scopes, see `Tenant.credentials` */
  readonly clients?: readonly TenantClient[] | undefined;
  /** API keys accepted besides tokens. @defaultValue none */
  readonly apiKeys?: ApiKeyOptions | undefined;
  /** Interval of heartbeats on the stream in ms; `Infinity` for none. @defaultValue 15,000 */
  readonly heartbeatIntervalMs?: number | undefined;
}

/**
 * A complete Agent Assist tenant in this process: token endpoints, REST calls and the stream, on real sockets of
 * 127.0.0.1. Created by {@link startTenant}.
 */
export class Tenant extends EmbeddedServer {
  /** The connected streams: send events and raw frames, break connections. */
  readonly stream: TenantStream;
  /** Answers of `POST /agentassist/suggest`. */
  readonly suggestions: TenantSuggestions = new TenantSuggestions(this.parts.router);
  /** The articles that a search finds. */
  readonly knowledge: TenantKnowledge = addKnowledgeRoutes(this.parts.router);
  /** The agent's desktop and the training records. */
  readonly insights: TenantInsights;
  /** Registered webhooks, and what was delivered to them. */
  readonly webhooks: TenantWebhooks = new TenantWebhooks(this.parts);
  /** Audit log of calibrations. */
  readonly audit: TenantAudit = new TenantAudit(this.parts);
  /** Calibrations. Each applied one is added to the audit log and sent to the webhooks. */
  readonly calibrations: TenantCalibrations = new TenantCalibrations(this.parts, ({ id, status, calibration }) => {
    this.audit.add({ action: `calibration.${status}`, job_id: id, sensitivity_level: calibration.sensitivity_level });
    void this.webhooks.trigger('sentiment.calibration.updated', { job_id: id, status });
  });
  /** Bots, environments and simulations. */
  readonly simulation: TenantSimulations = new TenantSimulations(this.parts);

  /** REST base like that of Cognigy.AI, ending in `/api/v1`. */
  readonly baseUrl: string = `${this.origin}/api/v1`;
  /** REST base like that of CXone: the bare host. */
  readonly cxoneBaseUrl: string = this.origin;
  /** The token endpoint `/api/v1/oauth/token`; `/api/v1/auth/token` and `/oauth/token` work as well. */
  readonly tokenUrl: string = `${this.baseUrl}/oauth/token`;
  /** The stream URL of Cognigy.AI. Both streams accept the token in the header or the query. */
  readonly streamUrl: string = `${this.baseUrl.replace('http', 'ws')}/streaming/agentassist`;
  /** The stream URL of CXone. */
  readonly cxoneStreamUrl: string = `${this.origin.replace('http', 'ws')}/cxoneapi/v2/agentassist/stream`;
  /** All URLs like those of Cognigy.AI: `new HttpClient({ platform: tenant.platform, auth })`. */
  readonly platform: Platform = {
    baseUrl: this.baseUrl,
    tokenUrl: this.tokenUrl,
    streamUrl: this.streamUrl,
    streamToken: 'header',
    streamScope: 'streaming:subscribe',
  };
  /** All URLs like those of CXone. */
  readonly cxonePlatform: Platform = {
    baseUrl: this.cxoneBaseUrl,
    tokenUrl: `${this.origin}/oauth/token`,
    streamUrl: this.cxoneStreamUrl,
    streamToken: 'query',
    streamScope: 'agentassist:read',
  };
  /** Credentials of the first client: `new AuthClient({ platform: tenant.platform, ...tenant.credentials })`. */
  readonly credentials: Pick<TenantClient, 'clientId' | 'clientSecret'>;

  /** @internal */
  constructor(listening: ListeningServer, options: TenantOptions) {
    super(listening, options);
    const { clients = [DEFAULT_CLIENT], heartbeatIntervalMs = 15_000, maxRecordedRequests = KEPT } = options;
    const { router, tokens } = this.parts;
    const authorize = authorizeBy(tokens, options.apiKeys);
    this.credentials = credentialsOf(clients);
    this.stream = new TenantStream(this.parts, heartbeatIntervalMs);
    this.insights = new TenantInsights(router, (event) => void this.stream.send(event), maxRecordedRequests);
    addOAuthRoutes(router, tokens, clients);
    this.serve({ authorize }, (request) => admitToStream(this.stream, authorize, request));
  }

  /**
   * Plays a conversation on the stream to all connections.
   *
   * @throws `AbortError` if `signal` is aborted or the tenant closes.
   */
  async play(conversation: Conversation, options: PlayOptions = {}): Promise<PlayResult> {
    return playConversation(this.stream, this.parts, conversation, options);
  }
}

const DEFAULT_CLIENT: TenantClient = { clientId: 'tenant-client', clientSecret: 'tenant-secret', scopes: allScopes };

/**
 * Starts a tenant on 127.0.0.1, for tests and for development without an account. It validates and records every
 * request, and fails on demand.
 *
 * @throws `ConfigurationError` for an option that is unknown or invalid; Node's error if the port is in use.
 *
 * @example
 * ```ts
 * import { startTenant } from 'agent-assist-sdk/testing';
 *
 * await using tenant = await startTenant({ tokenLifetimeSeconds: 60 });
 * const answer = await fetch(`${tenant.baseUrl}/agentassist/suggest`, { method: 'POST' });
 * console.log(answer.status); // 401
 * ```
 */
export async function startTenant(options: TenantOptions = {}): Promise<Tenant> {
  checkServerOptions('startTenant', options, { clients: true, apiKeys: true, heartbeatIntervalMs: true });
  const { heartbeatIntervalMs, clients } = options;
  checkPositive({ heartbeatIntervalMs });
  if (clients?.length === 0) throw new ConfigurationError('clients must name at least one client');
  return new Tenant(await startServer(options.port), options);
}
