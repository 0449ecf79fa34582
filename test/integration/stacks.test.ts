import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  AssistEngine,
  AssistStream,
  AuthClient,
  CalibrationClient,
  HttpClient,
  StaticTokenAuth,
  SuggestionsClient,
  handleInOrder,
} from 'agent-assist-sdk';
import { QuestionQueue } from 'agent-assist-sdk/transcripts';
import { pollUntilDone } from '#dist/http/internal.js';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, dropConnection, hang, refusedUrl, scriptedServer } from '../helpers/scripted-server.js';

const GET = { method: 'GET', path: '/thing' } as const;

/** What `work` rejects with, when the function that the stack must name awaits it. */
async function failureOf(work: () => PromiseLike<unknown>): Promise<Error> {
  try {
    await functionOfTheCaller(work);
  } catch (error) {
    return error as Error;
  }
  throw new Error('did not fail');
}

async function functionOfTheCaller(work: () => PromiseLike<unknown>): Promise<void> {
  await work();
}

async function expectCaller(work: () => PromiseLike<unknown>, name: string): Promise<Error> {
  const error = await failureOf(work);
  expect(error.name).toBe(name);
  expect(error.stack).toContain('functionOfTheCaller');
  expect(error.stack?.split('\n')[0]).toBe(`${error.name}: ${error.message}`);
  return error;
}

const abortSoon = (): AbortSignal => {
  const controller = new AbortController();
  setImmediate(() => controller.abort(new Error('enough')));
  return controller.signal;
};

describe('the stack of an error names the caller, on the default transport', () => {
  it.each([
    ['ConnectionError', dropConnection],
    ['NotFoundError', answer(404)],
    ['ServerError', answer(500)],
    ['ResponseValidationError', answer(200, 'no json')],
  ])('%s', async (name, script) => {
    await using server = await scriptedServer(script);
    const http = new HttpClient({ baseUrl: server.url, maxRetries: 1, random: () => 0 });
    const suggestions = new SuggestionsClient(http);
    const request = { interactionId: 'i', transcript: 't', sentimentScore: 0 };
    await expectCaller(() => suggestions.suggest(request), name);
    await expectCaller(() => suggestions.suggest(request).withResponse(), name);
  });

  it('ConnectionError of a refused connection', async () => {
    const http = new HttpClient({ baseUrl: await refusedUrl(), maxRetries: 2, random: () => 0 });
    await expectCaller(() => http.request(GET), 'ConnectionError');
    await expectCaller(() => Promise.all([http.request(GET)]), 'ConnectionError');
    await expectCaller(() => http.request(GET).finally(() => undefined), 'ConnectionError');
  });

  it('TimeoutError of an attempt, of a whole call and of a poll', async () => {
    await using server = await scriptedServer(hang);
    const clock = new FakeClock();
    const http = new HttpClient({ baseUrl: server.url, clock, fetch: clock.fetch, maxRetries: 0 });
    const timeout = (options: object) => (): Promise<unknown> => {
      const call = http.request(GET, options);
      setImmediate(() => void clock.advance(20_000));
      return call;
    };
    await expectCaller(timeout({ timeoutMs: 9000 }), 'TimeoutError');
    await expectCaller(timeout({ timeoutMs: 9000, totalTimeoutMs: 8000 }), 'TimeoutError');
    const job = { job: 'job', id: '7', read: () => Promise.resolve({ status: 'running' }) };
    await expectCaller(() => {
      setImmediate(() => void clock.advance(20_000));
      return pollUntilDone({ clock }, job, { totalTimeoutMs: 3000 });
    }, 'TimeoutError');
  });

  it('AbortError before, in an attempt, in a wait, in a queue and in a poll', async () => {
    await using server = await scriptedServer(hang);
    const hanging = new HttpClient({ baseUrl: server.url });
    const refused = new HttpClient({ baseUrl: await refusedUrl(), clock: new FakeClock() });
    await expectCaller(() => hanging.request(GET, { signal: AbortSignal.abort() }), 'AbortError');
    await expectCaller(() => hanging.request(GET, { signal: abortSoon() }), 'AbortError');
    const waiting = new AbortController();
    const http = new HttpClient({
      baseUrl: await refusedUrl(),
      random: () => 0.9,
      onAttempt: () => setImmediate(() => waiting.abort()),
    });
    await expectCaller(() => http.request(GET, { signal: waiting.signal }), 'AbortError');
    const calibrations = new CalibrationClient(hanging);
    const payload = {
      interactionIds: ['i'],
      polarityMatrix: { negative: -0.5, neutral: 0, positive: 0.5 },
      alertTriggers: [],
      sensitivityLevel: 0.5,
      triggerModelReweight: false,
    };
    const first = new AbortController();
    const before = calibrations.apply(payload, { signal: first.signal }).catch(() => undefined);
    await expectCaller(() => calibrations.apply(payload, { signal: abortSoon() }), 'AbortError');
    first.abort();
    await before;
    const job = { job: 'job', id: '7', read: () => Promise.resolve({ status: 'running' }) };
    await expectCaller(() => pollUntilDone(refused, job, { signal: abortSoon() }), 'AbortError');
  });

  it('AbortError of an engine and of a queue', async () => {
    const never = new Promise<never>(() => undefined);
    const engine = new AssistEngine({ client: { suggest: () => never } });
    const interaction = { interactionId: 'i', transcript: 'refund', sentimentScore: 0 };
    await expectCaller(() => engine.handle(interaction, { signal: abortSoon() }), 'AbortError');
    const queue = new QuestionQueue({ ask: () => never, onError: () => undefined });
    queue.push({ id: 'q', interactionId: 'i', text: 'how', fragments: [], reason: 'demand' });
    await expectCaller(() => queue.idle(abortSoon()), 'AbortError');
  });
});

describe('with a tenant', () => {
  let tenant: Tenant;
  beforeEach(async () => {
    tenant = await startTenant();
  });
  afterEach(() => tenant[Symbol.asyncDispose]());

  it('errors of tokens name the caller', async () => {
    const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, clientSecret: 'wrong' });
    const http = new HttpClient({ platform: tenant.platform, auth });
    await expectCaller(() => auth.getToken(), 'OAuthError');
    await expectCaller(() => http.request(GET), 'OAuthError');
    tenant.inject({ route: 'POST /oauth/token', fault: { kind: 'delay', delayMs: 60_000 } });
    await expectCaller(() => auth.getToken({ signal: abortSoon() }), 'AbortError');
    await auth.close();
    await expectCaller(() => auth.getToken(), 'ClosedError');
  });

  it('errors of the stream name who connects and who iterates', async () => {
    const auth = new StaticTokenAuth({ token: 'wrong' });
    await using refused = new AssistStream({ platform: tenant.platform, auth });
    await expectCaller(() => refused.connect(), 'StreamError');
    const events = refused.events();
    await expectCaller(() => events.next(), 'StreamError');
    const good = new AuthClient({ platform: tenant.platform, ...tenant.credentials });
    await using stream = new AssistStream({ platform: tenant.platform, auth: good });
    await stream.connect();
    await expectCaller(() => stream.events({ signal: abortSoon() }).next(), 'AbortError');
    await expectCaller(
      () => handleInOrder(stream, () => undefined, { signal: abortSoon(), onError: () => undefined }),
      'AbortError',
    );
  });
});
