import { createHash } from 'node:crypto';
import { startCognigy, type CognigyTenant } from 'agent-assist-sdk/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireVendorPart } from '../helpers/vendors.js';

type Call = (args?: object) => Promise<Readonly<Record<string, unknown>>>;
type Client = Readonly<Record<string, Call>> & { setCredentials(credentials: object): void };
interface Vendor {
  readonly RestAPIClient: new (options: object) => Client;
}

const vendor = requireVendorPart('@cognigy/rest-api-client') as Vendor | undefined;
const object24 = expect.stringMatching(/^[a-f0-9]{24}$/) as string;

/** The steps of the recording, by its numbers. Its client sends a body with some GETs, so the server has to take them. */
describe.skipIf(vendor === undefined)('@cognigy/rest-api-client', () => {
  let cognigy: CognigyTenant;
  let client: Client;
  beforeEach(async () => {
    cognigy = await startCognigy({ getWithBody: 'accept' });
    client = create();
    client.setCredentials({ type: 'ApiKey', apiKey: cognigy.apiKey });
  });
  afterEach(async () => {
    await cognigy.close();
  });

  function create(options: object = {}): Client {
    if (vendor === undefined) throw new TypeError('the suite is skipped without it');
    return new vendor.RestAPIClient({ baseUrl: cognigy.origin, ...options });
  }

  function oauth(secret = cognigy.credentials.clientSecret): Client {
    const own = create();
    own.setCredentials({ type: 'OAuth2', clientId: cognigy.credentials.clientId, clientSecret: secret });
    return own;
  }

  /** Calls a method of the client that the types above name only by their index. */
  async function call(name: string, args?: object, on = client): ReturnType<Call> {
    const method = on[name];
    if (method === undefined) throw new TypeError(`the client has no ${name}`);
    return method.call(on, args);
  }

  const scope = (): { projectId: string } => ({ projectId: cognigy.project.projectId });
  const statuses = (): (number | undefined)[] => cognigy.requests.all.map(({ status }) => status);

  it('01, 02: pages of projects, by cursor', async () => {
    await call('createProject', { name: 'Second demo', color: 'red', locale: 'en' });
    await call('createProject', { name: 'Third demo', color: 'red', locale: 'en' });
    const first = await call('indexProjects', { limit: 1, sort: { createdAt: 'desc' }, filter: 'demo' });
    expect(first).toMatchObject({ items: [{ _id: object24 }], total: 2, previousCursor: null });
    const second = await call('indexProjects', { limit: 1, next: first['nextCursor'] });
    expect(second).toMatchObject({ items: [{ name: 'Second demo' }], total: 3 });
  });

  it('03: flows by a map of conditions, with skip', async () => {
    const query = { name: ['Agent assist', 'B'], createdAt: { $gte: 1, $lte: Date.now() } };
    expect(await call('indexFlows', { ...scope(), limit: 25, skip: 0, query })).toMatchObject({ total: 1 });
    expect(await call('indexFlows', { ...scope(), limit: 25, skip: 25, query })).toMatchObject({ items: [], total: 1 });
  });

  it('04, 05: audit events', async () => {
    cognigy.auditEvents.seed(3);
    const page = await call('indexAuditEvents', { ...scope(), limit: 50, sort: { timestamp: 'desc' } });
    expect(page).toMatchObject({ items: [{}, {}, {}], total: 3, nextCursor: null });
    const [first] = cognigy.auditEvents.all;
    expect(await call('readAuditEvent', { auditEventId: first?._id })).toEqual(first);
  });

  it('06 to 09: a playbook is scheduled, its task and its run are read', async () => {
    const asserts = [{ type: 'assertText', params: { text: 'qualifies for a refund', fuzzy: true, negate: false } }];
    const playbook = await call('createPlaybook', { ...scope(), name: 'refunds', abortOnError: true, timeout: 20_000 });
    const playbookId = playbook['_id'];
    await call('createPlaybookStep', { playbookId, text: 'I want a refund', asserts });
    const step = await call('createPlaybookStep', { playbookId, text: 'thanks' });
    const assert = { type: 'assertIntent', params: { intent: 'no such intent', negate: false } };
    await call('createPlaybookStepAssert', { playbookId, stepId: step['_id'], ...assert });
    const task = await call('schedulePlaybook', {
      playbookId,
      entrypoint: cognigy.project.projectId,
      flowId: cognigy.flow.referenceId,
      localeId: cognigy.project.localeReferenceId,
    });
    expect(task).toMatchObject({ _id: object24, status: 'queued', type: 'runPlaybook' });
    await expect.poll(async () => (await call('readTask', { taskId: task['_id'] }))['status']).toBe('done');
    const { data } = await call('readTask', { taskId: task['_id'] });
    const { playbookRunId } = data as { playbookRunId: string };
    expect(await call('readPlaybookRun', { playbookId, playbookRunId })).toMatchObject({
      _id: playbookRunId,
      status: 'failed',
      stepResults: [
        { status: 'successful', text: 'I want a refund', asserts: [{ type: 'assertText', status: 'successful' }] },
        { status: 'failed', text: 'thanks', asserts: [{ type: 'assertIntent', status: 'failed' }] },
      ],
    });
    const runs = await call('indexPlaybookRuns', { playbookId, limit: 5, sort: { createdAt: 'desc' } });
    expect(runs).toMatchObject({ items: [{ _id: playbookRunId, status: 'failed' }], total: 1 });
  });

  it('10 to 13c: knowledge stores, sources, files and chunks', async () => {
    const store = await call('createKnowledgeStore', { ...scope(), name: 'help', language: 'en-US' });
    const knowledgeStoreId = store['_id'];
    expect(await call('indexKnowledgeStores', { ...scope(), limit: 25 })).toMatchObject({ total: 1 });
    const source = { name: 's', type: 'url', url: 'https://example.org/a', metaData: { tags: ['t1'] } };
    const { knowledgeSource } = await call('createKnowledgeSource', { knowledgeStoreId, ...source });
    expect(knowledgeSource).toMatchObject({ _id: object24, ...source });
    const file = { knowledgeStoreId, file: Buffer.from('a refund takes 5 days'), fileName: 'a.txt' };
    await expect(call('uploadKnowledgeSourceFile', { ...file, tags: ['t1'] })).rejects.toThrow(
      'Arrays are not supported.',
    );
    const task = await call('uploadKnowledgeSourceFile', { ...file, tags: '["t1"]' });
    expect(task).toMatchObject({ _id: object24, status: 'queued' });
    await expect.poll(async () => (await call('readTask', { taskId: task['_id'] }))['status']).toBe('done');
    const { data } = await call('readTask', { taskId: task['_id'] });
    const sourceId = (data as { knowledgeSourceId: string }).knowledgeSourceId;
    const chunks = await call('indexKnowledgeChunks', { knowledgeStoreId, sourceId, limit: 2, filter: 'refund' });
    expect(chunks).toMatchObject({ items: [{ text: 'a refund takes 5 days', disabled: false }], total: 1 });
  });

  it('14, 15: scores of intents, and training', async () => {
    const ids = { flowReferenceId: cognigy.flow.referenceId, localeReferenceId: cognigy.project.localeReferenceId };
    const { scores } = await call('generateNluScores', { ...scope(), ...ids, sentence: 'where is my luggage' });
    const values = (scores as { score: number }[]).map(({ score }) => score);
    expect(values.length).toBeGreaterThan(3);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    const { items } = await call('indexFlows', scope());
    const [flow] = items as { _id: string }[];
    const locales = await call('indexLocales', scope());
    const [locale] = locales['items'] as { _id: string }[];
    const task = await call('trainIntents', { flowId: flow?._id, localeId: locale?._id, mode: 'quick' });
    expect(task).toMatchObject({ _id: object24, status: 'queued' });
  });

  it('16 to 20: inject, notify, contexts and conversations', async () => {
    const session = { sessionId: 's1', userId: 'u1' };
    expect(await call('injectContext', { ...session, context: { a: 1 } })).toEqual({ a: 1 });
    const input = { ...session, text: 'hi', URLToken: cognigy.socketEndpoint.urlToken };
    expect(await call('inject', { ...input, data: { a: 1 } })).toBe('OK');
    expect(await call('notify', { ...input, data: {} })).toBe('OK');
    expect(cognigy.sessions.get('s1')).toMatchObject({ turns: 1, context: { a: 1 } });
    expect(await call('readConversation', { sessionId: 's1', ...scope() })).toMatchObject({
      items: [{ source: 'user', text: 'hi' }, { source: 'bot' }],
    });
    expect(await call('indexConversations', { ...scope(), contactIds: ['u1', 'u2'] })).toMatchObject({ total: 1 });
  });

  it('21 to 28: logs, layouts, snapshots, endpoints, reports, analytics and the realtime token', async () => {
    const page = { items: [], total: 0 };
    expect(
      await call('indexLogEntries', { ...scope(), limit: 10, type: ['error', 'info'], userId: 'u1' }),
    ).toMatchObject(page);
    expect(await call('indexAgentAssistConfigs', scope())).toMatchObject(page);
    const tiles = { 'identity-assist': { x: 1, y: 1, rows: 4, columns: 1 } };
    const config = { grid: { columns: 3, rows: 8, gap: 10 }, tiles };
    const layout = await call('createAgentAssistConfig', { ...scope(), name: 'n', description: 'd', config });
    expect(layout).toMatchObject({ _id: object24, config });
    expect(await call('indexSnapshots', scope())).toMatchObject({ total: 1 });
    const snapshot = await call('createSnapshot', { ...scope(), name: 'v2', description: '' });
    expect(snapshot).toMatchObject({ _id: object24, isPackaged: false });
    expect(await call('indexEndpoints', scope())).toMatchObject({
      items: [{ URLToken: cognigy.restEndpoint.urlToken, channel: 'rest' }, {}, {}],
    });
    expect(await call('indexSteps', scope())).toMatchObject(page);
    expect(await call('generateReport', scope())).toEqual({ items: [] });
    expect(await call('updateAnalyticsRecords', { sessionId: 's1', inputId: 'i1', custom1: 'x' })).toEqual({});
    expect(await call('getRealtimeToken')).toEqual({ token: expect.any(String) as string });
  });

  it('30 to 38: each grant, revocation, and tokens that end', async () => {
    const plain = oauth();
    await call('login', { type: 'clientCredentials', scope: 'a b' }, plain);
    expect(await call('indexProjects', undefined, plain)).toMatchObject({ total: 1 });

    const user = { username: 'designer@example.com', password: 'cognigy-password' };
    const byPassword = oauth();
    const organisationId = '0'.repeat(24);
    await call('login', { type: 'password', ...user, rememberMe: true, organisationId }, byPassword);
    expect(cognigy.requests.last?.headers['organisation-id']).toBe(organisationId);
    expect(await call('indexProjects', undefined, byPassword)).toMatchObject({ total: 1 });

    const codeVerifier = 'verifier';
    const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
    const redirectUri = 'https://app/cb';
    const code = cognigy.login.authorize({ redirectUri, codeChallenge });
    const byCode = oauth();
    await call('login', { type: 'authorizationCode', code, redirectUri, codeVerifier }, byCode);
    expect(await call('indexProjects', undefined, byCode)).toMatchObject({ total: 1 });

    const wrong = oauth('wrong');
    await expect(call('login', { type: 'clientCredentials', scope: 'a' }, wrong)).rejects.toMatchObject({
      message: 'Unauthorized Error',
      httpStatusCode: 401,
    });
  });

  it('34, 35: a refresh token is used, and revoked', async () => {
    const user = { username: 'designer@example.com', password: 'cognigy-password' };
    const { clientId, clientSecret } = cognigy.credentials;
    const form = { grant_type: 'password', client_id: clientId, client_secret: clientSecret, ...user };
    const answer = await fetch(`${cognigy.origin}/auth/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    const { refresh_token: refreshToken } = (await answer.json()) as { refresh_token: string };
    const own = oauth();
    await call('login', { type: 'refreshToken', refreshToken }, own);
    await call('logout', undefined, own);
    const { path, json } = cognigy.requests.last ?? {};
    expect(path).toBe('/auth/oauth2/revoke');
    const { token } = json as { token: string };
    const other = oauth();
    await expect(call('login', { type: 'refreshToken', refreshToken: token }, other)).rejects.toMatchObject({
      httpStatusCode: 400,
    });
  });

  it('36, 37: a token that has ended is renewed where a refresh token came with it, and only there', async () => {
    await cognigy.close();
    cognigy = await startCognigy({ tokenLifetimeSeconds: 1 });
    const plain = oauth();
    await call('login', { type: 'clientCredentials', scope: 'a' }, plain);
    await expect(call('indexProjects', undefined, plain)).rejects.toThrow('No RefreshToken provided.');
    const user = { username: 'designer@example.com', password: 'cognigy-password' };
    const renewing = oauth();
    await call('login', { type: 'password', ...user }, renewing);
    expect(await call('indexProjects', undefined, renewing)).toMatchObject({ total: 1 });
    expect(cognigy.requests.count('POST /auth/oauth2/token')).toBe(3);
  });

  it('39, 47: the management API by Basic, and the older administration API', async () => {
    const basic = create();
    basic.setCredentials({ type: 'Basic', username: 'designer@example.com', password: 'cognigy-password' });
    expect(await call('indexOrganisations', { limit: 1 }, basic)).toMatchObject({ items: [] });
    const older = create({ versions: { administration: '2.1' } });
    older.setCredentials({ type: 'ApiKey', apiKey: cognigy.apiKey });
    expect(await call('indexApiKeysMe', {}, older)).toMatchObject({ items: [] });
    expect(cognigy.requests.last?.path).toBe('/new/v2.1/users/me/apikeys');
  });

  it('40 to 42: problems with code and traceId', async () => {
    await expect(call('readProject', { projectId: 'a'.repeat(24) })).rejects.toMatchObject({
      name: 'Resource Not Found Error',
      message: 'project not found',
      code: 1002,
      httpStatusCode: 404,
      loggerstack: { traceId: expect.stringMatching(/^api--[0-9a-f-]{36}$/) as string },
    });
    await call('createFlow', { ...scope(), name: 'x' });
    await expect(call('createFlow', { ...scope(), name: 'x' })).rejects.toMatchObject({
      name: 'Conflict Error',
      code: 1004,
      httpStatusCode: 409,
    });
    const stranger = create();
    stranger.setCredentials({ type: 'ApiKey', apiKey: 'wrong' });
    await expect(call('indexProjects', undefined, stranger)).rejects.toMatchObject({ code: 401, httpStatusCode: 401 });
  });

  it('43 to 46: what it repeats, and what it does not', async () => {
    const repeating = create({ maxRetries: 2 });
    repeating.setCredentials({ type: 'ApiKey', apiKey: cognigy.apiKey });
    cognigy.inject({ fault: { kind: 'status', status: 429, retryAfter: 1 } });
    expect(await call('indexProjects', undefined, repeating)).toMatchObject({ total: 1 });
    expect(statuses()).toEqual([429, 200]);
    const flow = { ...scope(), name: 'x' };
    cognigy.inject({ fault: { kind: 'status', status: 429, retryAfter: 1 } });
    // The vendor's client knows no 429 of a POST.
    await expect(call('createFlow', flow, repeating)).rejects.toMatchObject({ code: 1008, httpStatusCode: 500 });
    cognigy.inject({ fault: { kind: 'status', status: 503 } });
    await expect(call('createFlow', flow, repeating)).rejects.toMatchObject({ code: 503, httpStatusCode: 503 });
    cognigy.inject({ fault: { kind: 'status', status: 503, body: {} } });
    expect(await call('indexProjects', undefined, repeating)).toMatchObject({ total: 1 });
    expect(statuses().slice(2)).toEqual([429, 503, 503, 200]);
  });
});
