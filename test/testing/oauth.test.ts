import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import fc from 'fast-check';
import * as openid from 'openid-client';
import { ClientCredentials } from 'simple-oauth2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { postSuggest, question } from './helpers.js';
import { allScopes } from '../../src/testing/server/oauth.js';

const clients = [
  { clientId: 'reader', clientSecret: 'reader-secret', scopes: ['agentassist:read'] },
  { clientId: 'a:b c/ü', clientSecret: 'p%41ss+w:ö rd&=', authMethods: ['client_secret_basic'] },
] as const;

let tenant: Tenant;
beforeAll(async () => {
  tenant = await startTenant({ clients, tokenLifetimeSeconds: 120 });
});
afterAll(async () => {
  await tenant.close();
});

const right = { grant_type: 'client_credentials', client_id: 'reader', client_secret: 'reader-secret' };

async function askForToken(
  form: Readonly<Record<string, string>> | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const answer = await fetch(tenant.tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
}

const basic = (id: string, secret: string): { authorization: string } => {
  const encode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);
  return { authorization: `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}` };
};

describe('the token endpoint', () => {
  it('issues a bearer token with the lifetime and the scopes that it has', async () => {
    const { status, headers, body } = await askForToken(right);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[\w-]{32}$/) as string,
      token_type: 'Bearer',
      expires_in: 120,
      scope: 'agentassist:read',
    });
  });

  it.each(['/api/v1/oauth/token', '/api/v1/auth/token', '/oauth/token'])('answers at %s', async (path) => {
    const answer = await fetch(`${tenant.origin}${path}`, { method: 'POST', body: new URLSearchParams(right) });
    expect(answer.status).toBe(200);
    expect((await fetch(`${tenant.origin}${path}`)).status).toBe(405);
  });

  it.each([
    ['no grant type', { client_id: 'reader', client_secret: 'reader-secret' }, 400, 'invalid_request'],
    ['another grant', { ...right, grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['a wrong secret', { ...right, client_secret: 'x' }, 401, 'invalid_client'],
    ['an unknown client', { ...right, client_id: 'x' }, 401, 'invalid_client'],
    ['no credentials', { grant_type: 'client_credentials' }, 401, 'invalid_client'],
    ['a scope that is not allowed', { ...right, scope: 'agentassist:read audit:read' }, 400, 'invalid_scope'],
    ['a repeated parameter', 'grant_type=client_credentials&grant_type=client_credentials', 400, 'invalid_request'],
    [
      'the wrong way to show credentials',
      { ...right, client_id: 'a:b c/ü', client_secret: 'p%41ss+w:ö rd&=' },
      401,
      'invalid_client',
    ],
  ] as const)('refuses %s', async (_name, form, status, error) => {
    const answer = await askForToken(form);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ error, error_description: expect.any(String) as string });
    expect(answer.headers.has('www-authenticate')).toBe(false);
  });

  it('refuses JSON, and credentials shown in two ways', async () => {
    expect(await askForToken(JSON.stringify(right), { 'content-type': 'application/json' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
    expect(await askForToken(right, basic('reader', 'reader-secret'))).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });

  it('challenges a client that failed with Basic', async () => {
    const { status, headers } = await askForToken({ grant_type: 'client_credentials' }, basic('reader', 'wrong'));
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(/^Basic /);
    const malformed = await askForToken({ grant_type: 'client_credentials' }, { authorization: 'Basic ???' });
    expect(malformed).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('form-decodes Basic credentials, whatever is in them', async () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((candidate) => candidate.isWellFormed());
    await fc.assert(
      fc.asyncProperty(text, text, async (clientId, clientSecret) => {
        await using own = await startTenant({
          clients: [{ clientId, clientSecret, authMethods: ['client_secret_basic'] }],
        });
        const answer = await fetch(own.tokenUrl, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic(clientId, clientSecret) },
          body: 'grant_type=client_credentials',
        });
        expect(answer.status).toBe(200);
      }),
      { numRuns: 50 },
    );
  });

  it('lets a token expire when its lifetime is over', async () => {
    const clock = new FakeClock();
    await using own = await startTenant({ clock, tokenLifetimeSeconds: 5 });
    const { clientId, clientSecret } = own.credentials;
    const answer = await fetch(own.tokenUrl, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }),
    });
    const body = (await answer.json()) as { access_token: string; scope: string };
    expect(body.scope).toBe(allScopes.join(' '));
    await clock.advance(4999);
    expect((await postSuggest(own, body.access_token, question)).status).toBe(200);
    await clock.advance(1);
    expect((await postSuggest(own, body.access_token, question)).status).toBe(401);
  });
});

describe('as other OAuth clients see it', () => {
  const configure = (clientId: string, secret: string, method: openid.ClientAuth): openid.Configuration => {
    const server = { issuer: tenant.origin, token_endpoint: tenant.tokenUrl };
    const configuration = new openid.Configuration(server, clientId, { client_secret: secret }, method);
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to warn; the tenant has no TLS
    openid.allowInsecureRequests(configuration);
    return configuration;
  };

  it('satisfies openid-client with both methods', async () => {
    const byPost = configure('reader', 'reader-secret', openid.ClientSecretPost('reader-secret'));
    const tokens = await openid.clientCredentialsGrant(byPost, { scope: 'agentassist:read' });
    expect(tokens.expires_in).toBe(120);
    expect((await postSuggest(tenant, tokens.access_token, question)).status).toBe(200);
    const [, odd] = clients;
    const byBasic = configure(odd.clientId, odd.clientSecret, openid.ClientSecretBasic(odd.clientSecret));
    expect((await openid.clientCredentialsGrant(byBasic)).scope).toBe(allScopes.join(' '));
  });

  it('gives openid-client errors that it understands', async () => {
    const wrong = configure('reader', 'wrong', openid.ClientSecretPost('wrong'));
    await expect(openid.clientCredentialsGrant(wrong)).rejects.toMatchObject({ error: 'invalid_client', status: 401 });
    const right = configure('reader', 'reader-secret', openid.ClientSecretPost('reader-secret'));
    await expect(openid.clientCredentialsGrant(right, { scope: 'nonsense' })).rejects.toMatchObject({
      error: 'invalid_scope',
    });
    const byBasic = configure('reader', 'wrong', openid.ClientSecretBasic('wrong'));
    await expect(openid.clientCredentialsGrant(byBasic)).rejects.toMatchObject({
      code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
    });
  });

  it('satisfies simple-oauth2 with both methods', async () => {
    for (const authorizationMethod of ['header', 'body'] as const) {
      const client = new ClientCredentials({
        client: { id: 'reader', secret: 'reader-secret' },
        auth: { tokenHost: tenant.origin, tokenPath: '/oauth/token' },
        options: { authorizationMethod },
      });
      const { token } = await client.getToken({ scope: 'agentassist:read' });
      expect(token).toMatchObject({ token_type: 'Bearer', expires_in: 120 });
    }
  });
});
