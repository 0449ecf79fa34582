import {
  AgentAssistError,
  ApiKeyAuth,
  AssistEngine,
  AssistStream,
  AuditClient,
  AuthClient,
  HttpClient,
  KnowledgeClient,
  WebhooksClient,
  cognigy,
  handleInOrder,
  keywordTrigger,
  sentimentTrigger,
  suggestionPolicy,
} from 'agent-assist-sdk';
import { AuditTrail, verifyAuditTrail } from 'agent-assist-sdk/audit';
import { verifyInteraction } from 'agent-assist-sdk/calibration';
import {
  AuditEventsClient,
  cognigyAi,
  FlowClient,
  flowKnowledge,
  flowSuggestions,
  NluClient,
  nluRunner,
  PlaybookClient,
  playbookRunner,
} from 'agent-assist-sdk/cognigy';
import { ExpertClient, connectCxone, discoverCxone } from 'agent-assist-sdk/cxone';
import { buildPromptContext, createEnrichmentHandler } from 'agent-assist-sdk/enrichment';
import { MemoryStore } from 'agent-assist-sdk/http';
import { toAssistCards } from 'agent-assist-sdk/knowledge';
import { toFastifyPlugin, toNodeHandler } from 'agent-assist-sdk/node';
import { compareRuns, evaluate, runSuite } from 'agent-assist-sdk/simulation';
import { loadSuite, parseSuite } from 'agent-assist-sdk/simulation/suites';
import { TranscriptBuffer } from 'agent-assist-sdk/transcripts';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { loadConversations, startTenant } from 'agent-assist-sdk/testing';
import {
  createWebhookHandler,
  forgetWebhook,
  signWebhook,
  verifyWebhook,
  WebhookNotifier,
} from 'agent-assist-sdk/webhooks';
import { describe, expect, it } from 'vitest';

const baseUrl = 'https://a.example';
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const login = { tokenUrl: baseUrl, clientId: 'id', clientSecret: 'secret' };
const client = { suggest: () => Promise.resolve({ suggestions: [] }) };

