import type { IncomingHttpHeaders } from 'node:http';
import type { TokenRegistry } from '../server/tokens.js';
import type { CxoneHosts } from './hosts.js';
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

export const USER: CxoneUser = {
  userId: 'aaaaaaaa-2222-4333-8444-555555555555',
  agentId: '1001',
  businessUnit: '4600001',
  userName: 'ada.agent@example.com',
  firstName: 'Ada',
  lastName: 'Agent',
  teamId: '77',
};

export const TENANT_ID = '11111111-2222-4333-8444-555555555555';

/** @internal What the tenant's routes work with. */
export interface Services {
  readonly tokens: TokenRegistry;
  readonly idTokens: IdTokens;
  /** Returns the hosts as the client of a request sees them. */
  readonly hostsOf: (headers: IncomingHttpHeaders) => CxoneHosts;
}
