import { inspect } from 'node:util';
import {
  ApiKeyAuth,
  ConfigurationError,
  RateLimitError,
  RequestTooLargeError,
  RequestValidationError,
  type AttemptInfo,
} from 'agent-assist-sdk';
import { cognigyAi, FlowClient, type FlowClientOptions, type FlowInput } from 'agent-assist-sdk/cognigy';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, dropConnection, dropInBody, hang, scriptedServer, type Script } from '../helpers/scripted-server.js';

const urlToken = 'canary/ü-7f3a9c0b1d2e';
/** The platform knows no such key, so it makes nothing safe to repeat. */
const keyed = { idempotencyKey: 'key-1' };
const input = { userId: 'agent-7', sessionId: 'call-1', text: 'I want a refund.' };
const outputs = {
  text: 'Of course.\nAnything else?',
  data: { confidence: 0.9 },
  outputStack: [
    { text: 'Of course.', data: { confidence: 0.9 }, traceId: 't-1', disableSensitiveLogging: false, source: 'bot' },
    { text: null, data: { _cognigy: {} }, traceId: 't-1', source: 'bot' },
  ],
  userId: 'agent-7',
  sessionId: 'call-1',
};

function clientFor(url: string, options: Partial<FlowClientOptions> = {}): FlowClient {
  const platform = cognigyAi({ host: url, endpointHost: url });
  return new FlowClient({ platform, urlToken, ...options });
}

const failure = (work: PromiseLike<unknown>): Promise<Error> =>
  Promise.resolve(work).then(
    () => new Error('did not fail'),
    (error: unknown) => error as Error,
  );

