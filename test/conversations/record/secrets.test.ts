import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecording, recordStream } from 'agent-assist-sdk/conversations';
import { filesOf, HandStream, recordingPath } from '../helpers.js';

async function recordedText(secrets: readonly string[], ...events: readonly object[]): Promise<string> {
  const path = await recordingPath();
  const stream = new HandStream();
  const recorder = await recordStream(stream, path, { redact: (event) => event, secrets: () => secrets });
  for (const event of events) stream.emit({ ...event, type: 'X' });
  await recorder.close();
  // Whatever was lost is not in the file either, but that would prove nothing.
  expect(recorder.counts).toEqual({ written: events.length, omitted: 0, lost: 0 });
  const { text } = await filesOf(path);
  for await (const { event } of readRecording(path)) expect(event.type).toBe('X');
  return text;
}

/** Puts a text somewhere into a tree of JSON: as a value, within one, as a name, or as JSON in JSON. */
const hidden = (secret: string): fc.Arbitrary<object> => {
  const around = fc.stringMatching(/^[a-z ]{0,5}$/);
  const text = fc.tuple(around, around).map(([before, after]) => `${before} ${secret} ${after}`);
  const leaf = fc.oneof(
    text,
    text.map((value) => JSON.stringify({ value })),
    text.map((value) => ({ [value]: 1 })),
    fc.constant(encodeURIComponent(secret)),
  );
  return fc
    .oneof(
      leaf,
      fc.array(leaf, { minLength: 1, maxLength: 2 }),
      leaf.map((value) => ({ deep: { value } })),
    )
    .map((value) => ({ note: value }));
};

