import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as root from 'agent-assist-sdk';
import { AuditTrail } from 'agent-assist-sdk/audit';
import { PrecisionTracker } from 'agent-assist-sdk/calibration';
import * as cognigy from 'agent-assist-sdk/cognigy';
import * as conversations from 'agent-assist-sdk/conversations';
import { CopilotClient, ExpertClient, notificationProtocol } from 'agent-assist-sdk/cxone';
import { CustomerDataClient, EnrichmentCache } from 'agent-assist-sdk/enrichment';
import { MemoryStore, RateLimiter, RetryBudget, encryptedStore, unencryptedStore } from 'agent-assist-sdk/http';
import { redisRateLimiter, redisStore } from 'agent-assist-sdk/redis';
import { buildSimulation } from 'agent-assist-sdk/simulation';
import { openJournal } from 'agent-assist-sdk/simulation/suites';
import { QuestionQueue, TranscriptBuffer } from 'agent-assist-sdk/transcripts';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { WebhookNotifier } from 'agent-assist-sdk/webhooks';
import { afterAll } from 'vitest';
import { anyKind, created, exportedNames, methodsOf, testRows, type Called } from '../helpers/arguments.js';

const dir = mkdtempSync(join(tmpdir(), 'agent-assist-arguments-'));
const trail = await AuditTrail.open(join(dir, 'trail.jsonl'));
const journal = await openJournal(join(dir, 'journal.jsonl'));
afterAll(async () => {
  await Promise.all([trail.close(), journal.close()]);
  rmSync(dir, { recursive: true });
});

const fn = (): undefined => undefined;
const baseUrl = 'https://hooks.example.com';
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const key = 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=';
const unreachable = { maxRetries: 0, transport: () => Promise.reject(new Error('not sent')) };
const http = new root.HttpClient({ baseUrl, ...unreachable });
const login = { tokenUrl: baseUrl, clientId: 'i', clientSecret: 's', ...unreachable };
const auth = new root.StaticTokenAuth({ token: 't' });
const call = { timeoutMs: 5 };
const { signal } = new AbortController();
const options = { signal };
const store = new MemoryStore<string>();
const redis = { call: () => Promise.resolve('OK') };

const update = { interactionId: 'i', transcript: 't' };
const question = { interactionId: 'i', text: 't' };
const decision = { type: 'INSIGHT_ACCEPTED', interactionId: 'i', insightId: 'x' };
const target = { botId: 'b', environmentId: 'e', versionId: 'v' };
const simulation = buildSimulation({ ...target, inputs: ['hello'] });
const calibration = {
  interactionIds: ['i'],
  polarityMatrix: { negative: -0.5, neutral: 0, positive: 0.5 },
  alertTriggers: [],
  sensitivityLevel: 0.5,
};
const source = { suggest: () => Promise.resolve({ suggestions: [] }) };
const handlers = { ask: fn, onFlush: fn, onError: fn };
const submitted = { type: 'submitted', id: 'i', hash: 'h', simulationId: 's' };
const { onFlush, onError, ask } = handlers;

const playbookTarget = { entrypoint: 'e', flowReferenceId: 'f', localeReferenceId: 'l' };
const sentence = { projectId: 'p', flowReferenceId: 'f', localeReferenceId: 'l', sentence: 's' };
const runConfig = { ...playbookTarget, largeLanguageModelReferenceId: 'm' };
const batch = { name: 'n', projectReference: 'p', numberOfExecutions: 1, runConfig };
const flowInput = { userId: 'u', sessionId: 's', text: 't' };
const platform = cognigy.cognigyAi({ environment: 'trial' });
const flowOptions = { platform, urlToken: 'u', testMode: true, auth, ...unreachable };
const flow = new cognigy.FlowClient(flowOptions);
const copilotAuth = { getIdToken: () => Promise.resolve('a.b.c') };
const copilotSearch = { contactId: 'c', query: 'q', agentUuid: 'a', config: {} };
const copilotFeedback = { contactId: 'c', answers: [{ utteranceId: 'u', answerId: 'a', rating: 'like' }] };
const localeReferenceId = 'l';
const rateLimit = { name: 'n', maxCalls: 100, windowMs: 5 };
const waitLimit = { maxWaitMs: 5, waitError: () => new root.ConfigurationError('too long') };

