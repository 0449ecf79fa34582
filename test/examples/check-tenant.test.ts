import { startCognigy, startCxone, startTenant, type RecordedRequest } from 'agent-assist-sdk/testing';
import { describe, expect, it } from 'vitest';
import { answer, scriptedServer, type Script } from '../helpers/scripted-server.js';
import { cognigyEnvironment, cxoneEnvironment, runExample } from './program.js';

const CANARY = 'canary-7f31';

/** The rows of a platform's table by what they are about. */
function rowsOf(out: string): Record<string, { state: string; detail: string }> {
  const rows = out.matchAll(/^ {2}(works|granted|refused|unavailable|not tried) +(\S.*?) {2,}(\S.*)$/gm);
  return Object.fromEntries([...rows].map(([, state = '', name = '', detail = '']) => [name, { state, detail }]));
}

const statesOf = (out: string): Record<string, string> =>
  Object.fromEntries(Object.entries(rowsOf(out)).map(([name, { state }]) => [name, state]));

/** Method and path of what was sent. */
const sent = ({ all }: { readonly all: readonly RecordedRequest[] }): string[] =>
  [...new Set(all.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{24,}/, '{id}')}`))].sort();

describe('examples/check-tenant.ts', () => {
  it('checks the embedded platforms without an environment, and nothing is refused', async () => {
    const { code, out, err } = await runExample('check-tenant');
    expect([code, err]).toEqual([0, '']);
    expect(out.match(/^(?:This project's|Cognigy|CXone).*/gm)).toHaveLength(4);
    expect(out).toMatch(/^ {2}works +articles: ExpertClient /m);
    expect(out).toMatch(/^ {2}granted +suggestions: flowSuggestions /m);
    expect(out).not.toMatch(/^ {2}refused/m);
  });

  it('reads a Cognigy.AI alone, runs no flow, and shows no secret', async () => {
    await using cognigy = await startCognigy({ apiKeys: [{ key: CANARY }] });
    const env = cognigyEnvironment(cognigy);
    const { code, out, err } = await runExample('check-tenant', { env });
    expect([code, err]).toEqual([0, '']);
    expect(statesOf(out)).toMatchObject({
      'login by API key': 'works',
      'suggestions: flowSuggestions': 'granted',
      'articles: flowKnowledge': 'granted',
      'stream: flowProtocol': 'granted',
      'cards: FlowClient.inject': 'not tried',
      'audit log: AuditEventsClient': 'works',
      'bot tests: PlaybookClient': 'granted',
      'bot tests: NluClient': 'works',
      'bot tests: SimulatorClient': 'granted',
      CalibrationClient: 'unavailable',
      WebhooksClient: 'unavailable',
    });
    expect(sent(cognigy.requests)).toEqual([
      'GET /new/v2.0/auditevents',
      'GET /new/v2.0/endpoints',
      'GET /new/v2.0/playbooks',
      'GET /new/v2.0/projects',
      'GET /testing/simulations',
      'POST /new/v2.0/projects/{id}/nlu/scores',
    ]);
    expect(cognigy.sessions.billedInputs).toBe(0);
    for (const name of Object.keys(env).filter((name) => /KEY|TOKEN/.test(name))) expect(out).not.toContain(env[name]);
  });

  it('finds an endpoint on a page that the older cursor names', async () => {
    const byPath: Script = (response, request) => {
      if (!request.url.startsWith('/new/v2.0/endpoints')) answer(404)(response, request);
      else if (request.url.includes('next=c1'))
        answer(200, { items: [{ URLToken: CANARY }], total: 2, next: null })(response, request);
      else answer(200, { items: [{ URLToken: null }], total: null, next: 'c1' })(response, request);
    };
    await using server = await scriptedServer(byPath);
    const env = {
      COGNIGY_API_HOST: server.url,
      COGNIGY_ENDPOINT_HOST: server.url,
      COGNIGY_API_KEY: 'key',
      COGNIGY_PROJECT_ID: 'p',
      COGNIGY_URL_TOKEN: CANARY,
    };
    const { out } = await runExample('check-tenant', { env });
    expect(statesOf(out)).toMatchObject({ 'suggestions: flowSuggestions': 'granted' });
  });

  it('asks the flows in test mode with --run-flow', async () => {
    await using cognigy = await startCognigy();
    const env = cognigyEnvironment(cognigy);
    const { code, out } = await runExample('check-tenant', { env, args: ['--run-flow'] });
    expect(rowsOf(out)).toMatchObject({
      'suggestions: flowSuggestions': {
        state: 'works',
        detail: expect.stringContaining('with a confidence') as string,
      },
      'articles: flowKnowledge': { state: 'works' },
      'stream: flowProtocol': { state: 'works', detail: expect.stringContaining('ready') as string },
    });
    expect(code).toBe(0);
    expect(sent(cognigy.requests)).toContain('POST /test/{id}');
    expect(cognigy.sessions.billedInputs).toBe(0);
  });

  it('tells a refused key from what is unavailable and what was not tried, and ends with 1', async () => {
    await using cognigy = await startCognigy();
    const { origin } = cognigy;
    const env = { COGNIGY_API_HOST: origin, COGNIGY_ENDPOINT_HOST: origin, COGNIGY_API_KEY: CANARY };
    const { code, out, err } = await runExample('check-tenant', { env });
    expect(rowsOf(out)).toMatchObject({
      'login by API key': { state: 'refused', detail: expect.stringContaining('401') as string },
      'suggestions: flowSuggestions': { state: 'not tried', detail: 'set COGNIGY_URL_TOKEN' },
      'bot tests: PlaybookClient': { state: 'not tried', detail: 'set COGNIGY_PROJECT_ID' },
      'SimulationClient.listVersions': { state: 'unavailable', detail: expect.stringContaining('snapshots') as string },
    });
    expect(code).toBe(1);
    expect(out + err).not.toContain(CANARY);

    const wrong = { ...cognigyEnvironment(cognigy), COGNIGY_URL_TOKEN: CANARY };
    const unknown = await runExample('check-tenant', { env: wrong });
    expect(rowsOf(unknown.out)['suggestions: flowSuggestions']).toEqual({
      state: 'refused',
      detail: 'Error: no endpoint of the project has this token',
    });
    expect(unknown.out + unknown.err).not.toContain(CANARY);
  });

  it('names no scope where roles give the rights', async () => {
    await using cognigy = await startCognigy({ apiKeys: [{ key: CANARY, isAdmin: false }] });
    const { origin } = cognigy;
    const env = { COGNIGY_API_HOST: origin, COGNIGY_ENDPOINT_HOST: origin, COGNIGY_API_KEY: CANARY };
    const { out } = await runExample('check-tenant', { env });
    expect(rowsOf(out)['audit log: AuditEventsClient']).toMatchObject({
      state: 'refused',
      detail: expect.stringMatching(/ 403.*; give the user of the key a role with this right$/) as string,
    });
    expect(out).not.toContain('grant that scope');
  });

  it('tries a CXone without showing anything to an agent, and shows no secret', async () => {
    await using cxone = await startCxone({
      clients: [{ clientId: 'app', clientSecret: `${CANARY}-1` }],
      accessKeys: [{ id: `${CANARY}-2`, secret: `${CANARY}-3` }],
      expertKeys: { browserKey: `${CANARY}-4`, serverKey: 'k', serverSecret: 's' },
    });
    const { code, out, err } = await runExample('check-tenant', { env: cxoneEnvironment(cxone) });
    expect([code, err]).toEqual([0, '']);
    expect(statesOf(out)).toMatchObject({
      'login: connectCxone': 'works',
      'stream: notificationProtocol': 'works',
      'transcripts: transcriptTopic': 'works',
      'cards: copilotTopic': 'works',
      'suggestions: CopilotClient': 'granted',
      'feedback: CopilotClient': 'not tried',
      'articles: ExpertClient': 'works',
      'customers: DFO': 'works',
      'InsightsClient.push': 'unavailable',
      AuditClient: 'unavailable',
    });
    expect(sent(cxone.requests).filter((request) => !request.startsWith('GET '))).toEqual(['POST /auth/token']);
    expect([cxone.copilot.asked, cxone.copilot.feedback]).toEqual([0, []]);
    const tokens = cxone.issuedTokens.map(({ accessToken }) => accessToken);
    expect(tokens).not.toEqual([]);
    for (const secret of [CANARY, ...tokens]) expect(out).not.toContain(secret);
  });

  it.each<[string, Script, string]>([
    [
      'without the agentic socket, which is behind a toggle',
      (response, request) => {
        const hasRoute = request.url.startsWith('/agent-copilot/v2/adaptive-cards?');
        answer(hasRoute ? 200 : 404)(response, request);
      },
      'granted',
    ],
    ['with routes of before 26.2 alone', answer(404), 'not tried'],
    ['that refuses the token', answer(403), 'refused'],
  ])('does not deny Copilot on a CXone %s', async (_, script, state) => {
    await using cxone = await startCxone();
    await using api = await scriptedServer(script);
    const { out } = await runExample('check-tenant', { env: { ...cxoneEnvironment(cxone), CXONE_API_URL: api.url } });
    expect(statesOf(out)).toMatchObject({ 'suggestions: CopilotClient': state });
  });

  it('takes empty variables of hosts for unset', async () => {
    const env = { CXONE_API_URL: '', CXONE_STREAM_URL: '', CXONE_DFO_URL: '' };
    const { code, out } = await runExample('check-tenant', { env, args: ['--platform', 'cxone'] });
    expect(out).not.toMatch(/^ {2}refused/m);
    expect(code).toBe(0);
  });

  it('says of a CXone that refused the login that nothing else was tried', async () => {
    await using cxone = await startCxone();
    const env = { ...cxoneEnvironment(cxone), CXONE_ACCESS_KEY_SECRET: CANARY };
    const { code, out, err } = await runExample('check-tenant', { env });
    expect(rowsOf(out)).toMatchObject({
      'login: connectCxone': { state: 'refused', detail: expect.stringMatching(/^OAuthError: /) as string },
      'stream: notificationProtocol': { state: 'not tried', detail: 'the login failed' },
      'articles: ExpertClient': { state: 'works' },
    });
    expect(code).toBe(1);
    expect(out + err).not.toContain(CANARY);
  });

  it('asks a tenant of the documents for scopes where a call would change something', async () => {
    await using tenant = await startTenant({
      clients: [
        { clientId: 'id', clientSecret: CANARY, scopes: ['agentassist:read', 'streaming:subscribe', 'audit:read'] },
      ],
    });
    const env = {
      AGENT_ASSIST_BASE_URL: tenant.baseUrl,
      AGENT_ASSIST_TOKEN_URL: tenant.tokenUrl,
      AGENT_ASSIST_STREAM_URL: tenant.streamUrl,
      AGENT_ASSIST_CLIENT_ID: 'id',
      AGENT_ASSIST_CLIENT_SECRET: CANARY,
    };
    const { code, out, err } = await runExample('check-tenant', { env });
    expect(statesOf(out)).toMatchObject({
      stream: 'works',
      suggestions: 'works',
      'audit log': 'works',
      webhooks: 'refused',
      simulations: 'refused',
    });
    expect(code).toBe(1);
    const posts = sent(tenant.requests).filter((request) => !request.startsWith('GET '));
    expect(posts).toEqual(['POST /api/v1/agentassist/suggest', expect.stringMatching(/^POST .*token$/)]);
    expect(out + err).not.toContain(CANARY);
  });

  it('cannot begin with half of an environment or an unknown platform', async () => {
    const half = await runExample('check-tenant', { env: { CXONE_CLIENT_ID: 'id' } });
    expect(half).toMatchObject({ code: 2, err: expect.stringContaining('Set CXONE_CLIENT_SECRET') as string });
    const unknown = await runExample('check-tenant', { args: ['--platform', 'genesys'] });
    expect(unknown).toMatchObject({
      code: 2,
      err: expect.stringContaining('--platform: expected documents') as string,
    });
  });
});
