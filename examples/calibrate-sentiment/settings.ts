import { cognigy, type Platform } from 'agent-assist-sdk';

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

const REQUIRED = ['AGENT_ASSIST_BASE_URL', 'AGENT_ASSIST_CLIENT_ID', 'AGENT_ASSIST_CLIENT_SECRET'] as const;

/** The scopes of all calls that the example makes. */
export const defaultScopes: readonly string[] = ['agentassist:write', 'sentiment:calibrate', 'webhook:manage', 'audit:read'];

/** Reads a port. */
export function readPort(env: NodeJS.ProcessEnv, byDefault: number): number {
  const port = Number(env['PORT'] ?? byDefault);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('PORT: expected an integer from 0 to 65535');
  return port;
}

/** Reads the environment; `undefined` when it names no tenant. */
export function readSettings(env: NodeJS.ProcessEnv): Settings | undefined {
  const text = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const missing = REQUIRED.filter((name) => text(name) === undefined);
  if (missing.length === REQUIRED.length) return undefined;
  if (missing.length > 0) throw new Error(`Set ${missing.join(', ')} too, or none of AGENT_ASSIST_* for the embedded tenant`);
  const platform = cognigy({ baseUrl: text('AGENT_ASSIST_BASE_URL'), tokenUrl: text('AGENT_ASSIST_TOKEN_URL') });
  const webhookUrl = text('AGENT_ASSIST_WEBHOOK_URL');
  if (webhookUrl === undefined && platform.baseUrl.startsWith('https:')) {
    throw new Error('Set AGENT_ASSIST_WEBHOOK_URL: the public https URL that leads to this machine’s PORT');
  }
  return {
    ...platform,
    clientId: text('AGENT_ASSIST_CLIENT_ID') ?? '',
    clientSecret: text('AGENT_ASSIST_CLIENT_SECRET') ?? '',
    scopes: text('AGENT_ASSIST_SCOPES')?.split(/\s+/) ?? defaultScopes,
    port: readPort(env, 8000),
    webhookUrl,
  };
}
