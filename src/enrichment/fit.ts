import { ConfigurationError } from '../errors.js';
import type { EnrichmentSources } from './types.js';

type Body = Readonly<Record<string, unknown>>;

const PROMPT = 'enrichedPromptContext';
const encoder = new TextEncoder();
const sizeOf = (value: unknown): number => encoder.encode(JSON.stringify(value)).length;

/**
 * Cuts a response to a size, deterministically, and lists in `truncated` what it cut, in this order:
 *
 * 1. Parts become empty, the largest first (of equal ones, the first named), until the response fits. The prompt was
 *   built from the whole parts and stays whole.
 * 2. If that is not enough, the prompt ends after the last character (grapheme cluster) that fits.
 */
export function fitAnswer(body: Body, sources: EnrichmentSources, maxBytes: number): Body {
  if (sizeOf(body) <= maxBytes) return body;
  const truncated: string[] = [];
  const parts = Object.entries(sources).map(([name, { empty = null }]) => ({
    name,
    empty,
    saved: sizeOf({ part: body[name] }) - sizeOf({ part: empty }),
  }));
  const largestFirst = parts.filter(({ saved }) => saved > 0).toSorted((a, b) => b.saved - a.saved);
  let cut: Body = body;
  for (const { name, empty } of largestFirst) {
    truncated.push(name);
    cut = { ...cut, [name]: empty, truncated };
    if (sizeOf(cut) <= maxBytes) return cut;
  }
  truncated.push(PROMPT);
  const rest = { ...cut, [PROMPT]: '', truncated };
  return { ...rest, [PROMPT]: beginning(String(body[PROMPT]), maxBytes - sizeOf(rest) + sizeOf('')) };
}

/** Returns the longest prefix of a text that fits as JSON and ends with a whole character. */
function beginning(text: string, maxBytes: number): string {
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (sizeOf(text.slice(0, middle)) <= maxBytes) low = middle;
    else high = middle - 1;
  }
  const { index = text.length } =
    new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text).containing(low) ?? {};
  return text.slice(0, index);
}

/** @throws {@link ConfigurationError} for a limit below the size of an empty response. */
export function checkAnswerLimit(sources: EnrichmentSources, maxBytes: number): void {
  const names = Object.keys(sources);
  const empty = Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, source.empty ?? null]));
  const smallest = sizeOf({ ...empty, [PROMPT]: '', unavailable: names, truncated: [...names, PROMPT] });
  if (!(Number.isSafeInteger(maxBytes) && maxBytes >= smallest))
    throw new ConfigurationError(`maxAnswerBytes: expected an integer of at least ${smallest} for these sources`);
}
