import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { MemoryStore, type KeyValueStore } from 'agent-assist-sdk/http';
import {
  createWebhookHandler,
  forgetWebhook,
  generateWebhookSecret,
  signWebhook,
  verifyWebhook,
  type WebhookHandlerOptions,
} from 'agent-assist-sdk/webhooks';
import { FakeClock } from '../helpers/fake-clock.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = generateWebhookSecret();
const alert = { type: 'agentassist.alert.triggered', timestamp: '2026-01-01T00:00:00Z', data: { emotion: 'anger' } };
const body = JSON.stringify(alert);
const clock = new FakeClock();
const timestamp = new Date(clock.now());

async function request(secrets: string | readonly string[], headers: Record<string, string> = {}): Promise<Request> {
  const signed = await signWebhook(body, secrets, { id: 'msg_1', timestamp });
  return new Request('https://coaching.example.com/webhook', {
    method: 'POST',
    body,
    headers: { ...signed, ...headers },
  });
}

function receiver(options: Partial<WebhookHandlerOptions>): (request: Request) => Promise<Response> {
  return createWebhookHandler({ secrets: SECRET, on: {}, clock, ...options });
}

async function answer(response: Promise<Response>): Promise<string> {
  const { status, body: stream } = await response;
  return stream === null ? String(status) : `${status} ${await new Response(stream).text()}`;
}

describe('the signature header', () => {
  it('may be two headers that were joined by a comma, in either order', async () => {
    const { 'webhook-signature': good } = await signWebhook(body, SECRET, { id: 'msg_1', timestamp });
    const { 'webhook-signature': foreign } = await signWebhook(body, OTHER, { id: 'msg_1', timestamp });
    const receive = receiver({});
    for (const value of [`${good}, ${foreign}`, `${foreign}, ${good}`, `${foreign},${good}`, `v1a,AAAA, ${good}`]) {
      expect(await answer(receive(await request(SECRET, { 'webhook-signature': value })))).toBe('204');
    }
    const headers = new Headers({ 'webhook-id': 'msg_1', 'webhook-timestamp': String(timestamp.getTime() / 1000) });
    headers.append('webhook-signature', good);
    headers.append('webhook-signature', foreign);
    expect(await verifyWebhook(body, headers, SECRET, { clock })).toEqual(alert);
  });

  it('is found among any others, however they are separated', async () => {
    const { 'webhook-signature': good } = await signWebhook(body, SECRET, { id: 'msg_1', timestamp });
    const other = fc.constantFrom<string[]>(`v1,${btoa('x'.repeat(32))}`, 'v1a,AAAA', 'v2,AAAA', 'v1,', 'v1', 'x');
    const separator = fc.constantFrom(' ', ', ', ',', '  ', ',  ');
    await fc.assert(
      fc.asyncProperty(fc.array(other, { maxLength: 5 }), fc.nat({ max: 5 }), separator, async (others, at, by) => {
        // Without a space, a comma separates only what begins with a version.
        fc.pre(by !== ',' || !others.some((text) => /^(?:x|v1)$/.test(text)));
        const value = others.toSpliced(at, 0, good).join(by);
        expect(await answer(receiver({})(await request(SECRET, { 'webhook-signature': value })))).toBe('204');
      }),
    );
  });

  it('may have another name, and so may the others', async () => {
    const {
      'webhook-id': id,
      'webhook-timestamp': time,
      'webhook-signature': signature,
    } = await signWebhook(body, SECRET, { timestamp });
    const headers = { 'Svix-Id': id, 'svix-timestamp': time, 'svix-signature': signature };
    const headerNames = { id: 'svix-id', timestamp: 'svix-timestamp', signature: 'Svix-Signature' };
    expect(await verifyWebhook(body, headers, SECRET, { clock, headerNames })).toEqual(alert);
    await expect(verifyWebhook(body, headers, SECRET, { clock })).rejects.toMatchObject({
      reason: 'missing_header',
      message: expect.stringContaining('webhook-id') as string,
    });
    await expect(verifyWebhook(body, {}, SECRET, { clock, headerNames })).rejects.toMatchObject({
      message: expect.stringContaining('svix-id') as string,
    });
  });
});

