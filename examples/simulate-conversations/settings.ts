import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cognigy } from 'agent-assist-sdk';
import { readConnection, readPlatform, variable, type Connection, type PlatformName } from '../shared/environment.ts';

/** Settings of the example. */
export interface Settings {
  readonly platform: PlatformName;
  /** Absent for the embedded tenant. */
  readonly connection: Connection | undefined;
  readonly suiteFile: string;
  readonly baselineFile: string | undefined;
  readonly versionId: string | undefined;
  readonly reports: string;
  readonly dashboardUrl: string | undefined;
  readonly minPassRate: number;
  readonly concurrency: number;
  readonly pollIntervalMs: number;
  readonly timeoutMs: number;
}

/** The scopes of all calls of the example. */
export const defaultScopes: readonly string[] = ['simulation:execute', 'bot:read', 'environment:read'];

/** Reads the command line and the environment. */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): Settings {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      baseline: { type: 'string' },
      version: { type: 'string' },
      reports: { type: 'string', default: 'reports/simulation' },
      'min-pass-rate': { type: 'string' },
      concurrency: { type: 'string', default: '8' },
      'poll-interval-ms': { type: 'string' },
      'timeout-ms': { type: 'string', default: '600000' },
    },
  });
  if (positionals.length > 1) throw new Error(`expected one suite, got ${positionals.join(', ')}`);
  const platform = readPlatform(env);
  const connection = readConnection(env, cognigy, defaultScopes);
  const number = (
    name: 'min-pass-rate' | 'concurrency' | 'poll-interval-ms' | 'timeout-ms',
    fallback: number,
  ): number => {
    const value = Number(values[name] ?? fallback);
    if (!Number.isFinite(value) || value < 0 || values[name] === '')
      throw new Error(`--${name}: expected a number of at least 0`);
    return value;
  };
  const minPassRate = number('min-pass-rate', values.baseline === undefined ? 100 : 0);
  if (minPassRate > 100) throw new Error('--min-pass-rate: expected a percentage from 0 to 100');
  const isEmbedded =
    platform === 'cognigy' ? variable(env, 'COGNIGY_API_HOST') === undefined : connection === undefined;
  return {
    platform,
    connection,
    suiteFile: positionals[0] ?? fileURLToPath(new URL('suite.yaml', import.meta.url)),
    baselineFile: values.baseline,
    versionId: values.version,
    reports: values.reports,
    dashboardUrl: variable(env, 'AGENT_ASSIST_DASHBOARD_URL'),
    minPassRate,
    concurrency: number('concurrency', 8),
    pollIntervalMs: number('poll-interval-ms', isEmbedded ? 50 : 2000),
    timeoutMs: number('timeout-ms', 600_000),
  };
}
