import {
  ApiKeyAuth,
  AssistEngine,
  AssistStream,
  AuditClient,
  CalibrationClient,
  ConfigurationError,
  HttpClient,
  InsightsClient,
  KnowledgeClient,
  NotSupportedError,
  PermissionDeniedError,
  SimulationClient,
  SuggestionsClient,
  WebhooksClient,
} from 'agent-assist-sdk';
import { RateLimiter } from 'agent-assist-sdk/http';
import { CustomerDataClient } from 'agent-assist-sdk/enrichment';
import { generateWebhookSecret } from 'agent-assist-sdk/webhooks';
import { cognigyAi, flowProtocol, type CognigyAiOptions } from 'agent-assist-sdk/cognigy';
import { describe, expect, it } from 'vitest';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

describe('cognigyAi', () => {
  it.each<[CognigyAiOptions, string, string, string | undefined]>([
    [{ environment: 'trial' }, 'api-trial.cognigy.ai', 'endpoint-trial.cognigy.ai', 'odata-trial.cognigy.ai'],
    [{ environment: 'app-us' }, 'api-app-us.cognigy.ai', 'endpoint-app-us.cognigy.ai', 'odata-app-us.cognigy.ai'],
    [{ company: 'acme' }, 'api-acme.cognigy.cloud', 'endpoint-acme.cognigy.cloud', 'odata-acme.cognigy.cloud'],
    [
      { host: 'cognigy-api-na1.nicecxone.com' },
      'cognigy-api-na1.nicecxone.com',
      'cognigy-endpoint-na1.nicecxone.com',
      'cognigy-odata-na1.nicecxone.com',
    ],
    [
      { host: 'bots.example.com', endpointHost: 'flows.example.com' },
      'bots.example.com',
      'flows.example.com',
      undefined,
    ],
    [
      { environment: 'app', endpointHost: 'e.example.com', odataHost: 'o.example.com' },
      'api-app.cognigy.ai',
      'e.example.com',
      'o.example.com',
    ],
  ])('%j', (options, api, endpoint, odata) => {
    expect(cognigyAi(options)).toMatchObject({
      baseUrl: `https://${api}`,
      tokenUrl: `https://${api}/auth/oauth2/token`,
      endpointUrl: `https://${endpoint}`,
      odataUrl: odata === undefined ? undefined : `https://${odata}`,
      streamUrl: `wss://${endpoint}/socket.io/`,
      maxRequestBytes: 60_000,
    });
  });

  it('keeps the path of a proxy before every route', () => {
    const platform = cognigyAi({ baseUrl: 'http://127.0.0.1:8080/bots/', endpointHost: 'http://127.0.0.1:8081' });
    expect(platform).toMatchObject({
      baseUrl: 'http://127.0.0.1:8080/bots',
      tokenUrl: 'http://127.0.0.1:8080/bots/auth/oauth2/token',
      endpointUrl: 'http://127.0.0.1:8081',
    });
  });

  it('asks for tokens where the installation says, as it says', () => {
    const plain = cognigyAi({ environment: 'app' });
    expect(plain).toMatchObject({ name: 'Cognigy.AI', hasScopes: false, streamToken: 'query' });
    expect(plain).not.toHaveProperty('clientAuthentication');
    expect(plain).not.toHaveProperty('paths');
    const given = { tokenPath: '/oauth/token', clientAuthentication: 'client_secret_basic', paths: {} } as const;
    expect(cognigyAi({ environment: 'app', ...given })).toMatchObject({
      tokenUrl: 'https://api-app.cognigy.ai/oauth/token',
      clientAuthentication: 'client_secret_basic',
      paths: {},
    });
    const tokenUrl = 'https://login.example.com/token';
    expect(cognigyAi({ environment: 'app', tokenUrl }).tokenUrl).toBe(tokenUrl);
  });

  it('names the host of the endpoints as that of the API, with its port and without TLS where that has none', () => {
    expect(cognigyAi({ host: 'http://api-dev.example.com:8080' })).toMatchObject({
      endpointUrl: 'http://endpoint-dev.example.com:8080',
      odataUrl: 'http://odata-dev.example.com:8080',
      streamUrl: 'ws://endpoint-dev.example.com:8080/socket.io/',
    });
    // Only the first label that begins or continues with it: `myapi-` is another word.
    expect(() => cognigyAi({ host: 'myapi-dev.example.com' })).toThrow('endpointHost: missing');
    expect(cognigyAi({ host: 'api-api-dev.example.com' }).endpointUrl).toBe('https://endpoint-api-dev.example.com');
  });

  it('takes other limits, or none', () => {
    expect(cognigyAi({ environment: 'app' }).rateLimiter).toBeInstanceOf(RateLimiter);
    const rateLimiter = new RateLimiter({ maxCalls: 100, windowMs: 60_000 });
    const changed = cognigyAi({ environment: 'app', rateLimiter, maxRequestBytes: 1_500_000 });
    expect(changed.rateLimiter).toBe(rateLimiter);
    expect(changed.maxRequestBytes).toBe(1_500_000);
    const none = cognigyAi({ environment: 'app', rateLimiter: false, maxRequestBytes: false });
    expect([none.rateLimiter, none.maxRequestBytes]).toEqual([undefined, undefined]);
    for (const wrong of [true, {}, 100]) {
      expect(() => cognigyAi({ environment: 'app', rateLimiter: wrong as never })).toThrow(
        new ConfigurationError('rateLimiter: expected a rate limiter with enter()'),
      );
    }
  });

  it.each<[CognigyAiOptions, string]>([
    [{}, 'environment: missing; pass environment, company, host or baseUrl'],
    [{ environment: 'app', baseUrl: 'x' }, 'baseUrl: not a valid URL'],
    [{ environment: 'app', tokenUrl: 'x' }, 'tokenUrl: not a valid URL'],
    [{ environment: 'app', tokenPath: 'token' }, 'tokenPath: expected'],
    [
      { environment: 'prod' as 'app' },
      'environment: expected trial, app or app-us; for a dedicated one pass company or host',
    ],
    [{ company: 'acme.example.com' }, 'company: expected one DNS label'],
    [{ company: 'a b' }, 'api-acme.cognigy.cloud'],
    [{ host: 'bots.example.com' }, "endpointHost: missing; it cannot be derived from an API host without 'api-'"],
    [{ host: 'api-a.example.com', endpointHost: 'a b' }, 'endpointHost: expected a host name'],
    [{ environment: 'app', maxRequestBytes: 0 }, 'maxRequestBytes: expected an integer of at least 1'],
    [{ environment: 'app', tenant: 'x' } as CognigyAiOptions, 'cognigyAi: unknown option "tenant"'],
  ])('refuses %j', (options, message) => {
    expect(() => cognigyAi(options)).toThrow(ConfigurationError);
    expect(() => cognigyAi(options)).toThrow(message);
  });
});

