import type { InteractionUpdateEvent } from 'agent-assist-sdk/stream';

const CALLS = 240;
const UPDATES = 8;

const calm = [
  'I would like to change my address.',
  'Which plans do you have?',
  'Thanks, that helps.',
  'Is it in stock?',
];
const upset = [
  'This is the third time that I call about it.',
  'I have been waiting for two weeks, and nobody answers.',
  'That is not what you told me yesterday.',
  'I want a refund, now.',
];

/** What happens in the calls of a team, and what a supervisor heard in them. */
export interface Calls {
  /** Updates as the platform sends them, with its scores. */
  readonly updates: readonly InteractionUpdateEvent[];
  /** Whether an alert would have been right, by update, in the order of `updates`. */
  readonly heard: readonly boolean[];
}

/** Invents calls: some customers are in a bad mood, which the platform's scores show, but not exactly. */
export function inventCalls(): Calls {
  const random = createRandom(2026);
  const updates: InteractionUpdateEvent[] = [];
  const heard: boolean[] = [];
  for (let call = 0; call < CALLS; call += 1) {
    const mood = random() < 0.3 ? 0.55 : 0.06;
    for (let turn = 0; turn < UPDATES; turn += 1) {
      const isUpset = random() < mood;
      const said = isUpset || random() < 0.05 ? upset : calm;
      const noise = (random() + random() + random() - 1.5) * 0.42;
      const frustration = clamp((isUpset ? 0.76 : 0.3) + noise, 0, 1);
      const sentimentScore = clamp((isUpset ? -0.5 : 0.2) + (random() + random() + random() - 1.5) * 0.7, -1, 1);
      updates.push({
        type: 'INTERACTION_UPDATE',
        payload: {
          interactionId: `call-${call}`,
          transcript: said[Math.floor(random() * said.length)] ?? '',
          sentimentScore: rounded(sentimentScore),
          context: { frustration: rounded(frustration) },
        },
      });
      heard.push(isUpset);
    }
  }
  return { updates, heard };
}

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));
const rounded = (value: number): number => Math.round(value * 100) / 100;

/** A seeded generator (Mulberry32), so that the example always tells the same story. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
