import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tuneAlerts, type LabelledUpdate } from 'agent-assist-sdk/conversations';
import { SentimentIntensityAnalyzer } from 'vader-sentiment';
import { describe, expect, it } from 'vitest';
import { random } from './labelled.js';
import { expectKept, precision, SPLITS, tally, volume } from './promise.js';

const folder = process.env['AGENT_ASSIST_DATA'] ?? '../shared/data';
const haveData = existsSync(join(folder, 'emotions.jsonl'));
if (!haveData)
  console.warn(`skipped: ${folder}/emotions.jsonl is missing; set AGENT_ASSIST_DATA to the folder with the data sets`);

function read<T>(file: string): T[] {
  if (!haveData) return [];
  const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}

/** The platform's score: VADER's compound polarity, −1 to 1. */
const sentimentOf = (text: string): number => SentimentIntensityAnalyzer.polarity_scores(text).compound;

/** An alert is right where a person heard a negative emotion; a scene is a conversation. */
function emotions(): LabelledUpdate[] {
  const rows = read<{ id: string; text: string; emotion: string }>('emotions.jsonl');
  return rows.map(({ id, text, emotion }) => ({
    conversationId: id.replace(/_u\d+$/, ''),
    label: ['Mad', 'Sad', 'Scared'].includes(emotion),
    scores: { sentiment: sentimentOf(text) },
  }));
}

/** An alert is right where the annotators saw an intent of this kind. */
function utterances(isWanted: (intent: string) => boolean): LabelledUpdate[] {
  const rows = read<{ id: string; turns: { text: string; intent: string }[] }>('utterances.jsonl');
  return rows.flatMap(({ id, turns }) =>
    turns.map(({ text, intent }) => ({
      conversationId: id,
      label: isWanted(intent),
      scores: { sentiment: sentimentOf(text) },
    })),
  );
}

/** Splits by conversation, at random. */
function split(updates: readonly LabelledUpdate[], share: number, seed: number): [LabelledUpdate[], LabelledUpdate[]] {
  const next = random(seed);
  const ids = [...new Set(updates.map(({ conversationId }) => conversationId))];
  const order = ids.map((id) => [next(), id] as const).sort(([a], [b]) => a - b);
  const seen = new Set(order.slice(0, Math.round(share * ids.length)).map(([, id]) => id));
  return [
    updates.filter(({ conversationId }) => seen.has(conversationId)),
    updates.filter(({ conversationId }) => !seen.has(conversationId)),
  ];
}

/** Recall on unseen conversations: of the chosen kind of rule at the alert volume of sentiment below −0.4, and of that. */
function recallsAtEqualVolume(
  labelled: readonly LabelledUpdate[],
  unseen: readonly LabelledUpdate[],
): [number, number] {
  const options = { objective: { type: 'alert-volume', atMostPer100: 50 } } as const;
  const { baseline } = tuneAlerts(labelled, options);
  const tuning = tuneAlerts(labelled, {
    objective: { type: 'alert-volume', atMostPer100: 1.5 * (baseline?.alertsPer100 ?? NaN) },
  });
  if (tuning.status === 'undecided') throw new Error(tuning.message);
  const { type } = tuning.point.rule;
  const there = tuneAlerts(unseen, { ...options, rules: [type] });
  const fixed = there.baseline ?? tuning.point;
  // Between two thresholds, a rule that uses either at random has the recall on the line between them.
  const points = [{ alertsPer100: 0, recall: 0 }, ...(there.curves[0]?.points ?? [])];
  const after = points.findIndex(({ alertsPer100 }) => alertsPer100 >= fixed.alertsPer100 - 1e-9);
  const [low, high] = [points[after - 1] ?? points[after], points[after]];
  if (low === undefined || high === undefined) throw new Error('the rule raises fewer alerts');
  const share = (fixed.alertsPer100 - low.alertsPer100) / (high.alertsPer100 - low.alertsPer100);
  return [low.recall + share * (high.recall - low.recall), fixed.recall];
}

describe.skipIf(!haveData)('the promise, on conversations that were not labelled', () => {
  it.each([0.5, 0.8])(
    'negative emotions in dialogues, %d of the scenes labelled',
    (share) => {
      const updates = emotions();
      const tallies = tally(`emotions, ${share} labelled,`, (seed) => split(updates, share, seed), [
        ...precision(0.2, 0.25, 0.4, 0.6),
        ...volume(1, 10, 20),
      ]);
      expectKept(tallies);
      const chosen = tallies.map((each) => each.chosen);
      for (const index of [0, 5, 6]) expect(chosen[index]).toBeGreaterThan(SPLITS / 2);
      expect(chosen[1]).toBeGreaterThan(SPLITS / 10);
      // No threshold that raises alerts in enough scenes has such a precision, or so few alerts.
      for (const index of [2, 3, 4]) expect(chosen[index]).toBe(0);
    },
    1_500_000,
  );

  it.each([
    ['customers who decline', (intent: string) => intent === 'rejection', 0.35],
    ['reports of a problem', (intent: string) => /^report|dispute|softwareupdate|claim|outofdomain/.test(intent), 0.1],
  ] as const)(
    '%s in service conversations, half of them labelled',
    (name, isWanted, atLeast) => {
      const updates = utterances(isWanted);
      const objectives = [...precision(atLeast), ...volume(5)];
      const tallies = tally(name, (seed) => split(updates, 0.5, seed), objectives);
      expectKept(tallies);
      for (const { chosen } of tallies) expect(chosen).toBeGreaterThan(SPLITS / 2);
    },
    1_500_000,
  );

  it('finds at the alert volume of sentiment below −0.4 no less than it', () => {
    const updates = emotions();
    const recalls = Array.from({ length: SPLITS }, (_, seed) => recallsAtEqualVolume(...split(updates, 0.5, seed + 1)));
    const mean = (index: 0 | 1): number => recalls.reduce((sum, pair) => sum + pair[index], 0) / SPLITS;
    console.info(`recall at the volume of −0.4: ${mean(0).toFixed(4)}, that of −0.4: ${mean(1).toFixed(4)}`);
    expect(mean(0)).toBeGreaterThanOrEqual(mean(1) - 1e-9);
  }, 1_500_000);
});
