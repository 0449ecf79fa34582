import { AssistStream, AuthClient } from 'agent-assist-sdk';
import * as testing from 'agent-assist-sdk/testing';
import { afterAll, expect, it } from 'vitest';
import { anyKind, called, exportedNames, methodsOf, testRows, type Called } from '../helpers/arguments.js';

const tenant = await testing.startTenant();
const cognigy = await testing.startCognigy();
const cxone = await testing.startCxone();
const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials });
// A connection to send to.
const stream = new AssistStream({ platform: tenant.platform, auth });
await stream.connect();
const [connection] = tenant.stream.connections;
afterAll(async () => {
  for (const opened of [stream, auth, tenant, cognigy, cxone]) await opened.close();
});

/** Settles at once; rejects only if the wait did not begin. */
const begun = (wait: Promise<unknown>): Promise<unknown> => Promise.race([wait, Promise.resolve()]);
const fn = (): undefined => undefined;
const aborted = { signal: AbortSignal.abort() };
const fault = { kind: 'status', status: 500 };
const examples = [{ text: 'hello', intent: 'greet' }];
const conversation = { id: 'i', turns: [] };
const route = { method: 'GET', path: '/x', scope: 'public', handle: fn };
const card = { contactId: 'c', text: 't', score: 1, name: 'n', description: 'd' };

/** What a wrong kind of does no harm: an id that nothing has, and scripts that are called much later. */
const rows: Readonly<Record<string, Called>> = {
  loadConversations: called(testing.loadConversations, {}),
  startCognigy: called(testing.startCognigy, {}),
  startCompany: called(testing.startCompany, {}),
  startCxone: called(testing.startCxone, {}),
  startTenant: called(testing.startTenant, {}),
  ...methodsOf('CognigyAuditEvents', () => cognigy.auditEvents, { add: [anyKind({})], seed: [anyKind(1)] }),
  ...methodsOf('CognigyEndpoints', () => cognigy.endpoints, { add: [{ flow: cognigy.flow }] }),
  ...methodsOf('CognigyFlow', () => cognigy.flow, {
    answerWith: [() => []],
    train: [examples],
    understand: ['t'],
    understandWith: [() => ({ intent: 'i', confidence: 1, entities: [] })],
  }),
  ...methodsOf('CognigyLogin', () => cognigy.login, { authorize: [{ redirectUri: 'https://a.example' }] }),
  ...methodsOf('CognigySessions', () => cognigy.sessions, { get: [anyKind('s')] }),
  ...methodsOf('CognigySimulator', () => cognigy.simulator, { judgeWith: [() => true], speakWith: [fn] }),
  ...methodsOf('CognigySockets', () => cognigy.sockets, { emit: [anyKind('e')], withhold: [anyKind('output')] }),
  ...methodsOf('CognigyTasks', () => cognigy.tasks, { forget: [anyKind('t')], scriptNext: [anyKind({})] }),
  ...methodsOf('CognigyTenant', () => cognigy, { deviate: [anyKind('short-pages')] }),
  ...methodsOf('ConnectionPool', () => tenant.stream, {
    flushed: [{}],
    sendRaw: ['{}'],
    waitForConnections: [1, aborted],
  }),
  ...methodsOf('Cxone', () => cxone, { localUrl: [anyKind(cxone.origin)], play: [conversation, {}] }),
  ...methodsOf('CxoneCopilot', () => cxone.copilot, { answerWith: [fn] }),
  ...methodsOf('CxoneFeed', () => cxone.feed, {
    sendAlert: [card],
    sendCards: ['c', []],
    sendCcai: [card],
    sendScore: [card],
    sendSummary: [card],
    sendTranscript: [card],
  }),
  ...methodsOf('CxoneNotifications', () => cxone.notifications, {
    inject: [{ fault: { kind: 'drop' } }],
    publish: [anyKind('t'), {}],
    sendError: [500, 't'],
  }),
  ...methodsOf('EmbeddedServer', () => tenant, {
    addRoute: [route],
    inject: [{ route: 'GET /nothing', fault }],
    revokeTokens: [anyKind('t')],
  }),
  ...methodsOf('RequestLog', () => tenant.requests, {
    count: [anyKind('GET /x')],
    to: [anyKind('GET /x')],
  }),
  ...methodsOf('Tenant', () => tenant, { play: [conversation, {}] }),
  ...methodsOf('TenantAudit', () => tenant.audit, { add: [{}], deviate: [anyKind('short-pages')], seed: [1] }),
  ...methodsOf('TenantCalibrations', () => tenant.calibrations, {
    finish: [anyKind('j'), anyKind('failed')],
    forget: [anyKind('j')],
    startReweight: [{ interaction_ids: ['i'] }],
  }),
  ...methodsOf('TenantInsights', () => tenant.insights, {
    accept: [anyKind('i'), anyKind('x')],
    disown: [anyKind('i')],
    onPush: [fn],
    reject: [anyKind('i'), anyKind('x')],
  }),
  ...methodsOf('TenantKnowledge', () => tenant.knowledge, { replaceArticles: [[]] }),
  ...methodsOf('TenantSimulations', () => tenant.simulation, {
    forget: [anyKind('s')],
    scriptNext: [anyKind({})],
    setBot: ['b', []],
    setEnvironment: [{ id: 'e' }],
    train: [examples, anyKind('v')],
    understand: ['t', anyKind('v')],
    understandWith: [() => ({ intent: 'i', confidence: 1, entities: [] }), anyKind('v')],
  }),
  ...methodsOf('TenantStream', () => tenant.stream, { burst: [[]], send: [{}] }),
  ...methodsOf('TenantSuggestions', () => tenant.suggestions, { answerWith: [anyKind([])] }),
  ...methodsOf('TenantWebhooks', () => tenant.webhooks, { retryAfter: [[5]], trigger: ['t', anyKind({})] }),
  ...methodsOf('TenantConnection', () => connection ?? {}, { send: [{}], sendRaw: ['{}'] }),
  'CxoneNotifications.waitForTopic': called(
    (topic: string, options: object) => begun(cxone.notifications.waitForTopic(topic, options)),
    't',
    {},
  ),
  'RequestLog.waitFor': called(
    (selector: string, options: object) => begun(tenant.requests.waitFor(selector, options)),
    anyKind('GET /x'),
    {},
  ),
  // Last, since they end the connection.
  'TenantConnection.close': called((...args: readonly unknown[]) => connection?.close(...(args as [])), 1000, 'r'),
  'ConnectionPool.closeAll': called(
    (...args: readonly unknown[]) => tenant.stream.closeAll(...(args as [])),
    1000,
    'r',
  ),
};

const { functions, methods } = exportedNames(/^testing/);
// Its name and its arguments are any.
const names = [...functions, ...methods].filter((name) => name !== 'CognigySocket.emit');
testRows(rows, names, 50);

it.each([-1, 65_536, 1.5, NaN, '80', null])('refuses the port %s', async (port) => {
  const options = { port } as object;
  for (const start of [testing.startTenant, testing.startCognigy, testing.startCxone, testing.startCompany])
    await expect(start(options)).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('port') as string,
    });
});
