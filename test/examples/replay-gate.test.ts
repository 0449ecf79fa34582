import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runExample } from './program.js';

describe('examples/replay-gate.ts', () => {
  it('records the sample, shows what a change would no longer ask, and fails', async () => {
    const { code, out, err } = await runExample('replay-gate');
    expect(err).toMatch(/^Recorded \d+ events of the sample\.\n$/);
    expect(out).toContain('| questions asked | 10 | 7 | -3 |');
    expect(out).toContain('(`sentiment`)');
    expect(out).toContain('❌ questions no longer asked: 3, at most 0 allowed\n');
    expect(code).toBe(1);
  });

  it('passes what is allowed, and keeps the outcomes on request', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'replay-gate-test-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const args = ['--keywords', 'refund,cancel,complaint,escalate,manager', '--max-asked', '9', '--max-not-asked', '9'];
    const { code, out } = await runExample('replay-gate', { args: [...args, '--outcomes', folder] });
    expect(out).toContain('✅ The gate holds.');
    expect(code).toBe(0);
    expect((await readdir(folder)).sort()).toEqual(['after.jsonl', 'before.jsonl']);
  });

  it('says what is wrong with a recording, or with its arguments', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'replay-gate-test-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'calls.jsonl');
    await writeFile(file, 'no\n');
    expect(await runExample('replay-gate', { args: [file] })).toEqual({
      code: 2,
      out: '',
      err: `RecordingError: ${file}:1: not valid JSON\n`,
    });
    const { code, err } = await runExample('replay-gate', { args: ['--threshold', 'low'] });
    expect([code, err]).toEqual([2, expect.stringContaining('threshold: expected a number')]);
  });
});
