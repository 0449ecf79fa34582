import fc from 'fast-check';
import { keywordTrigger } from 'agent-assist-sdk/suggestions';
import { expect, test } from 'vitest';
import { wordFinder } from '../../src/aho-corasick.js';

const short = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\u9000'), maxLength: 5 });

/** Pieces of keywords and transcripts: letters whose case is special, separators, what is invisible, and a mark. */
const piece = fc.constantFrom(
  ...Array.from('abSßςΣİı_1é\u0301 -\u00B7\u30FB\u2010\u00A0\u00AD\u200B\u{1F1E6}\u{20BB7}退'),
  ...['re', 'fund', 'legal action', 'à la', '\uD83D', '\uDE00', '\n'],
);
const phrase = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
/** A keyword has a visible character. */
const keyword = phrase.map((text) => `${text}a`);
const fillers = Array.from({ length: 100 }, (_, index) => `filler ${index}`);

/** Defines the tests of what is found, with this many runs of each property. */
export function testManyTerms(numRuns: number): void {
  test('finds every word of a text, of any number of words', () => {
    fc.assert(
      fc.property(fc.array(short, { maxLength: 40 }), fc.array(short, { maxLength: 20 }), (words, parts) => {
        const text = parts.join('');
        const expected = [...words.keys()].filter((index) => text.includes(words[index] ?? ''));
        expect(wordFinder(words)(text)).toEqual(expected);
      }),
      { numRuns },
    );
  });

  test.each(['contains', 'whole-word'] as const)('finds the same of many keywords as of each alone: %s', (match) => {
    fc.assert(
      fc.property(
        fc.array(keyword, { minLength: 1, maxLength: 12 }),
        fc.array(fc.oneof(phrase, fc.nat(11)), { maxLength: 8 }),
        (keywords, parts) => {
          // Some parts are the keywords themselves.
          const transcript = parts.map((part) => (typeof part === 'number' ? keywords[part] : part)).join(' ');
          const alone = keywords.filter(
            (one) => keywordTrigger({ keywords: [one], match })({ transcript }).length === 1,
          );
          const reasons = keywordTrigger({ keywords: [...keywords, ...fillers], match })({ transcript });
          expect(reasons).toEqual(alone.map((one) => ({ type: 'keyword', keyword: one })));
        },
      ),
      { numRuns },
    );
  });
}