describe('credentials in a recording', () => {
  it('are removed by value, wherever they are in an event and however they are encoded', async () => {
    const secret = fc.stringMatching(/^[a-zA-Z\d"\\/+=:@ é-]{12,30}$/).filter((text) => text.trim().length >= 12);
    await fc.assert(
      fc.asyncProperty(
        secret.chain((value) => fc.tuple(fc.constant(value), hidden(value))),
        async ([value, event]) => {
          const text = await recordedText([value], event);
          const json = JSON.stringify(value).slice(1, -1);
          for (const form of [value, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(value)])
            expect(text).not.toContain(form);
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([
    ['references', (char: string) => `&#${char.charCodeAt(0)};`],
    ['percent-encoding', (char: string) => `%${char.charCodeAt(0).toString(16)}`],
    ['escapes', (char: string) => `\\u00${char.charCodeAt(0).toString(16)}`],
    ['invisible characters', (char: string) => `${char}\u200b`],
    ['tags', (char: string) => `${char}<wbr>`],
    ['hex digits', (char: string) => char.charCodeAt(0).toString(16)],
  ])('are removed by value with every character in %s', async (_, encode) => {
    const secret = 's3cret horse';
    const text = Array.from(secret, encode).join('');
    const lines = (await recordedText([secret], { note: `so ${text} ok`, [text]: 1 })).split('\n');
    const { event } = JSON.parse(lines[1] ?? '') as { event: { note: string } };
    expect(event.note).toMatch(/^so \[redacted\](?:<wbr>)? ok$/);
    expect(Object.keys(event)[1]).toMatch(/^\[redacted\](?:<wbr>)?$/);
  });

  it('are removed by the name of their field, with all that is in it', async () => {
    const names = [
      'token',
      'accessToken',
      'access_token',
      'ID-TOKEN',
      'Authorization',
      'proxy-authorization',
      'Cookie',
    ];
    const more = [
      'secretKey',
      'secret_key',
      'AWS_SECRET_KEY',
      'clientSecretValue',
      'private_key_pem',
      'signingKey',
      'set-cookie',
      'clientSecret',
      'client_secret',
      'password',
      'X-API-Key',
      'X-Webhook-Key',
      'privateKey',
      'credentials',
      'jwt',
    ];
    for (const name of [...names, ...more]) {
      const text = await recordedText([], { a: [{ [name]: 'canary' }], b: { [name]: { deep: ['canary', 5] } } });
      expect(text, name).not.toContain('canary');
      expect(text, name).toContain(`"${name}":"[redacted]"`);
    }
  });

  it('leave alone what is no credential', async () => {
    const event = {
      tokenCount: 12,
      usage: { totalTokens: 812, inputTokens: 9 },
      maxTokens: 100,
      auth: true,
      cookieConsent: true,
      token: null,
      interactionId: 'aB3dE5gH7jK9mN1pQ3sT5vW7xY9z',
      uuid: 'a8098c1a-f86e-11da-bd1a-00112444be1e',
      objectId: '507f1f77bcf86cd799439011',
      text: 'Bearer token expired; my password is wrong, what a tokenization! Basic questions?',
      url: 'https://example.com/a/b?c=d&page=2',
    };
    expect(JSON.parse((await recordedText(['another secret'], event)).split('\n')[1] ?? '')).toEqual({
      offsetMs: 0,
      event: { ...event, type: 'X' },
    });
  });

  it('are numbers in the fields of those that people type', async () => {
    const text = await recordedText([], { pin: 1234, cvv: 123, password: 123_456, passcode: 99 });
    expect(text).toContain('"pin":"[redacted]","cvv":"[redacted]","password":"[redacted]","passcode":"[redacted]"');
  });

  it('are removed if they look like an opaque token', async () => {
    const text = await recordedText([], {
      a: 'see aB3dE5gH7jK9mN1pQ3sT5vW7xY9z.',
      aB3dE5gH7jK9mN1pQ3sT5vW7xY9z: 1,
      list: ['x=aB3dE5gH7jK9mN1pQ3sT5vW7xY9z=='],
    });
    expect(text).not.toContain('aB3dE5');
  });

  it.each([
    ['Authorization: Bearer canaryabcd', 'Authorization: Bearer [redacted]'],
    ['"authorization":"Token canary", "a":1', '"authorization":"Token [redacted]", "a":1'],
    ['X-Api-Key: canary', 'X-Api-Key: [redacted]'],
    ['Proxy-Authorization: canary', 'Proxy-Authorization: [redacted]'],
    ['Set-Cookie: sid=canary; Path=/; HttpOnly\nnext', 'Set-Cookie: [redacted]\nnext'],
    ['Cookie: a=1; sid=canary, ok', 'Cookie: [redacted], ok'],
    ['https://user:canary@host/path and ftp://canary@host', 'https://[redacted]@host/path and ftp://[redacted]@host'],
    ['https%3A%2F%2Fuser%3Acanary%40host', 'https%3A%2F%2F[redacted]%40host'],
    ['sk_live_canary39hqlyjwdarjtt1zdp, ghp_canary16C7e42F292c6912E7', '[redacted], [redacted]'],
    ['key wJalrXUtnFEMI/K7MDENG/bPxRfiCYcanaryKEY.', 'key [redacted].'],
    ['key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYcanaryKEY==', 'key=[redacted]'],
    ['x {"password":"canary","a":1}', 'x {"password":"[redacted]","a":1}'],
    ['x {\\"password\\":\\"canary\\"}', 'x {\\"password\\":\\"[redacted]\\"}'],
    ['x {\\\\\\"pwd\\\\\\": \\\\\\"canary\\\\\\"}', 'x {\\\\\\"pwd\\\\\\": \\\\\\"[redacted]\\\\\\"}'],
    ['&quot;password&quot;:&quot;canary&quot;', '&quot;password&quot;:&quot;[redacted]&quot;'],
    ['{"auth":{"pin":"canary"},"b":2}', '{"auth":"[redacted]","b":2}'],
    ['?sid=canary&page=2', '?sid=[redacted]&page=2'],
    ['?access_token=canary&page=2', '?access_token=[redacted]&page=2'],
    ["password=\"canary 2 words\", 'api-key': 'a canary'", "password=\"[redacted]\", 'api-key': '[redacted]'"],
    ['the author = Ann, cookie: yes, authorization is needed, tokens: 5', undefined],
    ['/api/v2/Conversations/aaaa/Messages/List10 and a/b/C/d/E/f/G/h/I/j/K1', undefined],
  ])('are removed from a text by their form: %j', async (text, expected = text) => {
    const lines = (
      await recordedText([], { note: text, deep: JSON.stringify({ text: [JSON.stringify({ text })] }) })
    ).split('\n');
    expect(lines.join('')).not.toContain('canary');
    const { event } = JSON.parse(lines[1] ?? '') as { event: { note: string; deep: string } };
    expect(event.note).toBe(expected);
    expect(event.deep).toBe(JSON.stringify({ text: [JSON.stringify({ text: expected })] }));
  });

  it('are removed from fields with short names, but not from fields with longer ones', async () => {
    const names = [
      'pwd',
      'bearer',
      'auth',
      'sid',
      'connect.sid',
      'pin',
      'userPin',
      'cvv',
      'card_cvc',
      'CVV2',
      'JSESSIONID',
      'otp',
      'pass',
      'user_pass',
    ];
    for (const name of names) {
      const text = await recordedText([], {
        [name]: 'canary',
        deep: JSON.stringify([{ a: JSON.stringify({ [name]: 'canary' }) }]),
      });
      expect(text, name).not.toContain('canary');
    }
    const kept = {
      author: 'a',
      session_id: 'b',
      callSid: 'c',
      opinion: 'd',
      spin: 'e',
      shipping: 'f',
      inside: 'g',
      type: 'X',
    };
    expect(JSON.parse((await recordedText([], kept)).split('\n')[1] ?? '')).toEqual({ offsetMs: 0, event: kept });
  });
});
