import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startCognigy, type CognigyTenant } from 'agent-assist-sdk/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sampleUtterances } from '../../src/testing/fixtures/sample-utterances.js';
import { inherited } from './program.js';

const root = new URL('../../', import.meta.url);

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  if (!existsSync(new URL('dist/index.js', root)))
    throw new Error('dist/ is missing: the examples run on the built package; run npm run build');
  const reports = mkdtempSync(join(tmpdir(), 'gate-'));
  onTestFinished(() => rmSync(reports, { recursive: true, force: true }));
  const child = spawn(process.execPath, ['examples/bot-regression-gate.ts', '--reports', reports, ...args], {
    cwd: root,
    env: { ...inherited, CI: '1', ...env },
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, out, err, reports };
}

function environmentOf({ origin, apiKey, project, flow }: CognigyTenant): Record<string, string> {
  return {
    COGNIGY_API_HOST: origin,
    COGNIGY_ENDPOINT_HOST: origin,
    COGNIGY_API_KEY: apiKey,
    COGNIGY_PROJECT_ID: project.projectId,
    COGNIGY_FLOW_ID: flow.referenceId,
    COGNIGY_LOCALE_ID: project.localeReferenceId,
  };
}

describe('the gate of a bot', () => {
  test.each(['playbooks', 'nlu'])(
    'holds on the embedded installation with %s, and says what is not checked',
    async (runner) => {
      const { code, out, err } = await run(['--runner', runner]);
      expect(out).toContain('5 passed, 0 failed, 0 without a verdict\nThe gate holds.');
      expect(out).toContain('Not checked (context, 5 cases)');
      expect([code, err]).toEqual([0, '']);
    },
  );

  test('does not hold where the bot unlearned an intent, and no report has the key', async () => {
    await using cognigy = await startCognigy({ apiKeys: [{ key: 'canary-key-90a1' }] });
    cognigy.flow.train(sampleUtterances.filter(({ intent }) => intent !== 'baggage_question'));
    const { code, out, err, reports } = await run(['--poll-interval-ms', '5'], environmentOf(cognigy));
    expect(code, err).toBe(1);
    expect(out).toMatch(/FAIL .*baggage: step 0 "how much is an extra suitcase": intent /);
    const written = readdirSync(reports).map((file) => readFileSync(join(reports, file), 'utf8'));
    expect(written).toHaveLength(4);
    expect([out, err, ...written].join('')).not.toContain('canary-key-90a1');
  });

  test('refuses a suite that expects more than the runner checks, with --strict', async () => {
    const { code, err } = await run(['--strict']);
    expect(code).toBe(2);
    expect(err).toContain('simulation.context: cannot be checked');
  });

  test.each([
    [['--runner', 'nul'], '--runner: expected playbooks or nlu'],
    [['one.yaml', 'two.yaml'], 'expected one suite, got one.yaml, two.yaml'],
  ])('refuses %j before anything is created', async (args, problem) => {
    await using cognigy = await startCognigy();
    const { code, err } = await run(args, environmentOf(cognigy));
    expect([code, cognigy.requests.total]).toEqual([2, 0]);
    expect(err).toContain(problem);
  });

  test('cannot be run with half of an environment', async () => {
    const { code, err } = await run([], { COGNIGY_API_HOST: 'api-trial.cognigy.ai' });
    expect(code).toBe(2);
    expect(err).toContain('Set COGNIGY_API_KEY, COGNIGY_PROJECT_ID');
  });
});
