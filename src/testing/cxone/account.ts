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
  readonly businessUnit: string;
  readonly userName: string;
  readonly firstName: string;
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
