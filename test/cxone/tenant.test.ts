import { inspect } from 'node:util';
import { AssistStream, AuthClient, HttpClient, type Logger } from 'agent-assist-sdk';
import {
  ccaiTopic,
  connectCxone,
  copilotTopic,
  CopilotClient,
  cxoneArea,
  discoverCxone,
  ExpertClient,
  guidanceTopic,
  notificationProtocol,
  readIdToken,
  transcriptTopic,
  type NotificationEvents,
} from 'agent-assist-sdk/cxone';
import { startCxone, type Cxone, type Fault, type NotificationFault } from 'agent-assist-sdk/testing';
import { afterEach, describe, expect, it } from 'vitest';

const CLIENTS = [{ clientId: 'CANARY id', clientSecret: 'CANARY+client/secret' }];
const KEYS = [{ id: 'key', secret: 'CANARY+key/secret' }];

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

/** A tenant whose hosts are reached by their names, and everything that was logged. */
async function tenant() {
  const cxone = await startCxone({ clients: CLIENTS, accessKeys: KEYS });
  const lines: unknown[] = [];
  const record = (...line: unknown[]): void => void lines.push(...line);
  const logger: Logger = { debug: record, info: record, warn: record, error: record };
  const options = { issuer: cxone.namedHosts.issuer, ...cxone.credentials, fetch: cxone.fetch, logger, maxRetries: 0 };
  open.push(cxone);
  return { cxone, lines, logger, options };
}

/** Every secret that the tenant knows or has issued is in none of these. */
function expectNoSecret(cxone: Cxone, ...values: unknown[]): void {
  const seen = inspect(values, { depth: Infinity, showHidden: true, getters: true }) + JSON.stringify(values);
  const issued = cxone.issuedTokens.map(({ accessToken }) => accessToken);
  expect(issued.length).toBeGreaterThan(0);
  for (const secret of ['CANARY', encodeURIComponent(KEYS[0]?.secret ?? ''), 'eyJhbGciOiJSUzI1NiI', ...issued]) {
    expect(seen).not.toContain(secret);
  }
}

async function streaming() {
  const { cxone, lines, logger, options } = await tenant();
  const { auth, platform } = await connectCxone(options);
  const protocol = notificationProtocol({ sentimentScale: { min: 0, max: 1 }, heartbeatIntervalMs: 50 });
  const stream = new AssistStream({
    platform,
    auth,
    protocol,
    WebSocket: cxone.WebSocket,
    logger,
    minReconnectDelayMs: 1,
    maxReconnectDelayMs: 20,
  });
  open.push(auth, stream);
  const events: NotificationEvents[keyof NotificationEvents][] = [];
  for (const name of Object.keys(protocol.events) as (keyof NotificationEvents)[])
    stream.on(name, (event) => events.push(event));
  const others: unknown[] = [];
  const note = (event: object): void => void others.push(event);
  stream.on('invalid', note).on('unknown', note).on('reconnecting', note).on('terminated', note).on('subscribed', note);
  return { cxone, lines, auth, stream, events, others };
}

