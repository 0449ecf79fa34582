import { AssistEngine, AssistStream, AuthClient, HttpClient, keywordTrigger, sentimentTrigger } from 'agent-assist-sdk';
import { startTenant } from 'agent-assist-sdk/testing';
import { createWebhookHandler } from 'agent-assist-sdk/webhooks';
import { describe, expect, it } from 'vitest';

const baseUrl = 'https://a.example';
const client = { suggest: () => Promise.resolve({ suggestions: [] }) };

/** What the types refuse and JavaScript does not. */
const loosely = (value: unknown): never => value as never;

describe('an option that does not exist', () => {
  it.each([
    ['HttpClient', () => new HttpClient(loosely({ baseUrl, timeoutMS: 5 })), "did you mean 'timeoutMs'?"],
    [
      'AuthClient',
      () => new AuthClient(loosely({ tokenUrl: baseUrl, clientId: 'a', clientSecret: 'b', scope: [] })),
      "did you mean 'scopes'?",
    ],
    ['AssistEngine', () => new AssistEngine(loosely({ client, policies: [] })), "did you mean 'policy'?"],
    ['keywordTrigger', () => keywordTrigger(loosely({ keyword: ['x'] })), "did you mean 'keywords'?"],
    ['sentimentTrigger', () => sentimentTrigger(loosely({ treshold: 0 })), "did you mean 'threshold'?"],
    [
      'createWebhookHandler',
      () => createWebhookHandler(loosely({ secrets: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', onn: {} })),
      "did you mean 'on'?",
    ],
  ])('is refused by %s with the nearest one', (owner, make, hint) => {
    expect(make).toThrow(new RegExp(`^${owner}: unknown option "[a-zA-Z]+"; ${hint.replace('?', '\\?')}$`));
  });

  it('is refused with all names where none is near', () => {
    expect(() => new AssistStream(loosely({ url: 'ws://127.0.0.1' }))).toThrow(
      /"url"; expected one of .*\bstreamUrl\b/,
    );
  });

  it('is refused in a call and in a fault, too', async () => {
    await using tenant = await startTenant();
    const http = new HttpClient({ platform: tenant.platform });
    await expect(http.request({ method: 'GET', path: '/x' }, loosely({ timeoutMS: 5 }))).rejects.toThrow(
      'the call: unknown option "timeoutMS"; did you mean \'timeoutMs\'?',
    );
    const fault = { kind: 'status', status: 500 };
    expect(() => tenant.inject(loosely({ rout: 'GET /x', fault }))).toThrow("did you mean 'route'?");
    expect(tenant.requests.all).toEqual([]);
  });
});

describe('a part that is of another kind', () => {
  it.each([
    ['options', () => new HttpClient(loosely(undefined)), 'HttpClient: expected an object of options'],
    ['auth', () => new HttpClient(loosely({ baseUrl, auth: 'token' })), 'auth: expected a provider of tokens'],
    ['fetch', () => new HttpClient(loosely({ baseUrl, fetch: 'x' })), 'fetch: expected a function'],
    ['client', () => new AssistEngine(loosely({ client: {} })), 'client: expected a source of suggestions'],
    ['triggers', () => new AssistEngine(loosely({ client, triggers: () => [] })), 'triggers: expected a list'],
  ])('is refused by its name: %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
