import { cognigy, type Platform } from 'agent-assist-sdk';
import { readPort, readTenant, variable } from '../shared/environment.ts';

/** What the example needs to run. */
export interface Settings extends Platform {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  /** Port of the webhook receiver on 127.0.0.1; 0 for a free one. */
  readonly port: number;
  /** Where the tenant reaches the receiver; its own loopback URL when absent. */
  readonly webhookUrl: string | undefined;
}

/** As the document on calibration lists them; no call of this example needs `agentassist:write`. */
export const defaultScopes: readonly string[] = [
  'agentassist:write',
  'sentiment:calibrate',
  'webhook:manage',
  'audit:read',
];

/** Reads the environment; `undefined` when it names no tenant. */
export function readSettings(env: NodeJS.ProcessEnv): Settings | undefined {
  const tenant = readTenant(env, defaultScopes);
  if (tenant === undefined) return undefined;
  const platform = cognigy(tenant.urls);
  const webhookUrl = variable(env, 'AGENT_ASSIST_WEBHOOK_URL');
  if (webhookUrl === undefined && platform.baseUrl.startsWith('https:')) {
    throw new Error('Set AGENT_ASSIST_WEBHOOK_URL: the public https URL that leads to this machine’s PORT');
  }
  return { ...platform, ...tenant.client, port: readPort(env, 8000), webhookUrl };
}