describe('a CXone tenant', () => {
  it('is found by its id, logged in to by an access key, and found by its id token', async () => {
    const { cxone, options } = await tenant();
    const { issuer, fetch } = options;
    const platform = await discoverCxone({ tenantId: cxone.tenantId, issuer, fetch });
    expect(platform).toMatchObject({
      baseUrl: cxone.namedHosts.api,
      acdUrl: cxone.namedHosts.acd,
      dfoUrl: cxone.namedHosts.dfo,
      userHubUrl: cxone.namedHosts.userHub,
      streamUrl: `${cxone.namedHosts.notifications}/agent-assist-notifications/notifications/ws`,
      tokenUrl: `${issuer}/auth/token`,
    });
    const connection = await connectCxone(options);
    expect(connection.platform).toEqual(platform);
    const identity = readIdToken((await connection.auth.getIdToken()) ?? '');
    expect(identity).toMatchObject({
      tenantId: cxone.tenantId,
      agentId: cxone.user.agentId,
      userId: cxone.user.userId,
    });
    await expect(discoverCxone({ tenantId: 'another', issuer, fetch })).rejects.toMatchObject({
      name: 'NotFoundError',
    });
  });

  it('is the one that the templates say', () => {
    const area = cxoneArea({
      area: 'na1',
      domain: 'cxone.test',
      userHubDomain: 'uh.cxone.test',
      issuer: 'https://cxone.cxone.test',
    });
    expect(area).toMatchObject({
      baseUrl: 'https://api-na1.cxone.test',
      tokenUrl: 'https://cxone.cxone.test/auth/token',
    });
  });

  it('logs in by the older endpoint', async () => {
    const { cxone } = await tenant();
    const { accessKey } = cxone.credentials;
    const auth = new AuthClient({
      tokenUrl: `${cxone.hosts.userHub}/authentication/v1/token/access-key`,
      clientId: accessKey.id,
      clientSecret: accessKey.secret,
      clientAuthentication: 'access_key_json',
    });
    open.push(auth);
    expect([await auth.getToken(), await auth.getIdToken()]).toEqual([cxone.issuedTokens[0]?.accessToken, undefined]);
  });

  it.each([
    [{ clientSecret: 'wrong' }, 'invalid_client'],
    [{ accessKey: { id: 'key', secret: 'wrong' } }, 'invalid_grant'],
  ])('refuses wrong credentials with the code of OAuth: %j', async (wrong, serverCode) => {
    const { lines, options } = await tenant();
    const error: unknown = await connectCxone({ ...options, ...wrong }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'OAuthError', serverCode });
    expect(inspect([error, lines], { depth: Infinity })).not.toMatch(/CANARY|wrong/);
  });

  const faults: [string, Fault, object][] = [
    ['429', { kind: 'status', status: 429, retryAfter: '7' }, { name: 'RateLimitError', retryAfterMs: 7000 }],
    ['503', { kind: 'status', status: 503 }, { name: 'ServerError', requestId: expect.any(String) as string }],
    ['a dropped connection', { kind: 'drop', at: 'before-headers' }, { name: 'ConnectionError' }],
    ['half a body', { kind: 'drop', at: 'mid-body' }, { name: 'ConnectionError' }],
    ['half of the JSON', { kind: 'truncated-json' }, { name: 'ResponseValidationError' }],
    ['garbage', { kind: 'invalid-json' }, { name: 'ResponseValidationError' }],
    ['a page', { kind: 'html' }, { name: 'ResponseValidationError' }],
    ['nothing', { kind: 'empty' }, { name: 'ResponseValidationError' }],
  ];
  it.each(faults)('whose calls fail says so, in each client: %s', async (_, fault, expected) => {
    const { cxone, lines, logger, options } = await tenant();
    const { auth, platform } = await connectCxone(options);
    open.push(auth);
    const shared = { fetch: cxone.fetch, logger, maxRetries: 0 };
    const expert = new ExpertClient({
      site: cxone.namedHosts.expert,
      browserKey: cxone.expertKeys.browserKey,
      ...shared,
    });
    const copilot = new CopilotClient({ http: new HttpClient({ platform, auth, ...shared }), auth });
    const calls: readonly [string, () => PromiseLike<unknown>][] = [
      ['/@api/deki/site/search', () => expert.search({ q: 'refund' })],
      ['/agent-copilot/v1/agentic-websocket-url', () => copilot.agenticStreamUrl()],
      [
        '/.well-known/cxone-configuration',
        () => discoverCxone({ ...shared, issuer: options.issuer, tenantId: cxone.tenantId }),
      ],
      ['/auth/token', () => connectCxone(options)],
    ];
    for (const [path, call] of calls) {
      cxone.inject({ route: path, fault, times: 1 });
      const error: unknown = await call().then(undefined, (reason: unknown) => reason);
      expect(error, path).toMatchObject(expected);
      expectNoSecret(cxone, error, lines, auth, expert, copilot);
      await call();
    }
  });

  it('whose token is revoked is logged in to once more', async () => {
    const { cxone, options } = await tenant();
    const { auth, platform } = await connectCxone(options);
    open.push(auth);
    const copilot = new CopilotClient({ http: new HttpClient({ platform, auth, fetch: cxone.fetch }), auth });
    cxone.revokeTokens();
    const { attempts } = await copilot.agenticStreamUrl().withResponse();
    expect([attempts, cxone.issuedTokens.length]).toEqual([2, 2]);
  });

  it('has articles in Expert: none, one, and pages', async () => {
    const { cxone } = await tenant();
    const { browserKey, serverKey: key, serverSecret: secret } = cxone.expertKeys;
    const site = cxone.namedHosts.expert;
    for (const keys of [{ browserKey }, { serverKey: { key, secret, user: '=api' } }]) {
      const expert = new ExpertClient({ site, fetch: cxone.fetch, ...keys });
      const { articles } = await expert.search({ q: 'refund order', pageSize: 2 });
      expect(articles).toHaveLength(2);
      const [first] = (await expert.search({ q: 'refund order', pageSize: 1 })).articles;
      const second = (await expert.search({ q: 'refund order', pageSize: 1, page: 2 })).articles;
      expect([first?.id, second[0]?.id]).toEqual(articles.map(({ id }) => id));
      expect((await expert.search({ q: 'xyzzyplugh' })).articles).toEqual([]);
    }
    const wrong = new ExpertClient({ site, fetch: cxone.fetch, browserKey: 'wrong' });
    await expect(wrong.search({ q: 'a' })).rejects.toMatchObject({ name: 'AuthenticationError' });
  });
});

