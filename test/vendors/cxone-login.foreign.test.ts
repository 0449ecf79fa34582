import { generateKeyPairSync } from 'node:crypto';
import type { Script } from 'node:vm';
import { startCxone, type Cxone } from 'agent-assist-sdk/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from './cxone/browser.js';
import { bundleVendorSdk, hasVendorSdk, type VendorSdk, type VendorToken } from './cxone/sdk.js';

const redirectUri = 'https://app.example.test/cb';

describe.skipIf(!hasVendorSdk)('@nice-devone/auth-sdk against startCxone()', () => {
  let script: Script;
  let cxone: Cxone;
  let browser: Browser;
  let sdk: VendorSdk;
  beforeAll(async () => {
    script = await bundleVendorSdk();
  });
  beforeEach(async () => {
    cxone = await startCxone({ clients: [{ clientId: 'agent-page' }] });
    browser = new Browser(cxone);
    browser.run(script);
    sdk = browser.run('vendor') as VendorSdk;
    sdk.common.CXoneLeaderElector.instance.isActiveLeader = true;
  });
  afterEach(async () => {
    await browser.close();
    await cxone.close();
  });

  /** Method, host and path of each request, in order. */
  const requests = (): string[] =>
    cxone.requests.all.map(({ method, headers, path }) => `${method} ${String(headers['x-forwarded-host'])}${path}`);

  async function logIn(): Promise<VendorToken> {
    const auth = sdk.auth.CXoneAuth.instance;
    auth.init({ cxoneHostname: cxone.namedHosts.issuer, clientId: 'agent-page', redirectUri, state: 'state-1' });
    const authorizeUrl = await auth.getAuthorizeUrl('page', 'S256');
    const redirect = await cxone.fetch(authorizeUrl, { redirect: 'manual' });
    const back = new URL(redirect.headers.get('location') ?? '');
    expect(back.searchParams.get('state')).toBe('state-1');
    const code = back.searchParams.get('code') ?? '';
    return auth.getAccessTokenByCode({ clientId: 'agent-page', code });
  }

  it('discovers, logs in by code and PKCE, verifies the id token and asks who it is, each at its own host', async () => {
    const token = await logIn();
    await cxone.requests.waitFor(/user-management/).then(async ({ finished }) => finished);
    expect(token).toMatchObject({ tokenType: 'Bearer', expiresIn: 3600 });
    expect(cxone.issuedTokens.map(({ accessToken }) => accessToken)).toEqual([token.accessToken]);
    expect(requests()).toEqual([
      'GET cxone.cxone.test/.well-known/openid-configuration',
      'GET cxone.cxone.test/auth/authorize',
      'POST cxone.cxone.test/auth/token',
      'GET cxone.cxone.test/auth/jwks',
      'GET cxone.cxone.test/.well-known/cxone-configuration',
      'POST api-c31.acd.cxone.test/incontactauthorizationserver/token/whoami',
      `GET api-na1.cxone.test/user-management/v1/users/${cxone.user.userId}`,
    ]);
    expect(cxone.requests.all.map(({ status }) => status)).toEqual([200, 302, 200, 200, 200, 200, 200]);
  });

  it('refuses an id token that another key signed', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const answer = await cxone.fetch(`${cxone.namedHosts.issuer}/auth/jwks`);
    const { keys } = (await answer.json()) as { keys: [object] };
    const body = { keys: [{ ...keys[0], ...publicKey.export({ format: 'jwk' }) }] };
    cxone.inject({ route: 'GET /auth/jwks', fault: { kind: 'status', status: 200, body } });
    const failed = new Promise<void>((resolve) => {
      sdk.auth.CXoneAuth.instance.onAuthStatusChange.subscribe((change) => {
        if ((change as { status: string }).status === 'AuthenticatedFailed') resolve();
      });
    });
    // The login itself never settles then.
    void logIn();
    await failed;
    expect(cxone.requests.count('GET /.well-known/cxone-configuration')).toBe(0);
  });

  it('finds the hosts where the tenant says that they are', async () => {
    await logIn();
    expect(sdk.auth.CXoneAuth.instance.getCXoneConfig()).toMatchObject({
      apiFacadeBaseUri: cxone.namedHosts.api,
      acdApiBaseUri: cxone.namedHosts.acd,
      userHubBaseUrl: cxone.namedHosts.userHub,
      dfoApiBaseUri: cxone.namedHosts.dfo,
      aahNotificationWssUri: `${cxone.namedHosts.notifications}/agent-assist-notifications/notifications/ws`,
    });
  });

  it('exchanges and refreshes tokens', async () => {
    const first = await logIn();
    const auth = sdk.auth.CXoneAuth.instance;
    const second = await auth.getAccessTokenByToken({ accessToken: first.accessToken });
    expect(second.accessToken).not.toBe(first.accessToken);
    await auth.getRefreshToken();
    expect(cxone.issuedTokenCount).toBe(3);
    expect(auth.getAuthToken().accessToken).toBe(cxone.issuedTokens[2]?.accessToken);
  });

  it('is refused a wrong code', async () => {
    await logIn();
    const auth = sdk.auth.CXoneAuth.instance;
    await expect(auth.getAccessTokenByCode({ clientId: 'agent-page', code: 'wrong' })).rejects.toMatchObject({
      errorType: expect.any(String) as string,
    });
    expect(cxone.requests.to('POST /auth/token').at(-1)?.status).toBe(400);
  });
});
