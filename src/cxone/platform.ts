import { ConfigurationError } from '../errors.js';
import { checkEncrypted, checkedStreamUrl, checkedUrl, type Platform } from '../http/internal.js';
import { checkOptions } from '../options.js';
import { checkedLabel } from '../platforms/urls.js';

/** A real CXone tenant and its hosts, which receive access tokens. */
export interface CxonePlatform extends Platform {
  /** Issuer of the tokens. */
  readonly issuer: string;
  /** Area, e.g. `na1`. */
  readonly area: string;
  /** Base URL of the ACD's API; absent if neither discovery nor an option provides it. It depends on the cluster. */
  readonly acdUrl: string | undefined;
  /** Base URL of the API of the digital channels (DFO). */
  readonly dfoUrl: string;
  /** Base URL of UserHub. */
  readonly userHubUrl: string;
}

/** Options of {@link cxoneArea}. */
export interface CxoneAreaOptions {
  /** Area of the tenant, e.g. `na1`, `eu1`, `au1`, `uk1`. */
  readonly area: string;
  /** Domain of the API and of the sockets. @defaultValue `niceincontact.com` */
  readonly domain?: string | undefined;
  /** Domain of UserHub. @defaultValue `nice-incontact.com` */
  readonly userHubDomain?: string | undefined;
  /** Domain of the digital channels. @defaultValue `nicecxone-gov.com` in the sovereign area `na2`, else `domain` */
  readonly dfoDomain?: string | undefined;
  /** Base URL of the ACD's API, e.g. `https://api-c31.nice-incontact.com`. It cannot be derived from the area. */
  readonly acdUrl?: string | URL | undefined;
  /**
   * Issuer of the tokens.
   *
   * @defaultValue `https://cxone-gov.niceincontact.com` in the area `na2`, else `https://cxone.niceincontact.com`
   */
  readonly issuer?: string | URL | undefined;
  /** Full URL of the token endpoint. @defaultValue `/auth/token` of the issuer */
  readonly tokenUrl?: string | URL | undefined;
  /** Full URL of the notification socket, as in the event `AgentAssist` of an agent's session. */
  readonly streamUrl?: string | URL | undefined;
}

/** The area of the US government, with other hosts. */
const SOVEREIGN_AREA = 'na2';

const BOTS = 'the bots are built in Cognigy.AI; test them with agent-assist-sdk/cognigy';
const THRESHOLDS = 'no API calibrates sentiment; set the thresholds of the Enlighten models in the hub';

const UNSUPPORTED: Platform['unsupported'] = {
  stream: 'subscribe to topics with notificationProtocol of agent-assist-sdk/cxone',
  suggest:
    'ask with CopilotClient.search of agent-assist-sdk/cxone; the cards arrive on the stream, topic copilotTopic(agentId)',
  knowledgeSearch: 'search CXone Expert with ExpertClient of agent-assist-sdk/cxone',
  insights: 'no API puts cards into the panel; show them on your own page in the hub, or signal a Studio script',
  feedback: 'rate knowledge answers with CopilotClient.feedback of agent-assist-sdk/cxone',
  calibration: THRESHOLDS,
  calibrationJob: THRESHOLDS,
  webhooks: 'no API registers them; call your service from a REST API action of Studio, with a secret in a header',
  calibrationAudit: 'keep an AuditTrail, and export the answers of Copilot from /observabilitydashboard/v2/tables',
  botVersions: BOTS,
  environment: BOTS,
  simulations: BOTS,
  simulation: BOTS,
  customer: 'read the customers of the digital channels at dfoUrl: /dfo/3.0/customers/{id}',
  customerOrders: 'CXone has none; ask the system that has them, in a custom source',
  customerTickets: 'read the cases of the digital channels at dfoUrl: /dfo/3.0/contacts',
};

/** The validated result of discovery, or options of {@link cxoneArea}. */
export interface CxoneHosts extends Pick<CxonePlatform, 'area' | 'issuer' | 'acdUrl'> {
  readonly domain: string;
  readonly userHubDomain: string;
  readonly tokenUrl: string;
  readonly dfoDomain?: string | undefined;
  readonly streamUrl?: string | undefined;
}