describe('FlowClient.send', () => {
  it('posts the input to the endpoint and answers with the output stack, unknown fields kept', async () => {
    await using server = await scriptedServer(answer(200, { ...outputs, extra: 1 }));
    const result = await clientFor(server.url).send({ ...input, data: { segment: 'gold' } });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', url: `/${encodeURIComponent(urlToken)}` });
    expect(JSON.parse(request?.body ?? '')).toEqual({ ...input, data: { segment: 'gold' } });
    expect(request?.headers).toMatchObject({ accept: 'application/json', 'content-type': 'application/json' });
    expect(request?.headers['x-api-key']).toBeUndefined();
    expect(result).toMatchObject({ text: outputs.text, extra: 1 });
    expect(result.outputStack).toEqual([
      outputs.outputStack[0],
      { text: undefined, data: { _cognigy: {} }, traceId: 't-1', source: 'bot' },
    ]);
  });

  it('uses the path of the test mode', async () => {
    await using server = await scriptedServer(answer(200, outputs));
    const flow = clientFor(server.url, { testMode: true });
    await flow.send(input);
    expect([flow.isTestMode, clientFor(server.url).isTestMode]).toEqual([true, false]);
    expect(server.requests.map(({ url }) => url)).toEqual([`/test/${encodeURIComponent(urlToken)}`]);
  });

  it('takes the answer of a transformer as it is', async () => {
    await using server = await scriptedServer(answer(200, { suggestions: [{ text: 'a' }] }));
    await expect(clientFor(server.url).send(input)).resolves.toEqual({ suggestions: [{ text: 'a' }] });
  });

  it.each([[[{ text: 'a' }]], ['a text'], [7], [false], [null]])(
    'takes %j, which is no object, as the answer',
    async (whole) => {
      await using server = await scriptedServer(answer(200, JSON.stringify(whole)));
      await expect(clientFor(server.url).send(input)).resolves.toEqual({ answer: whole });
    },
  );

  it.each([200, 204])('takes a %i without a body for an answer without outputs', async (status) => {
    await using server = await scriptedServer(answer(status, ''));
    await expect(clientFor(server.url).send(input)).resolves.toEqual({});
  });

  it.each([
    ['text/plain', 'OK'],
    ['text/html; charset=utf-8', 'I will call you back.'],
    ['application/xml', '<Response><Say>Hello</Say></Response>'],
    ['application/octet-stream', 'a < b'],
  ])('takes a text that a transformer sends as %s for the answer', async (type, text) => {
    const script = answer(200, text, { 'content-type': type });
    await using server = await scriptedServer(script);
    await expect(clientFor(server.url).send(input)).resolves.toEqual({ answer: text });
  });

  it.each([
    ['text/html', '<p>Log in</p>'],
    ['text/plain', '<!doctype html><title>Log in</title>'],
    ['application/json', '{"outputStack":'],
  ])('refuses %s that is no answer of a flow: %s', async (type, body) => {
    await using server = await scriptedServer(answer(200, body, { 'content-type': type }));
    const error = await failure(clientFor(server.url).send(input));
    expect(error).toMatchObject({ code: 'invalid_response' });
    expect(error.message).toContain(`(content-type: ${type})`);
  });

  it('keeps the outputs that can be read, whatever a transformer put beside them', async () => {
    const stack = [{ text: 'ok', data: null }, 'no output', { text: 7 }];
    await using server = await scriptedServer(answer(200, { outputStack: stack, text: 5, data: [] }));
    await expect(clientFor(server.url).send(input)).resolves.toEqual({ outputStack: [{ text: 'ok' }, {}] });
  });

  it.each<[string, Script]>([
    ['a 500', answer(500, { detail: 'broken' })],
    ['a 502', answer(502)],
    ['a 503 without Retry-After', answer(503)],
    ['a lost connection', dropConnection],
    ['a body that ends early', dropInBody],
    ['garbage', answer(200, '<html>')],
  ])('sends nothing again after %s, which leaves open whether the flow ran', async (_, script) => {
    await using server = await scriptedServer(script, answer(200, outputs));
    await failure(clientFor(server.url).send(input, keyed));
    expect(server.requests).toHaveLength(1);
  });

  it('waits 60 s for a flow, and then sends nothing again', async () => {
    await using server = await scriptedServer(hang);
    const clock = new FakeClock();
    const sent = failure(clientFor(server.url, { clock }).send(input));
    while (server.requests.length === 0) await clock.advance(0);
    await clock.advance(59_999);
    await clock.advance(1);
    const error = await sent;
    expect(error).toMatchObject({ name: 'TimeoutError', timeoutMs: 60_000, attempts: 1 });
    expect(inspect(error)).not.toContain('canary');
    expect(server.requests).toHaveLength(1);
  });

  it('takes the time limits of the caller for its own', async () => {
    await using server = await scriptedServer(hang);
    const clock = new FakeClock();
    const flow = clientFor(server.url, { clock, timeoutMs: 3000, totalTimeoutMs: 4000 });
    const sent = failure(flow.send(input));
    while (server.requests.length === 0) await clock.advance(0);
    await clock.advance(3000);
    expect(await sent).toMatchObject({ name: 'TimeoutError', timeoutMs: 3000 });
  });

  it('waits 120 s for its turn at a flow that is busy, and no longer', async () => {
    const busy = answer(429, {}, { 'retry-after': '50' });
    await using server = await scriptedServer(busy);
    const clock = new FakeClock();
    const flow = clientFor(server.url, { clock, fetch: clock.fetch, maxRetries: 9 });
    const error = await clock.runUntilSettled(failure(flow.send(input)));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(server.requests).toHaveLength(3);
  });

  it('retries after an answer which says that nothing was done', async () => {
    await using server = await scriptedServer(answer(429, {}, { 'retry-after': '0' }), answer(200, outputs));
    await clientFor(server.url).send(input);
    expect(server.requests).toHaveLength(2);
  });

  it.each<[FlowInput, string]>([
    [{ ...input, userId: '' }, 'userId: must be at least 1 character'],
    [{ ...input, sessionId: '' }, 'sessionId: must be at least 1 character'],
    [{ userId: 'u', sessionId: 's' }, 'text: must not be empty without data'],
    [{ userId: 'u', sessionId: 's', text: '' }, 'text: must not be empty without data'],
    [{ ...input, data: 'x' as never }, 'data: expected object'],
  ])('refuses %j before it is sent', async (bad, message) => {
    await using server = await scriptedServer(answer(200, outputs));
    const error = await failure(clientFor(server.url).send(bad));
    expect(error).toBeInstanceOf(RequestValidationError);
    expect(error.message).toContain(message);
    expect(server.requests).toEqual([]);
  });

  it('refuses an input above 65 kB, unless the installation takes more', async () => {
    await using server = await scriptedServer(answer(200, outputs));
    const long = { ...input, text: 'x'.repeat(65_000) };
    const error = await failure(clientFor(server.url).send(long));
    expect(error).toBeInstanceOf(RequestTooLargeError);
    expect(error).toMatchObject({ maxBytes: 65_000, bytes: JSON.stringify(long).length });
    expect(error.message).not.toContain('canary');
    expect(server.requests).toEqual([]);
    await clientFor(server.url, { maxInputBytes: 1_500_000 }).send(long);
    await clientFor(server.url, { maxInputBytes: false }).send(long);
    expect(server.requests).toHaveLength(2);
  });
});

