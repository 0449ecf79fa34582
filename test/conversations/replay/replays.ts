import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { expect } from 'vitest';
import { engineTarget, replay, type ReplayOptions, type ReplayTarget } from 'agent-assist-sdk/conversations';
import type { SuggestionSource } from 'agent-assist-sdk/suggestions';
import { FakeClock } from '../../helpers/fake-clock.js';
import { recordingPath } from '../helpers.js';

/** A line of a recording. */
export type Line = readonly [offsetMs: number, event: object];

export const update = (interactionId: string, transcript: string, sentimentScore = 0): object => ({
  type: 'INTERACTION_UPDATE',
  payload: { interactionId, transcript, sentimentScore },
});

/** Writes a recording. */
export async function recordingOf(...lines: readonly Line[]): Promise<string> {
  const path = await recordingPath();
  const header = '{"type":"recording","version":1,"startedAt":"2026-01-31T09:00:00.000Z"}';
  const texts = lines.map(([offsetMs, event]) => JSON.stringify({ offsetMs, event }));
  await writeFile(path, [header, ...texts, ''].join('\n'));
  return path;
}

/** Answers at once, and the same every time. */
export const answer: SuggestionSource = {
  suggest: ({ transcript }) => Promise.resolve({ suggestions: [{ text: `re: ${transcript}`, confidence: 0.9 }] }),
};

/** Replays a recording, and returns the outcomes as they were written. */
export async function logOf(path: string, target: ReplayTarget, options: ReplayOptions = {}) {
  const outcomes = join(path, '..', 'outcomes.jsonl');
  const totals = await replay(path, target, { outcomes, ...options });
  return { totals, text: await readFile(outcomes, 'utf8') };
}

/** The property of a replay, for this many conversations: the same bytes at every speed and in any order of answers. */
export async function isSameAtEverySpeed(numRuns: number): Promise<void> {
  const texts = fc.constantFrom('hello', 'a refund', 'CANCEL', 'lone \ud800 refund', 'complaint and refund', '');
  const event = fc.record({
    afterMs: fc.integer({ min: 0, max: 60_000 }),
    id: fc.constantFrom('a', 'b', 'c'),
    text: texts,
    score: fc.double({ min: -1, max: 1, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
      let offsetMs = 0;
      const path = await recordingOf(
        ...events.map(({ afterMs, id, text, score }): Line => [(offsetMs += afterMs), update(id, text, score)]),
      );
      const slow: SuggestionSource = {
        suggest: async (request, options) => {
          await wait(Math.random() * 3);
          return answer.suggest(request, options);
        },
      };
      const { text } = await logOf(path, engineTarget({ client: answer }));
      expect((await logOf(path, engineTarget({ client: slow }))).text).toBe(text);
      const clock = new FakeClock();
      const paced = await clock.runUntilSettled(logOf(path, engineTarget({ client: answer }), { speed: 7, clock }));
      expect(paced.text).toBe(text);
      // The clock adds up sevenths.
      expect(clock.monotonic()).toBeGreaterThan((offsetMs - (events[0]?.afterMs ?? 0)) / 7 - 1);
    }),
    // A smaller example would take minutes to find, and the test would end by its time limit instead.
    { numRuns, endOnFailure: true },
  );
}
