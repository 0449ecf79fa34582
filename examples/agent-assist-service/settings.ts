import { cognigy, type AssistMetrics, type Platform } from 'agent-assist-sdk';
import { readPort, readTenant } from '../shared/environment.ts';

/** What the service needs to run. */
export interface Settings extends Platform {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly port: number;
  readonly onMetrics?: (record: AssistMetrics) => void;
}

/** As the document on this service lists them; the example needs `agentassist:read` and `streaming:subscribe`. */
const SCOPES = ['agentassist:read', 'dialog:read', 'analytics:write', 'streaming:subscribe'];

/** Reads the environment; `undefined` when it names no tenant. */
export function readSettings(env: NodeJS.ProcessEnv): Settings | undefined {
  const tenant = readTenant(env, SCOPES);
  return tenant && { ...cognigy(tenant.urls), ...tenant.client, port: readPort(env, 8000) };
}
