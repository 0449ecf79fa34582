import { spawn } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, onTestFinished } from 'vitest';
import { readRecording } from 'agent-assist-sdk/conversations';
import { filesOf, recordingPath } from '../../helpers.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const AT_ONCE = 4;

/** Bundles a program of this folder with the library. */
export async function bundleWriter(program: string): Promise<string> {
  const outfile = `${root}node_modules/.${program}-${process.pid}.mjs`;
  onTestFinished(() => rm(outfile, { force: true }));
  await build({
    entryPoints: [fileURLToPath(new URL(program, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    alias: { 'agent-assist-sdk/conversations': `${root}src/conversations/index.ts` },
  });
  return outfile;
}

/** Lets a recorder run, kills it at a random moment after it first said `from`, and returns how many events were on disk. */
async function liveAndDie(script: string, path: string, from: 'opening' | 'acknowledged'): Promise<number> {
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  let acknowledged = 0;
  let dying: Promise<void> | undefined;
  for await (const line of createInterface(child.stdout)) {
    const [word, count] = line.split(' ');
    if (word === 'acknowledged') acknowledged = Number(count);
    if (word === from) dying ??= sleep(Math.random() * 150).then(() => void child.kill('SIGKILL'));
  }
  await dying;
  expect(await exited).toBe('SIGKILL');
  return acknowledged;
}

/** Kills recorders at random moments. Each must leave whole lines in order, and all that it said were on disk. */
export async function survivesKills(kills: number): Promise<void> {
  const script = await bundleWriter('writer.ts');
  let total = 0;
  let torn = 0;
  const lane = async (): Promise<void> => {
    for (let kill = 0; kill < kills / AT_ONCE; kill += 1) {
      const path = await recordingPath();
      // On a busy machine opening alone takes longer than any delay from there: only a few kills are spent on it.
      const acknowledged = await liveAndDie(script, path, kill % 4 === 3 ? 'opening' : 'acknowledged');
      total += acknowledged;
      const hasFiles = (await readdir(join(path, '..'))).length > 0;
      if (!hasFiles) expect(acknowledged).toBe(0);
      const events = hasFiles ? await Array.fromAsync(readRecording(path)) : [];
      expect(events.length).toBeGreaterThanOrEqual(acknowledged);
      expect(events.map(({ event }) => event['number'])).toEqual(events.map((_, index) => index + 1));
      const { text } = await filesOf(path);
      if (text !== '' && !text.endsWith('\n')) torn += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  console.log(`${total} events acknowledged, ${torn} of ${kills} kills tore a line`);
  expect(total).toBeGreaterThan(0);
}
