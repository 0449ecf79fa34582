import { describe, expect, it } from 'vitest';
import {
  AbortError,
  AssistEngine,
  AuthClient,
  ConnectionError,
  HttpClient,
  SuggestionsClient,
  TimeoutError,
  type AttemptInfo,
  type Logger,
} from 'agent-assist-sdk';
import { CopilotClient } from 'agent-assist-sdk/cxone';
import { startTenant, type Fault } from 'agent-assist-sdk/testing';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, hang, refusedUrl, scriptedServer } from '../helpers/scripted-server.js';

const GET = { method: 'GET', path: '/bots/{botId}/versions', pathParams: { botId: 'bot-1' } } as const;

function recorder(): { readonly lines: string[]; readonly logger: Logger } {
  const lines: string[] = [];
  const write = (message: string): void => void lines.push(message);
  return { lines, logger: { debug: write, info: write, warn: write, error: write } };
}

const failureOf = (work: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(work).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the last reason', () => {
  it('of a refused connection names host and code, and what to check, in error and log', async () => {
    const url = await refusedUrl();
    const { host } = new URL(url);
    const { lines, logger } = recorder();
    const http = new HttpClient({ baseUrl: url, maxRetries: 1, random: () => 0, logger });
    const error = await failureOf(http.request(GET));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ systemCode: 'ECONNREFUSED', host });
    const reason = `GET /bots/bot-1/versions failed: ECONNREFUSED (${host}); nothing is listening there: check host and port`;
    expect((error as Error).message).toBe(reason);
    expect(lines).toEqual([`${reason}, attempt 1, next in 0 ms`, `${reason}, attempt 2`]);
  });

  it.each([
    ['ENOTFOUND', 'no such host: check tenant, host or the URL'],
    ['EAI_AGAIN', 'the name could not be resolved: check the network and DNS'],
    ['ECONNRESET', 'the connection was closed before the response was complete: check proxies, and http or https'],
    [
      'UND_ERR_CONNECT_TIMEOUT',
      'the connection was not established in time: check network, firewall and proxy (a limit of the transport or the runtime, not of this client: NodeTransport has none)',
    ],
    ['UND_ERR_HEADERS_TIMEOUT', 'a limit of the transport or the runtime, not of this client: NodeTransport has none'],
    [
      'CERT_HAS_EXPIRED',
      'its certificate has expired or is not valid yet: check the certificate and the clock of this machine',
    ],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is not trusted: add its CA with NODE_EXTRA_CA_CERTS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name: check the host'],
  ])('of %s says what to check', async (code, advice) => {
    const transport = (): Promise<never> => Promise.reject(Object.assign(new Error('low'), { code }));
    const http = new HttpClient({ baseUrl: 'https://acme.example/api', transport, maxRetries: 0 });
    await expect(http.request(GET)).rejects.toThrow(
      `GET /api/bots/bot-1/versions failed: ${code} (acme.example); ${advice}`,
    );
  });

  it.each<[string, Fault, string]>([
    ['an empty answer', { kind: 'empty' }, 'returned 200 with an unexpected body: empty'],
    ['half an answer', { kind: 'drop', at: 'mid-body' }, 'the connection was closed before the response was complete'],
  ])('tells %s from another one', async (_, fault, reason) => {
    await using tenant = await startTenant();
    const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials });
    const suggestions = new SuggestionsClient(new HttpClient({ platform: tenant.platform, auth, maxRetries: 0 }));
    tenant.inject({ route: 'POST /agentassist/suggest', fault });
    const question = { interactionId: 'call-1', transcript: 'hello', sentimentScore: 0 };
    await expect(suggestions.suggest(question)).rejects.toThrow(reason);
  });

  it('is the cause of an AbortError when the wait for the next attempt is given up', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const http = new HttpClient({
      baseUrl: await refusedUrl(),
      clock: new FakeClock(),
      random: () => 0.9,
      onAttempt: () => setImmediate(() => controller.abort(reason)),
    });
    const error = await failureOf(http.request(GET, { signal: controller.signal }));
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ reason, cause: { systemCode: 'ECONNREFUSED' } });
    expect((error as Error).message).toMatch(/^The operation was aborted; its last failure: GET .*ECONNREFUSED/);
  });

  it('is the cause of a TimeoutError of the whole call', async () => {
    await using server = await scriptedServer(answer(503), hang);
    const clock = new FakeClock();
    const http = new HttpClient({ baseUrl: server.url, clock, random: () => 0 });
    const call = http.request(GET, { timeoutMs: 9000, totalTimeoutMs: 9000 });
    const error = await failureOf(clock.runUntilSettled(call));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ timeoutMs: 9000, cause: { status: 503 } });
    expect((error as Error).message).toContain('returned 503');
  });

  const question = { interactionId: 'call-1', transcript: 'a refund' };

  it('is the cause when the wait for an engine is given up', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const onAttempt = (): unknown => setImmediate(() => controller.abort(reason));
    const given = { baseUrl: await refusedUrl(), clock: new FakeClock(), random: () => 0.9, onAttempt };
    const engine = new AssistEngine({ client: new SuggestionsClient(new HttpClient(given)) });
    const error = await failureOf(engine.handle(question, { signal: controller.signal }));
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ reason, cause: { systemCode: 'ECONNREFUSED' } });
    expect((error as Error).message).toContain('ECONNREFUSED');
  });

  it('is the cause when the time of an engine is over', async () => {
    await using server = await scriptedServer(answer(503), hang);
    const clock = new FakeClock();
    const client = new SuggestionsClient(new HttpClient({ baseUrl: server.url, clock, random: () => 0 }));
    const engine = new AssistEngine({ client, clock, totalTimeoutMs: 4000 });
    const outcome = await clock.runUntilSettled(engine.handle(question), 1000);
    expect(outcome).toMatchObject({ status: 'fallback', error: { timeoutMs: 4000, cause: { status: 503 } } });
  });

  it('is the cause when no id token for Copilot comes in time', async () => {
    const tokenUrl = `${await refusedUrl()}/oauth/token`;
    const clock = new FakeClock();
    const given = { tokenUrl, clientId: 'id', clientSecret: 'secret', clock, random: () => 0.9, maxRetries: 9 };
    await using auth = new AuthClient(given);
    const copilot = new CopilotClient({ http: new HttpClient({ baseUrl: 'http://127.0.0.1:9', auth, clock }), auth });
    const search = { contactId: '1', query: 'q', agentUuid: '11111111-2222-4333-8444-555555555555', config: {} };
    const error = await failureOf(clock.runUntilSettled(copilot.search(search, { totalTimeoutMs: 4000 }), 100_000));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ timeoutMs: 4000, cause: { systemCode: 'ECONNREFUSED' } });
  });

  it('of the token endpoint is the cause, whoever gave up the wait for the token', async () => {
    const tokenUrl = `${await refusedUrl()}/oauth/token`;
    const clock = new FakeClock();
    const given = { tokenUrl, clientId: 'id', clientSecret: 'secret', clock, random: () => 0.99, maxRetries: 9 };
    await using auth = new AuthClient(given);
    const http = new HttpClient({ baseUrl: 'http://127.0.0.1:9', auth, clock });
    const timedOut = await failureOf(clock.runUntilSettled(http.request(GET, { totalTimeoutMs: 4000 })));
    expect(timedOut).toBeInstanceOf(TimeoutError);
    expect(timedOut).toMatchObject({ cause: { systemCode: 'ECONNREFUSED', path: '/oauth/token' } });

    const controller = new AbortController();
    await using another = new AuthClient({
      ...given,
      onAttempt: () => setImmediate(() => controller.abort(new Error('enough'))),
    });
    const aborted = await failureOf(another.getToken({ signal: controller.signal }));
    expect(aborted).toBeInstanceOf(AbortError);
    expect(aborted).toMatchObject({ cause: { systemCode: 'ECONNREFUSED' }, reason: new Error('enough') });
  });

  it('without a failure is the reason of the signal', async () => {
    const reason = new Error('mine');
    const http = new HttpClient({ baseUrl: 'http://127.0.0.1:9' });
    const error = await failureOf(http.request(GET, { signal: AbortSignal.abort(reason) }));
    expect(error).toMatchObject({ message: 'The operation was aborted', cause: reason, reason });
  });
});