describe('a compressed body', () => {
  const gzip = (text: string): Promise<ArrayBuffer> =>
    new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer();

  it('has a reason of its own', async () => {
    const headers = { ...(await signWebhook(body, SECRET, { timestamp })), 'content-encoding': 'gzip' };
    await expect(verifyWebhook(await gzip(body), headers, SECRET, { clock })).rejects.toMatchObject({
      reason: 'compressed_body',
    });
    const sent = new Request('https://a.example', { method: 'POST', body: await gzip(body), headers });
    expect(await answer(receiver({})(sent))).toBe('401 {"error":"compressed_body"}');
  });

  it('is none when the server undid the compression and kept its header', async () => {
    expect(await answer(receiver({})(await request(SECRET, { 'content-encoding': 'gzip' })))).toBe('204');
    expect(await answer(receiver({})(await request(OTHER, { 'content-encoding': 'identity' })))).toBe(
      '401 {"error":"no_matching_signature"}',
    );
  });
});

describe('the headers are looked at before the body', () => {
  it.each([
    ['missing', { 'webhook-id': '' }, 'missing_header'],
    ['malformed', { 'webhook-timestamp': 'now' }, 'malformed_header'],
    ['too old', { 'webhook-timestamp': String(timestamp.getTime() / 1000 - 301) }, 'timestamp_too_old'],
    ['too new', { 'webhook-timestamp': String(timestamp.getTime() / 1000 + 301) }, 'timestamp_too_new'],
    ['no signature', { 'webhook-signature': 'v1,AAAA' }, 'no_matching_signature'],
  ])('%s: nothing is read', async (_, headers, reason) => {
    const pull = vi.fn();
    const stream = new ReadableStream({ pull }, { highWaterMark: 0 });
    const { headers: signed } = await request(SECRET, headers);
    const init = { method: 'POST', body: stream, duplex: 'half', headers: signed };
    expect(await answer(receiver({})(new Request('https://a.example', init)))).toBe(`401 {"error":"${reason}"}`);
    expect(pull).not.toHaveBeenCalled();
  });
});

describe('more than may be under way', () => {
  it('are answered 503 with Retry-After, and there is room again afterwards', async () => {
    const gate = Promise.withResolvers<undefined>();
    const onUnknown = vi.fn(() => gate.promise);
    const receive = receiver({ onUnknown, concurrency: 2 });
    const first = [receive(await request(SECRET)), receive(await request(SECRET))];
    await expect.poll(() => onUnknown).toHaveBeenCalledTimes(2);
    const refused = await receive(await request(SECRET));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    gate.resolve(undefined);
    for (const response of first) expect((await response).status).toBe(204);
    expect(await answer(receive(await request(SECRET)))).toBe('204');
  });
});

