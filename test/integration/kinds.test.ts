import {
  AgentAssistError,
  ApiKeyAuth,
  AssistEngine,
  AssistStream,
  AuthClient,
  CalibrationClient,
  HttpClient,
  StaticTokenAuth,
  cognigy,
  cxone,
  handleInOrder,
  keywordTrigger,
  sentimentTrigger,
  suggestionPolicy,
} from 'agent-assist-sdk';
import { verifyInteraction } from 'agent-assist-sdk/calibration';
import {
  FlowClient,
  NluClient,
  PlaybookClient,
  cognigyAi,
  flowProtocol,
  nluRunner,
  playbookRunner,
} from 'agent-assist-sdk/cognigy';
import { CopilotClient, ExpertClient, cxoneArea, discoverCxone, notificationProtocol } from 'agent-assist-sdk/cxone';
import { EnrichmentCache, createEnrichmentHandler } from 'agent-assist-sdk/enrichment';
import { MemoryStore, RateLimiter, RetryBudget, systemClock } from 'agent-assist-sdk/http';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { QuestionQueue, TranscriptBuffer } from 'agent-assist-sdk/transcripts';
import { createWebhookHandler } from 'agent-assist-sdk/webhooks';
import { expect, it } from 'vitest';

/** One value of each kind. */
const kinds: readonly unknown[] = [null, 7, true, 'text', [null], {}, () => 0];
const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value);

const fn = (): undefined => undefined;
const baseUrl = 'https://a.example';
const auth = new StaticTokenAuth({ token: 'token' });
const http = new HttpClient({ baseUrl });
const clock = { ...systemClock };
const { signal } = new AbortController();
const store = new MemoryStore();
const platform = cognigyAi({ environment: 'trial' });
const logger = console;
const instrumentation = { record: fn };
const client = { suggest: () => Promise.resolve({ suggestions: [] }) };
const sources = { a: { load: () => Promise.resolve({}) } };
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const requests = {
  timeoutMs: 5,
  totalTimeoutMs: 5,
  maxRetries: 0,
  fetch: fn,
  transport: fn,
  onAttempt: fn,
  random: fn,
};
const shared = { ...requests, retryBudget: new RetryBudget(), instrumentation, logger, clock };
const login = {
  clientId: 'a',
  clientSecret: 'b',
  scopes: ['s'],
  refreshMarginMs: 5,
  clientAuthentication: 'client_secret_post',
};
const call = { signal, timeoutMs: 5, totalTimeoutMs: 5, maxRetries: 0, headers: {}, idempotencyKey: 'k' };
const verification = {
  toleranceMs: 5,
  onIssues: fn,
  seen: store,
  seenNamespace: 'n',
  seenTtlMs: 5,
  headerNames: {},
  clock,
};
const handling = { onError: fn, keyOf: fn, latestBy: fn, timeoutMs: 5, concurrency: 1, capacity: 1, signal, clock };
const socket = {
  closeCodes: {},
  WebSocket: fn,
  idOf: fn,
  maxFrameBytes: 500,
  pingIntervalMs: 5,
  stableAfterMs: 5,
};
const preset = { host: 'h.example', tokenPath: '/t', paths: {}, streamToken: 'query' };
const proxy = { template: 'x', maxBodyBytes: 5, concurrency: 1, totalTimeoutMs: 5, partial: true, path: '/p' };

