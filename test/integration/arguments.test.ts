import { mkdtempSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpClient, cognigy, cxone } from 'agent-assist-sdk';
import * as audit from 'agent-assist-sdk/audit';
import { verifyInteraction } from 'agent-assist-sdk/calibration';
import * as cognigyAi from 'agent-assist-sdk/cognigy';
import * as conversations from 'agent-assist-sdk/conversations';
import * as tenants from 'agent-assist-sdk/cxone';
import * as enrichment from 'agent-assist-sdk/enrichment';
import { MemoryStore, encryptedStore, pinoLogger, unencryptedStore } from 'agent-assist-sdk/http';
import { feedbackFrom } from 'agent-assist-sdk/insights';
import { toAssistCards } from 'agent-assist-sdk/knowledge';
import { toFastifyPlugin, toNodeHandler } from 'agent-assist-sdk/node';
import { injectTraceContext, openTelemetry, withTraceContext } from 'agent-assist-sdk/otel';
import { redisRateLimiter, redisStore } from 'agent-assist-sdk/redis';
import * as simulation from 'agent-assist-sdk/simulation';
import * as reports from 'agent-assist-sdk/simulation/reports';
import * as suites from 'agent-assist-sdk/simulation/suites';
import { handleInOrder, interactionIdOf } from 'agent-assist-sdk/stream';
import { keywordTrigger, sentimentTrigger, suggestionPolicy } from 'agent-assist-sdk/suggestions';
import { createGuardedAgent } from 'agent-assist-sdk/undici';
import * as webhooks from 'agent-assist-sdk/webhooks';
import { createWidgetConfigHandler } from 'agent-assist-sdk/widget';
import { afterAll } from 'vitest';
import { anyKind, called, exportedNames, testRows, type Called } from '../helpers/arguments.js';

const dir = mkdtempSync(join(tmpdir(), 'agent-assist-arguments-'));
afterAll(() => rmSync(dir, { recursive: true }));

const fn = (): undefined => undefined;
const file = join(dir, 'none.jsonl');
const baseUrl = 'https://hooks.example.com';
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const key = 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=';
const unreachable = { maxRetries: 0, transport: () => Promise.reject(new Error('not sent')) };
const http = new HttpClient({ baseUrl, ...unreachable });
const store = new MemoryStore();
const flow = new cognigyAi.FlowClient({
  platform: cognigyAi.cognigyAi({ environment: 'trial' }),
  urlToken: 'u',
  testMode: true,
  ...unreachable,
});
const redis = { call: () => Promise.resolve('OK') };
const request = new Request(baseUrl);
const answer = (): Promise<Response> => Promise.resolve(new Response());
const update = { interactionId: 'i', transcript: 'refund', sentimentScore: 0 };
const event = { type: 'agentassist.alert.triggered', timestamp: '2026-01-01T00:00:00Z', data: {} };
const decision = { type: 'INSIGHT_ACCEPTED', interactionId: 'i', insightId: 'x' };

const signed = { ...(await webhooks.signWebhook('{}', secret)) };

const target = { botId: 'b', environmentId: 'e', versionId: 'v' };
const draft = { ...target, inputs: ['hello'] };
const cases = [{ id: 'c', simulation: simulation.buildSimulation(draft) }];
const result = { id: 's', status: 'COMPLETED', steps: [] };
const runner = { run: () => Promise.resolve(result) };
const run = await simulation.runSuite(cases, { client: runner });
const suite = JSON.stringify({ ...target, cases: [{ id: 'c', inputs: ['hello'] }] });
const comparable = { results: [] };
/** Its failure is its result. */
const notify = async (...args: Parameters<typeof simulation.notifyDashboard>): Promise<void> => {
  const outcome = await simulation.notifyDashboard(...args);
  if (!outcome.delivered) throw outcome.error;
};

const rule = { type: 'score', score: 'anger', threshold: 0.5, fires: 'at-least' } as const;
const labelled = [{ conversationId: 'c', label: true, scores: { anger: 0.9 } }];
const objective = { type: 'precision', atLeast: 0.5 } as const;
const tuning = conversations.tuneAlerts(labelled, { objective });
const totals = { events: 0, asked: 0, calls: 0, outcomes: 0 };
const sums = { asked: 0, notAsked: 0, changed: 0, changedCards: 0, changedStatus: 0 };
const diff = { before: totals, after: totals, ...sums, changes: [], equal: true };

