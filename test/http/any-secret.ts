import fc from 'fast-check';
import { expect, it } from 'vitest';
import { redact } from '#dist/http/internal.js';
import { encodings, expectGone } from './encodings.js';

export const awkward = fc.constantFrom(...Array.from(' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'), 'ü', '秘', '😀', '\\\\');
const secretText = fc
  .array(fc.oneof(awkward, fc.stringMatching(/^[a-zA-Z\d]{1,4}$/)), { minLength: 8, maxLength: 40 })
  .map((parts) => `x9${parts.join('')}9x`);

/** Draws this many secrets for each encoding. */
export function findsAnySecret(numRuns: number): void {
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
      { numRuns },
    );
  });
}
