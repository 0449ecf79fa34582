import { describe, expect, it } from 'vitest';
import {
  AssistEngine,
  AssistStream,
  AuditClient,
  AuthClient,
  CalibrationClient,
  ConfigurationError,
  HttpClient,
  InsightsClient,
  KnowledgeClient,
  SimulationClient,
  StaticTokenAuth,
  SuggestionsClient,
  WebhooksClient,
  cognigy,
} from 'agent-assist-sdk';
import { NodeTransport } from 'agent-assist-sdk/undici';
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

  it.each([
    [true, 'triggers: expected a list of reasons'],
    [[1], 'triggers: expected a list of reasons'],
    [['vip'], "triggers: expected a list of reasons, e.g. [] or [{ type: 'custom', name: 'vip' }]"],
    [[{ name: 'vip' }], 'triggers: not a reason'],
    [[{ type: 'custom' }], 'triggers: not a reason'],
    [[{ type: 'toString' }], 'triggers: not a reason'],
    [[null], 'triggers: expected a list of reasons'],
  ])('for a trigger that answers %j', async (reasons, message) => {
    const engine = new AssistEngine({
      client: { suggest: () => Promise.resolve({ suggestions: [] }) },
      triggers: [() => reasons as never],
    });
    await expect(engine.handle({ interactionId: 'i', transcript: 't', sentimentScore: 0 })).rejects.toThrow(message);
  });

  it.each([
    [undefined, 'policy(): expected an object'],
    [Promise.resolve({ approved: [], dropped: [] }), 'policy(): expected an object, not a promise'],
    [{ approved: [] }, 'policy().dropped: expected a list of objects'],
  ])('for a policy that returns %j', async (verdict, message) => {
    const client = { suggest: () => Promise.resolve({ suggestions: [] }) };
    const engine = new AssistEngine({ client, policy: () => verdict as never });
    const question = { interactionId: 'i', transcript: 'a refund', sentimentScore: 0 };
    await expect(engine.handle(question)).rejects.toThrow(new ConfigurationError(message));
  });

  it.each([[[{}]], [[{ text: 7 }]]])('for fallback suggestions without a text: %j', (fallback) => {
    const client = { suggest: () => Promise.resolve({ suggestions: [] }) };
    const refused = "fallback: expected [{ text: '…' }]";
    expect(() => new AssistEngine({ client, fallback: fallback as never })).toThrow(refused);
  });

  it.each([
    [{ body: {} }, 'body: expected a string; pass objects as json'],
    [{ form: { a: 1 } }, 'form: expected URLSearchParams'],
    [{ params: { a: 1 } }, 'the request: unknown option "params"'],
    [{ timeoutMs: 5 }, 'the request: unknown option "timeoutMs"'],
  ])('for the request %j, on both transports', async (fields, message) => {
    await using server = await scriptedServer();
    await using transport = new NodeTransport();
    for (const options of [{}, { transport: transport.send }]) {
      const http = new HttpClient({ baseUrl: server.url, ...options });
      const call = http.request({ method: 'POST', path: '/thing', ...(fields as object) });
      await expect(call).rejects.toThrow(message);
      await expect(call).rejects.toBeInstanceOf(ConfigurationError);
    }
    expect(server.requests).toEqual([]);
  });

  it.each([
    ['<html>Cannot GET</html>', ' (check ids, baseUrl, and that this platform has the call)'],
    [{ message: 'Not Found' }, ': Not Found (check ids, baseUrl, and that this platform has the call)'],
    [{ message: 'no bot b1' }, ': no bot b1'],
  ])('for a path that the server may not have: %j', async (body, rest) => {
    await using server = await scriptedServer(answer(404, body));
    const http = new HttpClient({ baseUrl: server.url });
    await expect(new KnowledgeClient(http).search({ q: 'x' })).rejects.toMatchObject({
      name: 'NotFoundError',
      message: `GET /api/v2/knowledge/articles/search returned 404${rest}`,
    });
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
    await expect(auth.getToken()).rejects.toThrow('invalid_scope (requested: a:read b)');
  });

  it('for a secret that no receiver takes', async () => {
    const webhooks = new WebhooksClient(new HttpClient({ baseUrl: 'https://a.example' }));
    const call = webhooks.register({
      url: 'https://b.example.com/',
      events: ['agentassist.alert.triggered'],
      secret: 'my-secret',
    });
    await expect(call).rejects.toThrow('secret: expected whsec_ and base64, as from generateWebhookSecret()');
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
