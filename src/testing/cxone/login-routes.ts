import * as z from 'zod/mini';
import { notFound } from '../server/problem.js';
import { ok, type Router } from '../server/router.js';
import { TENANT_ID, USER, type Services } from './account.js';
import { NAMES, type CxoneHosts } from './hosts.js';
import { refused, type Login } from './login.js';

/** @internal What the login's routes work with. */
export interface LoginServices extends Services {
  readonly login: Login;
}

const REFRESH_LIFETIME_SECONDS = 7200;

const accessKeyBody = z.object({ accessKeyId: z.string(), accessKeySecret: z.string() });
const tokenBody = z.object({ token: z.string() });
const accessTokenBody = z.object({ accessToken: z.string() });

/**
 * @internal Adds discovery, `/auth`, the older access-key login, the regional tokens, whoami, the user and the feature toggles.
 */
export function addLoginRoutes(router: Router, services: LoginServices): void {
  addDiscovery(router, services);
  const { login, idTokens, hostsOf } = services;
  router.on('GET /auth/authorize', { scope: 'public' }, ({ query }) => ({
    status: 302,
    headers: { location: login.authorize(query) },
  }));
  router.on('POST /auth/token', { scope: 'public' }, async ({ headers, bodyText }) => ({
    status: 200,
    json: await login.grant(headers, bodyText, hostsOf(headers).issuer),
    headers: { 'cache-control': 'no-store' },
  }));
  router.on('GET /auth/jwks', { scope: 'public' }, async () => ok(await idTokens.jwks()));
  addOlderLogin(router, services);
  addUser(router, services);
}

function addDiscovery(router: Router, { hostsOf }: LoginServices): void {
  router.on('GET /.well-known/openid-configuration', { scope: 'public' }, ({ headers }) => {
    const { issuer } = hostsOf(headers);
    return ok({
      issuer,
      authorization_endpoint: `${issuer}/auth/authorize`,
      token_endpoint: `${issuer}/auth/token`,
      end_session_endpoint: `${issuer}/auth/authorize/logout`,
      userinfo_endpoint: `${issuer}/auth/userinfo`,
      jwks_uri: `${issuer}/auth/jwks`,
      display_values_supported: ['page', 'popup'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic'],
      scopes_supported: ['openid'],
      response_types_supported: ['code'],
      id_token_signing_alg_values_supported: ['RS256'],
    });
  });
  router.on('GET /.well-known/cxone-configuration', { scope: 'public' }, ({ headers, query }) => {
    // A UserHub host is asked without a tenant.
    const asked = query.get('tenantId') ?? TENANT_ID;
    if (asked !== TENANT_ID) throw notFound('Tenant');
    const { userHub, acd } = hostsOf(headers);
    const endpoints = { ui_endpoint: userHub, auth_endpoint: userHub, api_endpoint: acd };
    return ok({ private: false, ...endpoints, ...NAMES, globaldomain: NAMES.domain, tenantId: TENANT_ID });
  });
}

/** Returns a function that adds a call that is answered with JSON, without a token in its headers. */
function poster(router: Router, { hostsOf }: LoginServices) {
  return <Body>(
    path: string,
    schema: z.ZodMiniType<Body>,
    answer: (body: Body, hosts: CxoneHosts) => object | Promise<object>,
  ): void =>
    router.on<Body>(
      `POST ${path}`,
      { scope: 'public', body: schema, invalidBodyStatus: 400 },
      async ({ headers, body }) => ok(await answer(body, hostsOf(headers))),
    );
}

function addOlderLogin(router: Router, services: LoginServices): void {
  const { login } = services;
  const addPost = poster(router, services);
  addPost('/authentication/v1/token/access-key', accessKeyBody, async (body, { issuer, acd }) => {
    const audience = { clientId: 'access-key', issuer };
    const issued = await login.byAccessKey(body.accessKeyId, body.accessKeySecret, audience);
    const { access_token, refresh_token, expires_in } = issued;
    return { access_token, refresh_token, expires_in, resource_server_base_uri: `${acd}/incontactapi/` };
  });
  addPost('/public/user/refresh', tokenBody, async (body, { issuer }) => {
    const { access_token: token, refresh_token: refreshToken, expires_in } = await login.refresh(body.token, issuer);
    const lifetimes = { tokenExpirationTimeSec: expires_in, refreshTokenExpirationTimeSec: REFRESH_LIFETIME_SECONDS };
    return { token, refreshToken, ...lifetimes };
  });
  addPost('/public/authentication/v1/token', accessTokenBody, async (body, { issuer }) =>
    login.exchange(body.accessToken, { clientId: 'regional', issuer }),
  );
  addPost('/public/authentication/v1/refresh', tokenBody, async (body, { issuer }) =>
    login.refresh(body.token, issuer),
  );
}

function addUser(router: Router, services: LoginServices): void {
  const { tokens } = services;
  const addPost = poster(router, services);
  addPost('/incontactauthorizationserver/token/whoami', tokenBody, (body, { issuer, acd }) => {
    if (tokens.check(body.token) === undefined) throw refused('invalid_grant', 401);
    return {
      agent_id: USER.agentId,
      bus_no: USER.businessUnit,
      expires_in: String(tokens.lifetimeSeconds),
      iss: issuer,
      refresh_token_server_uri: `${acd}/`,
      resource_server_base_uri: `${acd}/incontactapi/`,
      sub: `user:${USER.userId}`,
      team_id: USER.teamId,
    };
  });
  for (const service of ['incontactAPI', 'InContactAPI']) {
    router.on(`GET /${service}/services/v27.0/business-unit`, { scope: 'openid' }, () =>
      ok({ businessUnits: [{ businessUnitId: Number(USER.businessUnit), tenantId: TENANT_ID }] }),
    );
  }
  router.on('GET /auth/userinfo', { scope: 'openid' }, () => {
    const { userId, userName, firstName, lastName } = USER;
    const names = { name: userName, given_name: firstName, family_name: lastName };
    return ok({ sub: `user:${userId}`, ...names, email: userName });
  });
  router.on('GET /user-management/v1/users/{userId}', { scope: 'openid' }, ({ params }) => {
    if (params['userId'] !== USER.userId) throw notFound('user');
    const { userId: id, userName, firstName, lastName, teamId } = USER;
    const fullName = `${firstName} ${lastName}`;
    // The vendor's client fails without `customAttributes`.
    const rest = { emailAddress: userName, fullName, displayName: fullName, status: 'ACTIVE', customAttributes: {} };
    return ok({ user: { id, userName, firstName, lastName, teamId, tenantId: TENANT_ID, ...rest } });
  });
  router.on('GET /config/toggledFeatures', { scope: 'openid' }, () => ok({ toggledFeatures: [] }));
}
