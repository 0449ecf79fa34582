import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '#dist/http/internal.js';
import { awkward, findsAnySecret } from './any-secret.js';
import { encodings } from './encodings.js';

describe('redact', () => {
  findsAnySecret(50);

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