describe('FlowClient.inject and notify', () => {
  it.each(['inject', 'notify'] as const)(
    '%s: posts to the API with the credential; the answer is a text',
    async (what) => {
      const plain: Script = (response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end('OK');
      await using server = await scriptedServer(plain);
      const flow = clientFor(server.url, { auth: new ApiKeyAuth({ apiKey: 'key-1' }) });
      await expect(flow[what]({ ...input, data: { a: 1 } })).resolves.toBeUndefined();
      const [request] = server.requests;
      expect(request).toMatchObject({ method: 'POST', url: `/new/v2.0/endpoint/${what}` });
      expect(request?.headers['x-api-key']).toBe('key-1');
      expect(JSON.parse(request?.body ?? '')).toEqual({ ...input, data: { a: 1 }, URLToken: urlToken });
    },
  );

  it.each([
    ['a text alone', { text: 'hi' }, { text: 'hi', data: {} }],
    ['data alone', { data: { a: 1 } }, { text: '', data: { a: 1 } }],
  ])('sends %s with both fields, which these routes require', async (_, given, sent) => {
    await using server = await scriptedServer(answer(200), answer(200));
    const flow = clientFor(server.url, { auth: new ApiKeyAuth({ apiKey: 'key-1' }) });
    const ids = { userId: 'u', sessionId: 's' };
    await flow.inject({ ...ids, ...given });
    await flow.notify({ ...ids, ...given });
    const bodies = server.requests.map(({ body }) => JSON.parse(body) as unknown);
    expect(bodies).toEqual([
      { ...ids, ...sent, URLToken: urlToken },
      { ...ids, ...sent, URLToken: urlToken },
    ]);
  });

  it('needs a credential, which the endpoint never gets', async () => {
    await using server = await scriptedServer(answer(200, outputs));
    const error = await failure(clientFor(server.url).inject(input));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toBe('auth: missing; inject needs an API key or a token');
    expect((await failure(clientFor(server.url).notify(input))).message).toContain('notify needs');
    await clientFor(server.url, { auth: new ApiKeyAuth({ apiKey: 'key-1' }) }).send(input);
    expect(JSON.stringify(server.requests)).not.toContain('key-1');
  });

  it.each(['inject', 'notify'] as const)(
    '%s: sends nothing again after a failure that leaves open whether it was done',
    async (what) => {
      await using server = await scriptedServer(dropConnection);
      await failure(clientFor(server.url, { auth: new ApiKeyAuth({ apiKey: 'key-1' }) })[what](input, keyed));
      expect(server.requests).toHaveLength(1);
    },
  );
});

describe('the URL token', () => {
  it('is in no error, log line, attempt or inspection, however the server quotes it', async () => {
    const quoting = { detail: `no endpoint ${urlToken} at /${encodeURIComponent(urlToken)}`, traceId: urlToken };
    const scripts = [answer(404, quoting), answer(429, quoting), dropConnection, answer(200, '{"a')];
    for (const script of scripts) {
      await using server = await scriptedServer(script);
      const seen: unknown[] = [];
      const log = (...line: unknown[]): void => void seen.push(line);
      const flow = clientFor(server.url, {
        auth: new ApiKeyAuth({ apiKey: 'canary-key' }),
        maxRetries: 0,
        onAttempt: (info: AttemptInfo) => seen.push(info),
        logger: { debug: log, info: log, warn: log, error: log },
      });
      for (const call of [flow.send(input), flow.inject(input)]) seen.push(await failure(call));
      seen.push(flow);
      const shown = inspect(seen, { depth: 10, showHidden: true }) + JSON.stringify(seen);
      expect(shown).not.toContain('canary');
      expect(seen.length).toBeGreaterThan(2);
    }
  });

  it.each<[Partial<FlowClientOptions>, string]>([
    [{ urlToken: undefined }, 'urlToken: missing'],
    [{ urlToken: '' }, 'urlToken: missing'],
    [{ urlToken: 'https://endpoint.example/token' }, "urlToken: expected only the last part of the endpoint's URL"],
    [{ urlToken: 'token\n' }, 'urlToken: expected only'],
    [{ platform: undefined as never }, 'platform: missing'],
    [{ maxInputBytes: 0 }, 'maxInputBytes: expected'],
    [{ timeoutMs: 0 }, 'timeoutMs: expected'],
    [{ token: 'x' } as never, 'unknown option'],
    [
      { platform: cognigyAi({ host: 'http://bots.example.com', endpointHost: 'http://flows.example.com' }) },
      'credentials would be sent unencrypted to flows.example.com',
    ],
  ])('%j is refused', (options, message) => {
    expect(() => clientFor('http://127.0.0.1:1', options)).toThrow(ConfigurationError);
    expect(() => clientFor('http://127.0.0.1:1', options)).toThrow(message);
  });

  it('a 429 without a wait ends as a RateLimitError', async () => {
    await using server = await scriptedServer(answer(429, { code: 429, title: 'Too Many Requests' }));
    expect(await failure(clientFor(server.url, { maxRetries: 0 }).send(input))).toBeInstanceOf(RateLimitError);
  });
});
