import { cxone, type Platform } from 'agent-assist-sdk';
import { readTenant } from '../shared/environment.ts';

/** Where the service finds its tenant, and where it serves the agent's desktop. */
export interface Settings extends Platform {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
}

/** `agentassist:read` opens the stream; the others are each for a call. */
export const defaultScopes: readonly string[] = [
  'agentassist:read',
  'knowledge:read',
  'agentassist:write',
  'ai:training:write',
];

/** Reads the environment; `undefined` when it names no tenant. */
export function readSettings(env: NodeJS.ProcessEnv): Settings | undefined {
  const tenant = readTenant(env, defaultScopes);
  return tenant && { ...cxone(tenant.urls), ...tenant.client };
}
