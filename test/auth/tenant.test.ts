import { AuthClient, ConnectionError, HttpClient, OAuthError, ResponseValidationError } from 'agent-assist-sdk';
import { startTenant } from 'agent-assist-sdk/testing';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';

const canary = { clientId: 'ümlaut id:+%', clientSecret: 'p%20+ö :/?&=canary' };

describe('against a tenant on real sockets', () => {
  it('makes one token request for a thousand concurrent callers on a cold client', async () => {
    await using tenant = await startTenant();
    await using auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials });
    const tokens = await Promise.all(Array.from({ length: 1000 }, () => auth.getToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(tenant.issuedTokenCount).toBe(1);
  });

  it.each(['client_secret_post', 'client_secret_basic'] as const)(
    'is understood with %s and odd characters',
    async (clientAuthentication) => {
      await using tenant = await startTenant({ clients: [{ ...canary, authMethods: [clientAuthentication] }] });
      await using auth = new AuthClient({
        platform: tenant.platform,
        ...canary,
        clientAuthentication,
        scopes: ['agentassist:read', 'dialog:read'],
      });
      const token = await auth.getToken();
      expect(tenant.issuedTokens).toMatchObject([
        { accessToken: token, clientId: canary.clientId, scopes: ['agentassist:read', 'dialog:read'] },
      ]);
    },
  );

  it('reports a wrong secret and an unknown scope by their codes', async () => {
    await using tenant = await startTenant();
    const wrong = new AuthClient({ platform: tenant.platform, clientId: 'tenant-client', clientSecret: 'wrong' });
    await expect(wrong.getToken()).rejects.toMatchObject({
      name: 'OAuthError',
      status: 401,
      code: 'oauth_error',
      serverCode: 'invalid_client',
    });
    const greedy = new AuthClient({ platform: tenant.platform, ...tenant.credentials, scopes: ['everything'] });
    const error = await greedy.getToken().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).toMatchObject({ status: 400, serverCode: 'invalid_scope' });
  });

  it('works with each of the three token endpoints and as CXone', async () => {
    await using tenant = await startTenant();
    for (const platform of [
      tenant.platform,
      tenant.cxonePlatform,
      { tokenUrl: `${tenant.origin}/api/v1/auth/token` },
    ]) {
      await using auth = new AuthClient({ platform, ...tenant.credentials });
      expect(await auth.getToken()).toBe(tenant.issuedTokens.at(-1)?.accessToken);
    }
    expect(tenant.issuedTokenCount).toBe(3);
  });

  it('gets over every fault of the token endpoint that passes', async () => {
    await using tenant = await startTenant();
    const faults = [
      { kind: 'status', status: 429, retryAfter: 1 },
      { kind: 'status', status: 503 },
      { kind: 'status', status: 500 },
      { kind: 'drop', at: 'before-work' },
      { kind: 'drop', at: 'before-headers' },
      { kind: 'drop', at: 'mid-body' },
    ] as const;
    for (const fault of faults) {
      const clock = new FakeClock();
      const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, clock });
      tenant.inject({ fault });
      expect(await clock.runUntilSettled(auth.getToken()), JSON.stringify(fault)).toBe(
        tenant.issuedTokens.at(-1)?.accessToken,
      );
    }
  });

  it.each(['truncated-json', 'invalid-json', 'html', 'empty'] as const)(
    'answers a body that is %s with a typed error',
    async (kind) => {
      await using tenant = await startTenant();
      await using auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials });
      tenant.inject({ fault: { kind } });
      await expect(auth.getToken()).rejects.toBeInstanceOf(ResponseValidationError);
      expect(await auth.getToken()).toBeTypeOf('string');
    },
  );

  it('reports an endpoint on which nothing listens', async () => {
    const tenant = await startTenant();
    await tenant.close();
    const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, maxRetries: 0 });
    await expect(auth.getToken()).rejects.toBeInstanceOf(ConnectionError);
  });

  it('renews a revoked token once for all calls that it was refused to', async () => {
    await using tenant = await startTenant();
    await using auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials });
    const http = new HttpClient({ platform: tenant.platform, auth });
    const body = { interactionId: 'i-1', transcript: 'I want a refund', sentimentScore: -0.5, context: {} };
    const suggest = (): Promise<unknown> =>
      http.request({ method: 'POST', path: '/agentassist/suggest', json: body, safeToRepeat: true });
    await suggest();
    tenant.revokeTokens();
    await Promise.all(Array.from({ length: 100 }, suggest));
    expect(tenant.issuedTokenCount).toBe(2);
  });

  it('loses no call over ten seconds of tokens that live one, and fetches about one a second', async () => {
    const clock = new FakeClock();
    await using tenant = await startTenant({ clock, tokenLifetimeSeconds: 1 });
    await using auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, clock });
    const http = new HttpClient({ platform: tenant.platform, auth, clock });
    const body = { interactionId: 'i-1', transcript: 'I want a refund', sentimentScore: -0.5, context: {} };
    let calls = 0;
    for (let elapsed = 0; elapsed < 10_000; elapsed += 50) {
      await Promise.all(
        Array.from({ length: 3 }, async () => {
          await http.request({ method: 'POST', path: '/agentassist/suggest', json: body, safeToRepeat: true });
          calls += 1;
        }),
      );
      await clock.advance(50);
    }
    expect(calls).toBe(600);
    expect(tenant.issuedTokenCount).toBeGreaterThanOrEqual(10);
    expect(tenant.issuedTokenCount).toBeLessThanOrEqual(13);
  });
});
