import { inspect } from 'node:util';
import { AuthClient, HttpClient, type Logger } from 'agent-assist-sdk';
import { CopilotClient, cxoneArea, type CopilotClientOptions, type IdTokenProvider } from 'agent-assist-sdk/cxone';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, dropConnection, dropInBody, scriptedServer, type Script } from '../helpers/scripted-server.js';

const ID_TOKEN = 'CANARY-id.a.b';
const grant = answer(200, {
  access_token: 'CANARY-access',
  token_type: 'Bearer',
  expires_in: 3600,
  id_token: ID_TOKEN,
});

/** As recorded: transcripts-agent-sdk-26.2.1, `copilot.search`. */
const SEARCH = {
  contactId: '30001',
  query: 'how do I refund',
  agentUuid: 'aaaaaaaa-2222-4333-8444-555555555555',
  config: { AppTitle: 'Enlighten Agent Copilot', ContactId: '30001', Params: { providerId: 'agentCopilot' } },
};
const FEEDBACK = {
  contactId: '30001',
  answers: [
    { utteranceId: 'u1', answerId: 'kb1', rating: 'like' as const, tag: 'Helpful', comment: 'ok' },
    { utteranceId: 'u2', answerId: 'kb2', rating: 'dislike' as const },
  ],
};

const servers: AsyncDisposable[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

async function copilot(scripts: readonly Script[], options: Partial<CopilotClientOptions> = {}) {
  const server = await scriptedServer(...scripts);
  servers.push(server);
  const lines: unknown[] = [];
  const record = (...line: unknown[]): void => void lines.push(...line);
  const logger: Logger = { debug: record, info: record, warn: record, error: record };
  const accessKey = { id: 'key', secret: 'CANARY-key' };
  const auth = new AuthClient({
    tokenUrl: `${server.url}/auth/token`,
    clientId: 'id',
    clientSecret: 'CANARY-client',
    accessKey,
    logger,
  });
  const http = new HttpClient({
    platform: { ...cxoneArea({ area: 'na1' }), baseUrl: server.url },
    auth,
    maxRetries: 0,
    logger,
  });
  return { server, lines, auth, client: new CopilotClient({ http, auth, ...options }) };
}

describe('CopilotClient', () => {
  it('asks as the vendor does, with the id token in the body', async () => {
    const { server, client } = await copilot([grant, answer(200, { ok: true })]);
    await client.search(SEARCH);
    const [, request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', url: '/agent-copilot/v1/agent-search' });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer CANARY-access',
      'content-type': 'application/json',
      'originating-service-identifier': 'CMASDK',
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      contactId: '30001',
      idToken: ID_TOKEN,
      agentAssistQueryConfig: SEARCH.config,
      query: 'how do I refund',
      agentUUID: SEARCH.agentUuid,
    });
    expect(server.requests).toHaveLength(2);
  });

  it('rates answers as the vendor does, under the older prefix too', async () => {
    const { server, client } = await copilot([grant, answer(204, '')], { pathPrefix: '/agentcopilotapi/v1' });
    const { status } = await client.feedback(FEEDBACK).withResponse();
    expect(status).toBe(204);
    const [, request] = server.requests;
    expect(request?.url).toBe('/agentcopilotapi/v1/interaction-feedback/kbAnswers');
    expect(JSON.parse(request?.body ?? '')).toEqual({
      contactId: '30001',
      idToken: ID_TOKEN,
      feedbacks: [
        { contactId: '30001', utteranceId: 'u1', kbAnswerUid: 'kb1', valueEnum: 1, tagEnum: 'Helpful', comment: 'ok' },
        { contactId: '30001', utteranceId: 'u2', kbAnswerUid: 'kb2', valueEnum: 2, tagEnum: '', comment: '' },
      ],
    });
  });

  it('finds the agentic socket', async () => {
    const { server, client } = await copilot([
      grant,
      answer(200, { agenticWebsocketURL: 'wss://agentic-na1.example.com/ws' }),
    ]);
    expect(await client.agenticStreamUrl()).toBe('wss://agentic-na1.example.com/ws');
    expect(server.requests[1]).toMatchObject({
      method: 'GET',
      url: '/agent-copilot/v1/agentic-websocket-url',
      body: '',
    });
  });

  it('accepts an agentic socket without TLS on this machine alone, as everywhere', async () => {
    const agenticWebsocketURL = 'ws://127.0.0.1:8080/ws';
    const { client } = await copilot([grant, answer(200, { agenticWebsocketURL })]);
    expect(await client.agenticStreamUrl()).toBe(agenticWebsocketURL);
  });

  it.each(['ws://a.example/ws', 'https://a.example', 'http://127.0.0.1/ws', 'wss://u:p@a.example/ws', 'x', 7])(
    'sends no token to the agentic socket %j',
    async (agenticWebsocketURL) => {
      const { client } = await copilot([grant, answer(200, { agenticWebsocketURL })]);
      await expect(client.agenticStreamUrl()).rejects.toMatchObject({ name: 'ResponseValidationError' });
    },
  );

  const echo: Script = (response, request) => {
    answer(400, {
      message: `bad ${request.body} ${request.headers.authorization ?? ''}`,
      statusCode: 400,
      traceId: 't-1',
    })(response, request);
  };
  const faults: [string, Script, object][] = [
    ['a body that quotes everything', echo, { name: 'BadRequestError', requestId: 't-1' }],
    [
      '429',
      answer(429, { message: 'boom', statusCode: 429, traceId: 't-1' }, { 'retry-after': '3' }),
      { name: 'RateLimitError', retryAfterMs: 3000 },
    ],
    [
      '500',
      answer(500, { message: 'boom', statusCode: 500, traceId: 't-1' }),
      { name: 'ServerError', serverMessage: 'boom' },
    ],
    [
      '403',
      answer(403, { timestamp: 't', status: 403, error: 'Forbidden', path: '/' }),
      { name: 'PermissionDeniedError' },
    ],
    ['a dropped connection', dropConnection, { name: 'ConnectionError', attempts: 1 }],
    ['half a body', dropInBody, {}],
    ['a page', answer(200, '<html></html>', { 'content-type': 'text/html' }), { name: 'ResponseValidationError' }],
  ];
  it.each(faults)('says what failed, once and without a secret: %s', async (_, script, expected) => {
    const { server, client, auth, lines } = await copilot([grant, script]);
    const outcome: unknown = await client.search(SEARCH).catch((reason: unknown) => reason);
    expect(outcome ?? {}).toMatchObject(expected);
    expect(server.requests).toHaveLength(2);
    const values = [outcome, client, auth, lines];
    expect(inspect(values, { depth: Infinity, showHidden: true }) + JSON.stringify(values)).not.toContain('CANARY');
  });

  it('is asked once where the outcome is unknown: the platform knows no key that makes it safe to repeat', async () => {
    const { server, client } = await copilot([grant, dropConnection, answer(200)]);
    const again = { maxRetries: 2, idempotencyKey: 'key-1' };
    await expect(client.feedback(FEEDBACK, again)).rejects.toMatchObject({ name: 'ConnectionError', attempts: 1 });
    expect(server.requests).toHaveLength(2);
  });

  it('is asked once more after a 401', async () => {
    const { server, client } = await copilot([
      grant,
      answer(401),
      answer(200, { access_token: 'second', id_token: 'new' }),
      answer(200),
    ]);
    await client.feedback(FEEDBACK);
    expect(server.requests.map(({ headers }) => headers.authorization).at(-1)).toBe('Bearer second');
  });

  it.each([
    [{ ...SEARCH, query: ' ' }, 'query'],
    [{ ...SEARCH, contactId: '' }, 'contactId'],
    [{ ...SEARCH, config: 'x' }, 'config'],
  ])('refuses %j before a token is asked for', async (request, path) => {
    const { server, client } = await copilot([grant]);
    await expect(client.search(request as typeof SEARCH)).rejects.toMatchObject({
      name: 'RequestValidationError',
      issues: [{ path }],
    });
    await expect(client.feedback({ contactId: '1', answers: [] })).rejects.toThrow('answers: must not be empty');
    expect(server.requests).toHaveLength(0);
  });

  it('needs an id token, in time', async () => {
    const clock = new FakeClock();
    const http = new HttpClient({ baseUrl: 'https://api-na1.example.com', clock, totalTimeoutMs: 2000 });
    const none: IdTokenProvider = { getIdToken: () => Promise.resolve(undefined) };
    await expect(new CopilotClient({ http, auth: none }).search(SEARCH)).rejects.toThrow(
      'auth: the login grants no id token',
    );
    const late: IdTokenProvider = { getIdToken: () => new Promise(() => undefined) };
    const waiting = new CopilotClient({ http, auth: late }).search(SEARCH);
    await expect(clock.runUntilSettled(waiting)).rejects.toThrow('No id token within 2000 ms');
    const controller = new AbortController();
    const aborted = new CopilotClient({ http, auth: late }).search(SEARCH, { signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
  });

  it.each([
    [{ pathPrefix: 'agent-copilot' }, 'pathPrefix: '],
    [{ pathPrefix: '/a/../b?x' }, 'pathPrefix: '],
    [{ auth: {} as IdTokenProvider }, 'auth: expected a provider of id tokens'],
    [{ prefix: '/x' } as never, 'unknown option "prefix"'],
  ])('refuses options that make no sense: %j', (options, message) => {
    const http = new HttpClient({ baseUrl: 'https://api-na1.example.com' });
    const auth: IdTokenProvider = { getIdToken: () => Promise.resolve('id') };
    expect(() => new CopilotClient({ http, auth, ...options })).toThrow(message);
  });
});