describe('what onAttempt is told', () => {
  const infoOf = async (options: Partial<ConstructorParameters<typeof HttpClient>[0]>): Promise<AttemptInfo> => {
    const infos: AttemptInfo[] = [];
    const http = new HttpClient({
      baseUrl: 'http://127.0.0.1:9/api',
      maxRetries: 0,
      onAttempt: (info) => infos.push(info),
      ...options,
    });
    await failureOf(http.request(GET));
    const [info] = infos;
    if (info === undefined) throw new Error('onAttempt was not called');
    return info;
  };

  it('has labels of few values, and the request id', async () => {
    await using server = await scriptedServer(answer(200, {}, { 'x-request-id': 'r-1' }));
    expect(await infoOf({ baseUrl: `${server.url}/api` })).toMatchObject({
      route: '/bots/{botId}/versions',
      path: '/api/bots/bot-1/versions',
      host: new URL(server.url).host,
      status: 200,
      requestId: 'r-1',
    });
  });

  it('has the path of the token endpoint as the route of its requests', async () => {
    await using server = await scriptedServer(answer(200, { access_token: 't', token_type: 'Bearer' }));
    const routes: string[] = [];
    const onAttempt = ({ route }: AttemptInfo): void => void routes.push(route);
    const auth = new AuthClient({ tokenUrl: `${server.url}/oauth/token`, clientId: 'a', clientSecret: 'b', onAttempt });
    await auth.getToken();
    expect(routes).toEqual(['/oauth/token']);
  });

  it('has the code of what failed', async () => {
    await using server = await scriptedServer(
      answer(403, { error: 'insufficient_scope' }, { 'x-request-id': 'r-2' }),
      hang,
    );
    const baseUrl = server.url;
    expect(await infoOf({ baseUrl })).toMatchObject({ status: 403, code: 'permission_denied', requestId: 'r-2' });
    expect(await infoOf({ baseUrl, timeoutMs: 20 })).toMatchObject({ code: 'timeout' });
    expect(await infoOf({ baseUrl: await refusedUrl() })).toMatchObject({ systemCode: 'ECONNREFUSED' });
  });
});
