import type { IncomingHttpHeaders } from 'node:http';
import { allScopes, type ClientAuthMethod, type TenantClient } from '../server/clients.js';
import { HttpProblem } from '../server/problem.js';
import type { RouteAnswer, Router } from '../server/router.js';
import type { TokenRegistry } from '../server/tokens.js';

/** The paths of the token endpoint: two of Cognigy.AI and that of CXone (protocol 1). */
const TOKEN_PATHS = ['/api/v1/oauth/token', '/api/v1/auth/token', '/oauth/token'];

const NOT_STORED = { 'cache-control': 'no-store', pragma: 'no-cache' };

interface ShownCredentials {
  readonly method: ClientAuthMethod;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Adds the token endpoints: client credentials by RFC 6749 §4.4, errors by its §5.2. */
export function addOAuthRoutes(router: Router, tokens: TokenRegistry, clients: readonly TenantClient[]): void {
  for (const path of TOKEN_PATHS) {
    router.add({
      method: 'POST',
      path,
      scope: 'public',
      handle: ({ headers, bodyText }) => answerTokenRequest(headers, bodyText, tokens, clients),
    });
  }
}

function answerTokenRequest(
  headers: IncomingHttpHeaders,
  bodyText: string,
  tokens: TokenRegistry,
  clients: readonly TenantClient[],
): RouteAnswer {
  const form = parseForm(headers, bodyText);
  const client = authenticate(headers, form, clients);
  const grantType = form.get('grant_type');
  if (grantType === undefined) throw oauthError('invalid_request', 'grant_type is missing');
  if (grantType !== 'client_credentials') throw oauthError('unsupported_grant_type', 'only client_credentials');
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

function oauthError(
  code: string,
  description: string,
  status = 400,
  headers: Readonly<Record<string, string>> = {},
): OAuthProblem {
  return new OAuthProblem(status, code, { message: description, headers: { ...NOT_STORED, ...headers } });
}

class OAuthProblem extends HttpProblem {
  override toBody(): Readonly<Record<string, unknown>> {
    return { error: this.code, error_description: this.message };
  }
}

function parseForm(headers: IncomingHttpHeaders, bodyText: string): ReadonlyMap<string, string> {
  const mediaType = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/x-www-form-urlencoded') {
    throw oauthError('invalid_request', 'the content type must be application/x-www-form-urlencoded');
  }
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(bodyText)) {
    if (form.has(name)) throw oauthError('invalid_request', `${name} is repeated`);
    // A parameter without a value counts as left out (RFC 6749 §3.2).
    if (value !== '') form.set(name, value);
  }
  return form;
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
    throw oauthError('invalid_client', 'client authentication failed', 401, challenge);
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
  if (secretInBody !== undefined) throw oauthError('invalid_request', 'credentials were shown in two ways');
  return basicCredentials(headers.authorization);
}

/** @internal Returns user and password of an `Authorization: Basic` header, unchanged. */
export function basicPair(authorization: string): readonly [user: string, password: string] | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const [user = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return [user, password.join(':')];
}

/** Decodes id and secret, which are form-encoded before they are joined and base64-encoded (RFC 6749 §2.3.1). */
function basicCredentials(authorization: string): ShownCredentials | undefined {
  const [user, password] = basicPair(authorization) ?? [];
  if (user === undefined || password === undefined) return undefined;
  const clientId = formDecode(user);
  const clientSecret = formDecode(password);
  if (clientId === undefined || clientSecret === undefined) return undefined;
  return { method: 'client_secret_basic', clientId, clientSecret };
}

/** @internal */
export function formDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function grantedScopes(asked: string | undefined, allowed: readonly string[]): readonly string[] {
  if (asked === undefined) return allowed;
  const scopes = asked.split(' ');
  const refused = scopes.filter((scope) => !allowed.includes(scope));
  if (refused.length > 0) throw oauthError('invalid_scope', 'a scope is unknown or not allowed for this client');
  return [...new Set(scopes)];
}
