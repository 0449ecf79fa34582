import type { IncomingHttpHeaders } from 'node:http';
import type { RouteAnswer, Router } from './router.js';
import { basicPair, formDecode, NOT_STORED, readTokenForm, TokenProblem } from './token-endpoint.js';
import type { TokenRegistry } from './tokens.js';

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

/** @internal Returns what an `AuthClient` needs of the first client. */
export function credentialsOf([client]: readonly TenantClient[]): Pick<TenantClient, 'clientId' | 'clientSecret'> {
  return { clientId: client?.clientId ?? '', clientSecret: client?.clientSecret ?? '' };
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

/** The paths of the token endpoint: two of Cognigy.AI and that of CXone (protocol 1). */
const TOKEN_PATHS = ['/api/v1/oauth/token', '/api/v1/auth/token', '/oauth/token'];

interface ShownCredentials {
  readonly method: ClientAuthMethod;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Adds the token endpoints: client credentials by RFC 6749 §4.4, errors by its §5.2. */
export function addOAuthRoutes(router: Router, tokens: TokenRegistry, clients: readonly TenantClient[]): void {
  for (const path of TOKEN_PATHS) {
    router.on(`POST ${path}`, { scope: 'public' }, ({ headers, bodyText }) =>
      answerTokenRequest(headers, bodyText, tokens, clients),
    );
  }
}

function answerTokenRequest(
  headers: IncomingHttpHeaders,
  bodyText: string,
  tokens: TokenRegistry,
  clients: readonly TenantClient[],
): RouteAnswer {
  const form = readTokenForm(headers, bodyText);
  const client = authenticate(headers, form, clients);
  const grantType = form.get('grant_type');
  if (grantType === undefined) throw new TokenProblem('invalid_request', 'grant_type is missing');
  if (grantType !== 'client_credentials') throw new TokenProblem('unsupported_grant_type', 'only client_credentials');
  const scopes = grantedScopes(form.get('scope'), client.scopes ?? allScopes);
  const { accessToken } = tokens.issue(client.clientId, scopes);
  return {
    status: 200,
    json: {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: tokens.lifetimeSeconds,
      scope: scopes.join(' '),
    },
    headers: NOT_STORED,
  };
}

function authenticate(
  headers: IncomingHttpHeaders,
  form: ReadonlyMap<string, string>,
  clients: readonly TenantClient[],
): TenantClient {
  const shown = shownCredentials(headers, form);
  const challenge: Readonly<Record<string, string>> =
    headers.authorization === undefined ? {} : { 'www-authenticate': 'Basic realm="tenant", charset="UTF-8"' };
  const client = clients.find(
    ({ clientId, clientSecret }) => clientId === shown?.clientId && clientSecret === shown.clientSecret,
  );
  if (shown === undefined || client === undefined || client.authMethods?.includes(shown.method) === false) {
    throw new TokenProblem('invalid_client', 'client authentication failed', 401, challenge);
  }
  return client;
}

function shownCredentials(
  headers: IncomingHttpHeaders,
  form: ReadonlyMap<string, string>,
): ShownCredentials | undefined {
  const inBody = form.get('client_id');
  const secretInBody = form.get('client_secret');
  if (headers.authorization === undefined) {
    if (inBody === undefined || secretInBody === undefined) return undefined;
    return { method: 'client_secret_post', clientId: inBody, clientSecret: secretInBody };
  }
  if (secretInBody !== undefined) throw new TokenProblem('invalid_request', 'credentials were shown in two ways');
  return basicCredentials(headers.authorization);
}

/** Decodes id and secret, which are form-encoded before they are joined and base64-encoded (RFC 6749 §2.3.1). */
function basicCredentials(authorization: string): ShownCredentials | undefined {
  const [clientId, clientSecret] = (basicPair(authorization) ?? []).map(formDecode);
  if (clientId === undefined || clientSecret === undefined) return undefined;
  return { method: 'client_secret_basic', clientId, clientSecret };
}

function grantedScopes(asked: string | undefined, allowed: readonly string[]): readonly string[] {
  if (asked === undefined) return allowed;
  const scopes = asked.split(' ');
  const refused = scopes.filter((scope) => !allowed.includes(scope));
  if (refused.length > 0) throw new TokenProblem('invalid_scope', 'a scope is unknown or not allowed for this client');
  return [...new Set(scopes)];
}