/** Each function, and what those return that return a function. */
const functions: Readonly<Record<string, Called>> = {
  agenticProtocol: called(tenants.agenticProtocol, {}),
  assertWebhookTarget: called(webhooks.assertWebhookTarget, baseUrl, {}),
  auditRecord: called(simulation.auditRecord, target, result, simulation.evaluate(result, []), {}),
  buildPromptContext: called(enrichment.buildPromptContext, {}, {}),
  buildSimulation: called(simulation.buildSimulation, draft),
  caseProblems: called(reports.caseProblems, run.results[0]),
  ccaiTopic: called(tenants.ccaiTopic, 'c'),
  cleanPromptValue: called(enrichment.cleanPromptValue, anyKind('v'), 5),
  cognigy: called(cognigy, { tenant: 'acme' }),
  cognigyAi: called(cognigyAi.cognigyAi, { environment: 'trial' }),
  compareReplays: called(conversations.compareReplays, file, file, {}),
  compareRuns: called(simulation.compareRuns, comparable, comparable, {}),
  connectCxone: called(tenants.connectCxone, {
    clientId: 'i',
    clientSecret: 's',
    accessKey: { id: 'a', secret: 'b' },
    ...unreachable,
  }),
  copilotHealthTopic: called(tenants.copilotHealthTopic, 'c'),
  copilotTopic: called(tenants.copilotTopic, 'c'),
  createEnrichmentHandler: called(enrichment.createEnrichmentHandler, { sources: {} }),
  'createEnrichmentHandler()': called(enrichment.createEnrichmentHandler({ sources: {} }), request),
  createGuardedAgent: called(createGuardedAgent, {}),
  createWebhookHandler: called(webhooks.createWebhookHandler, { secrets: secret, on: {} }),
  'createWebhookHandler()': called(webhooks.createWebhookHandler({ secrets: secret, on: {} }), request),
  createWidgetConfigHandler: called(createWidgetConfigHandler, {}),
  'createWidgetConfigHandler()': called(createWidgetConfigHandler(), request),
  customerDataSources: called(enrichment.customerDataSources, new enrichment.CustomerDataClient(http)),
  cxone: called(cxone, {}),
  cxoneArea: called(tenants.cxoneArea, { area: 'na1' }),
  discoverCxone: called(tenants.discoverCxone, { tenantId: 't', ...unreachable }),
  encryptedStore: called(encryptedStore, store, { keys: [key] }),
  engineTarget: called(conversations.engineTarget, { client: { suggest: fn } }),
  enrich: called(enrichment.enrich, {}, { sessionId: 's', customerNumber: 'c', intent: '' }, {}),
  evaluate: called(simulation.evaluate, result, [], {}),
  feedbackFrom: called(feedbackFrom, decision),
  flowKnowledge: called(cognigyAi.flowKnowledge, flow, {}),
  flowProtocol: called(cognigyAi.flowProtocol, { urlToken: 'u', userId: 'u', sessionId: 's' }),
  flowRunner: called(cognigyAi.flowRunner, { client: flow }),
  flowSuggestions: called(cognigyAi.flowSuggestions, flow, {}),
  forgetWebhook: called(webhooks.forgetWebhook, signed, secret, { seen: store }),
  formatReplayDiff: called(conversations.formatReplayDiff, diff),
  gateReplays: called(conversations.gateReplays, diff, {}),
  guidanceTopic: called(tenants.guidanceTopic, 'c'),
  handleInOrder: called(handleInOrder, Readable.from([]), fn, { onError: fn }),
  htmlReport: called(reports.htmlReport, run, { name: 'n' }),
  injectTraceContext: called(injectTraceContext, {}),
  interactionIdOf: called(interactionIdOf, { type: 'INTERACTION_UPDATE', payload: update }),
  isWebhookEvent: called(webhooks.isWebhookEvent, anyKind(event), anyKind(event.type)),
  junitReport: called(reports.junitReport, run, { name: 'n' }),
  keywordTrigger: called(keywordTrigger, {}),
  'keywordTrigger()': called(keywordTrigger(), update),
  loadRun: called(suites.loadRun, file),
  loadSuite: called(suites.loadSuite, file, {}),
  markdownReport: called(reports.markdownReport, run, { name: 'n' }),
  nluRunner: called(cognigyAi.nluRunner, { client: new cognigyAi.NluClient(http), localeReferenceId: 'l' }),
  notificationProtocol: called(tenants.notificationProtocol, {}),
  notifyDashboard: called(notify, { send: fn }, anyKind(baseUrl), {}, {}),
  openJournal: called(suites.openJournal, join(dir, 'journal.jsonl')),
  openTelemetry: called(openTelemetry, {}),
  outcomesByConversation: called(conversations.outcomesByConversation, labelled),
  parseSuite: called(suites.parseSuite, suite, 'suite.yaml', {}),
  pinoLogger: called(pinoLogger, console),
  playbookRunner: called(cognigyAi.playbookRunner, {
    client: new cognigyAi.PlaybookClient(http),
    localeReferenceId: 'l',
  }),
  readAuditTrail: called(audit.readAuditTrail, file, {}),
  readAuditTrailCsv: called(audit.readAuditTrailCsv, file, {}),
  readIdToken: called(tenants.readIdToken, 'a.b.c'),
  readRecording: called(conversations.readRecording, anyKind([file]), {}),
  recordStream: called(
    conversations.recordStream,
    { eventNames: [], on: fn, off: fn },
    join(dir, 'recording.jsonl'),
    {},
  ),
  redactPersonalData: called(conversations.redactPersonalData, {}),
  'redactPersonalData()': called(conversations.redactPersonalData(), event),
  redisRateLimiter: called(redisRateLimiter, redis, { name: 'n', maxCalls: 1, windowMs: 5 }),
  redisStore: called(redisStore, redis, {}),
  replay: called(conversations.replay, anyKind([file]), { deliver: fn }, {}),
  runSuite: called(simulation.runSuite, cases, { client: runner }),
  sentimentTrigger: called(sentimentTrigger, {}),
  'sentimentTrigger()': called(sentimentTrigger(), update),
  serviceTarget: called(conversations.serviceTarget, { send: fn, calls: { all: [], total: 0 } }),
  signWebhook: called(webhooks.signWebhook, '{}', secret, {}),
  suggestionPolicy: called(suggestionPolicy, {}),
  'suggestionPolicy()': called(suggestionPolicy(), [{ text: 't' }]),
  toAlertTriggers: called(conversations.toAlertTriggers, [{ point: { rule } }], { directive: 'notify' }),
  toAssistCards: called(toAssistCards, [{ id: 'a', title: 'b', body: 'c' }], { interactionId: 'i' }),
  toFastifyPlugin: called(toFastifyPlugin, answer),
  'toFastifyPlugin()': called(toFastifyPlugin(answer), {
    removeAllContentTypeParsers: fn,
    addContentTypeParser: fn,
    all: fn,
  }),
  toNodeHandler: called(toNodeHandler, answer),
  toTrigger: called(conversations.toTrigger, rule, { readScore: fn }),
  'toTrigger()': called(conversations.toTrigger(rule, { readScore: fn }), update),
  transcriptTopic: called(tenants.transcriptTopic, 'c'),
  tuneAlerts: called(conversations.tuneAlerts, labelled, { objective }),
  tuningHtmlReport: called(conversations.tuningHtmlReport, tuning, { name: 'n' }),
  tuningMarkdownReport: called(conversations.tuningMarkdownReport, tuning, { name: 'n' }),
  unencryptedStore: called(unencryptedStore, store),
  verifyAuditTrail: called(audit.verifyAuditTrail, file, {}),
  verifyInteraction: called(verifyInteraction, { interactionId: 'i', text: '', emotion: 'anger', confidence: 1 }, {}),
  verifyWebhook: called(webhooks.verifyWebhook, '{}', signed, secret, {}),
  withTraceContext: called(withTraceContext, anyKind({}), fn),
};

testRows(functions, exportedNames(/^(?!testing)/).functions, 70);
