import { AssistStream, AuthClient, HttpClient, SuggestionsClient } from 'agent-assist-sdk';
import { startTenant } from 'agent-assist-sdk/testing';
import { describe, expect, test } from 'vitest';

const question = { interactionId: 'i-1', transcript: 'I want a refund', sentimentScore: -0.6 };

describe('a platform given as an option', () => {
  test('says where token endpoint, API and stream are', async () => {
    await using tenant = await startTenant();
    const { platform, credentials } = tenant;
    const auth = new AuthClient({ platform, ...credentials, scopes: ['agentassist:read', 'streaming:subscribe'] });
    await expect(new SuggestionsClient(new HttpClient({ platform, auth })).suggest(question)).resolves.toBeDefined();
    await using stream = new AssistStream({ platform, auth });
    await stream.connect();
    expect(stream.state).toBe('open');
  });

  test('gives way to what is named beside it', async () => {
    await using tenant = await startTenant();
    const platform = {
      platform: tenant.platform,
      baseUrl: 'https://nowhere.invalid',
      paths: { suggest: '/from/platform' },
    };
    const http = new HttpClient({ platform, baseUrl: tenant.platform.baseUrl, paths: { suggest: '/from/option' } });
    expect(http.path('suggest', '/usual')).toBe('/from/option');
    await expect(http.request({ method: 'GET', path: '/x' })).rejects.toMatchObject({ status: 404 });
  });

  test.each([
    ['HttpClient', () => new HttpClient({}), 'baseUrl: missing; pass platform or baseUrl'],
    [
      'AuthClient',
      () => new AuthClient({ clientId: 'id', clientSecret: 'secret' }),
      'tokenUrl: missing; pass platform or tokenUrl',
    ],
    [
      'AssistStream',
      () =>
        new AssistStream({ auth: new AuthClient({ tokenUrl: 'https://a.example', clientId: 'a', clientSecret: 'b' }) }),
      'streamUrl: missing; pass platform or streamUrl',
    ],
  ])('%s needs it or the URL', (_, construct, message) => {
    expect(construct).toThrow(expect.objectContaining({ name: 'ConfigurationError', message }) as Error);
  });
});
