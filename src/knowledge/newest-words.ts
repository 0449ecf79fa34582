/** Limit of a question in a URL, in encoded bytes: servers and proxies commonly limit the whole URL to 8 kB. */
const MAX_ENCODED_BYTES = 6000;

const encodedBytes = (text: string): number => new URLSearchParams([['', text]]).toString().length - 1;

/**
 * Returns the newest words of a question that fit into a URL. Words, or at least grapheme clusters, are never split.
 */
export function newestWords(question: string): string {
  if (question.length <= MAX_ENCODED_BYTES && encodedBytes(question) <= MAX_ENCODED_BYTES) return question;
  // Every UTF-16 unit takes at least one byte.
  const tail = question.trimEnd().slice(-MAX_ENCODED_BYTES - 1);
  let start = tail.length;
  let bytes = 0;
  for (const { index, segment } of [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(tail)].reverse()) {
    bytes += encodedBytes(segment);
    if (bytes > MAX_ENCODED_BYTES) break;
    start = index;
  }
  const kept = tail.slice(start);
  const space = /\S$/.test(tail.slice(0, start)) ? kept.search(/\s/) : -1;
  return kept.slice(Math.max(space, 0)).trim();
}
