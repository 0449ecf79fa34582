import { inspect } from 'node:util';
import {
  AgentAssistError,
  ApiKeyAuth,
  AssistEngine,
  AuthClient,
  HttpClient,
  type AttemptInfo,
  type AuthProvider,
} from 'agent-assist-sdk';
import { AuditEventsClient, cognigyAi, FlowClient, flowKnowledge, flowSuggestions } from 'agent-assist-sdk/cognigy';
import { RateLimiter } from 'agent-assist-sdk/http';
import { startCognigy, type CognigyOptions, type CognigyTenant, type Fault } from 'agent-assist-sdk/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';

let tenant: CognigyTenant;
afterEach(() => tenant.close());

async function start(options: CognigyOptions = {}): Promise<void> {
  tenant = await startCognigy(options);
}
const platformOf = () => cognigyAi({ host: tenant.origin, endpointHost: tenant.origin });
const apiKey = (): AuthProvider => new ApiKeyAuth({ apiKey: tenant.apiKey });
const flowFor = (options: Partial<ConstructorParameters<typeof FlowClient>[0]> = {}): FlowClient =>
  new FlowClient({ platform: platformOf(), urlToken: tenant.restEndpoint.urlToken, ...options });
const eventsFor = (auth = apiKey()): AuditEventsClient =>
  new AuditEventsClient(new HttpClient({ platform: platformOf(), auth, random: () => 0 }));