describe('the calls that Cognigy.AI does not have', () => {
  const nothing = { pageSize: 0 } as never;
  const calibration = {
    interactionIds: ['conv_8f3a2c1d'],
    polarityMatrix: { negative: -0.75, neutral: 0.05, positive: 0.8 },
    alertTriggers: [{ emotion: 'anger', threshold: 0.88, directive: 'block' }],
    sensitivityLevel: 0.85,
  } as const;
  const card = { id: 'a', title: 't', priority: 1, score: 1, citation: '', snippet: '', interactionId: 'i' };
  const simulation = {
    botId: 'bot-1',
    versionId: 'v1',
    environmentId: 'e',
    inputs: [{ text: 'hello', delayMs: 0 }],
    context: {},
    assertions: [],
  };
  const calls: Record<string, (http: HttpClient) => PromiseLike<unknown>> = {
    suggest: (http) => new SuggestionsClient(http).suggest({ interactionId: 'i', transcript: 'refund' }),
    knowledgeSearch: (http) => new KnowledgeClient(http).search({ q: 'refund' }),
    insights: (http) => new InsightsClient(http).push([card]),
    feedback: (http) => new InsightsClient(http).feedback({ interactionId: 'i', insightId: 'k', action: 'accepted' }),
    calibration: (http) => new CalibrationClient(http).apply(calibration),
    calibrationJob: (http) => new CalibrationClient(http).wait('job'),
    webhooks: (http) =>
      new WebhooksClient(http).register({
        url: 'https://hooks.example.com/',
        events: ['agentassist.alert.triggered'],
        secret: generateWebhookSecret(),
      }),
    customer: (http) => new CustomerDataClient(http).getProfile('c'),
    calibrationAudit: (http) => new AuditClient(http).list(),
    botVersions: (http) => new SimulationClient(http).listVersions('bot'),
    environment: (http) => new SimulationClient(http).getEnvironment('e'),
    simulations: (http) => new SimulationClient(http).submit(simulation),
    simulation: (http) => new SimulationClient(http).get('s'),
  };
  /** Calls of plain JavaScript without the body that they need. */
  const invalid: typeof calls = {
    suggest: (http) => new SuggestionsClient(http).suggest(nothing),
    knowledgeSearch: (http) => new KnowledgeClient(http).search(nothing),
    insights: (http) => new InsightsClient(http).push(nothing),
    feedback: (http) => new InsightsClient(http).feedback(nothing),
    calibration: (http) => new CalibrationClient(http).apply(nothing),
    'calibration in batches': (http) => new CalibrationClient(http).applyAll(nothing),
    'calibration with its job': (http) => new CalibrationClient(http).run(nothing),
    webhooks: (http) => new WebhooksClient(http).register(nothing),
    customer: (http) => new CustomerDataClient(http).getProfile(''),
    calibrationAudit: (http) => new AuditClient(http).list(nothing),
    simulations: (http) => new SimulationClient(http).submit(nothing),
  };

  it.each(Object.entries(calls))(
    '%s is refused before anything is sent, with what to do instead',
    async (name, run) => {
      await using server = await scriptedServer(answer(200));
      const platform = cognigyAi({ host: server.url, endpointHost: server.url });
      const http = new HttpClient({ platform, auth: new ApiKeyAuth({ apiKey: 'k' }) });
      const error = await Promise.resolve(run(http)).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(NotSupportedError);
      expect(error).toMatchObject({ code: 'not_supported', platform: 'Cognigy.AI', call: name });
      expect((error as NotSupportedError).instead).not.toBe('');
      expect((error as NotSupportedError).message).toContain(`Cognigy.AI has no call '${name}'. Instead: `);
      expect(server.requests).toEqual([]);
    },
  );

  it('name the class of this package that does it, where there is one', () => {
    const { unsupported = {} } = cognigyAi({ environment: 'trial' });
    const named = Object.entries(unsupported).map(([call, instead]) => [
      call,
      instead.match(/\b(?:\w+Client|flow[A-Z]\w+)\b/g) ?? [],
    ]);
    expect(Object.fromEntries(named)).toMatchObject({
      stream: ['flowProtocol'],
      suggest: ['FlowClient', 'flowSuggestions'],
      knowledgeSearch: ['flowKnowledge'],
      insights: ['FlowClient'],
      calibrationAudit: ['AuditEventsClient'],
      simulations: ['PlaybookClient'],
      simulation: ['PlaybookClient'],
      customer: ['HttpClient'],
      customerOrders: ['HttpClient'],
      customerTickets: ['HttpClient'],
    });
  });

  it.each(Object.entries(invalid))('%s is refused before its body is checked', async (name, run) => {
    const platform = cognigyAi({ environment: 'trial' });
    const http = new HttpClient({ platform, auth: new ApiKeyAuth({ apiKey: 'k' }) });
    const error = await Promise.resolve(run(http)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'not_supported', call: name.split(' ')[0] });
  });

  it('include the stream, unless it speaks another protocol', () => {
    const platform = cognigyAi({ environment: 'trial' });
    const auth = new ApiKeyAuth({ apiKey: 'k' });
    expect(() => new AssistStream({ platform, auth })).toThrow(NotSupportedError);
    expect(() => new AssistStream({ platform, auth })).toThrow("Cognigy.AI has no call 'stream'. Instead: ");
    const protocol = flowProtocol({ urlToken: 'token', userId: 'u', sessionId: 's' });
    expect(new AssistStream({ platform, protocol }).state).toBe('idle');
    expect(new AssistStream({ platform, auth, streamUrl: 'wss://own.example.com/' }).state).toBe('idle');
  });

  it('are made where the tenant has a path for them', async () => {
    await using server = await scriptedServer(answer(200, { suggestions: [] }));
    const platform = cognigyAi({ host: server.url, endpointHost: server.url, paths: { suggest: '/own/suggest' } });
    await new SuggestionsClient(new HttpClient({ platform })).suggest({ interactionId: 'i', transcript: 'refund' });
    expect(server.requests.map(({ url }) => url)).toEqual(['/own/suggest']);
  });

  it('end the engine with the error instead of a fallback that would hide it', async () => {
    const client = new SuggestionsClient(new HttpClient({ platform: cognigyAi({ environment: 'trial' }) }));
    const asked = new AssistEngine({ client }).handle({ interactionId: 'i', transcript: 'refund' });
    await expect(asked).rejects.toThrow(NotSupportedError);
  });

  it('has no scopes to name on 403', async () => {
    await using server = await scriptedServer(answer(403, { detail: 'Not an admin', code: 403 }));
    const platform = cognigyAi({ host: server.url, endpointHost: server.url, paths: { calibrationAudit: '/audit' } });
    const error = await Promise.resolve(new AuditClient(new HttpClient({ platform })).list()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect(error).toMatchObject({ scopes: [], message: 'GET /audit returned 403: Not an admin' });
  });
});