describe('two receivers on one store', () => {
  it('with secrets of their own handle webhooks of the same id each', async () => {
    const seen = new MemoryStore({ clock });
    const handled: string[] = [];
    const a = receiver({ seen, onUnknown: () => handled.push('a') });
    const b = receiver({ seen, onUnknown: () => handled.push('b'), secrets: OTHER });
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await answer(a(await request(SECRET)))).toBe('204');
      expect(await answer(b(await request(OTHER)))).toBe('204');
    }
    expect(handled).toEqual(['a', 'b']);
  });

  it('with one secret and namespaces of their own do so too', async () => {
    const seen = new MemoryStore({ clock });
    const handled: string[] = [];
    for (const seenNamespace of ['alerts', 'calibrations', 'alerts']) {
      const receive = receiver({ seen, seenNamespace, onUnknown: () => handled.push(seenNamespace) });
      expect(await answer(receive(await request(SECRET)))).toBe('204');
    }
    expect(handled).toEqual(['alerts', 'calibrations']);
  });

  it('handle a webhook once while one secret replaces the other, whichever signature is left', async () => {
    for (const turns of [
      [
        { secrets: [SECRET], signedBy: [SECRET] },
        { secrets: [OTHER, SECRET], signedBy: [SECRET, OTHER] },
        { secrets: [OTHER, SECRET], signedBy: [OTHER] },
      ],
      [
        { secrets: [OTHER, SECRET], signedBy: [SECRET] },
        { secrets: [OTHER], signedBy: [OTHER] },
      ],
    ]) {
      const seen = new MemoryStore({ clock });
      const onUnknown = vi.fn();
      for (const { secrets, signedBy } of turns) {
        expect(await answer(receiver({ seen, onUnknown, secrets })(await request(signedBy)))).toBe('204');
      }
      expect(onUnknown).toHaveBeenCalledTimes(1);
    }
  });

  it('do not show the secret in a key', async () => {
    const set = vi.fn();
    await receiver({ seen: { get: () => undefined, set, delete: vi.fn() } })(await request(SECRET));
    expect(set.mock.calls.map(([key]) => key as unknown)).toEqual([
      expect.stringMatching(/^[0-9a-f]{16}:msg_1$/),
      expect.stringMatching(/^[0-9a-f]{16}:msg_1$/),
    ]);
  });
});

/** Two processes: each has a store of its own in front of what they share. */
function sharedBackend(): () => KeyValueStore {
  const values = new Map<string, string>();
  const later = async <T>(work: () => T): Promise<T> => {
    await Promise.resolve();
    return work();
  };
  return () => ({
    get: (key) => later(() => values.get(key)),
    set: (key, value) => later(() => values.set(key, value)),
    delete: (key) => later(() => values.delete(key)),
    add: (key, value) => later(() => !values.has(key) && values.set(key, value).size > 0),
  });
}

describe('two stores over one backend with add', () => {
  it('handle a webhook once, however many arrive at once', async () => {
    const store = sharedBackend();
    const gate = Promise.withResolvers<undefined>();
    const onUnknown = vi.fn(() => gate.promise);
    const answers: string[] = [];
    const all = Array.from({ length: 8 }, async () => {
      answers.push(await answer(receiver({ seen: store(), onUnknown })(await request(SECRET))));
    });
    await expect.poll(() => answers).toHaveLength(7);
    expect(new Set(answers)).toEqual(new Set(['409 {"error":"being_handled"}']));
    gate.resolve(undefined);
    await Promise.all(all);
    expect(answers.at(-1)).toBe('204');
    expect(onUnknown).toHaveBeenCalledTimes(1);
    expect(await answer(receiver({ seen: store(), onUnknown })(await request(SECRET)))).toBe('204');
    expect(onUnknown).toHaveBeenCalledTimes(1);
  });

  it('let the repeat in after a failure', async () => {
    const store = sharedBackend();
    const onUnknown = vi.fn().mockRejectedValueOnce(new Error('down'));
    expect((await receiver({ seen: store(), onUnknown })(await request(SECRET))).status).toBe(500);
    expect((await receiver({ seen: store(), onUnknown })(await request(SECRET))).status).toBe(204);
    expect(onUnknown).toHaveBeenCalledTimes(2);
  });
});

describe('forgetWebhook', () => {
  it('lets a repeat in that verifyWebhook would refuse, also when its time is over', async () => {
    const later = new FakeClock();
    const options = { seen: new MemoryStore({ clock: later }), clock: later };
    const { headers } = await request(SECRET);
    const verify = (): Promise<unknown> => verifyWebhook(body, headers, SECRET, options);
    await verify();
    await expect(verify()).rejects.toMatchObject({ reason: 'replayed' });
    await forgetWebhook(headers, SECRET, options);
    expect(await verify()).toEqual(alert);
    await later.advance(400_000);
    await forgetWebhook(headers, SECRET, options);
    expect(options.seen.size).toBe(0);
    await forgetWebhook(headers, SECRET, {});
  });
});
