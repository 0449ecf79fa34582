import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, RequestValidationError } from 'agent-assist-sdk';
import { buildUrl, parseBaseUrl } from '#dist/http/internal.js';

const BASE = 'https://acme.example/api/v1';

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
        const url = buildUrl(BASE, '/bots/{botId}/versions', { botId: id });
        expect(url.origin).toBe('https://acme.example');
        expect(url.search + url.hash).toBe('');
        const segments = url.pathname.split('/');
        expect(segments).toHaveLength(6);
        expect(decodeURIComponent(segments[4] ?? '')).toBe(id);
      }),
    );
  });

  it.each(['', '.', '..', '\ud800'])('refuses %j, which no segment can stand for', (id) => {
    expect(() => buildUrl(BASE, '/bots/{botId}', { botId: id })).toThrow(RequestValidationError);
  });

  it('names a parameter that is missing', () => {
    expect(() => buildUrl(BASE, '/bots/{botId}')).toThrow(/botId: must not be empty/);
  });

  it.each(['/../../admin', '/%2e%2e/x/../..', '//evil.example/x/../../../..', '@evil.example/', '.evil.example/', 'x'])(
    'refuses the path %s, which leaves the base',
    (path) => {
      expect(() => buildUrl(BASE, path)).toThrow(RequestValidationError);
    },
  );

  it('takes the base itself and keeps its path', () => {
    expect(buildUrl(BASE, '').href).toBe(BASE);
    expect(buildUrl('http://127.0.0.1:1', '/a').href).toBe('http://127.0.0.1:1/a');
  });

  it('encodes the query and leaves out what is undefined', () => {
    const url = buildUrl(BASE, '/a', {}, { q: 'a&b=c ü', page: 2, cursor: undefined });
    expect(url.search).toBe('?q=a%26b%3Dc+%C3%BC&page=2');
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