const input = { userId: 'agent-7', sessionId: 'call-1', text: 'I want a refund' };
const failure = (work: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(work).then(
    () => 'did not fail',
    (error: unknown) => error,
  );
const ids = (events: AsyncIterable<{ readonly _id?: string | undefined }>): Promise<(string | undefined)[]> =>
  Array.fromAsync(events, ({ _id }) => _id);

describe('the login of Cognigy.AI', () => {
  it('takes an API key, and client credentials, whose token is renewed once after a 401', async () => {
    await start();
    tenant.auditEvents.seed(3);
    expect(await ids(eventsFor().listAll())).toHaveLength(3);
    const auth = new AuthClient({ platform: platformOf(), ...tenant.credentials });
    expect(await ids(eventsFor(auth).listAll())).toHaveLength(3);
    tenant.inject({ route: 'GET /new/v2.0/auditevents', fault: { kind: 'revoked-token' } });
    expect(await ids(eventsFor(auth).listAll())).toHaveLength(3);
    expect(tenant.requests.count('POST /auth/oauth2/token')).toBe(2);
  });

  it('ends at a key that is wrong, without another attempt', async () => {
    await start();
    const error = await failure(eventsFor(new ApiKeyAuth({ apiKey: 'canary-wrong' })).list());
    expect(error).toMatchObject({ name: 'AuthenticationError', status: 401, serverCode: '401', attempts: 1 });
    expect((error as AgentAssistError).requestId).toMatch(/^api--/);
    expect(inspect(error)).not.toContain('canary');
  });
});

describe('AuditEventsClient', () => {
  it('reads all pages once each, on both releases, also with short pages and cursors of older names', async () => {
    for (const release of ['2026.16', '2026.17']) {
      await start({ release });
      tenant.auditEvents.seed(295);
      const all = tenant.auditEvents.all.map(({ _id }) => _id);
      for (const quirk of [undefined, 'short-pages', 'old-names'] as const) {
        tenant.deviate(quirk);
        expect(await ids(eventsFor().listAll({ sort: 'timestamp:asc' })), quirk).toEqual(all);
      }
      const deleted = await ids(eventsFor().listAll({ types: ['delete'] }));
      expect(deleted).toHaveLength(59);
      await tenant.close();
    }
  });

  it.each(['repeated-cursor', 'lost-cursor'] as const)('ends with an error at a %s', async (quirk) => {
    await start();
    tenant.auditEvents.seed(60);
    tenant.deviate(quirk);
    await expect(ids(eventsFor().listAll())).rejects.toMatchObject({ code: 'pagination_failed' });
  });

  it.each<[string, Fault]>([
    ['429 with Retry-After', { kind: 'status', status: 429, retryAfter: 0 }],
    ['500', { kind: 'status', status: 500 }],
    ['503', { kind: 'status', status: 503 }],
    ['a connection dropped before the work', { kind: 'drop', at: 'before-work' }],
    ['a connection dropped in the body', { kind: 'drop', at: 'mid-body' }],
  ])('reads on after %s', async (_, fault) => {
    await start();
    tenant.auditEvents.seed(60);
    tenant.inject({ route: 'GET /new/v2.0/auditevents', every: 2, fault });
    expect(new Set(await ids(eventsFor().listAll())).size).toBe(60);
  });

  it.each(['truncated-json', 'invalid-json', 'html', 'empty'] as const)('takes %s for no page', async (kind) => {
    await start();
    tenant.auditEvents.seed(1);
    tenant.inject({ route: 'GET /new/v2.0/auditevents', fault: { kind } });
    expect(await failure(eventsFor().list())).toMatchObject({ code: 'invalid_response', attempts: 1 });
  });

  it('names no scope to one who is no administrator', async () => {
    await start({ apiKeys: [{ key: 'designer', isAdmin: false }] });
    expect(await failure(eventsFor().list())).toMatchObject({ code: 'permission_denied', scopes: [] });
  });
});

describe('FlowClient', () => {
  it('holds a conversation, which test mode does not bill', async () => {
    await start();
    const { outputStack = [] } = await flowFor().send(input);
    expect(outputStack.length).toBeGreaterThan(0);
    expect(outputStack[0]).toMatchObject({ source: 'bot', data: { confidence: expect.any(Number) as number } });
    await flowFor({ testMode: true }).send(input);
    expect(tenant.sessions.find('agent-7', 'call-1')?.turns).toBe(2);
    expect(tenant.sessions.billedInputs).toBe(1);
  });

  it.each<[string, Fault]>([
    ['500', { kind: 'status', status: 500 }],
    ['503', { kind: 'status', status: 503 }],
    ['a connection dropped before the work', { kind: 'drop', at: 'before-work' }],
    ['a connection dropped after it', { kind: 'drop', at: 'before-headers' }],
    ['a body that ends early', { kind: 'drop', at: 'mid-body' }],
    ['truncated JSON', { kind: 'truncated-json' }],
    ['a page', { kind: 'html' }],
  ])('asks once and tells the failure after %s; the engine falls back', async (_, fault) => {
    await start();
    tenant.inject({ route: 'POST /{urlToken}', times: 2, fault });
    const flow = flowFor();
    expect(await failure(flow.send(input))).toBeInstanceOf(AgentAssistError);
    expect(tenant.requests.total).toBe(1);
    const engine = new AssistEngine({ client: flowSuggestions(flow) });
    const outcome = await engine.handle({ interactionId: 'call-1', transcript: 'I want a refund' });
    expect(outcome.status).toBe('fallback');
    expect(tenant.requests.total).toBe(2);
  });

  it('takes nothing, which a transformer may answer, for no output; the engine falls back', async () => {
    await start();
    tenant.inject({ route: 'POST /{urlToken}', times: 2, fault: { kind: 'empty' } });
    const flow = flowFor();
    await expect(flow.send(input)).resolves.toEqual({});
    const engine = new AssistEngine({ client: flowSuggestions(flow) });
    const outcome = await engine.handle({ interactionId: 'call-1', transcript: 'I want a refund' });
    expect(outcome.status).toBe('fallback');
  });

  it('suggests, and finds articles', async () => {
    await start();
    const engine = new AssistEngine({ client: flowSuggestions(flowFor()) });
    const outcome = await engine.handle({
      interactionId: 'call-1',
      transcript: 'I want a refund',
      sentimentScore: -0.6,
    });
    expect(outcome).toMatchObject({ status: 'fresh' });
    expect(outcome.suggestions.length + outcome.dropped.length).toBeGreaterThan(0);
    const { articles } = await flowKnowledge(flowFor({ urlToken: tenant.knowledgeEndpoint.urlToken })).search({
      q: 'refund',
      pageSize: 2,
    });
    expect(articles).toHaveLength(2);
    for (const { id, title, score } of articles) {
      expect([id, title].includes('')).toBe(false);
      expect(score).toBeGreaterThan(0);
    }
  });

  it('injects into a session of an endpoint that has a channel, and is refused at one that has none', async () => {
    await start();
    await flowFor().send(input);
    const { urlToken } = tenant.socketEndpoint;
    const flow = flowFor({ urlToken, auth: apiKey() });
    await expect(flow.inject(input)).resolves.toBeUndefined();
    await expect(flow.notify({ ...input, text: 'Look here.' })).resolves.toBeUndefined();
    expect(await failure(flowFor({ auth: apiKey() }).inject(input))).toMatchObject({ code: 'bad_request' });
  });
});

describe('the limit of requests', () => {
  it('is kept by waiting, so that the platform never refuses', async () => {
    const clock = new FakeClock();
    await start({ clock, requestLimit: { maxCalls: 5, windowMs: 300_000 } });
    const platform = cognigyAi({
      host: tenant.origin,
      endpointHost: tenant.origin,
      rateLimiter: new RateLimiter({ maxCalls: 5, windowMs: 300_000, clock }),
    });
    const options = { platform, auth: apiKey(), maxRetries: 0, clock, fetch: clock.fetch };
    const [a, b] = [new AuditEventsClient(new HttpClient(options)), new AuditEventsClient(new HttpClient(options))];
    const calls = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? a : b).list());
    await clock.runUntilSettled(Promise.all(calls));
    expect(tenant.requests.all.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
    expect(clock.monotonic()).toBeGreaterThan(600_000);
  });
});

