import type { AlertRule, LabelledUpdate } from 'agent-assist-sdk/conversations';
import fc from 'fast-check';

/** A seeded source of numbers from 0 to 1 (Mulberry32), independent of the generator under test. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What {@link synthetic} varies. */
export interface World {
  readonly conversations: number;
  /** Updates of a conversation. */
  readonly length: number;
  /** Share of the variation that a conversation's updates share, 0 to 1. */
  readonly correlation: number;
  /** Distance of the mean scores of the two classes, in standard deviations. */
  readonly separation: number;
  /** Share of updates that need an alert, about. */
  readonly base: number;
}

/** Draws labelled conversations whose labels depend on a mood of the conversation and on the update. */
export function synthetic(world: World, seed: number): LabelledUpdate[] {
  const { conversations, length, correlation, separation, base } = world;
  const next = random(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const cut = inverseNormal(1 - base);
  return Array.from({ length: conversations }, (_, conversation) => {
    const mood = normal();
    return Array.from({ length }, (): LabelledUpdate => {
      const label = Math.sqrt(correlation) * mood + Math.sqrt(1 - correlation) * normal() > cut;
      const noise = Math.sqrt(correlation) * mood * 0.5 + normal();
      return {
        conversationId: `c${conversation}`,
        label,
        scores: { sentiment: -Math.tanh((label ? separation : 0) * 0.5 + noise * 0.5) },
        keywordHits: next() < (label ? 0.2 : 0.03) ? 1 : 0,
      };
    });
  }).flat();
}

/** Solves the standard normal distribution for a probability, by bisection of a series. */
function inverseNormal(probability: number): number {
  let [low, high] = [-6, 6];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function normalCdf(x: number): number {
  let [sum, term] = [x, x];
  for (let n = 1; n < 200; n += 1) {
    term *= (-x * x) / (2 * n);
    sum += term / (2 * n + 1);
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}

/** Whether a rule fires at each update: the definition, written apart from the library's. */
export function firings(rule: AlertRule, updates: readonly LabelledUpdate[]): boolean[] {
  const passes = ({ scores }: LabelledUpdate): boolean => {
    if (rule.type === 'keyword') return false;
    const score = scores[rule.score];
    return score !== undefined && (rule.fires === 'below' ? score < rule.threshold : score >= rule.threshold);
  };
  return updates.map((update, index) => {
    const hasKeyword = (update.keywordHits ?? 0) > 0;
    switch (rule.type) {
      case 'keyword':
        return hasKeyword;
      case 'score':
        return passes(update);
      case 'keyword-or-score':
        return hasKeyword || passes(update);
      case 'keyword-and-score':
        return hasKeyword && passes(update);
      case 'score-twice': {
        const before = updates
          .slice(0, index)
          .findLast(({ conversationId }) => conversationId === update.conversationId);
        return passes(update) && before !== undefined && passes(before);
      }
    }
  });
}

/** Arbitrary labelled updates with many ties, absent scores and interleaved conversations. */
export const labelledUpdates: fc.Arbitrary<LabelledUpdate[]> = fc.array(
  fc.record({
    conversationId: fc.constantFrom('a', 'b', 'c', '__proto__'),
    label: fc.boolean(),
    scores: fc.record(
      {
        sentiment: fc.oneof(
          fc.integer({ min: -4, max: 4 }).map((n) => n / 4),
          fc.double({ min: -1, max: 1, noNaN: true }),
        ),
        anger: fc.integer({ min: 0, max: 10 }).map((n) => n / 10),
      },
      { requiredKeys: [] },
    ),
    keywordHits: fc.integer({ min: 0, max: 1 }),
  }),
  { maxLength: 40 },
);
