/** What the environment says of a tenant. Token URL and stream follow the base URL where they are not given. */
export interface TenantEnvironment {
  readonly urls: {
    readonly baseUrl: string | undefined;
    readonly tokenUrl: string | undefined;
    readonly streamUrl: string | undefined;
  };
  readonly client: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly scopes: readonly string[];
  };
}

const REQUIRED = ['AGENT_ASSIST_BASE_URL', 'AGENT_ASSIST_CLIENT_ID', 'AGENT_ASSIST_CLIENT_SECRET'];
const OPTIONAL = ['AGENT_ASSIST_TOKEN_URL', 'AGENT_ASSIST_STREAM_URL'];

/** A variable of the environment; an empty one counts as absent. */
export function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] === '' ? undefined : env[name];
}

/** The tenant that the environment names, or `undefined` when it says nothing of one. */
export function readTenant(env: NodeJS.ProcessEnv, defaultScopes: readonly string[]): TenantEnvironment | undefined {
  if ([...REQUIRED, ...OPTIONAL].every((name) => variable(env, name) === undefined)) return undefined;
  const missing = REQUIRED.filter((name) => variable(env, name) === undefined);
  if (missing.length > 0)
    throw new Error(`Set ${missing.join(', ')} too, or none of AGENT_ASSIST_* for the embedded tenant`);
  return {
    urls: {
      baseUrl: variable(env, 'AGENT_ASSIST_BASE_URL'),
      tokenUrl: variable(env, 'AGENT_ASSIST_TOKEN_URL'),
      streamUrl: variable(env, 'AGENT_ASSIST_STREAM_URL'),
    },
    client: {
      clientId: variable(env, 'AGENT_ASSIST_CLIENT_ID') ?? '',
      clientSecret: variable(env, 'AGENT_ASSIST_CLIENT_SECRET') ?? '',
      scopes: variable(env, 'AGENT_ASSIST_SCOPES')?.split(/\s+/) ?? defaultScopes,
    },
  };
}

/** An integer of the environment, from 0 to `most`. */
export function readInteger(env: NodeJS.ProcessEnv, name: string, byDefault: number, most: number): number {
  const value = Number(variable(env, name) ?? byDefault);
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw new Error(`${name}: expected an integer from 0 to ${most}`);
  return value;
}

/** `PORT`; 0 is a free one. */
export function readPort(env: NodeJS.ProcessEnv, byDefault: number): number {
  return readInteger(env, 'PORT', byDefault, 65_535);
}