/** Each with valid options, one of every name, and what takes them. */
const rows: readonly (readonly [name: string, options: object, take: (options: never) => unknown])[] = [
  [
    'HttpClient',
    {
      ...shared,
      baseUrl,
      auth,
      paths: {},
      headerNames: {},
      headers: {},
      allowInsecureRequests: true,
      platform: { baseUrl },
      maxResponseBytes: 5,
    },
    (o) => new HttpClient(o),
  ],
  [
    'request',
    {
      method: 'GET',
      path: '/x',
      pathParams: {},
      query: {},
      headers: {},
      safeToRepeat: true,
      secrets: ['s'],
      scopes: ['s'],
      refusal: fn,
      beforeAttempt: fn,
    },
    (o) => http.request(o),
  ],
  ['call', call, (o) => http.request({ method: 'GET', path: '/x' }, o)],
  ['AuthClient', { ...shared, ...login, platform, allowInsecureRequests: true }, (o) => new AuthClient(o)],
  ['ApiKeyAuth', { apiKey: 'k', headerName: 'h', prefix: 'p' }, (o) => new ApiKeyAuth(o)],
  ['StaticTokenAuth', { token: 't' }, (o) => new StaticTokenAuth(o)],
  ['MemoryStore', { maxEntries: 5, clock }, (o) => new MemoryStore(o)],
  ['RateLimiter', { maxCalls: 5, windowMs: 5, capacity: 5, clock }, (o) => new RateLimiter(o)],
  ['cognigy', { ...preset, tenant: 'acme' }, cognigy],
  ['cxone', preset, cxone],
  [
    'cognigyAi',
    { host: 'h.example', endpointHost: 'e.example', odataHost: 'o.example', company: 'c', tokenPath: '/t', paths: {} },
    cognigyAi,
  ],
  ['cxoneArea', { area: 'na1', domain: 'd.example', userHubDomain: 'u.example', dfoDomain: 'f.example' }, cxoneArea],
  ['discoverCxone', { ...shared, tenantId: 't', signal }, discoverCxone],
  ['CopilotClient', { http, auth: { getIdToken: fn }, pathPrefix: '/p' }, (o) => new CopilotClient(o)],
  ['ExpertClient', { ...shared, site: baseUrl, browserKey: 'k', headers: {} }, (o) => new ExpertClient(o)],
  [
    'notificationProtocol',
    { heartbeatIntervalMs: 5, heartbeatToken: 'none', sentimentScale: { min: 0, max: 1 }, speakerOf: fn },
    notificationProtocol,
  ],
  [
    'FlowClient',
    { ...shared, platform, urlToken: 'u', testMode: true, allowInsecureRequests: true },
    (o) => new FlowClient(o),
  ],
  ['flowProtocol', { urlToken: 'u', userId: 'u', sessionId: 's', testMode: true, channel: 'c' }, flowProtocol],
  ['nluRunner', { client: new NluClient(http), localeReferenceId: 'l', clock }, nluRunner],
  [
    'playbookRunner',
    {
      client: new PlaybookClient(http),
      nlu: new NluClient(http),
      localeReferenceId: 'l',
      playbookIdOf: fn,
      stepTimeoutMs: 5,
      clock,
    },
    playbookRunner,
  ],
  [
    'AssistEngine',
    {
      client,
      triggers: [fn],
      policy: fn,
      store,
      cacheTtlMs: 5,
      pauseMs: 5,
      fallback: [],
      totalTimeoutMs: 5,
      onMetrics: fn,
      instrumentation,
      logger,
      clock,
    },
    (o) => new AssistEngine(o),
  ],
  ['keywordTrigger', { keywords: ['k'] }, keywordTrigger],
  ['sentimentTrigger', { threshold: 0 }, sentimentTrigger],
  ['suggestionPolicy', { prohibitedPhrases: ['p'], minConfidence: 1, missingConfidence: 'drop' }, suggestionPolicy],
  [
    'AssistStream',
    {
      ...socket,
      platform,
      streamUrl: 'wss://a.example',
      auth,
      streamToken: 'header',
      allowInsecureRequests: true,
      signal,
      instrumentation,
      logger,
      clock,
      random: fn,
    },
    (o) => new AssistStream(o),
  ],
  ['handleInOrder', handling, (o) => handleInOrder([] as never, fn, o)],
  [
    'QuestionQueue',
    {
      ask: fn,
      onError: fn,
      onDrop: fn,
      concurrency: 1,
      capacity: 1,
      maxInteractions: 1,
      instrumentation,
      clock,
      signal,
    },
    (o) => new QuestionQueue(o),
  ],
  [
    'TranscriptBuffer',
    { onFlush: fn, onError: fn, pauseMs: 5, maxWaitMs: 5, maxCharacters: 5, maxInteractions: 5, redact: fn, clock },
    (o) => new TranscriptBuffer(o),
  ],
  [
    'EnrichmentCache',
    { ttlMs: 5, maxEntries: 5, store, instrumentation, logger, clock },
    (o) => new EnrichmentCache(o),
  ],
  ['createEnrichmentHandler', { ...proxy, sources, logger, clock }, createEnrichmentHandler],
  [
    'createWebhookHandler',
    { ...verification, on: {}, onError: fn, concurrency: 1, logger, timeoutMs: 5, maxBodyBytes: 5 },
    (o: object) => createWebhookHandler({ secrets: secret, on: {}, ...o }),
  ],
  [
    'verifyInteraction',
    { domainTerms: ['t'], minConfidence: 1 },
    (o) => verifyInteraction({ interactionId: 'i', text: '', emotion: 'anger', confidence: 1 }, o),
  ],
  [
    'apply',
    { signal, headers: {}, onWait: fn, maxWaitMs: 5, runningJob: {} },
    (o) => new CalibrationClient(http).apply({} as never, o),
  ],
  ['NodeTransport', { dispatcher: { dispatch: fn } }, (o) => new NodeTransport(o)],
];

it.each(rows)('%s refuses every option of a wrong kind by its name', async (_, options, take) => {
  const wrong: string[] = [];
  for (const [name, right] of Object.entries(options)) {
    for (const value of kinds.filter((kind) => kindOf(kind) !== kindOf(right))) {
      const given = { ...options, [name]: value } as never;
      const error: unknown = await Promise.resolve(given)
        .then(take)
        .then(
          () => 'nothing',
          (reason: unknown) => reason,
        );
      const isTyped =
        error instanceof AgentAssistError && ['invalid_configuration', 'invalid_request'].includes(error.code);
      if (!isTyped || !error.message.includes(name)) wrong.push(`${name} = ${kindOf(value)}: ${String(error)}`);
    }
  }
  expect(wrong).toEqual([]);
});
