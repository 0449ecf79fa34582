import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runExample } from './program.js';

it('examples/tune-alerts.ts goes from a recording to an applied calibration', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tune-alerts-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { code, out, err } = await runExample('tune-alerts', { args: ['--reports', folder] });
  expect(err).toBe('');
  expect(out).toContain('1920 updates of 240 calls recorded and labelled');
  expect(out).toMatch(/`Alert on frustration of at least 0\.\d+\. Promise: a precision of at least 70 %/);
  expect(out).toMatch(/`Alert on sentiment below −0\.\d+\. Promise: at most 25 alerts per 100 updates/);
  expect(out).toMatch(
    /calibration calibration-1 completed: \[\{"emotion":"frustration","threshold":0\.\d+,"directive":"escalate"\}\]/,
  );
  // The engine asks at exactly the updates that the tuning counted.
  const [, tuned = []] = [...out.matchAll(/\| alerts per 100 updates \| ([\d.]+) \|/g)];
  expect(out).toMatch(new RegExp(`the engine asked for suggestions at \\d+ of 1920 updates, ${tuned[1]} per 100`));
  expect(code).toBe(0);
  expect((await readdir(folder)).sort()).toEqual(['frustration.html', 'sentiment.html']);
  expect(await readFile(join(folder, 'sentiment.html'), 'utf8')).toContain('<svg');
});