describe('what is secret', () => {
  it('is in no error, log line, attempt or inspection, whatever goes wrong and whatever the server quotes', async () => {
    const [key, secret, token] = ['canary-key-5f2e', 'canary-secret-9b1c', 'canary-token-77aa'];
    await start({ apiKeys: [{ key }], clients: [{ clientId: 'client-1', clientSecret: secret }] });
    const { urlToken } = tenant.endpoints.add({ flow: tenant.flow, urlToken: token });
    const seen: unknown[] = [];
    const log = (...line: unknown[]): void => void seen.push(line);
    const logger = { debug: log, info: log, warn: log, error: log };
    const shared = { logger, onAttempt: (info: AttemptInfo) => seen.push(info), maxRetries: 0 };
    const platform = platformOf();
    const auth = new ApiKeyAuth({ apiKey: key });
    const oauth = new AuthClient({ platform, clientId: 'client-1', clientSecret: secret, ...shared });
    const flow = flowFor({ urlToken, auth, ...shared });
    const events = new AuditEventsClient(new HttpClient({ platform, auth, ...shared }));
    // Each with what its server has been told.
    const calls: [call: () => PromiseLike<unknown>, known: string][] = [
      [() => flow.send(input), token],
      [() => flow.inject(input), `${token} ${key}`],
      [() => events.list(), key],
      [() => oauth.getToken(), secret],
    ];
    for (const [call, known] of calls) {
      const body = { detail: `no ${known}`, error_description: known, instance: known, traceId: known };
      const statuses = [400, 401, 403, 404, 429, 500, 503].map((status): Fault => ({ kind: 'status', status, body }));
      for (const fault of [...statuses, { kind: 'drop', at: 'mid-body' }, { kind: 'invalid-json' }] satisfies Fault[]) {
        tenant.clearFaults();
        tenant.inject({ fault });
        seen.push(await failure(call()));
      }
    }
    seen.push(flow, events, auth, oauth, platform);
    const shown = inspect(seen, { depth: 12, showHidden: true }) + JSON.stringify(seen);
    expect(seen.filter((item) => item instanceof AgentAssistError)).toHaveLength(36);
    expect(shown).not.toContain('canary');
    expect(shown).toContain('[redacted]');
  });
});