const WebSocket = function refused(): never {
  throw new Error('refused');
};
const streamOptions = { streamUrl: 'wss://a.example', auth, WebSocket };
const openStream = (protocol: object): root.AssistStream =>
  new root.AssistStream({ ...streamOptions, protocol } as never);

/** A store takes any key and any value: the SDK calls it, with texts. */
const storeMethods = {
  get: [anyKind('k')],
  set: [anyKind('k'), anyKind('v'), 5],
  add: [anyKind('k'), anyKind('v'), 5],
  delete: [anyKind('k')],
};
/** Only the core passes tokens. */
const authMethods = { getToken: [options], invalidate: [anyKind('t')], header: [anyKind('t')] };
const limiterMethods = { enter: [signal], run: [() => Promise.resolve(1), signal, waitLimit] };
const lists = { list: [{}, call], listAll: [{}, call], csv: [['id'], {}, call] };

const rows: Readonly<Record<string, Called>> = {
  ApiKeyAuth: created(root.ApiKeyAuth, { apiKey: 'k' }),
  ...methodsOf('ApiKeyAuth', () => new root.ApiKeyAuth({ apiKey: 'k' }), authMethods),
  ...methodsOf('ApiPromise', () => root.ApiPromise, {
    attempt: [() => root.ApiPromise.from(Promise.resolve({} as never))],
    from: [Promise.resolve({ data: 1 })],
  }),
  AssistEngine: created(root.AssistEngine, { client: source }),
  ...methodsOf('AssistEngine', () => new root.AssistEngine({ client: source }), { handle: [update, options] }),
  AssistStream: created(root.AssistStream, streamOptions),
  ...methodsOf('AssistStream', () => openStream(notificationProtocol()), {
    connect: [{ signal: AbortSignal.abort() }],
    events: [{}],
    on: ['open', fn],
    once: ['open', fn],
    // What is not there is removed.
    off: [anyKind('open'), anyKind(fn)],
    subscribe: ['t'],
    unsubscribe: [anyKind('t')],
  }),
  ...methodsOf('AssistStream', () => openStream(cognigy.flowProtocol({ urlToken: 'u', userId: 'u', sessionId: 's' })), {
    send: [{ text: 't' }],
  }),
  AuditClient: created(root.AuditClient, http),
  ...methodsOf('AuditClient', () => new root.AuditClient(http), lists),
  AuditEventsClient: created(cognigy.AuditEventsClient, http),
  ...methodsOf('AuditEventsClient', () => new cognigy.AuditEventsClient(http), { ...lists, get: ['i', call] }),
  ...methodsOf('AuditTrail', () => AuditTrail, { open: [join(dir, 'other.jsonl'), {}] }),
  ...methodsOf('AuditTrail', () => trail, { append: [{}, options], verify: [{}], records: [options], csv: [{}] }),
  AuthClient: created(root.AuthClient, login),
  ...methodsOf('AuthClient', () => new root.AuthClient(login), { ...authMethods, getIdToken: [options] }),
  CalibrationClient: created(root.CalibrationClient, http, {}),
  ...methodsOf('CalibrationClient', () => new root.CalibrationClient(http), {
    apply: [calibration, {}],
    applyAll: [calibration, {}],
    run: [calibration, {}],
    get: ['j', call],
    wait: ['j', {}],
  }),
  CopilotClient: created(CopilotClient, { http, auth: copilotAuth }),
  ...methodsOf('CopilotClient', () => new CopilotClient({ http, auth: copilotAuth }), {
    agenticStreamUrl: [call],
    feedback: [copilotFeedback, call],
    search: [copilotSearch, call],
  }),
  CustomerDataClient: created(CustomerDataClient, http),
  ...methodsOf('CustomerDataClient', () => new CustomerDataClient(http), {
    getProfile: ['c', call],
    listOpenTickets: ['c', call],
    listRecentOrders: ['c', call],
  }),
  DriftDetector: created(conversations.DriftDetector, { precision: 0.8 }),
  ...methodsOf('DriftDetector', () => conversations.DriftDetector, {
    from: [new conversations.DriftDetector({ precision: 0.8 }).toJSON()],
  }),
  ...methodsOf('DriftDetector', () => new conversations.DriftDetector({ precision: 0.8 }), { observe: [true] }),
  ...methodsOf('encryptedStore()', () => encryptedStore(store, { keys: [key] }), storeMethods),
  EnrichmentCache: created(EnrichmentCache, {}),
  ExpertClient: created(ExpertClient, { site: baseUrl, browserKey: 'k' }),
  ...methodsOf('ExpertClient', () => new ExpertClient({ site: baseUrl, browserKey: 'k', ...unreachable }), {
    search: [{ q: 'q' }, call],
  }),
  ...methodsOf('FileJournal', () => journal, { append: [submitted] }),
  FlowClient: created(cognigy.FlowClient, flowOptions),
  ...methodsOf('FlowClient', () => flow, {
    inject: [flowInput, call],
    notify: [flowInput, call],
    send: [flowInput, call],
  }),
  ...methodsOf('flowKnowledge()', () => cognigy.flowKnowledge(flow), { search: [{ q: 'q' }, call] }),
  ...methodsOf('flowRunner()', () => cognigy.flowRunner({ client: flow }), { run: [simulation, {}] }),
  ...methodsOf('flowSuggestions()', () => cognigy.flowSuggestions(flow), { suggest: [update, call] }),
  HttpClient: created(root.HttpClient, { baseUrl }),
  ...methodsOf('HttpClient', () => http, { request: [{ method: 'GET', path: '/x' }, call] }),
  InsightsClient: created(root.InsightsClient, http),
  ...methodsOf('InsightsClient', () => new root.InsightsClient(http), {
    feedback: [{ interactionId: 'i', insightId: 'x', action: 'accepted' }, call],
    push: [[], {}],
  }),
  KnowledgeClient: created(root.KnowledgeClient, http),
  ...methodsOf('KnowledgeClient', () => new root.KnowledgeClient(http), {
    search: [{ q: 'q' }, call],
    searchAll: [{ q: 'q' }, call],
  }),
  MemoryStore: created(MemoryStore, {}),
  ...methodsOf('MemoryStore', () => new MemoryStore(), storeMethods),
  NluClient: created(cognigy.NluClient, http),
  ...methodsOf('NluClient', () => new cognigy.NluClient(http), { scores: [sentence, call] }),
  ...methodsOf('nluRunner()', () => cognigy.nluRunner({ client: new cognigy.NluClient(http), localeReferenceId }), {
    run: [simulation, {}],
  }),
  NodeTransport: created(NodeTransport, {}),
  OutcomeLabels: created(conversations.OutcomeLabels, {}),
  ...methodsOf('OutcomeLabels', () => new conversations.OutcomeLabels(), {
    decide: [decision],
    raise: [{ interactionId: 'i', insightIds: ['x'], scores: {} }],
  }),
  PlaybookClient: created(cognigy.PlaybookClient, http),
  ...methodsOf('PlaybookClient', () => new cognigy.PlaybookClient(http), {
    cancelTask: ['t', call],
    create: [{ name: 'n', projectId: 'p' }, call],
    createStep: ['p', { text: 't' }, call],
    delete: ['p', call],
    get: ['p', call],
    getRun: ['p', 'r', call],
    getTask: ['t', call],
    list: [{ projectId: 'p' }, call],
    listAll: [{ projectId: 'p' }, {}],
    run: ['p', playbookTarget, {}],
    schedule: ['p', playbookTarget, call],
  }),
  ...methodsOf(
    'playbookRunner()',
    () => cognigy.playbookRunner({ client: new cognigy.PlaybookClient(http), localeReferenceId }),
    { run: [simulation, {}] },
  ),
  ...methodsOf('PrecisionTracker', () => PrecisionTracker, { from: [[]] }),
  ...methodsOf('PrecisionTracker', () => new PrecisionTracker(), { of: ['anger'], record: ['anger', 'true-positive'] }),
  QuestionQueue: created(QuestionQueue, { ask, onError }),
  ...methodsOf('QuestionQueue', () => new QuestionQueue({ ask, onError }), { idle: [signal], push: [question] }),
  RateLimiter: created(RateLimiter, { maxCalls: 1, windowMs: 5 }),
  ...methodsOf('RateLimiter', () => new RateLimiter({ maxCalls: 100, windowMs: 5 }), limiterMethods),
  ...methodsOf('redisRateLimiter()', () => redisRateLimiter(redis, rateLimit), limiterMethods),
  ...methodsOf('redisStore()', () => redisStore(redis), storeMethods),
  RetryBudget: created(RetryBudget, {}),
  // Only the core calls them.
  ...methodsOf('RetryBudget', () => new RetryBudget(), { refund: [anyKind(1)], take: [anyKind('failure')] }),
  SimulationClient: created(root.SimulationClient, http),
  ...methodsOf('SimulationClient', () => new root.SimulationClient(http), {
    checkTarget: [target, call],
    get: ['s', call],
    getEnvironment: ['e', call],
    listVersions: ['b', call],
    run: [simulation, {}],
    submit: [simulation, call],
    wait: ['s', {}],
  }),
  SimulatorClient: created(cognigy.SimulatorClient, http),
  ...methodsOf('SimulatorClient', () => new cognigy.SimulatorClient(http), {
    get: ['r', call],
    getBatch: ['r', 'b', call],
    list: ['p', {}, call],
    listAll: ['p', {}, {}],
    listAllBatches: ['r', {}, {}],
    listAllRuns: ['r', 'b', {}, {}],
    listBatches: ['r', {}, call],
    listRuns: ['r', 'b', {}, call],
    schedule: ['r', batch, call],
    stopBatch: ['r', 'b', call],
    waitForBatch: ['r', 'b', {}],
  }),
  StaticTokenAuth: created(root.StaticTokenAuth, { token: 't' }),
  ...methodsOf('StaticTokenAuth', () => auth, authMethods),
  SuggestionsClient: created(root.SuggestionsClient, http),
  ...methodsOf('SuggestionsClient', () => new root.SuggestionsClient(http), { suggest: [update, call] }),
  TranscriptBuffer: created(TranscriptBuffer, { onFlush, onError }),
  ...methodsOf('TranscriptBuffer', () => new TranscriptBuffer({ onFlush, onError }), {
    add: [question],
    flush: ['i'],
    state: [{ interactionId: 'i', state: 'TURN_END' }],
  }),
  ...methodsOf('unencryptedStore()', () => unencryptedStore(store), storeMethods),
  ...methodsOf('VirtualClock', () => new conversations.VirtualClock(), {
    advanceTo: [5],
    clearTimeout: [anyKind(1)],
    setTimeout: [fn, 5],
  }),
  WebhookNotifier: created(WebhookNotifier, {}),
  ...methodsOf('WebhookNotifier', () => new WebhookNotifier(unreachable), { send: [baseUrl, anyKind({}), {}] }),
  WebhooksClient: created(root.WebhooksClient, http, {}),
  ...methodsOf('WebhooksClient', () => new root.WebhooksClient(http), {
    register: [{ url: baseUrl, events: ['agentassist.alert.triggered'], secret }, call],
  }),
};

testRows(rows, exportedNames(/^(?!testing)/).methods, 100);
