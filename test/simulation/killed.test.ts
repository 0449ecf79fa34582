import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startTenant } from 'agent-assist-sdk/testing';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CASES = 60;
const CONCURRENCY = 5;
// In the repository, so that the bundle finds the packages; git ignores it.
const folder = join('.tmp', `killed-${process.pid}`);
const bundle = join(folder, 'suite.mjs');

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: ['test/simulation/resumed-suite.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: bundle,
    target: 'node24',
    alias: {
      'agent-assist-sdk/simulation/suites': './src/simulation/suites/index.ts',
      'agent-assist-sdk/simulation': './src/simulation/index.ts',
      'agent-assist-sdk': './src/index.ts',
    },
    external: ['isomorphic-ws', 'ws', 'yaml'],
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Line {
  readonly id: string;
  readonly status: string;
  readonly simulationId: string;
  readonly resumed: boolean;
}

function output(child: ChildProcess): Promise<{ text: string; signal: string | null; code: number | null }> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ text, signal, code })));
}

test('a suite that is killed three times and resumed has every case exactly once', async () => {
  await using tenant = await startTenant();
  tenant.simulation.durationMs = 30;
  const journal = join(folder, 'journal.jsonl');
  const start = (): ChildProcess =>
    spawn(
      process.execPath,
      [
        bundle,
        tenant.baseUrl,
        tenant.tokenUrl,
        tenant.credentials.clientId,
        tenant.credentials.clientSecret,
        String(CASES),
        journal,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );

  for (const submitted of [12, 25, 40]) {
    const child = start();
    const ended = output(child);
    await tenant.requests.waitFor(() => tenant.simulation.submitted >= submitted);
    child.kill('SIGKILL');
    expect(await ended).toMatchObject({ signal: 'SIGKILL', text: '' });
  }
  const finished = new Set(
    readFileSync(journal, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"type":"finished"') && line.endsWith('}'))
      .map((line) => (JSON.parse(line) as Line).id),
  );
  const jobsOf = (id: string): number =>
    tenant.simulation.jobs.filter(({ simulation }) => `case-${String(simulation.context?.['case'])}` === id).length;
  const before = new Map([...finished].map((id) => [id, jobsOf(id)]));

  const { text, code } = await output(start());
  expect(code, text).toBe(0);
  const results = JSON.parse(text) as Line[];
  expect(results.map(({ id }) => id)).toEqual(Array.from({ length: CASES }, (_, index) => `case-${index}`));
  expect(results.map(({ status }) => status)).toEqual(
    results.map((_, index) => (index % 3 === 0 ? 'failed' : 'passed')),
  );
  expect(new Set(results.map(({ simulationId }) => simulationId)).size).toBe(CASES);
  // No finished case was run again, and only what was on its way when the process died can have been submitted twice.
  expect(finished.size).toBeGreaterThan(10);
  expect(
    results
      .filter(({ resumed }) => resumed)
      .map(({ id }) => id)
      .sort(),
  ).toEqual([...finished].sort());
  for (const [id, jobs] of before) expect(jobsOf(id), id).toBe(jobs);
  expect(tenant.simulation.submitted - CASES).toBeLessThanOrEqual(3 * CONCURRENCY);
}, 60_000);
