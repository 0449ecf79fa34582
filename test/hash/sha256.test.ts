import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { anyCharacter } from '../helpers/any-character.js';
import { sha256Hex, toHex } from '../../src/hash.js';

/** UTF-8 as Node writes it; a lone surrogate becomes U+FFFD. */
const expected = (text: string): string => createHash('sha256').update(Buffer.from(text)).digest('hex');
const text = fc
  .string({ unit: anyCharacter })
  .chain((whole) => fc.constantFrom(whole, `${whole}\uD800`, `\uDC00${whole}`));

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('sha256Hex', () => {
  test('is synchronous on Node', () => {
    fc.assert(
      fc.property(text, (any) => {
        expect(sha256Hex(any)).toBe(expected(any));
      }),
    );
  });

  test.each([
    ['without a process, as in a browser', undefined],
    ['with a process that has no modules, as a bundler adds', { env: {} }],
    ['with a process that lacks the module, as in workerd', { getBuiltinModule: () => undefined }],
    ['with a runtime that has no one-shot hash', { getBuiltinModule: () => ({ createHash }) }],
  ])('uses WebCrypto %s', async (_name, process) => {
    await fc.assert(
      fc.asyncProperty(text, async (any) => {
        vi.stubGlobal('process', process);
        const hash = sha256Hex(any);
        vi.unstubAllGlobals();
        expect(hash).toBeInstanceOf(Promise);
        expect(await hash).toBe(expected(any));
      }),
    );
  });
});

test('toHex writes two lowercase digits a byte', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
    }),
  );
});
