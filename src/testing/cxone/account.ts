import type { IncomingHttpHeaders } from 'node:http';
import type { TokenRegistry } from '../server/tokens.js';
import type { CxoneHosts, CxoneNames } from './hosts.js';
import type { IdTokens } from './id-tokens.js';

/** The user that the tenant's tokens are for. */
export interface CxoneUser {
  /** Id in UserHub, a UUID. */
  readonly userId: string;
  /** Id of the agent; begins the names of Copilot's topics. */
  readonly agentId: string;
  /** Number of the business unit. */
  readonly businessUnit: string;
  /** Login name. */
  readonly userName: string;
  /** Given name. */
  readonly firstName: string;
  /** Family name. */
  readonly lastName: string;
  readonly teamId: string;
}

/** @internal What the tenant's routes work with. */
export interface Services {
  readonly names: CxoneNames;
  readonly tenantId: string;
  readonly user: CxoneUser;
  readonly tokens: TokenRegistry;
  readonly idTokens: IdTokens;
  /** Returns the hosts as the client of a request sees them. */
  readonly hostsOf: (headers: IncomingHttpHeaders) => CxoneHosts;
}

/** @internal */
export const DEFAULT_USER: CxoneUser = {
  userId: 'aaaaaaaa-2222-4333-8444-555555555555',
  agentId: '1001',
  businessUnit: '4600001',
  userName: 'ada.agent@example.com',
  firstName: 'Ada',
  lastName: 'Agent',
  teamId: '77',
};

/** @internal */
export const DEFAULT_TENANT_ID = '11111111-2222-4333-8444-555555555555';

/** @internal Under `.test`, which no resolver knows: a name that was not mapped reaches no host. */
export const DEFAULT_NAMES: CxoneNames = {
  area: 'na1',
  cluster: 'c31',
  domain: 'cxone.test',
  uhDomain: 'uh.cxone.test',
  acdDomain: 'acd.cxone.test',
};

/** @internal Returns the claims of an id token. */
export function claimsOf(user: CxoneUser, tenantId: string, cluster: string): Readonly<Record<string, string>> {
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
