import type { Platform } from 'agent-assist-sdk';

/** A tenant, and the client that calls it. */
export interface Connection {
  readonly platform: Platform;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
}

/** The URLs of the environment; the platform's preset derives the others from the base URL. */
export type TenantUrls = Readonly<Record<'baseUrl' | 'tokenUrl' | 'streamUrl', string | undefined>>;

/** What an example can run on: a tenant of this project's protocol, or a real platform. */
export type PlatformName = 'documents' | 'cognigy' | 'cxone';

/** Returns whether a text names a platform. */
export function isPlatformName(name: string): name is PlatformName {
  return ['documents', 'cognigy', 'cxone'].includes(name);
}

/** The platform of the variable `AGENT_ASSIST_PLATFORM`. */
export function readPlatform(env: NodeJS.ProcessEnv): PlatformName {
  const name = variable(env, 'AGENT_ASSIST_PLATFORM') ?? 'documents';
  if (!isPlatformName(name)) throw new Error('AGENT_ASSIST_PLATFORM: expected documents, cognigy or cxone');
  return name;
}

/** A variable of the environment; an empty one counts as missing. */
export function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] === '' ? undefined : env[name];
}

/**
 * Reads variables that belong together; `undefined` when none of them is set.
 *
 * @throws Error that names the missing ones when only some are set.
 */
export function readTogether<Name extends string>(
  env: NodeJS.ProcessEnv,
  names: readonly Name[],
): Readonly<Record<Name, string>> | undefined {
  const missing = names.filter((name) => variable(env, name) === undefined);
  if (missing.length === names.length) return undefined;
  if (missing.length > 0) throw new Error(`Set ${missing.join(', ')} too, or unset ${names.join(', ')}`);
  return Object.fromEntries(names.map((name) => [name, env[name]])) as Record<Name, string>;
}

/** The tenant of the environment; `undefined` for the embedded one. */
export function readConnection(
  env: NodeJS.ProcessEnv,
  preset: (urls: TenantUrls) => Platform,
  scopes: readonly string[],
): Connection | undefined {
  const tenant = readTogether(env, ['AGENT_ASSIST_BASE_URL', 'AGENT_ASSIST_CLIENT_ID', 'AGENT_ASSIST_CLIENT_SECRET']);
  return (
    tenant && {
      platform: preset({
        baseUrl: tenant.AGENT_ASSIST_BASE_URL,
        tokenUrl: variable(env, 'AGENT_ASSIST_TOKEN_URL'),
        streamUrl: variable(env, 'AGENT_ASSIST_STREAM_URL'),
      }),
      clientId: tenant.AGENT_ASSIST_CLIENT_ID,
      clientSecret: tenant.AGENT_ASSIST_CLIENT_SECRET,
      scopes: variable(env, 'AGENT_ASSIST_SCOPES')?.split(/\s+/) ?? scopes,
    }
  );
}

/** An integer of the environment, from 0 to `most`. */
export function readInteger(env: NodeJS.ProcessEnv, name: string, fallback: number, most: number): number {
  const value = Number(variable(env, name) ?? fallback);
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw new Error(`${name}: expected an integer from 0 to ${most}`);
  return value;
}

/** `PORT`; 0 means a free port. */
export function readPort(env: NodeJS.ProcessEnv, fallback: number): number {
  return readInteger(env, 'PORT', fallback, 65_535);
}
