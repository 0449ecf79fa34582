import { cognigy, type AssistMetrics, type Platform } from 'agent-assist-sdk';

/** What the service needs to run. */
export interface Settings extends Platform {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly port: number;
  readonly onMetrics?: (record: AssistMetrics) => void;
}

const REQUIRED = ['AGENT_ASSIST_BASE_URL', 'AGENT_ASSIST_CLIENT_ID', 'AGENT_ASSIST_CLIENT_SECRET'] as const;
const DEFAULT_SCOPES = 'agentassist:read dialog:read analytics:write streaming:subscribe';

/**
 * Reads the environment; `undefined` when it names no tenant. The token URL and the stream's are derived from the base
 * URL where they are not given.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings | undefined {
  if (Object.keys(env).every((name) => !/^AGENT_ASSIST_(BASE_URL|TOKEN_URL|STREAM_URL|CLIENT_ID|CLIENT_SECRET)$/.test(name))) return undefined;
  const missing = REQUIRED.filter((name) => (env[name] ?? '') === '');
  if (missing.length > 0) throw new Error(`Set ${missing.join(', ')} too, or none of AGENT_ASSIST_* for the embedded tenant`);
  const port = Number(env['PORT'] ?? 8000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('PORT: expected an integer from 0 to 65535');
  const text = (name: string): string | undefined => env[name] === '' ? undefined : env[name];
  return {
    ...cognigy({
      baseUrl: text('AGENT_ASSIST_BASE_URL'), tokenUrl: text('AGENT_ASSIST_TOKEN_URL'), streamUrl: text('AGENT_ASSIST_STREAM_URL'),
    }),
    clientId: text('AGENT_ASSIST_CLIENT_ID') ?? '',
    clientSecret: text('AGENT_ASSIST_CLIENT_SECRET') ?? '',
    scopes: (text('AGENT_ASSIST_SCOPES') ?? DEFAULT_SCOPES).split(/\s+/),
    port,
  };
}
