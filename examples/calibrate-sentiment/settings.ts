import { cognigy } from 'agent-assist-sdk';
import { readConnection, readPort, variable, type Connection } from '../shared/environment.ts';

/** What the example needs to run. */
export interface Settings {
  readonly connection: Connection;
  /** Port of the webhook handler on 127.0.0.1; 0 for a free one. */
  readonly port: number;
  /** Where the tenant reaches the handler; its own loopback URL when absent. */
  readonly webhookUrl: string | undefined;
}

/** One for each kind of call that the example makes. */
export const defaultScopes: readonly string[] = ['sentiment:calibrate', 'webhook:manage', 'audit:read'];

/** Reads the environment; `undefined` when it names no tenant. */
export function readSettings(env: NodeJS.ProcessEnv): Settings | undefined {
  const connection = readConnection(env, cognigy, defaultScopes);
  if (connection === undefined) return undefined;
  const webhookUrl = variable(env, 'AGENT_ASSIST_WEBHOOK_URL');
  if (webhookUrl === undefined && connection.platform.baseUrl.startsWith('https:')) {
    throw new Error('Set AGENT_ASSIST_WEBHOOK_URL to the public https URL that leads to this machine’s PORT');
  }
  return { connection, port: readPort(env, 8000), webhookUrl };
}
