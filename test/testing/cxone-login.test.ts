import * as openid from 'openid-client';
import { startCxone, type Cxone } from 'agent-assist-sdk/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { basic, claimsIn, logIn, type Tokens } from './cxone-helpers.js';

let cxone: Cxone;
beforeEach(async () => {
  cxone = await startCxone({
    clients: [
      { clientId: 'back end', clientSecret: 's%3A+secret' },
      { clientId: 'page', clientSecret: undefined },
    ],
  });
});
afterEach(async () => {
  await cxone.close();
});

async function getJson(path: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  return (await fetch(`${cxone.origin}${path}`, { headers })).json();
}

async function postJson(
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${cxone.origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function askForToken(
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: Readonly<Record<string, unknown>> }> {
  const answer = await fetch(cxone.tokenUrl, { method: 'POST', headers, body: new URLSearchParams(form) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const password = { grant_type: 'password', username: 'cxone-access-key-id', password: 'cxone-access-key-secret' };

describe('discovery', () => {
  it('points to itself, in both documents', async () => {
    expect(await getJson('/.well-known/openid-configuration')).toMatchObject({
      issuer: cxone.origin,
      token_endpoint: cxone.tokenUrl,
      authorization_endpoint: `${cxone.origin}/auth/authorize`,
      jwks_uri: `${cxone.origin}/auth/jwks`,
      scopes_supported: ['openid'],
    });
    const configuration = {
      private: false,
      ui_endpoint: cxone.origin,
      auth_endpoint: cxone.origin,
      api_endpoint: cxone.origin,
      area: 'na1',
      cluster: 'c31',
      domain: 'cxone.test',
      uhDomain: 'uh.cxone.test',
      acdDomain: 'acd.cxone.test',
      globaldomain: 'cxone.test',
      tenantId: cxone.tenantId,
    };
    expect(await getJson(`/.well-known/cxone-configuration?tenantId=${cxone.tenantId}`)).toEqual(configuration);
    expect(await getJson('/.well-known/cxone-configuration')).toEqual(configuration);
    expect(await getJson('/.well-known/cxone-configuration?tenantId=other')).toEqual({
      error: 'not_found',
      errorDescription: 'Tenant not found',
    });
  });

  it('tells hosts by their names to who asks by name, and serves them all', async () => {
    const { issuer, api, acd } = cxone.namedHosts;
    const answer = await cxone.fetch(`${issuer}/.well-known/cxone-configuration?tenantId=${cxone.tenantId}`);
    expect(await answer.json()).toMatchObject({ api_endpoint: acd, auth_endpoint: 'https://na1.uh.cxone.test' });
    const tokens = await logIn(cxone);
    const user = await cxone.fetch(`${api}/user-management/v1/users/${cxone.user.userId}`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(user.status).toBe(200);
    expect(cxone.requests.last?.headers['x-forwarded-host']).toBe('api-na1.cxone.test');
    const elsewhere = await cxone.fetch(`${acd}/user-management/v1/users/${cxone.user.userId}`);
    expect(elsewhere.status).toBe(404);
    await expect(cxone.fetch('https://api-na1.niceincontact.com/')).rejects.toMatchObject({
      cause: { code: 'ENOTFOUND' },
    });
  });
});

describe('/auth/token', () => {
  it.each([
    ['as they are', basic('back end', 's%3A+secret')],
    ['percent-encoded', basic('back%20end', 's%253A%2Bsecret')],
  ])('takes an access key and a client shown with Basic, %s', async (_name, authorization) => {
    const { status, body } = await askForToken(password, { authorization });
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String) as string,
      token_type: 'Bearer',
      refresh_token: expect.any(String) as string,
      expires_in: 3600,
      id_token: expect.any(String) as string,
    });
    expect(claimsIn(String(body['id_token']))).toMatchObject({
      iss: cxone.origin,
      aud: 'back end',
      sub: `user:${cxone.user.userId}`,
      tenantId: cxone.tenantId,
      icAgentId: '1001',
      icBUId: '4600001',
      icClusterId: 'C31',
    });
  });

  it('takes the client in the body', async () => {
    const { status } = await askForToken({ ...password, client_id: 'back end', client_secret: 's%3A+secret' });
    expect(status).toBe(200);
  });

  it.each([
    ['no client', password, 401, 'invalid_client'],
    ['a client without a secret', { ...password, client_id: 'page' }, 401, 'invalid_client'],
    ['a wrong secret', { ...password, client_id: 'back end', client_secret: 'x' }, 401, 'invalid_client'],
    [
      'a wrong key',
      { ...password, password: 'x', client_id: 'back end', client_secret: 's%3A+secret' },
      400,
      'invalid_grant',
    ],
    [
      'a scope of the documents',
      { ...password, client_id: 'back end', client_secret: 's%3A+secret', scope: 'agentassist:write' },
      400,
      'invalid_scope',
    ],
    [
      'client credentials',
      { grant_type: 'client_credentials', client_id: 'back end', client_secret: 's%3A+secret' },
      400,
      'unsupported_grant_type',
    ],
    ['a refresh token that it never gave', { grant_type: 'refresh_token', refresh_token: 'x' }, 400, 'invalid_grant'],
    ['no grant', { client_id: 'page' }, 400, 'invalid_request'],
  ] as const)('refuses %s in its own words', async (_name, form, status, error) => {
    expect(await askForToken(form)).toEqual({
      status,
      body: { error, errorDescription: expect.any(String) as string },
    });
  });

  it('refreshes without a client, and exchanges a token', async () => {
    const { body: first } = await askForToken(password, { authorization: basic('back end', 's%3A+secret') });
    const refresh = { grant_type: 'refresh_token', scope: 'openid', refresh_token: String(first['refresh_token']) };
    const { status, body: second } = await askForToken(refresh);
    expect(status).toBe(200);
    const exchanged = await askForToken({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      scope: 'openid',
      client_id: 'page',
      subject_token: String(second['access_token']),
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
    expect(exchanged).toMatchObject({
      status: 200,
      body: { issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' },
    });
  });

  it('satisfies openid-client: discovery, authorization code with PKCE, and an id token that it verifies', async () => {
    const configuration = await openid.discovery(new URL(cxone.issuer), 'page', undefined, openid.None(), {
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to warn; the tenant has no TLS
      execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks],
    });
    const verifier = openid.randomPKCECodeVerifier();
    const authorization = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: 'https://app.example.test/cb',
      scope: 'openid',
      state: 'state-1',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const redirect = await fetch(authorization, { redirect: 'manual' });
    expect(redirect.status).toBe(302);
    const back = new URL(redirect.headers.get('location') ?? '');
    const checks = { pkceCodeVerifier: verifier, expectedState: 'state-1', idTokenExpected: true };
    const tokens = await openid.authorizationCodeGrant(configuration, back, checks);
    expect(tokens.claims()).toMatchObject({ tenantId: cxone.tenantId, icAgentId: '1001' });
    await expect(openid.authorizationCodeGrant(configuration, back, checks)).rejects.toMatchObject({ status: 400 });
  });

  it('lets tokens expire and be revoked', async () => {
    const clock = new FakeClock();
    await using own = await startCxone({ clock, tokenLifetimeSeconds: 5 });
    const { access_token: token } = await logIn(own);
    const ask = async (): Promise<number> =>
      (await fetch(`${own.origin}/config/toggledFeatures`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await ask()).toBe(200);
    await clock.advance(5000);
    expect(await ask()).toBe(401);
  });
});

describe('the older logins, and the user', () => {
  it('takes an access key as JSON, and refreshes under other names', async () => {
    const wrong = await postJson('/authentication/v1/token/access-key', { accessKeyId: 'x', accessKeySecret: 'x' });
    expect([wrong.status, await wrong.json()]).toEqual([
      400,
      { error: 'invalid_grant', errorDescription: expect.any(String) as string },
    ]);
    const answer = await postJson('/authentication/v1/token/access-key', {
      accessKeyId: 'cxone-access-key-id',
      accessKeySecret: 'cxone-access-key-secret',
    });
    const tokens = (await answer.json()) as Tokens;
    expect(tokens).toEqual({
      access_token: expect.any(String) as string,
      refresh_token: expect.any(String) as string,
      expires_in: 3600,
      resource_server_base_uri: `${cxone.origin}/incontactapi/`,
    });
    const refreshed = await postJson('/public/user/refresh', { token: tokens.refresh_token });
    expect(await refreshed.json()).toEqual({
      token: expect.any(String) as string,
      refreshToken: expect.any(String) as string,
      tokenExpirationTimeSec: 3600,
      refreshTokenExpirationTimeSec: 7200,
    });
  });

  it('tells who a token is for, and the feature toggles', async () => {
    await using own = await startCxone();
    const { access_token: token } = await logIn(own);
    const whoami = await fetch(`${own.origin}/incontactauthorizationserver/token/whoami`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    expect(await whoami.json()).toMatchObject({
      agent_id: '1001',
      expires_in: '3600',
      resource_server_base_uri: `${own.origin}/incontactapi/`,
    });
    const headers = { authorization: `Bearer ${token}` };
    const toggles = await fetch(`${own.origin}/config/toggledFeatures`, { headers });
    expect(await toggles.json()).toEqual({ toggledFeatures: [] });
    const unit = await fetch(`${own.origin}/incontactAPI/services/v27.0/business-unit`, { headers });
    expect(await unit.json()).toMatchObject({ businessUnits: [{ tenantId: own.tenantId }] });
  });
});
