import { keywordTrigger, suggestionPolicy } from 'agent-assist-sdk/suggestions';
import { expect, test } from 'vitest';
import { workOf } from '../helpers/work.js';
import { testManyTerms } from './many-terms.js';

testManyTerms(150);

test('the work of a text does not grow with the keywords', async () => {
  const words = Array.from({ length: 20_000 }, (_, index) => `word ${index.toString(36)}`);
  const transcript = `refund ${'please '.repeat(200)}word 1`;
  const [some, more] = [words.slice(0, 200), words].map((keywords) => keywordTrigger({ keywords }));
  const work = await workOf(() => some?.({ transcript }));
  expect(await workOf(() => more?.({ transcript }))).toBe(work);
});

test('the work of a suggestion does not grow with the prohibited phrases', async () => {
  const phrases = Array.from({ length: 20_000 }, (_, index) => `phrase ${index.toString(36)}`);
  const [some, more] = [phrases.slice(0, 200), phrases].map((prohibitedPhrases) =>
    suggestionPolicy({ prohibitedPhrases }),
  );
  const suggestions = [{ text: `A phrase 1;${' and more'.repeat(100)}`, confidence: 1 }];
  const work = await workOf(() => some?.(suggestions));
  expect(await workOf(() => more?.(suggestions))).toBe(work);
});
