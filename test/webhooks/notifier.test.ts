import { inspect } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import {
  AbortError,
  BadRequestError,
  AgentAssistError,
  ConfigurationError,
  RequestValidationError,
  ServerError,
  TimeoutError,
} from 'agent-assist-sdk';
import { RetryBudget } from 'agent-assist-sdk/http';
import { WebhookNotifier, type WebhookNotifierOptions } from 'agent-assist-sdk/webhooks';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, dropConnection, hang, scriptedServer, type Script } from '../helpers/scripted-server.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const dashboard = {
  event: 'cognigy_simulation_complete',
  metrics: { passed: 1 },
  audit_log: '{}',
  timestamp: '2026-01-01T00:00:00Z',
};

function notifier(options: WebhookNotifierOptions = {}): WebhookNotifier {
  return new WebhookNotifier({ secrets: SECRET, allowLoopbackHttp: true, random: () => 0, ...options });
}

describe('WebhookNotifier', () => {
  it('sends any JSON, signed so that others can verify it, to the very URL', async () => {
    await using server = await scriptedServer(answer(202));
    const result = await notifier().send(`${server.url}/a%2Fb/{x}?k=1&k={2}&token=t#part`, dashboard, {
      headers: { 'X-Source': 'cognigy-sim-runner' },
    });
    const [request] = server.requests;
    expect(request?.method).toBe('POST');
    expect(request?.url).toBe('/a%2Fb/%7Bx%7D?k=1&k=%7B2%7D&token=t');
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-source': 'cognigy-sim-runner',
      'webhook-id': result.id,
    });
    expect(new Webhook(SECRET).verify(request?.body ?? '', request?.headers as Record<string, string>)).toEqual(
      dashboard,
    );
    expect(result).toMatchObject({ status: 202, attempts: 1 });
  });

  it('repeats with the same bytes, id, timestamp and signature until it is accepted', async () => {
    await using server = await scriptedServer(
      answer(500),
      dropConnection,
      answer(429, {}, { 'retry-after': '0' }),
      answer(200),
    );
    const result = await notifier().send(server.url, dashboard, { id: 'run-1' });
    expect(result).toEqual({ id: 'run-1', status: 200, attempts: 4 });
    const sent = server.requests.map(({ body, headers }) => [
      body,
      headers['webhook-id'],
      headers['webhook-timestamp'],
      headers['webhook-signature'],
    ]);
    expect(sent).toHaveLength(4);
    expect(new Set(sent.map((parts) => JSON.stringify(parts))).size).toBe(1);
    expect(sent[0]?.[1]).toBe('run-1');
  });

  it('gives up with the error of the last attempt', async () => {
    await using server = await scriptedServer(answer(503));
    const error: unknown = await notifier({ maxRetries: 1 })
      .send(server.url, dashboard)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServerError);
    expect(server.requests).toHaveLength(2);
  });

  it('does not repeat what the receiver refuses, and follows no redirect', async () => {
    await using refusing = await scriptedServer(answer(400));
    await expect(notifier().send(refusing.url, dashboard)).rejects.toBeInstanceOf(BadRequestError);
    await using elsewhere = await scriptedServer();
    await using redirecting = await scriptedServer(answer(307, {}, { location: elsewhere.url }));
    await expect(notifier().send(redirecting.url, dashboard)).rejects.toMatchObject({ status: 307 });
    expect([refusing.requests.length, redirecting.requests.length, elsewhere.requests.length]).toEqual([1, 1, 0]);
  });

  it('gives each attempt 10 s', async () => {
    await using server = await scriptedServer(hang);
    const clock = new FakeClock();
    const sending = notifier({ clock, maxRetries: 0 }).send(server.url, dashboard);
    const error: unknown = await clock.runUntilSettled(sending.catch((reason: unknown) => reason));
    expect(error).toBeInstanceOf(TimeoutError);
    expect((error as TimeoutError).timeoutMs).toBe(10_000);
  });

  it('ends on abort', async () => {
    await using server = await scriptedServer(hang);
    const controller = new AbortController();
    const sending = notifier().send(server.url, dashboard, { signal: controller.signal });
    controller.abort();
    await expect(sending).rejects.toBeInstanceOf(AbortError);
  });

  it('sends an id and no signature when it has no secret', async () => {
    await using server = await scriptedServer();
    await new WebhookNotifier({ allowLoopbackHttp: true }).send(server.url, [1, 'two']);
    expect(server.requests[0]?.headers['webhook-id']).toMatch(/^msg_/);
    expect(server.requests[0]?.headers['webhook-signature']).toBeUndefined();
    expect(server.requests[0]?.body).toBe('[1,"two"]');
  });

  it('signs exactly what is sent, also when toJSON has effects', async () => {
    await using server = await scriptedServer();
    let calls = 0;
    await notifier().send(server.url, { at: { toJSON: () => (calls += 1) }, 2: 'b', 1: 'a', gone: undefined });
    const [request] = server.requests;
    expect(() =>
      new Webhook(SECRET).verify(request?.body ?? '', request?.headers as Record<string, string>),
    ).not.toThrow();
  });

  it('checks the target and the body before anything is sent', async () => {
    const strict = new WebhookNotifier();
    for (const url of ['http://127.0.0.1:1/', 'https://10.0.0.1/', 'https://user:pass@example.com/']) {
      await expect(strict.send(url, {})).rejects.toBeInstanceOf(RequestValidationError);
    }
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    for (const body of [undefined, cyclic, 1n]) {
      await expect(notifier().send('http://127.0.0.1:1/', body)).rejects.toBeInstanceOf(RequestValidationError);
    }
    await expect(notifier().send('http://127.0.0.1:1/', {}, { id: 'two words' })).rejects.toBeInstanceOf(
      ConfigurationError,
    );
    expect(() => notifier({ secrets: 'not*base64' })).toThrow(ConfigurationError);
  });

  it('keeps its secrets out of itself and of what it rejects with', async () => {
    const canary = `whsec_${Buffer.from('canary-secret').toString('base64')}`;
    const quoted = `neither ${canary} nor ${canary.slice(6)} nor canary-bytes is your secret`;
    await using server = await scriptedServer(answer(400, { error: quoted }));
    const sender = notifier({ secrets: [canary, new TextEncoder().encode('canary-bytes')] });
    const error: unknown = await sender.send(server.url, dashboard).catch((reason: unknown) => reason);
    for (const text of [
      inspect(sender, { depth: 9, showHidden: true }),
      JSON.stringify(sender),
      inspect(error, { depth: 9 }),
      JSON.stringify(error),
    ]) {
      expect(text).not.toContain(canary.slice(6));
      expect(text).not.toContain('canary-bytes');
    }
  });

  describe('keeps what a URL may have as its secret, in path and query,', () => {
    const SECRET_PATH = '/c4n/T0CANARY1/canary-two%2Fpart';
    const SECRET_QUERY = '?token=canary%20three&canary-four&k=c4n';
    const canaries = /canary|c4n/i;

    const outcomes: [string, Script[], WebhookNotifierOptions][] = [
      [
        'an error answer that quotes it',
        [
          (response, { url }) => {
            const quoted = { message: `no hook ${url}, canary-two%2Fpart of T0CANARY1, "canary three" or canary-four` };
            answer(500, quoted)(response, { url } as never);
          },
        ],
        {},
      ],
      ['a redirect', [answer(307, {}, { location: 'https://example.com/' })], {}],
      ['a broken connection', [dropConnection], {}],
      ['a repeat', [answer(503), answer(503), answer(400)], {}],
      ['no answer in time', [hang], { timeoutMs: 50, maxRetries: 0 }],
      [
        'a transport that quotes it',
        [],
        { transport: ({ url }) => Promise.reject(new TypeError(`cannot fetch ${url}`)) },
      ],
      ['no budget for a repeat', [answer(500)], { retryBudget: new RetryBudget({ capacity: 1 }) }],
    ];

    it.each(outcomes)('out of errors, log lines and onAttempt: %s', async (_, scripts, options) => {
      await using server = await scriptedServer(...scripts);
      const told: unknown[] = [];
      const note = (...line: unknown[]): void => void told.push(line);
      const logger = { debug: note, info: note, warn: note, error: note };
      const sender = notifier({ maxRetries: 2, logger, onAttempt: note, ...options });
      const error: unknown = await sender
        .send(server.url + SECRET_PATH + SECRET_QUERY, dashboard)
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(AgentAssistError);
      expect(told).not.toEqual([]);
      for (const text of [
        String(error),
        inspect(error, { depth: 9, showHidden: true }),
        JSON.stringify(error),
        inspect(told, { depth: 9 }),
      ]) {
        expect(text).not.toMatch(canaries);
      }
      for (const { url } of server.requests) expect(url).toBe(SECRET_PATH + SECRET_QUERY);
    });

    it('and says what else the receiver says', async () => {
      await using server = await scriptedServer(answer(400, { message: 'a / in a text is left alone' }));
      await expect(notifier().send(server.url, dashboard)).rejects.toMatchObject({
        path: '/',
        serverMessage: 'a / in a text is left alone',
      });
      await expect(notifier().send(`${server.url}/a?b=1`, dashboard)).rejects.toMatchObject({
        serverMessage: 'a / in a text is left alone',
      });
    });
  });
});
