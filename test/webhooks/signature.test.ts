import { inspect } from 'node:util';
import fc from 'fast-check';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { describe, expect, it, vi } from 'vitest';
import { ConfigurationError, WebhookPayloadError, WebhookVerificationError } from 'agent-assist-sdk';
import {
  createWebhookHandler,
  generateWebhookSecret,
  signWebhook,
  verifyWebhook,
  type WebhookSecrets,
} from 'agent-assist-sdk/webhooks';
import { FakeClock } from '../helpers/fake-clock.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const event = { type: 'agentassist.alert.triggered', timestamp: '2026-01-01T00:00:00Z', data: { emotion: 'anger' } };
const body = JSON.stringify(event);
const clock = new FakeClock();
const now = new Date(clock.now());

async function reasonOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WebhookVerificationError);
  return (error as WebhookVerificationError).reason;
}

describe('the published vector', () => {
  // https://github.com/standard-webhooks/standard-webhooks, as in the suites of standardwebhooks and svix
  const vector = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: new Date(1_614_265_330_000),
    payload: '{"test": 2432232314}',
    signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };

  it('is signed as published', async () => {
    const { id, timestamp } = vector;
    expect(await signWebhook(vector.payload, SECRET, { id, timestamp })).toEqual({
      'webhook-id': id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': vector.signature,
    });
  });

  it('is verified, so that only the shape of its body is left to complain about', async () => {
    const headers = {
      'webhook-id': vector.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': vector.signature,
    };
    const then = new FakeClock(vector.timestamp.getTime());
    await expect(verifyWebhook(vector.payload, headers, SECRET, { clock: then })).rejects.toBeInstanceOf(
      WebhookPayloadError,
    );
  });
});

describe('names of headers', () => {
  it.each([
    [{ id: 5 }, 'headerNames: id: expected a string'],
    [{ id: '' }, 'headerNames.id: expected the name of a header'],
    [{ signature: 'bad name' }, 'headerNames.signature: expected the name of a header'],
  ])('%o are refused when the receiver is created', (headerNames, message) => {
    const options = { secrets: SECRET, on: {}, headerNames: headerNames as never };
    expect(() => createWebhookHandler(options)).toThrow(new ConfigurationError(message));
  });

  it('may have a list that ends with a comma', async () => {
    const headers = await signWebhook(body, SECRET);
    const signature = `${headers['webhook-signature']}, ,`;
    expect(await verifyWebhook(body, { ...headers, 'webhook-signature': signature }, SECRET)).toEqual(event);
  });
});

