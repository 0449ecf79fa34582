import { cognigy } from 'agent-assist-sdk';
import { readConnection, readPort, variable, type Connection } from '../shared/environment.ts';

/** Settings of the example. */
export interface Settings {
  readonly connection: Connection;
  /** Port of the webhook handler on 127.0.0.1; 0 for a free one. */
  readonly port: number;
  /** URL of the handler for the tenant; by default its own loopback URL. */
  readonly webhookUrl: string | undefined;
}

/** The scope of each call of the example. */
export const defaultScopes: readonly string[] = ['sentiment:calibrate', 'webhook:manage', 'audit:read'];

/** Reads the environment; `undefined` if it names no tenant. */
export function readSettings(env: NodeJS.ProcessEnv): Settings | undefined {
  const connection = readConnection(env, cognigy, defaultScopes);
  if (connection === undefined) return undefined;
  const webhookUrl = variable(env, 'AGENT_ASSIST_WEBHOOK_URL');
  if (webhookUrl === undefined && connection.platform.baseUrl.startsWith('https:')) {
    throw new Error('Set AGENT_ASSIST_WEBHOOK_URL to the public https URL that forwards to this machine’s PORT');
  }
  return { connection, port: readPort(env, 8000), webhookUrl };
}
