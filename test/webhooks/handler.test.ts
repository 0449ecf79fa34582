import { serve } from 'srvx';
import { describe, expect, it, vi } from 'vitest';
import { ConfigurationError, TimeoutError, WebhookPayloadError, WebhookVerificationError } from 'agent-assist-sdk';
import { createWebhookHandler, signWebhook, type WebhookContext, type WebhookEvent } from 'agent-assist-sdk/webhooks';
import type { FakeClock } from '../helpers/fake-clock.js';
import { setup, outcome, request, alert, URL_, SECRET } from './receiver.js';

/** Headers that look right; nobody's secret made the signature. */
async function plausibleHeaders(clock: FakeClock): Promise<Record<string, string>> {
  const headers = await signWebhook('another body', SECRET, { id: 'msg_1', timestamp: new Date(clock.now()) });
  return { ...headers };
}

/** A request with plausible headers and this body. */
async function streamed(clock: FakeClock, body: ReadableStream, headers: object = {}): Promise<Request> {
  const init = { method: 'POST', body, duplex: 'half', headers: { ...(await plausibleHeaders(clock)), ...headers } };
  return new Request(URL_, init);
}

describe('what it answers', () => {
  it('204 with an empty body, after the handler of the type was given the event', async () => {
    const seen: [WebhookEvent, string][] = [];
    const { clock, receive, errors } = setup({
      onIssues: () => expect.unreachable(),
      on: { 'agentassist.alert.triggered': (event, { id }) => void seen.push([event, id]) },
      onUnknown: () => expect.unreachable(),
    });
    expect(await outcome(receive(await request(clock)))).toEqual([204, undefined]);
    expect(seen).toEqual([[alert, 'msg_1']]);
    expect(errors).toEqual([]);
  });

  it('204 for a type without a handler, which onUnknown gets', async () => {
    const passedOn: string[] = [];
    const { clock, receive } = setup({ onUnknown: ({ type }) => passedOn.push(type) });
    for (const type of ['tenant.moved', 'sentiment.calibration.updated', 'constructor', '__proto__', 'toString']) {
      expect(await outcome(receive(await request(clock, { ...alert, type })))).toEqual([204, undefined]);
    }
    expect(passedOn).toEqual(['tenant.moved', 'sentiment.calibration.updated', 'constructor', '__proto__', 'toString']);
    expect(await outcome(setup().receive(await request(clock)))).toEqual([204, undefined]);
  });

  it('405 with Allow for any other method', async () => {
    const { receive } = setup();
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const response = await receive(new Request(URL_, { method }));
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    }
  });

  it('401 for what is not proven genuine, with the reason', async () => {
    const { clock, receive, errors } = setup();
    expect(await outcome(receive(new Request(URL_, { method: 'POST', body: '{}' })))).toEqual([401, 'missing_header']);
    const forged = new Request(await request(clock), { body: '{"type":"forged"}' });
    expect(await outcome(receive(forged))).toEqual([401, 'no_matching_signature']);
    const old = await request(clock);
    await clock.advance(301_000);
    expect(await outcome(receive(old))).toEqual([401, 'timestamp_too_old']);
    expect(errors).toHaveLength(3);
    expect(errors.every((error) => error instanceof WebhookVerificationError)).toBe(true);
  });

  it('400 for a genuine body that is no event', async () => {
    const { clock, receive, errors } = setup();
    for (const body of ['not json', '{}', '[]', '']) {
      expect(await outcome(receive(await request(clock, body)))).toEqual([400, 'malformed_event']);
    }
    expect(errors.every((error) => error instanceof WebhookPayloadError)).toBe(true);
  });

  it('500 for a handler that throws or rejects, without its words', async () => {
    for (const handler of [
      () => {
        throw new Error('canary');
      },
      () => Promise.reject(new Error('canary')),
    ]) {
      const { clock, receive, errors } = setup({ on: { 'agentassist.alert.triggered': handler } });
      const response = await receive(await request(clock));
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain('canary');
      expect(errors).toEqual([new Error('canary')]);
    }
  });

  it('500 for a handler that takes too long, whose signal is aborted then', async () => {
    let context: WebhookContext | undefined;
    const { clock, receive, errors } = setup({
      timeoutMs: 2_000,
      onUnknown: (_, given) => {
        context = given;
        return new Promise(() => undefined);
      },
    });
    const response = receive(await request(clock));
    await expect.poll(() => context).toBeDefined();
    await clock.advance(1_999);
    expect(context?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(await outcome(response)).toEqual([500, 'handler_failed']);
    expect(context?.signal.aborted).toBe(true);
    expect(errors).toEqual([expect.any(TimeoutError)]);
    expect(errors[0]).toMatchObject({ timeoutMs: 2_000 });
    expect(clock.pendingDelays).toEqual([]);
  });

  it('is not disturbed by an onError that throws', async () => {
    const { receive } = setup({
      onError: () => {
        throw new Error('x');
      },
    });
    expect(await outcome(receive(new Request(URL_, { method: 'POST', body: '{}' })))).toEqual([401, 'missing_header']);
  });
});

