import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readRecording } from 'agent-assist-sdk/conversations';
import { filesOf, recordingPath } from '../../helpers.js';
import { bundleWriter } from './kills.js';

it('leaves no half of a line and no line twice when the system stops in the middle of a write', async () => {
  const script = await bundleWriter('limited-writer.ts');
  const path = await recordingPath();
  // A file of more than 64 KiB is refused, after what fits was written.
  const child = spawn('bash', ['-c', 'ulimit -f 64 && exec "$0" "$@"', process.execPath, script, path], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  expect(await once(child, 'exit')).toEqual([0, null]);
  const { names } = await filesOf(path);
  expect(names.length).toBeGreaterThan(3);
  for (const name of names) {
    const text = await readFile(join(path, '..', name), 'utf8');
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text.endsWith('\n')).toBe(true);
  }
  const events = await Array.fromAsync(readRecording(path));
  expect(events.map(({ event }) => event['number'])).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
});
