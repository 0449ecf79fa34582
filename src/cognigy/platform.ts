import { ConfigurationError } from '../errors.js';
import { RateLimiter, checkedUrl, parseBaseUrl, type ApiPaths, type Platform } from '../http/internal.js';
import { checkCounts, checkKind, checkOptions } from '../options.js';
import { below, checkedLabel, originOf } from '../platforms/urls.js';

/** Options of {@link cognigyAi}. One of `environment`, `company`, `host` and `baseUrl` is required. */
export interface CognigyAiOptions {
  /** A shared environment: `trial` for `api-trial.cognigy.ai`, `app` and `app-us` likewise. */
  readonly environment?: 'trial' | 'app' | 'app-us' | undefined;
  /** Name of a dedicated installation: `acme` for `api-acme.cognigy.cloud`. */
  readonly company?: string | undefined;
  /**
   * Host of the API, with an optional port, e.g. `cognigy-api-na1.nicecxone.com`. The prefix `http://` turns TLS off;
   * for another machine the clients then need `allowInsecureRequests`.
   */
  readonly host?: string | undefined;
  /** URL of the API without the paths `/new/v2.0`, `/auth` and `/testing`, e.g. behind a proxy with its own path. */
  readonly baseUrl?: string | URL | undefined;
  /**
   * Host of the endpoints of flows. On-premises installations configure each host separately; if the API's host has no
   * `api-`, this option is required.
   *
   * @defaultValue the API's host with `endpoint-` instead of `api-`
   */
  readonly endpointHost?: string | undefined;
  /** Host of the OData service. @defaultValue the API's host with `odata-` instead of `api-`, otherwise none */
  readonly odataHost?: string | undefined;
  /** Full URL of the token endpoint. */
  readonly tokenUrl?: string | URL | undefined;
  /** Path of the token endpoint. @defaultValue `/auth/oauth2/token` */
  readonly tokenPath?: string | undefined;
  /** How the client authenticates to the token endpoint. @defaultValue `'client_secret_post'` */
  readonly clientAuthentication?: 'client_secret_post' | 'client_secret_basic' | undefined;
  /** Paths of calls that only your tenant has. The client then makes these calls instead of refusing them. */
  readonly paths?: Partial<Record<keyof ApiPaths, string | undefined>> | undefined;
  /**
   * Enforces the API's rate limit; `false` for no client-side limit. The documented limit of the shared environments
   * counts all requests of an IP address; other installations configure their own.
   *
   * @defaultValue a `RateLimiter` of 1,000 requests in five minutes
   */
  readonly rateLimiter?: Platform['rateLimiter'] | false;
  /**
   * Largest body of a request in bytes; `false` for no client-side limit.
   *
   * @defaultValue 60,000, the documented limit of JSON
   */
  readonly maxRequestBytes?: number | false | undefined;
}

/** Result of {@link cognigyAi}: a platform, and its other hosts. */
export interface CognigyAiPlatform extends Platform {
  /** Base URL of the endpoints of flows, without a trailing slash. */
  readonly endpointUrl: string;
  /** Base URL of the OData service, without a trailing slash; absent if unknown. */
  readonly odataUrl: string | undefined;
}

const FLOW = 'FlowClient of agent-assist-sdk/cognigy';

const CUSTOMERS = 'ask the system that has the customers, with an HttpClient for its baseUrl';

const UNSUPPORTED: Platform['unsupported'] = {
  stream:
    'no stream carries running conversations; to follow one with a flow, use flowProtocol of agent-assist-sdk/cognigy',
  suggest: `ask a flow with ${FLOW}; pass flowSuggestions(flow) to the engine`,
  knowledgeSearch:
    'let a flow search (node Search Extract Output), and read it with flowKnowledge(flow) of agent-assist-sdk/cognigy',
  insights: `no route pushes cards; inject an input into a session whose Copilot flow sets tiles, with ${FLOW}`,
  feedback: 'let the flow record it, e.g. as the rating of the session',
  calibration: 'there is no sentiment score to calibrate; the Sentiment node of a flow asks a language model',
  calibrationJob: 'there is no sentiment score to calibrate; the Sentiment node of a flow asks a language model',
  webhooks:
    'the platform has no event subscriptions; let a Webhook endpoint or an HTTP Request node of a flow call your service',
  calibrationAudit: 'read the audit events with AuditEventsClient of agent-assist-sdk/cognigy',
  botVersions: 'the versions of a project are its snapshots: GET /new/v2.0/snapshots?projectId=…',
  environment: 'there are no environments; use a project, an organization or a host for each stage',
  simulations: 'run playbooks with PlaybookClient of agent-assist-sdk/cognigy',
  simulation: 'run playbooks with PlaybookClient of agent-assist-sdk/cognigy',
  customer: CUSTOMERS,
  customerOrders: CUSTOMERS,
  customerTickets: CUSTOMERS,
};