describe('foreign libraries', () => {
  const secrets = fc
    .uint8Array({ minLength: 1, maxLength: 64 })
    .map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`);
  const ids = fc.stringMatching(/^[!-~]{1,60}$/);
  // A field named `__proto__` is dropped where JSON enters.
  const data = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));
  const bodies = fc
    .record({ type: fc.string({ minLength: 1, unit: 'grapheme' }), data })
    .map((fields) => JSON.stringify({ ...fields, type: `x.${fields.type}`, timestamp: event.timestamp }));
  const libraries = [
    ['standardwebhooks', StandardWebhook],
    ['svix', SvixWebhook],
  ] as const;

  it.each(libraries)('%s signs what we verify', async (_, Webhook) => {
    await fc.assert(
      fc.asyncProperty(secrets, ids, bodies, async (secret, id, payload) => {
        const timestamp = new Date();
        const headers = {
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(timestamp.getTime() / 1000)),
          'webhook-signature': new Webhook(secret).sign(id, timestamp, payload),
        };
        expect(await verifyWebhook(payload, headers, secret)).toEqual(JSON.parse(payload));
      }),
    );
  });

  it.each(libraries)('%s verifies what we sign', async (_, Webhook) => {
    await fc.assert(
      fc.asyncProperty(secrets, ids, bodies, async (secret, id, payload) => {
        const headers = await signWebhook(payload, secret, { id });
        expect(new Webhook(secret).verify(payload, headers)).toEqual(JSON.parse(payload));
      }),
    );
  });

  it('agree on a plain text secret that is given as bytes', async () => {
    const headers = await signWebhook(body, new TextEncoder().encode('plain text'));
    expect(new StandardWebhook('plain text', { format: 'raw' }).verify(body, headers)).toEqual(event);
  });
});

describe('verifyWebhook', () => {
  it('refuses a change of any one byte of body, id, timestamp or signature', async () => {
    const signed = await signWebhook(body, SECRET, { timestamp: now });
    const parts = ['body', 'webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...parts),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        async (part, at, byte) => {
          const original = Buffer.from(part === 'body' ? body : signed[part], 'latin1');
          const changed = Buffer.from(original);
          const index = at % changed.length;
          fc.pre(changed[index] !== byte);
          changed[index] = byte;
          const headers = part === 'body' ? signed : { ...signed, [part]: changed.toString('latin1') };
          const attempt = verifyWebhook(part === 'body' ? changed : body, headers, SECRET, { clock });
          await expect(attempt).rejects.toBeInstanceOf(WebhookVerificationError);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('refuses another spelling of the same signature', async () => {
    const { 'webhook-signature': signature, ...rest } = await signWebhook(body, SECRET, { timestamp: now });
    const last = signature.at(-2) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const sameBytes = alphabet[alphabet.indexOf(last) + 1] ?? '';
    for (const respelt of [
      `${signature.slice(0, -2)}${sameBytes}=`,
      signature.slice(0, -1),
      `v1,\t${signature.slice(3)}`,
    ]) {
      expect(Buffer.from(respelt.slice(3), 'base64')).toEqual(Buffer.from(signature.slice(3), 'base64'));
      const attempt = verifyWebhook(body, { ...rest, 'webhook-signature': respelt }, SECRET, { clock });
      expect(await reasonOf(attempt)).toBe('no_matching_signature');
    }
  });

  it('takes the body as text, bytes or a buffer, and returns the event', async () => {
    const headers = await signWebhook(body, SECRET, { timestamp: now });
    const bytes = new TextEncoder().encode(body);
    for (const raw of [body, bytes, bytes.buffer, Buffer.from(body)]) {
      expect(await verifyWebhook(raw, headers, SECRET, { clock })).toEqual(event);
    }
  });

  it('takes Headers, any case, and lists of one as Node gives them', async () => {
    const headers = await signWebhook(body, SECRET, { timestamp: now });
    const shouted = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]));
    for (const given of [new Headers(headers), shouted, { ...headers, host: undefined }]) {
      await expect(verifyWebhook(body, given, SECRET, { clock })).resolves.toEqual(event);
    }
  });

  it('takes any of several signatures and skips versions that it does not know', async () => {
    const { 'webhook-signature': right, ...rest } = await signWebhook(body, SECRET, { timestamp: now });
    const wrong = 'v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=';
    const many = { ...rest, 'webhook-signature': `${wrong} v1a,abc v2,${right.slice(3)} garbage ${right} ${wrong}` };
    await expect(verifyWebhook(body, many, SECRET, { clock })).resolves.toEqual(event);
    const asV2 = { ...rest, 'webhook-signature': right.replace('v1', 'v2') };
    expect(await reasonOf(verifyWebhook(body, asV2, SECRET, { clock }))).toBe('no_matching_signature');
  });

  it('takes any of several secrets, and signs with several, so that a secret can be replaced', async () => {
    const next = generateWebhookSecret();
    const signedByOld = await signWebhook(body, SECRET, { timestamp: now });
    await expect(verifyWebhook(body, signedByOld, [next, SECRET], { clock })).resolves.toEqual(event);
    const signedByBoth = await signWebhook(body, [SECRET, next], { timestamp: now });
    expect(signedByBoth['webhook-signature'].split(' ')).toHaveLength(2);
    await expect(verifyWebhook(body, signedByBoth, next, { clock })).resolves.toEqual(event);
    expect(await reasonOf(verifyWebhook(body, signedByOld, next, { clock }))).toBe('no_matching_signature');
  });

  it.each([
    ['five minutes old', -300, undefined],
    ['a second older', -301, 'timestamp_too_old'],
    ['five minutes ahead', 300, undefined],
    ['a second further ahead', 301, 'timestamp_too_new'],
  ])('holds the tolerance: %s', async (_, seconds, reason) => {
    const headers = await signWebhook(body, SECRET, { timestamp: new Date(clock.now() + seconds * 1000) });
    const attempt = verifyWebhook(body, headers, SECRET, { clock });
    if (reason === undefined) await expect(attempt).resolves.toEqual(event);
    else expect(await reasonOf(attempt)).toBe(reason);
  });

  it('holds a tolerance of one’s own', async () => {
    const headers = await signWebhook(body, SECRET, { timestamp: new Date(clock.now() - 11_000) });
    expect(await reasonOf(verifyWebhook(body, headers, SECRET, { clock, toleranceMs: 10_000 }))).toBe(
      'timestamp_too_old',
    );
    await expect(verifyWebhook(body, headers, SECRET, { clock, toleranceMs: 11_000 })).resolves.toEqual(event);
    const now = await signWebhook(body, SECRET, { timestamp: new Date(clock.now()) });
    await expect(verifyWebhook(body, now, SECRET, { clock, toleranceMs: 0 })).resolves.toEqual(event);
    await expect(verifyWebhook(body, headers, SECRET, { clock, toleranceMs: 0 })).rejects.toThrow(
      'The webhook was signed too long ago',
    );
  });

  it.each([
    { toleranceMs: NaN },
    { toleranceMs: -1 },
    { toleranceMs: Infinity },
    { seenTtlMs: NaN },
    { seenTtlMs: 0 },
    { seenTtlMs: Infinity },
  ])('refuses %o, whatever it is given to verify', async (options) => {
    await expect(verifyWebhook(body, {}, SECRET, options)).rejects.toBeInstanceOf(ConfigurationError);
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('says that %s is missing', async (name) => {
    const headers = await signWebhook(body, SECRET, { timestamp: now });
    for (const value of [undefined, '']) {
      expect(await reasonOf(verifyWebhook(body, { ...headers, [name]: value }, SECRET, { clock }))).toBe(
        'missing_header',
      );
    }
  });

  it.each([
    ['webhook-timestamp', 'hello'],
    ['webhook-timestamp', '1767225600.0'],
    ['webhook-timestamp', '-5'],
    ['webhook-timestamp', '0x10'],
    ['webhook-timestamp', ['1767225600', '1767225600']],
    ['webhook-id', 'with space'],
    ['webhook-id', ['a', 'b']],
    ['webhook-id', 'x'.repeat(256)],
  ])('says that %s is malformed: %j', async (name, value) => {
    const headers = await signWebhook(body, SECRET, { timestamp: now });
    expect(await reasonOf(verifyWebhook(body, { ...headers, [name]: value }, SECRET, { clock }))).toBe(
      'malformed_header',
    );
  });

  it('does not hash the body again and again for a header full of signatures', async () => {
    const { 'webhook-signature': right, ...rest } = await signWebhook(body, SECRET, { timestamp: now });
    const wrong = 'v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=';
    const at = (position: number): string => [...Array<string>(position).fill(wrong), right].join(' ');
    await expect(verifyWebhook(body, { ...rest, 'webhook-signature': at(15) }, SECRET, { clock })).resolves.toEqual(
      event,
    );
    const attempt = verifyWebhook(body, { ...rest, 'webhook-signature': at(16) }, SECRET, { clock });
    expect(await reasonOf(attempt)).toBe('no_matching_signature');
  });

  it.each([
    ['not JSON', '{"type":', ['']],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), ['']],
    ['no object', '5', ['']],
    ['nothing in it', '{}', ['type', 'timestamp', 'data']],
    ['a time that is none', JSON.stringify({ ...event, timestamp: 'soon' }), ['timestamp']],
    ...['5', '2026', '2026-01-01', '2026-01-01T00:00:00', '2026-02-30T00:00:00Z', '', 5, null].map(
      (timestamp) =>
        [`the time ${String(timestamp)}`, JSON.stringify({ ...event, timestamp }), ['timestamp']] as [
          string,
          string,
          string[],
        ],
    ),
    ['a known type without an object', JSON.stringify({ ...event, data: [1] }), ['data']],
  ])('names what is wrong with a genuine body: %s', async (name, raw, paths) => {
    const headers = await signWebhook(raw, SECRET, { timestamp: now });
    const error = await verifyWebhook(raw, headers, SECRET, { clock }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WebhookPayloadError);
    const { issues } = error as WebhookPayloadError;
    expect(issues.map(({ path }) => path)).toEqual(paths);
    if (name.startsWith('not ')) expect(issues[0]?.message).toBe('not valid JSON');
  });

  it.each([
    '2026-01-01T00:00:00.000+0000',
    '2026-01-01T00:00-0530',
    '2026-01-01t00:00:00z',
    '2026-01-01T00:00:00+05:30',
  ])('reads a genuine body with the time %s', async (timestamp) => {
    const raw = JSON.stringify({ ...event, timestamp });
    const headers = await signWebhook(raw, SECRET, { timestamp: now });
    expect(await verifyWebhook(raw, headers, SECRET, { clock })).toEqual({ ...event, timestamp });
  });

  it('leaves out known fields of another type, and tells of them beside the event', async () => {
    const wrong = { interaction_id: 7, emotion: 5, confidence: '0.9', threshold: '0.8', directive: true };
    const raw = JSON.stringify({ ...event, data: { ...wrong, status: 'new', extra: '1' } });
    const headers = await signWebhook(raw, SECRET, { timestamp: now });
    const onIssues = vi.fn();
    const read = await verifyWebhook(raw, headers, SECRET, { clock, onIssues });
    expect(read).toEqual({ ...event, data: { status: 'new', extra: '1' } });
    const issues = Object.entries(wrong).map(([name, value]) => ({
      path: `data.${name}`,
      message: `expected ${typeof value === 'string' ? 'number' : 'string'}`,
    }));
    expect(onIssues.mock.calls).toEqual([[issues, read]]);
    onIssues.mockRejectedValueOnce(new Error('x'));
    const handled = vi.fn();
    const receive = createWebhookHandler({
      secrets: SECRET,
      clock,
      onIssues,
      on: { 'agentassist.alert.triggered': handled },
    });
    const { status } = await receive(new Request('https://a.example', { method: 'POST', body: raw, headers }));
    expect([status, handled.mock.calls[0]?.[0]]).toEqual([204, read]);
    expect(onIssues.mock.calls[1]).toEqual([issues, read]);
  });

  it('passes on types and fields that it does not know', async () => {
    const raw = JSON.stringify({ ...event, type: 'tenant.moved', data: null, region: 'eu' });
    const headers = await signWebhook(raw, SECRET, { timestamp: now });
    expect(await verifyWebhook(raw, headers, SECRET, { clock })).toEqual({
      ...event,
      type: 'tenant.moved',
      data: null,
      region: 'eu',
    });
  });

  it('gives known fields their names, takes null for absent, and leaves the rest as it came', async () => {
    const raw = JSON.stringify({
      ...event,
      data: { interaction_id: 'i-1', threshold: 0.8, emotion: null, extra_field: 1 },
    });
    const headers = await signWebhook(raw, SECRET, { timestamp: now });
    const { data } = await verifyWebhook(raw, headers, SECRET, { clock });
    expect(data).toEqual({ interactionId: 'i-1', threshold: 0.8, extra_field: 1 });
  });
});

describe('secrets', () => {
  it('takes the document’s example secret, which is base64 after its prefix, with or without it', async () => {
    const headers = await signWebhook(body, 'whsec_a1b2c3d4', { timestamp: now });
    await expect(verifyWebhook(body, headers, 'a1b2c3d4', { clock })).resolves.toEqual(event);
  });

  it.each<[string, WebhookSecrets]>([
    ['an empty text', ''],
    ['a prefix alone', 'whsec_'],
    ['no base64', 'whsec_not*base64'],
    ['no bytes', new Uint8Array()],
    ['an empty list', []],
    ['none at all', undefined as unknown as string],
    ['a wrong one beside a right one', [SECRET, 'p@ss']],
  ])('refuses %s without quoting it', async (_, secrets) => {
    const error: unknown = await signWebhook(body, secrets).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(inspect(error)).not.toMatch(/not\*base64|p@ss/);
  });

  it('makes secrets of 32 random bytes that svix takes', () => {
    const secret = generateWebhookSecret();
    expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32);
    expect(secret).not.toBe(generateWebhookSecret());
    expect(() => new SvixWebhook(secret)).not.toThrow();
  });

  it('refuses a parsed body, an id that no header can carry and a date that is none', async () => {
    await expect(signWebhook(event as unknown as string, SECRET)).rejects.toBeInstanceOf(ConfigurationError);
    await expect(signWebhook(body, SECRET, { id: 'two words' })).rejects.toBeInstanceOf(ConfigurationError);
    await expect(signWebhook(body, SECRET, { timestamp: new Date(NaN) })).rejects.toBeInstanceOf(ConfigurationError);
    await expect(signWebhook(body, SECRET, { timestamp: new Date(-1) })).rejects.toBeInstanceOf(ConfigurationError);
    expect((await signWebhook(body, SECRET, { timestamp: new Date(0) }))['webhook-timestamp']).toBe('0');
  });
});
