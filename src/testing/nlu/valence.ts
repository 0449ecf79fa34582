const POSITIVE =
  'amazing appreciate awesome brilliant excellent fantastic fine glad good great happy helpful love lovely nice perfect pleased quick resolved thank thanks wonderful works';
const NEGATIVE =
  'angry annoyed annoying awful bad broken cancel cancelled charged complaint confused damaged delayed disappointed disappointing error fail failed fault frustrated frustrating horrible late lost mistake overcharged poor problem ridiculous rude scam sorry stuck terrible unacceptable unhappy upset useless waiting worse worst wrong';
const NEGATIONS = new Set("no not never dont don't isn't wasn't doesn't didn't can't won't cannot nothing".split(' '));
const INTENSIFIERS = new Set(['very', 'really', 'so', 'extremely', 'absolutely', 'completely', 'totally']);

const VALENCES: ReadonlyMap<string, number> = new Map([
  ...POSITIVE.split(' ').map((word): [string, number] => [word, 1]),
  ...NEGATIVE.split(' ').map((word): [string, number] => [word, -1]),
]);

/**
 * Returns the sentiment of a text, from -1 to 1, by counting words of a short list. A negation within the three words
 * before a word inverts its sign at half weight; an intensifier before it adds half its weight. It knows no irony and
 * no context. It gives played conversations scores that depend on their text.
 */
export function valence(text: string): number {
  const words =
    text
      .toLowerCase()
      .replaceAll('’', "'")
      .match(/[\p{L}']+/gu) ?? [];
  let sum = 0;
  for (const [index, word] of words.entries()) {
    const own = VALENCES.get(word);
    if (own === undefined) continue;
    const before = words.slice(Math.max(0, index - 3), index);
    const negated = before.some((earlier) => NEGATIONS.has(earlier)) ? -0.5 : 1;
    const intensified = INTENSIFIERS.has(before.at(-1) ?? '') ? 1.5 : 1;
    sum += own * negated * intensified;
  }
  // Saturates: one strong word is clearly negative, many approach -1 without passing it.
  return Math.round((sum / Math.sqrt(sum * sum + 2)) * 100) / 100;
}