/**
 * Returns a real Cognigy.AI installation, as its vendor documents it: the REST API, the endpoints of its flows, and the
 * calls that it does not have. Create it once and pass it to every client, so that the clients share its rate limit.
 *
 * Use an `ApiKeyAuth`; the key acts with the roles of the user who created it. An `AuthClient` without scopes works if
 * the installation has issued a client id.
 *
 * @throws `ConfigurationError` for an option that is unknown or invalid, or if the host of the endpoints is missing.
 *
 * @example
 * ```ts
 * import { ApiKeyAuth, HttpClient } from 'agent-assist-sdk';
 * import { cognigyAi } from 'agent-assist-sdk/cognigy';
 *
 * const platform = cognigyAi({ environment: 'trial' });
 * const http = new HttpClient({ platform, auth: new ApiKeyAuth({ apiKey: 'key' }) });
 *
 * cognigyAi({ company: 'acme' });
 * cognigyAi({ host: 'cognigy.example.com', endpointHost: 'flows.example.com' });
 * ```
 */
export function cognigyAi(options: CognigyAiOptions): CognigyAiPlatform {
  checkOptions('cognigyAi', options, {
    environment: true,
    company: 'a string',
    host: 'a string',
    baseUrl: true,
    endpointHost: 'a string',
    odataHost: 'a string',
    tokenUrl: true,
    tokenPath: 'a string',
    clientAuthentication: true,
    paths: 'an object',
    rateLimiter: true,
    maxRequestBytes: true,
  });
  const { tokenPath = '/auth/oauth2/token', tokenUrl, paths, clientAuthentication } = options;
  const { rateLimiter = new RateLimiter({ maxCalls: 1000, windowMs: 300_000 }) } = options;
  if (rateLimiter !== false) checkKind('rateLimiter', rateLimiter, 'a rate limiter with enter()');
  const baseUrl = parseBaseUrl(options.baseUrl ?? originOf(apiHost(options)), 'baseUrl');
  const endpointUrl = sibling(baseUrl, 'endpoint', options.endpointHost);
  if (endpointUrl === undefined)
    throw new ConfigurationError("endpointHost: missing; it cannot be derived from an API host without 'api-'");
  return {
    name: 'Cognigy.AI',
    baseUrl,
    tokenUrl: tokenUrl === undefined ? below(baseUrl, tokenPath, 'tokenPath') : checkedUrl(tokenUrl, 'tokenUrl'),
    endpointUrl,
    odataUrl: sibling(baseUrl, 'odata', options.odataHost),
    streamUrl: `${endpointUrl.replace(/^http/, 'ws')}/socket.io/`,
    streamToken: 'query',
    unsupported: UNSUPPORTED,
    hasScopes: false,
    rateLimiter: rateLimiter === false ? undefined : rateLimiter,
    maxRequestBytes: maxRequestBytes(options.maxRequestBytes),
    ...(paths === undefined ? {} : { paths }),
    ...(clientAuthentication === undefined ? {} : { clientAuthentication }),
  };
}

function apiHost({ environment, company, host }: CognigyAiOptions): string {
  if (host !== undefined) return host;
  if (company !== undefined)
    return `api-${checkedLabel('company', company, 'acme for https://api-acme.cognigy.cloud')}.cognigy.cloud`;
  if (environment === undefined)
    throw new ConfigurationError('environment: missing; pass environment, company, host or baseUrl');
  if (!['trial', 'app', 'app-us'].includes(environment))
    throw new ConfigurationError(
      'environment: expected trial, app or app-us; for a dedicated one pass company or host',
    );
  return `api-${environment}.cognigy.ai`;
}

/**
 * Returns the base URL of another host of the installation: the given one, or the API's with this label instead of
 * `api-`.
 */
function sibling(baseUrl: string, label: string, host: string | undefined): string | undefined {
  if (host !== undefined) return originOf(host, `${label}Host`);
  const { protocol, host: api } = new URL(baseUrl);
  const derived = api.replace(/(^|-)api-/, `$1${label}-`);
  return derived === api ? undefined : `${protocol}//${derived}`;
}

function maxRequestBytes(given: number | false | undefined): number | undefined {
  if (given === false) return undefined;
  checkCounts({ maxRequestBytes: given });
  return given ?? 60_000;
}
