import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AuthClient, HttpClient, StaticTokenAuth, type AttemptInfo, type AuthProvider } from 'agent-assist-sdk';
import { redact } from '#dist/http/internal.js';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

const form = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
const lowerHex = (text: string): string => text.replaceAll(/%[\dA-F]{2}/g, (octet) => octet.toLowerCase());
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const html = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => HTML[char] ?? char);
const numericHtml = (text: string): string =>
  text.replaceAll(/[^\w]/gu, (char) => `&#x${char.codePointAt(0)?.toString(16)};`);
const escaped = (text: string): string =>
  text.replaceAll(/[^a-z\d]/gi, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const everyByte = (text: string, encode: (hex: string) => string): string =>
  Array.from(utf8(text), (byte) => encode(byte.toString(16).padStart(2, '0'))).join('');

/** How servers, proxies and frameworks quote what they were sent. */
const encodings: Readonly<Record<string, (secret: string) => string>> = {
  'as it is': (secret) => secret,
  percent: encodeURIComponent,
  'lower-case percent': (secret) => lowerHex(encodeURIComponent(secret)),
  form,
  'lower-case form': (secret) => lowerHex(form(secret)),
  'percent twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  JSON: json,
  'JSON twice': (secret) => json(json(secret)),
  'JSON with slashes escaped': (secret) => json(secret).replaceAll('/', '\\/'),
  'JSON with \\u': escaped,
  'JSON with \\u twice': (secret) => json(escaped(secret)),
  'JSON, then percent': (secret) => encodeURIComponent(json(secret)),
  HTML: html,
  'HTML twice': (secret) => html(html(secret)),
  'HTML, then JSON': (secret) => json(html(secret)).replaceAll('&', '\\u0026'),
  'HTML by numbers': numericHtml,
  'percent of everything': (secret) => everyByte(secret, (hex) => `%${hex.toUpperCase()}`),
  'lower-case percent of everything': (secret) => everyByte(secret, (hex) => `%${hex}`),
  'percent of everything twice': (secret) => everyByte(secret, (hex) => `%25${hex}`),
  'JSON with \\u of everything': (secret) =>
    secret.replaceAll(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'HTML by decimal numbers of everything': (secret) =>
    secret.replaceAll(/[^]/gu, (char) => `&#${char.codePointAt(0)};`),
  'base64 of id:secret': (secret) => utf8(`id:${secret}`).toString('base64'),
  'base64 of form-encoded id:secret': (secret) => utf8(`client:${form(secret)}`).toString('base64'),
  'base64url of JSON around it': (secret) => utf8(`{"s":"${secret}","x":1}`).toString('base64url'),
};

/** No part of a secret that a reader could use: what is left of it is at most a few characters at its ends. */
function expectGone(text: string, encoded: string): void {
  expect(text).not.toContain(encoded);
  const middle = encoded.slice(Math.floor(encoded.length / 3), Math.ceil((2 * encoded.length) / 3));
  expect(text).not.toContain(middle);
}

const awkward = fc.constantFrom(...Array.from(' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'), 'ü', '秘', '😀', '\\\\');
const secretText = fc
  .array(fc.oneof(awkward, fc.stringMatching(/^[a-zA-Z\d]{1,4}$/)), { minLength: 8, maxLength: 40 })
  .map((parts) => `x9${parts.join('')}9x`);

describe('redact', () => {
  it.each(Object.entries(encodings))('finds any secret: %s', (_, encode) => {
    fc.assert(
      fc.property(secretText, (secret) => {
        const encoded = encode(secret);
        const clean = redact(`before \u00bb${encoded}\u00ab after`, ['another-secret-value', secret]);
        expect(clean.startsWith('before ')).toBe(true);
        expect(clean.endsWith('\u00ab after')).toBe(true);
        expect(clean).toContain('[redacted]');
        expectGone(clean, encoded);
        expect(clean).not.toMatch(/\[redacted\]\w?=/);
      }),
      { numRuns: 200 },
    );
  });

  it('finds a secret also where its encodings are mixed', () => {
    const ways = Object.entries(encodings).flatMap(([name, encode]) => (name.startsWith('base64') ? [] : [encode]));
    fc.assert(
      fc.property(fc.array(fc.tuple(awkward, fc.constantFrom(...ways)), { minLength: 1 }), (parts) => {
        const secret = `a${parts.map(([part]) => `${part}a`).join('')}`;
        const mixed = `a${parts.map(([part, encode]) => `${encode(part)}a`).join('')}`;
        expect(redact(mixed, [secret])).toBe('[redacted]');
      }),
    );
  });

  it('leaves other text alone, however short the secret', () => {
    const words = 'The client abcd is not known & must "register" at 100 % (a+b).';
    expect(redact(words, ['id', 'xyzw', '+-+', 'secret-secret', 'registrar'])).toBe(words);
  });

  it('takes time in proportion to a hostile text', () => {
    const secret = '\\"\\"\\"%25&amp;%25 +/\\\\\\\\\\\\\\\\x';
    for (const unit of [
      '\\',
      '%25',
      '&amp;',
      '\\"',
      '%5C',
      'Bearer ',
      'ab+/',
      '%2541',
      '&#65;',
      '\\u0041',
      '\\u0026amp;',
    ]) {
      const text = unit.repeat((64 * 1024) / unit.length);
      expect(redact(text, [secret, btoa(secret)])).toHaveLength(text.length);
    }
  });
});

/** An answer that quotes the credential of its request wherever a server can. */
const echoing = (status: number) => (quote: (authorization: string) => string) =>
  scriptedServer((response, request) => {
    const quoted = quote(request.headers.authorization ?? request.body);
    answer(
      status,
      { error: 'refused', message: `refused: ${quoted}`, detail: quoted },
      { 'x-request-id': quoted },
    )(response, request);
  });

/** Everything that a person could see. */
const seen = (...values: readonly unknown[]): string =>
  values
    .flatMap((value) => [
      inspect(value, { depth: 9, showHidden: true, maxStringLength: null }),
      JSON.stringify(value),
      String(value),
    ])
    .join('\n');

describe('a server that quotes the credential', () => {
  it.each([200, 400, 500])('as the request id of a %d: it is left out', async (status) => {
    const token = 'tok-3n.canary_value~1';
    await using server = await echoing(status)((authorization) => `id-7 ${authorization} ${token} ${btoa(token)}`);
    const lines: unknown[] = [];
    const log = (...line: unknown[]): number => lines.push(...line);
    const infos: AttemptInfo[] = [];
    const http = new HttpClient({
      baseUrl: server.url,
      auth: new StaticTokenAuth({ token }),
      maxRetries: 0,
      onAttempt: (info) => infos.push(info),
      logger: { debug: log, info: log, warn: log, error: log },
    });
    const outcome: unknown = await http
      .request({ method: 'GET', path: '/' })
      .withResponse()
      .then(
        ({ requestId }) => ({ requestId }),
        (error: unknown) => error,
      );
    expect(outcome).toMatchObject({ requestId: 'id-7 [redacted] [redacted] [redacted]' });
    expect(infos).toMatchObject([{ status, requestId: 'id-7 [redacted] [redacted] [redacted]' }]);
    expect(seen(outcome, infos, lines)).not.toMatch(/canary|dG9rLTNuL/);
  });

  it('the token before, after it was renewed in the same call', async () => {
    let requests = 0;
    await using server = await scriptedServer((response, request) => {
      requests += 1;
      const both = 'first-canary-token second-canary-token';
      answer(requests === 1 ? 401 : 400, { message: both }, { 'x-request-id': both })(response, request);
    });
    const tokens = ['first-canary-token', 'second-canary-token'];
    const auth: AuthProvider = {
      getToken: () => Promise.resolve(tokens[Math.min(requests, 1)] ?? ''),
      invalidate: () => undefined,
      header: (token) => ['authorization', `Bearer ${token}`],
    };
    const error: unknown = await new HttpClient({ baseUrl: server.url, auth })
      .request({ method: 'GET', path: '/' })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      status: 400,
      attempts: 2,
      requestId: '[redacted] [redacted]',
      serverMessage: '[redacted] [redacted]',
    });
    expect(seen(error)).not.toContain('canary');
  });

  it('of a header of the caller', async () => {
    await using server = await scriptedServer((response, request) => {
      answer(400, { message: `bad ${request.headers.cookie ?? ''}` })(response, request);
    });
    const http = new HttpClient({ baseUrl: server.url, headers: { Cookie: 'session=canary; b=c' } });
    await expect(http.request({ method: 'GET', path: '/' })).rejects.toMatchObject({ serverMessage: 'bad [redacted]' });
  });

  it.each(Object.entries(encodings))('of a client at the token endpoint: %s', async (_, encode) => {
    const clientSecret = 'c4 <n"a\'r\\y+/=&%ü>';
    await using server = await scriptedServer((response, request) => {
      answer(400, { error: 'invalid_client', error_description: encode(clientSecret) })(response, request);
    });
    const auth = new AuthClient({ tokenUrl: server.url, clientId: 'id', clientSecret, maxRetries: 0 });
    const error: unknown = await auth.getToken().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'OAuthError', serverCode: 'invalid_client' });
    const { serverMessage } = error as { serverMessage: string };
    expect(serverMessage).toContain('[redacted]');
    expectGone(seen(error), encode(clientSecret));
  });
});
