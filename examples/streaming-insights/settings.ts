import { cxone, type Platform } from 'agent-assist-sdk';

/** Where the service finds its tenant, and where it serves the agent's desktop. */
export interface Settings extends Platform {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
}

export const defaultScopes: readonly string[] = ['agentassist:read', 'knowledge:read', 'agentassist:write', 'ai:training:write'];

const required = ['AGENT_ASSIST_BASE_URL', 'AGENT_ASSIST_CLIENT_ID', 'AGENT_ASSIST_CLIENT_SECRET'];

/** Reads the environment; `undefined` when it names no tenant. Token URL and stream follow the base URL unless given. */
export function readSettings(env: NodeJS.ProcessEnv): Settings | undefined {
  const value = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const missing = required.filter((name) => value(name) === undefined);
  if (missing.length === required.length) return undefined;
  if (missing.length > 0) throw new Error(`Set ${missing.join(', ')} too, or none of AGENT_ASSIST_* for the embedded tenant`);
  return {
    ...cxone({
      baseUrl: value('AGENT_ASSIST_BASE_URL'),
      tokenUrl: value('AGENT_ASSIST_TOKEN_URL'),
      streamUrl: value('AGENT_ASSIST_STREAM_URL'),
    }),
    clientId: value('AGENT_ASSIST_CLIENT_ID') ?? '',
    clientSecret: value('AGENT_ASSIST_CLIENT_SECRET') ?? '',
    scopes: value('AGENT_ASSIST_SCOPES')?.split(/\s+/) ?? defaultScopes,
  };
}

/** The desktop's port: `PORT`, else 8000; 0 for a free one. */
export function readPort(env: NodeJS.ProcessEnv): number {
  const port = Number(env['PORT'] ?? 8000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('PORT: expected an integer from 0 to 65535');
  return port;
}
