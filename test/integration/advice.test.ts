import { describe, expect, it } from 'vitest';
import {
  AssistEngine,
  AssistStream,
  AuditClient,
  AuthClient,
  CalibrationClient,
  HttpClient,
  InsightsClient,
  KnowledgeClient,
  SimulationClient,
  StaticTokenAuth,
  SuggestionsClient,
  WebhooksClient,
  cognigy,
} from 'agent-assist-sdk';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

describe('an error says what to do', () => {
  it('for a tenant that is a URL', () => {
    expect(() => cognigy({ tenant: 'https://acme.cognigy.ai' })).toThrow(/expected one DNS label.*e\.g\. acme/);
  });

  it.each([
    SuggestionsClient,
    KnowledgeClient,
    InsightsClient,
    CalibrationClient,
    SimulationClient,
    WebhooksClient,
    AuditClient,
  ])('for a client that is given something else than an HttpClient: %o', (Client) => {
    for (const wrong of [{}, undefined, { baseUrl: 'https://a.example' }])
      expect(() => new Client(wrong as never)).toThrow('http: expected an HttpClient');
  });

  it('for a trigger that answers true', async () => {
    const engine = new AssistEngine({
      client: { suggest: () => Promise.resolve({ suggestions: [] }) },
      triggers: [() => true as never],
    });
    await expect(engine.handle({ interactionId: 'i', transcript: 't', sentimentScore: 0 })).rejects.toThrow(
      'triggers: expected a list of reasons',
    );
  });

  it('for a stream without its scope', async () => {
    await using server = await scriptedServer(answer(403));
    const auth = new StaticTokenAuth({ token: 'token' });
    await using stream = new AssistStream({ streamUrl: server.url, streamToken: 'header', auth });
    await expect(stream.connect()).rejects.toThrow(/403; the stream needs the scope streaming:subscribe/);
  });

  it('for scopes that the client may not have', async () => {
    await using server = await scriptedServer(answer(400, { error: 'invalid_scope' }));
    const auth = new AuthClient({
      tokenUrl: server.url,
      clientId: 'id',
      clientSecret: 'secret-1234',
      scopes: ['a:read', 'b'],
    });
    await expect(auth.getToken()).rejects.toThrow('invalid_scope (asked for: a:read b)');
  });

  it('for a secret that no receiver takes', async () => {
    const webhooks = new WebhooksClient(new HttpClient({ baseUrl: 'https://a.example' }));
    const call = webhooks.register({
      url: 'https://b.example/',
      events: ['agentassist.alert.triggered'],
      secret: 'my-secret',
    });
    await expect(call).rejects.toThrow('secret: expected whsec_ and base64, as generateWebhookSecret() makes');
  });

  it('once and loudly for wrong credentials under an engine', async () => {
    await using server = await scriptedServer(answer(401, { error: 'invalid_client' }));
    const levels: string[] = [];
    const write = (level: string) => (): void => void levels.push(level);
    const auth = new AuthClient({ tokenUrl: server.url, clientId: 'id', clientSecret: 'secret-1234' });
    const engine = new AssistEngine({
      client: new SuggestionsClient(new HttpClient({ baseUrl: server.url, auth })),
      logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    });
    for (const interactionId of ['1', '2'])
      await engine.handle({ interactionId, transcript: 'refund', sentimentScore: 0 });
    expect(levels).toEqual(['error', 'warn']);
  });
});
