import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, HttpClient, RequestValidationError } from 'agent-assist-sdk';
import { buildUrl, parseBaseUrl, toBase } from '#dist/http/internal.js';

const BASE = 'https://acme.example/api/v1';
const base = toBase(BASE);

describe('buildUrl', () => {
  it('makes exactly one segment of any parameter', () => {
    const hostile = fc.constantFrom(
      '../',
      '..\\',
      '?',
      '#',
      '%2f',
      '%2e%2e',
      '/',
      '//',
      '@',
      ':',
      ';',
      ' ',
      '\0',
      '\n',
      '😀',
      'é',
    );
    const value = fc.array(fc.oneof(hostile, fc.string()), { minLength: 1 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(value, (id) => {
        fc.pre(id !== '' && id !== '.' && id !== '..' && id.isWellFormed());
        const { href, pathname } = buildUrl(base, '/bots/{botId}/versions', { botId: id }, { q: id });
        const url = new URL(href);
        expect([url.href, url.pathname]).toEqual([href, pathname]);
        expect(url.origin).toBe('https://acme.example');
        expect([...url.searchParams]).toEqual([['q', id]]);
        expect(url.hash).toBe('');
        const segments = url.pathname.split('/');
        expect(segments).toHaveLength(6);
        expect(decodeURIComponent(segments[4] ?? '')).toBe(id);
      }),
    );
  });

  it.each(['', '.', '..', '\ud800'])('refuses %j, which no segment can stand for', (id) => {
    expect(() => buildUrl(base, '/bots/{botId}', { botId: id })).toThrow(RequestValidationError);
  });

  it('names a parameter that is missing', () => {
    expect(() => buildUrl(base, '/bots/{botId}')).toThrow(/botId: must not be empty/);
  });

  it.each(['/../../admin', '/%2e%2e/x/../..', '//evil.example/x/../../../..', '@evil.example/', '.evil.example/', 'x'])(
    'refuses the path %s, which leaves the base',
    (path) => {
      expect(() => buildUrl(base, path)).toThrow(RequestValidationError);
    },
  );

  it('takes the base itself and keeps its path', () => {
    expect(buildUrl(base, '').href).toBe(BASE);
    expect(buildUrl(toBase('http://127.0.0.1:1'), '/a').href).toBe('http://127.0.0.1:1/a');
  });

  it('takes a query as URLSearchParams', () => {
    const query = new URLSearchParams('a=1&b=%20&a=2');
    expect(buildUrl(base, '/a', {}, query).href).toBe(`${BASE}/a?a=1&b=+&a=2`);
  });

  it('encodes the query and leaves out what is undefined', () => {
    const query = { q: 'a&b=c ü', page: 2, cursor: undefined, of: ['x', 'y'] };
    const written = 'q=a%26b%3Dc+%C3%BC&page=2&of=x&of=y';
    expect(buildUrl(base, '/a', {}, query).href).toBe(`${BASE}/a?${written}`);
    expect(buildUrl(base, '/a?b=1', {}, query).href).toBe(`${BASE}/a?b=1&${written}`);
    expect(buildUrl(base, '/a', {}, { cursor: undefined }).href).toBe(`${BASE}/a`);
  });
});

describe('HttpClient', () => {
  it('sends to the URL that the URL standard makes of base and path', async () => {
    const bases = fc.constantFrom(
      BASE,
      'https://acme.example',
      'http://127.0.0.1:80',
      'https://ACME.example:8443/a%20b',
    );
    const part = fc.oneof(
      fc.constantFrom('a', 'B-1', '~u', 'x.y', '.z', '..', '.', '%41', 'ü', 'a b', '', "it's", '|', '^'),
    );
    const paths = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
    await fc.assert(
      fc.asyncProperty(bases, paths, async (baseUrl, path) => {
        let sent: string | undefined;
        const transport = ({ url }: { readonly url: string }) => {
          sent = url;
          return Promise.resolve({ status: 204, headers: new Headers(), body: null });
        };
        const http = new HttpClient({ baseUrl, transport });
        const expected = new URL(parseBaseUrl(baseUrl, 'baseUrl') + path);
        const isBelow = expected.href.startsWith(`${parseBaseUrl(baseUrl, 'baseUrl')}/`);
        const outcome = await http.request({ method: 'GET', path }).then(
          () => sent,
          (error: unknown) => error,
        );
        if (isBelow) expect(outcome).toBe(expected.href);
        else expect(outcome).toSatisfy((value) => value === expected.href || value instanceof RequestValidationError);
      }),
    );
  });
});

describe('parseBaseUrl', () => {
  it('drops trailing slashes', () => {
    expect(parseBaseUrl('https://acme.example/api/v1//', 'baseUrl')).toBe(BASE);
    expect(parseBaseUrl(new URL('https://acme.example'), 'baseUrl')).toBe('https://acme.example');
  });

  it.each([
    '',
    'acme.example',
    'ftp://acme.example',
    'https://u:p@acme.example',
    'https://a.example/?x=1',
    'https://a.example/#x',
  ])('refuses %j', (value) => {
    expect(() => parseBaseUrl(value, 'baseUrl')).toThrow(ConfigurationError);
  });
});
