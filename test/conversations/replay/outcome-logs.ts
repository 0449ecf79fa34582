import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareReplays, replay, type ReplayDiff, type ReplayEffect } from 'agent-assist-sdk/conversations';
import { recordingPath } from '../helpers.js';

export const effect = (given: Partial<ReplayEffect>): ReplayEffect => ({ asked: [], shown: [], calls: 0, ...given });

/** Writes a recording of so many events, and a log of what each led to. */
export async function logs(...runs: readonly (readonly (ReplayEffect | undefined)[])[]): Promise<string[]> {
  const path = await recordingPath();
  const events = Array.from({ length: Math.max(...runs.map(({ length }) => length)) }, (_, index) =>
    JSON.stringify({ offsetMs: index * 1000, event: { type: 'X' } }),
  );
  await writeFile(
    path,
    ['{"type":"recording","version":1,"startedAt":"2026-01-31T09:00:00.000Z"}', ...events, ''].join('\n'),
  );
  const files: string[] = [];
  for (const [number, run] of runs.entries()) {
    const outcomes = join(path, '..', `${number}.jsonl`);
    const deliver = ({ offsetMs }: { offsetMs: number }): ReplayEffect | undefined => run[offsetMs / 1000];
    await replay(path, { deliver }, { outcomes });
    files.push(outcomes);
  }
  return files;
}

export async function diffOf(
  before: readonly (ReplayEffect | undefined)[],
  after: readonly (ReplayEffect | undefined)[],
  maxItems?: number,
): Promise<ReplayDiff> {
  const [one = '', other = ''] = await logs(before, after);
  return compareReplays(one, other, { maxItems });
}

export const asked = (text: string, more: Partial<ReplayEffect> = {}): ReplayEffect =>
  effect({ interactionId: 'a', asked: [{ text, reasons: ['sentiment'] }], calls: 1, ...more });
