/** How a client authenticates at the token endpoint (RFC 6749 §2.3.1). */
export type ClientAuthMethod = 'client_secret_post' | 'client_secret_basic';

/** A client that the tenant knows. */
export interface TenantClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Allowed scopes. @defaultValue every scope of the protocol page */
  readonly scopes?: readonly string[] | undefined;
  /** Allowed methods of authentication. @defaultValue both */
  readonly authMethods?: readonly ClientAuthMethod[] | undefined;
}

/** Every scope that the protocol page names (protocol 4 and 9). */
export const allScopes: readonly string[] = [
  'agentassist:read',
  'agentassist:write',
  'ai:training:write',
  'analytics:write',
  'audit:read',
  'bot:read',
  'crm:read',
  'customer:read',
  'dialog:read',
  'environment:read',
  'knowledge:read',
  'orders:read',
  'sentiment:calibrate',
  'simulation:execute',
  'streaming:subscribe',
  'webhook:manage',
];