/** Builds the hosts from their templates. */
export function cxonePlatform(hosts: CxoneHosts): CxonePlatform {
  const { area, domain, userHubDomain, issuer, tokenUrl, acdUrl } = hosts;
  const { dfoDomain = area === SOVEREIGN_AREA ? 'nicecxone-gov.com' : domain } = hosts;
  return {
    name: 'CXone',
    area,
    issuer,
    baseUrl: `https://api-${area}.${domain}`,
    tokenUrl,
    streamUrl: hosts.streamUrl ?? `wss://websocket-${area}.${domain}/agent-assist-notifications/notifications/ws`,
    // Unused: `notificationProtocol` sends the token in frames.
    streamToken: 'header',
    acdUrl,
    dfoUrl: `https://api-de-${area}.${dfoDomain}`,
    userHubUrl: `https://${area}.${userHubDomain}`,
    clientAuthentication: 'client_secret_basic',
    hasScopes: false,
    unsupported: UNSUPPORTED,
  };
}

/**
 * Returns a real CXone tenant by its area, without a request. The hosts come from the templates of the vendor's own
 * client. Prefer {@link discoverCxone}, which knows the tenant's domains and its cluster.
 *
 * For the sovereign area `na2`, only the domain of the digital channels and the issuer differ by default: use
 * discovery, or pass the domains.
 *
 * @throws `ConfigurationError` for an option that is unknown or invalid.
 *
 * @example
 * ```ts
 * import { cxoneArea } from 'agent-assist-sdk/cxone';
 *
 * const platform = cxoneArea({ area: 'eu1' });
 * console.log(platform.baseUrl); // https://api-eu1.niceincontact.com
 * ```
 */
export function cxoneArea(options: CxoneAreaOptions): CxonePlatform {
  checkOptions('cxoneArea', options, {
    area: 'a string',
    domain: 'a string',
    userHubDomain: 'a string',
    dfoDomain: 'a string',
    acdUrl: true,
    issuer: true,
    tokenUrl: true,
    streamUrl: true,
  });
  const { acdUrl, domain = 'niceincontact.com', userHubDomain = 'nice-incontact.com', dfoDomain, streamUrl } = options;
  const area = checkedLabel('area', options.area, 'na1 for https://api-na1.niceincontact.com');
  const label = area.toLowerCase() === SOVEREIGN_AREA ? 'cxone-gov' : 'cxone';
  const issuer = checkedIssuer(options.issuer ?? `https://${label}.niceincontact.com`);
  return cxonePlatform({
    area: area.toLowerCase(),
    domain: checkedDomain('domain', domain),
    userHubDomain: checkedDomain('userHubDomain', userHubDomain),
    dfoDomain: dfoDomain === undefined ? undefined : checkedDomain('dfoDomain', dfoDomain),
    acdUrl: acdUrl === undefined ? undefined : checkedUrl(acdUrl, 'acdUrl').replace(/\/$/, ''),
    issuer,
    tokenUrl: checkedUrl(options.tokenUrl ?? `${issuer}/auth/token`, 'tokenUrl'),
    streamUrl: streamUrl === undefined ? undefined : checkedStreamUrl(streamUrl, 'streamUrl'),
  });
}

/** Domains of the template hosts; no port, no path, no IP address. */
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

/** Returns whether a text is a domain such as `niceincontact.com`. */
export function isDomain(text: string): boolean {
  return text.length < 200 && DOMAIN.test(text);
}

function checkedDomain(option: string, domain: string): string {
  if (!isDomain(domain)) throw new ConfigurationError(`${option}: expected a domain, e.g. niceincontact.com`);
  return domain;
}

/** @throws `ConfigurationError` */
export function checkedIssuer(issuer: string | URL): string {
  const url = checkedUrl(issuer, 'issuer').replace(/\/$/, '');
  checkEncrypted('issuer', url, false);
  return url;
}