describe('the body', () => {
  it('413 as soon as Content-Length says so, without reading', async () => {
    const { clock, receive } = setup({ maxBodyBytes: 10 });
    const pull = vi.fn();
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    const tooLong = await streamed(clock, body, { 'content-length': '11' });
    expect(await outcome(receive(tooLong))).toEqual([413, 'body_too_large']);
    expect(pull).not.toHaveBeenCalled();
  });

  it('413 in the middle of a body without a length, which is not read further', async () => {
    const { clock, receive } = setup({ maxBodyBytes: 25 });
    let chunks = 0;
    let cancelled = false;
    const body = new ReadableStream(
      {
        pull: (controller) => {
          chunks += 1;
          controller.enqueue(new Uint8Array(10));
        },
        cancel: () => {
          cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    expect(await outcome(receive(await streamed(clock, body)))).toEqual([413, 'body_too_large']);
    expect([chunks, cancelled]).toEqual([3, true]);
  });

  it('takes a body of exactly the longest length', async () => {
    const text = JSON.stringify(alert);
    const { clock, receive } = setup({ maxBodyBytes: text.length });
    expect(await outcome(receive(await request(clock, text)))).toEqual([204, undefined]);
    const shorter = setup({ maxBodyBytes: text.length - 1 });
    expect(await outcome(shorter.receive(await request(shorter.clock, text)))).toEqual([413, 'body_too_large']);
  });

  it('takes a body that comes in many pieces, and one that is not there', async () => {
    const events: WebhookEvent[] = [];
    const { clock, receive } = setup({ onUnknown: (event) => events.push(event) });
    const whole = await request(clock);
    const bytes = new TextEncoder().encode(JSON.stringify(alert));
    const body = new ReadableStream({
      start: (controller) => {
        for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
        controller.close();
      },
    });
    const init = { method: 'POST', headers: whole.headers, body, duplex: 'half' };
    expect(await outcome(receive(new Request(URL_, init)))).toEqual([204, undefined]);
    expect(events).toEqual([alert]);
    expect(await outcome(receive(new Request(URL_, { method: 'POST' })))).toEqual([401, 'missing_header']);
  });

  it('408 for a body that does not arrive in time', async () => {
    const { clock, receive } = setup();
    let cancelled = false;
    const body = new ReadableStream({
      cancel: () => {
        cancelled = true;
      },
    });
    const response = receive(await streamed(clock, body));
    await expect.poll(() => clock.pendingDelays).toHaveLength(1);
    await clock.advance(10_000);
    expect(await outcome(response)).toEqual([408, 'body_timeout']);
    expect(cancelled).toBe(true);
  });

  it('400 for a body that breaks off, 500 for one that was read before', async () => {
    const { clock, receive, errors } = setup();
    const body = new ReadableStream({ start: (controller) => controller.error(new Error('reset')) });
    expect(await outcome(receive(await streamed(clock, body)))).toEqual([400, 'unreadable_body']);
    const used = await request(clock);
    await used.json();
    expect(await outcome(receive(used))).toEqual([500, 'internal_error']);
    expect(errors[1]).toBeInstanceOf(ConfigurationError);
  });

  it('is verified as bytes: one that is not UTF-8 but signed is malformed, not forged', async () => {
    const { clock, receive } = setup();
    const raw = new Uint8Array([0xff, 0xfe]);
    const headers = await signWebhook(raw, SECRET, { timestamp: new Date(clock.now()) });
    expect(await outcome(receive(new Request(URL_, { method: 'POST', body: raw, headers })))).toEqual([
      400,
      'malformed_event',
    ]);
  });
});

describe('options', () => {
  it('warns of a secret that is too short, and takes it', () => {
    const warn = vi.fn();
    const logger = { debug: warn, info: warn, warn, error: warn };
    createWebhookHandler({ secrets: [SECRET, 'whsec_a1b2c3d4'], on: {}, logger });
    expect(warn.mock.calls).toEqual([
      ['A webhook secret has only 6 bytes; use at least 24, as from generateWebhookSecret()', undefined],
    ]);
  });

  it.each([
    { secrets: [] },
    { secrets: 'not*base64' },
    { on: { 'agentassist.alert.trigered': () => undefined } as never },
    { maxBodyBytes: 0 },
    { concurrency: 0 },
    { timeoutMs: -1 },
    { timeoutMs: 2 ** 31 },
    { toleranceMs: NaN },
    { toleranceMs: -1 },
    { toleranceMs: Infinity },
    { seenTtlMs: NaN },
    { seenTtlMs: 0 },
    { seenTtlMs: Infinity },
  ])('refuses %o when it is made', (options) => expect(() => setup(options)).toThrow(ConfigurationError));
});

describe('on a real socket', () => {
  it('takes signed requests from fetch and stops a chunked body that is too long', async () => {
    const types: string[] = [];
    const receive = createWebhookHandler({
      secrets: SECRET,
      on: {},
      onUnknown: ({ type }) => types.push(type),
      maxBodyBytes: 1_000,
    });
    const server = serve({ fetch: receive, port: 0, hostname: '127.0.0.1', silent: true });
    await server.ready();
    try {
      const url = server.url ?? '';
      const body = JSON.stringify(alert);
      const headers = await signWebhook(body, SECRET);
      expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(204);
      expect((await fetch(url)).status).toBe(405);
      const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(500)) });
      const init = { method: 'POST', body: endless, duplex: 'half', headers };
      const answered = await fetch(url, init as RequestInit).then(
        ({ status }) => status,
        () => 'closed',
      );
      expect([413, 'closed']).toContain(answered);
      expect(types).toEqual([alert.type]);
    } finally {
      await server.close(true);
    }
  });
});
