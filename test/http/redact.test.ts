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

  it('finds a secret in another case', () => {
    const key = 'a1b2c3d4-e5f6/0718';
    for (const text of [key.toUpperCase(), `A1B2C3D4-E5F6%2f0718`, `A1B2C3D4-E5F6\\U002F0718`])
      expect(redact(`unknown key ${text}!`, [key])).toBe('unknown key [redacted]!');
    expect(redact('a1b2c3', ['A1B2C3'])).toBe('[redacted]');
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