const fn = (): void => undefined;

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
    ['createWebhookHandler', () => createWebhookHandler(loosely({ secrets: secret, onn: {} })), "did you mean 'on'?"],
    [
      'suggestionPolicy',
      () => suggestionPolicy(loosely({ prohibitedPhrase: ['x'] })),
      "did you mean 'prohibitedPhrases'?",
    ],
  ])('is refused by %s with the nearest one', (owner, make, hint) => {
    expect(make).toThrow(new RegExp(`^${owner}: unknown option "[a-zA-Z]+"; ${hint.replace('?', '\\?')}$`));
  });

  it.each([
    [{ paths: { sugest: '/x' } }, `paths: unknown option "sugest"; did you mean 'suggest'?`],
    [{ headerNames: { requestID: 'x' } }, `headerNames: unknown option "requestID"; did you mean 'requestId'?`],
    [{ paths: { suggest: 5 } }, 'paths: suggest: expected a string'],
    [{ platform: { paths: { suggest: null } } }, 'paths: suggest: expected a string'],
  ])('is refused among the entries of a table, as is another kind: %j', (options, message) => {
    expect(() => new HttpClient(loosely({ baseUrl, ...options }))).toThrow(
      expect.objectContaining({ code: 'invalid_configuration', message }) as Error,
    );
  });

  it.each<[string, string, () => unknown]>([
    [
      'verifyInteraction',
      'domainTerms',
      () => verifyInteraction(loosely({ interactionId: 'a', text: '' }), loosely({ domainTerm: [] })),
    ],
    ['evaluate', 'entityMatch', () => evaluate(loosely({}), [], loosely({ entityMatches: 'name' }))],
    ['compareRuns', 'alpha', () => compareRuns({ results: [] }, { results: [] }, loosely({ alfa: 0.1 }))],
    ['buildPromptContext', 'template', () => buildPromptContext({}, loosely({ templat: '' }))],
    ['signWebhook', 'timestamp', () => signWebhook('{}', secret, loosely({ timestmp: new Date(0) }))],
    ['verifyWebhook', 'seen', () => verifyWebhook('{}', {}, secret, loosely({ sean: new Map() }))],
    ['headerNames', 'id', () => verifyWebhook('{}', {}, secret, { headerNames: loosely({ ID: 'svix-id' }) })],
    ['forgetWebhook', 'seen', () => forgetWebhook({}, secret, loosely({ sean: new Map() }))],
    [
      'flowSuggestions',
      'toSuggestions',
      () => flowSuggestions(loosely({ send: () => 0 }), loosely({ toSuggestion: 1 })),
    ],
    ['flowKnowledge', 'toArticles', () => flowKnowledge(loosely({ send: () => 0 }), loosely({ toArticle: 1 }))],
    ['WebhookNotifier', 'secrets', () => new WebhookNotifier(loosely({ secret }))],
    [
      'WebhooksClient',
      'allowLoopbackHttp',
      () => new WebhooksClient(new HttpClient({ baseUrl }), loosely({ allowLoopbackHttps: true })),
    ],
    [
      'handle',
      'signal',
      () => new AssistEngine({ client }).handle({ interactionId: 'a', transcript: '' }, loosely({ signl: 0 })),
    ],
    ['loadConversations', 'from', () => loadConversations(loosely({ form: 'x.jsonl' }))],
    ['verifyAuditTrail', 'expectedHead', () => verifyAuditTrail('none.jsonl', loosely({ expectHead: {} }))],
  ])('is refused by the function %s, as if it were left out otherwise', async (owner, nearest, call) => {
    await expect(Promise.resolve().then(call)).rejects.toThrow(
      new RegExp(`^${owner}: unknown option "[a-zA-Z]+"; did you mean '${nearest}'\\?$`),
    );
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
  const http = new HttpClient({ baseUrl });
  const buffer = new TranscriptBuffer({ onFlush: () => 0, onError: () => 0 });
  it.each([
    ['options', () => new HttpClient(loosely(undefined)), 'HttpClient: expected an object of options'],
    ['no question', () => new KnowledgeClient(http).searchAll(loosely(undefined)), 'query: expected an object'],
    ['options of a list', () => new KnowledgeClient(http).searchAll({ q: 'x' }, loosely(null)), 'searchAll: expected'],
    ['a list of entries', () => new AuditClient(http).listAll({}, loosely({ maxItem: 1 })), "did you mean 'maxItems'?"],
    ['a list of events', () => new AuditEventsClient(http).listAll(loosely(null)), 'query: expected an object'],
    [
      'nested options',
      () => new ExpertClient(loosely({ site: baseUrl, serverKey: 'text' })),
      'serverKey: expected an object; it has key, secret and user',
    ],
    ['null', () => new HttpClient(loosely({ baseUrl, timeoutMs: null })), 'expected a value, not null; leave it out'],
    ['clock', () => new MemoryStore(loosely({ clock: {} })), 'MemoryStore: clock: expected a clock with monotonic()'],
    [
      'logger',
      () => new HttpClient(loosely({ baseUrl, logger: { debug: fn } })),
      'logger: expected a logger with info()',
    ],
    ['instrumentation', () => new HttpClient(loosely({ baseUrl, instrumentation: null })), 'expected an object'],
    ['store', () => new AuthClient(loosely({ ...login, store: 7 })), 'AuthClient: store: expected a store with get()'],
    ['key', () => new AuthClient(loosely({ ...login, accessKey: null })), 'AuthClient: accessKey: expected an object'],
    ['header', () => new ApiKeyAuth(loosely({ apiKey: 'k', headerName: 7 })), 'headerName: expected a string'],
    ['host', () => cognigy(loosely({ host: 7 })), 'cognigy: host: expected a string'],
    ['boolean', () => new FlowClient(loosely({ testMode: 'false' })), 'FlowClient: testMode: expected a boolean'],
    ['keyword', () => keywordTrigger(loosely({ keywords: [7] })), 'keywords: expected a list of strings'],
    ['auth', () => new HttpClient(loosely({ baseUrl, auth: 'token' })), 'auth: expected a provider of tokens'],
    ['fetch', () => new HttpClient(loosely({ baseUrl, fetch: 'x' })), 'fetch: expected a function'],
    ['transport', () => new HttpClient({ baseUrl, transport: loosely(new NodeTransport()) }), 'e.g. send of a Node'],
    ['budget', () => new HttpClient({ baseUrl, retryBudget: loosely({ capacity: 5 }) }), 'expected a RetryBudget'],
    ['signal', () => new AssistStream(loosely({ signal: null })), 'signal: expected an AbortSignal'],
    [
      'headers',
      () => new HttpClient({ baseUrl, headers: loosely(new Headers({ a: 'b' })) }),
      'headers: expected an object',
    ],
    ['policy', () => new AssistEngine(loosely({ client, policy: { minConfidence: 1 } })), 'e.g. suggestionPolicy('],
    ['store', () => new AuthClient(loosely({ ...login, store: null })), 'store: expected a store with get()'],
    [
      'seen',
      // Like a bare client of Redis, which would keep every id for good
      () => createWebhookHandler(loosely({ secrets: secret, on: {}, seen: { get: fn, set: fn, del: fn } })),
      'seen: expected a store with delete()',
    ],
    [
      'page',
      () => toAssistCards(loosely({ articles: [] }), { interactionId: 'i' }),
      'articles: expected a list, e.g. ',
    ],
    ['source', () => createEnrichmentHandler(loosely({ sources: { crm: {} } })), 'crm: expected a source'],
    [
      'cache',
      () => createEnrichmentHandler(loosely({ sources: {}, cache: true })),
      'cache: expected an EnrichmentCache',
    ],
    ['fragment', () => buffer.add(loosely({ interactionId: 'a' })), 'fragment.text: expected a string'],
    ['interaction', () => buffer.add(loosely({ text: 'a' })), 'fragment.interactionId: expected a string'],
    ['host', () => cognigy({ host: loosely(null) }), 'host: expected a string'],
    ['client', () => new AssistEngine(loosely({ client: {} })), 'client: expected a source of suggestions'],
    ['triggers', () => new AssistEngine(loosely({ client, triggers: () => [] })), 'triggers: expected a list'],
    [
      'trigger',
      () => new AssistEngine(loosely({ client, triggers: ['refund'] })),
      'triggers: expected a list of functions',
    ],
    ['handler', () => toNodeHandler(loosely(undefined)), 'handler: expected a function'],
    ['handler of Fastify', () => toFastifyPlugin(loosely({})), 'handler: expected a function'],
    ['dispatcher', () => new NodeTransport(loosely({ dispatcher: 'http://proxy' })), 'dispatcher: expected an undici'],
    ['sources', () => createEnrichmentHandler(loosely({})), 'sources: expected an object'],
    ['cards', () => toAssistCards([], loosely(undefined)), 'toAssistCards: expected an object of options'],
    ['keywords', () => keywordTrigger(loosely({ keywords: 'refund' })), 'keywords: expected a list'],
    ['phrases', () => suggestionPolicy(loosely({ prohibitedPhrases: null })), 'prohibitedPhrases: expected a list'],
    ['scopes', () => new AuthClient(loosely({ ...login, scopes: {} })), 'scopes: expected a list'],
    ['secrets', () => new WebhookNotifier(loosely({ secrets: null })), 'secrets: expected a list'],
    ['events', () => createWebhookHandler(loosely({ secrets: 'a', on: { x: () => 0 } })), 'for others: onUnknown'],
    ['path of a proxy', () => createEnrichmentHandler(loosely({ sources: {}, path: 7 })), 'path: expected a string'],
    ['results', () => compareRuns(loosely({}), { results: [] }), 'baseline.results: expected a list'],
    ['text', () => verifyInteraction(loosely({ text: null })), 'text: expected a string'],
    ['text of a suite', () => parseSuite(loosely(null), 'suite.yaml'), 'text: expected a string'],
    [
      'platform of a flow',
      () => new FlowClient(loosely({ platform: {}, urlToken: 'a' })),
      'platform: expected a platform from cognigyAi',
    ],
    ['playbooks', () => playbookRunner(loosely(new PlaybookClient(http))), 'client: expected a PlaybookClient'],
    ['locale', () => playbookRunner(loosely({ client: new PlaybookClient(http) })), 'localeReferenceId: missing'],
    ['bots', () => nluRunner(loosely(new NluClient(http))), 'client: expected an NluClient'],
    ['locale of scores', () => nluRunner(loosely({ client: new NluClient(http) })), 'localeReferenceId: missing'],
    ['flow', () => flowSuggestions(loosely(null)), 'flow: expected a FlowClient'],
    ['flow of a search', () => flowKnowledge(loosely({ flow: 1 })), 'flow: expected a FlowClient'],
    [
      'host of flows',
      () => cognigyAi({ environment: 'trial', endpointHost: '' }),
      'endpointHost: expected a host name',
    ],
    [
      'event handler',
      () => createWebhookHandler(loosely({ secrets: secret, on: { 'agentassist.alert.triggered': 'x' } })),
      'agentassist.alert.triggered: expected a function',
    ],
    ['file of a suite', () => parseSuite('cases: []', loosely(undefined)), 'file: expected its name'],
  ])('is refused by its name: %s', (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(AgentAssistError);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['method', async () => http.request(loosely({ method: 'get', path: '/x' })), 'method: expected GET, POST, PUT, '],
    ['relative path', async () => http.request({ method: 'GET', path: 'bots' }), '"bots" must begin with / and'],
    [
      'relative path after a port',
      async () => new HttpClient({ baseUrl: 'https://a.example:8443' }).request({ method: 'GET', path: 'bots' }),
      '"bots" must begin with / and',
    ],
    ['columns', async () => new AuditClient(http).csv(loosely({ query: {} })).next(), 'columns: expected a list'],
    [
      'source of events',
      () => handleInOrder(loosely(null), () => undefined, loosely({ onError: () => 0 })),
      'source: expected a stream',
    ],
    ['path', async () => http.request(loosely({ method: 'GET' })), 'path: expected a string'],
    [
      'signal',
      async () => http.request({ method: 'GET', path: '/' }, { signal: loosely(null) }),
      'signal: expected an',
    ],
    [
      'headers',
      async () => http.request({ method: 'GET', path: '/' }, { headers: loosely(new Map()) }),
      'headers: exp',
    ],
    [
      'schema',
      async () => http.request({ method: 'POST', path: '/', response: loosely(() => 1) }),
      'response: expected',
    ],
    ...[null, NaN, new Date(0), { a: 1 }].map((value): [string, () => Promise<unknown>, string] => [
      `query ${JSON.stringify(value)}`,
      async () => http.request({ method: 'GET', path: '/', query: { limit: loosely(value) } }),
      'query.limit: expected string, number or boolean',
    ]),
    ['time', () => signWebhook('{}', secret, { timestamp: loosely(Date.now()) }), 'webhook timestamp: expected a Date'],
    ['headers of a webhook', () => verifyWebhook('{}', loosely(undefined), secret), 'headers: expected the headers'],
    ['store', () => verifyWebhook('{}', {}, secret, { seen: loosely(new Set()) }), 'seen: expected a store'],
    ['journal', () => runSuite([], loosely({ client: { run: () => 0 }, journal: 'x' })), 'journal: expected a journal'],
    ['registration', async () => new WebhooksClient(http).register(loosely(undefined)), 'Invalid webhook: '],
    ['filter', async () => new AuditClient(http).list(loosely({ from: '2026-01-01' })), 'unknown from'],
    ['query', async () => new KnowledgeClient(http).search(loosely({ q: 'x', lang: 'de' })), 'unknown lang'],
    ['options of a suite', () => runSuite([], loosely(undefined)), 'runSuite: expected an object of options'],
    ['runner', () => runSuite([], loosely({ client: http })), 'client: expected a runner of simulations'],
    ['cases', () => runSuite(loosely(undefined), loosely({ client: { run: () => 0 } })), 'cases: expected a list'],
    ['file', () => loadSuite(loosely(undefined)), 'file: expected its name'],
    ['trail', () => AuditTrail.open(loosely({ path: 'x' })), 'path: expected a string'],
    [
      'options of a stream',
      () => handleInOrder(loosely([]), () => undefined, loosely(undefined)),
      'handleInOrder: expected an object of options: onError, ',
    ],
    [
      'options of a webhook',
      () => forgetWebhook({}, secret, loosely(undefined)),
      'forgetWebhook: expected an object of options: seen, ',
    ],
    [
      'signal',
      async () => http.request({ method: 'GET', path: '/' }, loosely({ signal: 7 })),
      'expected an AbortSignal',
    ],
    ['limit of a discovery', () => discoverCxone(loosely({ tenantId: 'a', timeoutMs: '5' })), 'timeoutMs: expected ms'],
    ['login', () => connectCxone(loosely(undefined)), 'connectCxone: expected an object of options'],
  ])('rejects by its name: %s', async (_, call, message) => {
    await expect(call()).rejects.toThrow(message);
    await expect(call()).rejects.toBeInstanceOf(AgentAssistError);
  });
});