describe("a CXone tenant's stream", () => {
  it('brings transcripts, cards, scores and alerts of the topics that are subscribed at the time', async () => {
    const { cxone, stream, events, lines } = await streaming();
    stream.subscribe(transcriptTopic('30001'));
    stream.subscribe(copilotTopic(cxone.user.agentId));
    await stream.connect();
    stream.subscribe(guidanceTopic('rtig-30001'));
    stream.subscribe(ccaiTopic('30001_botassist'));
    for (const topic of ['30001', '30001_BotAssist']) await cxone.notifications.waitForTopic(topic);
    cxone.feed.sendTranscript({ contactId: '30001', text: 'I want', isFinal: false });
    cxone.feed.sendTranscript({ contactId: '30001', text: 'I want a refund.', speaker: 'customer' });
    cxone.feed.sendTranscript({ contactId: 'not subscribed', text: 'x' });
    cxone.feed.sendCards('30001', [
      { contentType: 'nextBestResponse', cardType: 'Text', objectId: 'o', content: { bestResponse: ['Sure.'] } },
    ]);
    cxone.feed.sendScore({ contactId: '30001', score: 0.25 });
    cxone.feed.sendAlert({ contactId: '30001', name: 'Empathy', description: 'Say sorry' });
    cxone.feed.sendCcai({ contactId: '30001', faqs: [{ question: 'q', answer: 'a', confidence: 0.5 }] });
    await expect.poll(() => events.length).toBe(6);
    expect(events).toMatchObject([
      { type: 'TRANSCRIPT_FRAGMENT', interactionId: '30001', text: 'I want', isFinal: false, sequence: 1 },
      { type: 'TRANSCRIPT_FRAGMENT', text: 'I want a refund.', isFinal: true, sequence: 2 },
      { type: 'ASSIST_CARD', kind: 'responses', responses: [{ text: 'Sure.' }] },
      { type: 'INTERACTION_UPDATE', payload: { interactionId: '30001', sentimentScore: -0.5 } },
      { type: 'GUIDANCE_ALERT', interactionId: '30001', name: 'Empathy' },
      { type: 'ASSIST_CARD', source: 'ccai', kind: 'knowledge', answers: [{ title: 'q', text: 'a', confidence: 0.5 }] },
    ]);
    stream.unsubscribe(transcriptTopic('30001'));
    await expect.poll(() => cxone.notifications.topics).not.toContain('30001_transcript');
    expectNoSecret(cxone, events, lines, stream);
  });

  it("brings Copilot's answer to a search", async () => {
    const { cxone, stream, events, auth } = await streaming();
    stream.subscribe(copilotTopic(cxone.user.agentId));
    await stream.connect();
    const platform = { ...cxoneArea({ area: 'na1' }), baseUrl: cxone.hosts.api };
    const copilot = new CopilotClient({ http: new HttpClient({ platform, auth }), auth });
    await copilot.search({
      contactId: '30001',
      query: 'refund of an order',
      agentUuid: cxone.user.userId,
      config: { Params: {} },
    });
    await expect.poll(() => events.length).toBeGreaterThan(0);
    expect(events[0]).toMatchObject({ type: 'ASSIST_CARD', interactionId: '30001', source: 'copilot' });
  });

  const faults: [NotificationFault, string][] = [
    [{ kind: 'drop' }, 'CONNECT'],
    [{ kind: 'close', code: 1011 }, 'SUBSCRIBE'],
    [{ kind: 'no-answer' }, 'HEARTBEAT'],
    [{ kind: 'error', responseCode: 401 }, 'CONNECT'],
    [{ kind: 'error', responseCode: 500 }, 'SUBSCRIBE'],
    [{ kind: 'garbage' }, 'SUBSCRIBE'],
  ];
  it.each(faults)('comes through %j', async (fault, command) => {
    const { cxone, stream, events, others, lines } = await streaming();
    cxone.notifications.inject({ command, fault, times: fault.kind === 'no-answer' ? 3 : 1 } as never);
    stream.subscribe(transcriptTopic('30001'));
    await stream.connect();
    await expect.poll(() => JSON.stringify([others, lines])).toMatch(/reconnecting|subscribed|expected/);
    if (fault.kind === 'no-answer') await expect.poll(() => JSON.stringify(others)).toContain('not acknowledged');
    await cxone.notifications.waitForTopic('30001_transcript');
    await expect.poll(() => cxone.feed.sendTranscript({ contactId: '30001', text: 'still here' })).toBe(1);
    await expect.poll(() => events.length).toBeGreaterThan(0);
    expect(events.at(-1)).toMatchObject({ text: 'still here' });
    expectNoSecret(cxone, events, others, lines, stream);
  });

  it('takes another token when the server refuses the one it has', async () => {
    const { cxone, stream, others, lines } = await streaming();
    stream.subscribe(transcriptTopic('30001'));
    await stream.connect();
    cxone.notifications.sendError(401, 'unauthorized');
    await expect.poll(() => cxone.issuedTokens.length).toBe(2);
    await expect.poll(() => others.filter((event) => 'topic' in (event as object)).length).toBe(2);
    expectNoSecret(cxone, others, lines);
  });

  it('survives frames of another shape', async () => {
    const { cxone, stream, events } = await streaming();
    stream.subscribe(transcriptTopic('30001'));
    await stream.connect();
    cxone.notifications.sendGarbage();
    cxone.notifications.sendOutOfShape();
    cxone.feed.sendTranscript({ contactId: '30001', text: 'still here' });
    await expect.poll(() => events.at(-1)).toMatchObject({ text: 'still here' });
  });
});
