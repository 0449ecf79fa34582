import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { CaseResult, SuiteRun } from 'agent-assist-sdk/simulation';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { showProgress } from '../../examples/simulate-conversations/progress.ts';
import { sampleUtterances } from '../../src/testing/fixtures/sample-utterances.js';
import { inherited } from './program.js';

const root = new URL('../../', import.meta.url);
const fast = ['--poll-interval-ms', '20'];

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'simulate-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function start(args: readonly string[], env: Readonly<Record<string, string>>) {
  if (!existsSync(new URL('dist/index.js', root)))
    throw new Error('dist/ is missing: the examples run on the built package; run npm run build');
  return spawn(process.execPath, ['examples/simulate-conversations.ts', ...args], {
    cwd: root,
    env: { ...inherited, ...env },
  });
}

async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; out: string; err: string }> {
  const child = start(args, env);
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, out, err };
}

function environmentOf(tenant: Tenant): Record<string, string> {
  return {
    AGENT_ASSIST_BASE_URL: tenant.baseUrl,
    AGENT_ASSIST_TOKEN_URL: tenant.tokenUrl,
    AGENT_ASSIST_CLIENT_ID: tenant.credentials.clientId,
    AGENT_ASSIST_CLIENT_SECRET: tenant.credentials.clientSecret,
    AGENT_ASSIST_SCOPES: 'simulation:execute bot:read environment:read',
  };
}

/** One case for each of these sentences. */
function sampleSuite(folder: string, utterances = sampleUtterances): string {
  const file = join(folder, 'suite.json');
  const cases = utterances.map(({ text: said, intent }, index) => ({
    id: `${intent}-${index}`,
    inputs: [{ text: said, delayMs: 0 }],
    assertions: [{ stepIndex: 0, expectedIntent: intent, expectedConfidenceMin: 0.2 }],
  }));
  writeFileSync(file, JSON.stringify({ botId: 'bot-123', environmentId: 'env-staging', versionId: 'ver-abc', cases }));
  return file;
}

describe('the gate', () => {
  test('holds on the embedded tenant, and says each case in a line where there is no terminal', async () => {
    const { code, out, err } = await run(['--reports', temporaryFolder()], {});
    expect(out).toContain('No AGENT_ASSIST_BASE_URL: using the embedded tenant.\n');
    expect(out.match(/^ok {4}\d\/5 /gm)).toHaveLength(5);
    expect(out).toContain('The gate holds: 100 % of the cases pass, 100 % must');
    expect([code, err]).toEqual([0, '']);
  });

  test('does not hold when a case fails: exit code 1, and the reports say why', async () => {
    await using tenant = await startTenant();
    tenant.simulation.train(sampleUtterances.filter(({ intent }) => intent !== 'baggage_question'));
    const reports = temporaryFolder();
    const { code, out } = await run(['--reports', reports, ...fast], environmentOf(tenant));
    expect(code).toBe(1);
    expect(out).toMatch(
      /^FAIL {2}\d\/5 baggage: step 0 "how much is an extra suitcase": intent \w+ instead of baggage_question/m,
    );
    expect(out).toContain('The gate does not hold: 80 % of the cases pass, 100 % must');
    expect(readdirSync(reports).sort()).toEqual(['audit.jsonl', 'junit.xml', 'report.html', 'report.md', 'run.json']);
    expect(readFileSync(join(reports, 'junit.xml'), 'utf8')).toContain('tests="5" failures="1" errors="0"');
    const audits = readFileSync(join(reports, 'audit.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { compliance_status: string });
    expect(audits.map(({ compliance_status }) => compliance_status).sort()).toEqual([
      'FAIL',
      'PASS',
      'PASS',
      'PASS',
      'PASS',
    ]);
    expect((await run(['--reports', reports, '--min-pass-rate', '80', ...fast], environmentOf(tenant))).code).toBe(0);
  });

  test('compares with a saved run: a worse version is told apart, the same one is not', async () => {
    await using tenant = await startTenant();
    const folder = temporaryFolder();
    const suite = sampleSuite(folder, sampleUtterances.slice(0, 40));
    const env = environmentOf(tenant);
    const first = await run([suite, '--min-pass-rate', '50', '--reports', join(folder, 'first'), ...fast], env);
    expect(first.code, first.err).toBe(0);
    const baseline = ['--baseline', join(folder, 'first', 'run.json')];
    const again = await run([suite, ...baseline, '--reports', join(folder, 'again'), ...fast], env);
    expect([again.code, again.err]).toEqual([0, '']);
    tenant.simulation.train(
      sampleUtterances.filter((_, index) => index % 8 === 0),
      'ver-next',
    );
    const worse = await run(
      [suite, ...baseline, '--version', 'ver-next', '--reports', join(folder, 'worse'), ...fast],
      env,
    );
    expect(worse.out).toMatch(
      /The gate does not hold: .* cases newly fail and \d+ newly pass, more than chance explains/,
    );
    expect(worse.code).toBe(1);
    expect(readFileSync(join(folder, 'worse', 'report.md'), 'utf8')).toContain('**The gate does not hold:**');
  });

  test('tells the dashboard of every simulation, and is not moved when that fails', async () => {
    await using tenant = await startTenant();
    const received: { event: string; source: unknown }[] = [];
    let status = 204;
    const dashboard = createServer(
      (request, response) =>
        void text(request).then((body) => {
          received.push({ event: (JSON.parse(body) as { event: string }).event, source: request.headers['x-source'] });
          response.writeHead(status).end();
        }),
    );
    await new Promise<void>((resolve) => dashboard.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void dashboard.close());
    const env = {
      ...environmentOf(tenant),
      AGENT_ASSIST_DASHBOARD_URL: `http://127.0.0.1:${(dashboard.address() as AddressInfo).port}/mlops`,
    };
    const args = ['--reports', temporaryFolder(), ...fast];
    expect(await run(args, env)).toMatchObject({ code: 0, err: '' });
    expect(received).toEqual(
      Array.from({ length: 5 }, () => ({ event: 'cognigy_simulation_complete', source: 'cognigy-sim-runner' })),
    );
    status = 400;
    const { code, err } = await run(args, env);
    expect([code, err]).toEqual([0, 'The dashboard did not receive 5 simulations: POST [redacted] returned 400\n']);
  });
});

describe('exit code 2', () => {
  const head = 'botId: bot-123\nenvironmentId: env-staging\nversionId: ver-abc\n';
  // What else can be wrong in a suite is in test/simulation/suites.test.ts.
  test('and a clear message for wrong types', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'suite.yaml');
    writeFileSync(file, `${head}cases:\n  - id: a\n    inputs: 5\n`);
    const { code, err } = await run([file, '--reports', folder], {});
    expect(err).toMatch(/suite\.yaml:6:13: cases\[0\]\.inputs: expected array/);
    expect(err.split('\n').length).toBeLessThan(5);
    expect(code).toBe(2);
  });

  test('and a clear message for a file of 50 MB', async () => {
    const file = join(temporaryFolder(), 'suite.yaml');
    writeFileSync(file, '');
    truncateSync(file, 50_000_000);
    expect(await run([file], {})).toMatchObject({
      code: 2,
      err: `SuiteFileError: ${file}: has 47.7 MiB, more than the limit of 5.0 MiB\n`,
    });
  });

  test('when the target refuses, for every reason', async () => {
    await using tenant = await startTenant();
    const file = join(temporaryFolder(), 'suite.yaml');
    writeFileSync(file, 'botId: bot-123\nenvironmentId: nowhere\nversionId: ver-old\ncases: [{ id: a, inputs: [hi] }]');
    const { code, err } = await run([file], environmentOf(tenant));
    expect([code, err]).toEqual([
      2,
      'Error: the suite cannot be run: version ver-old is ARCHIVED, not ACTIVE; environment nowhere does not exist\n',
    ]);
    expect(tenant.simulation.submitted).toBe(0);
  });

  test('when the credentials are refused, without showing them', async () => {
    await using tenant = await startTenant();
    const { code, err } = await run([], { ...environmentOf(tenant), AGENT_ASSIST_CLIENT_SECRET: 'canary-secret' });
    expect(code).toBe(2);
    expect(err).toMatch(/^OAuthError: .*invalid_client/);
    expect(err).not.toContain('canary');
  });

  test('when no case gets a verdict, when settings are missing or make no sense', async () => {
    await using tenant = await startTenant();
    tenant.inject({ route: 'POST /simulations', fault: { kind: 'status', status: 500 }, times: 100 });
    const nothing = await run(['--reports', temporaryFolder(), ...fast], environmentOf(tenant));
    expect([nothing.code, nothing.err]).toEqual([
      2,
      expect.stringMatching(/no case has a verdict; the first failed with POST .* returned 500/),
    ]);
    expect(await run([], { AGENT_ASSIST_BASE_URL: tenant.baseUrl })).toMatchObject({
      code: 2,
      err: expect.stringContaining('Set AGENT_ASSIST_CLIENT_ID') as unknown,
    });
    expect((await run(['--concurrency', 'many'], {})).code).toBe(2);
    expect((await run(['--colour'], {})).code).toBe(2);
    expect((await run(['--baseline', join(temporaryFolder(), 'none.json')], {})).err).toMatch(
      /none\.json: cannot be read \(ENOENT\)/,
    );
  });
});

test('killed in the middle, the same command goes on and reports every case once', async () => {
  await using tenant = await startTenant();
  tenant.simulation.durationMs = 40;
  const folder = temporaryFolder();
  const args = [sampleSuite(folder), '--reports', folder, '--min-pass-rate', '50', '--concurrency', '4', ...fast];
  const child = start(args, environmentOf(tenant));
  await tenant.requests.waitFor(() => tenant.simulation.submitted >= 30);
  child.kill('SIGKILL');
  await once(child, 'close');
  const { code, out, err } = await run(args, environmentOf(tenant));
  expect(code, err).toBe(0);
  expect(out).toMatch(/Resuming after \d+ cases of an interrupted run/);
  const { results } = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as SuiteRun;
  expect(results.map(({ id }) => id)).toEqual(sampleUtterances.map(({ intent }, index) => `${intent}-${index}`));
  expect(results.filter(({ resumed }) => resumed).length).toBeGreaterThan(15);
  // At most what was on its way when it was killed is submitted twice.
  expect(tenant.simulation.submitted).toBeLessThanOrEqual(sampleUtterances.length + 4);
  expect(readdirSync(folder).filter((name) => name.startsWith('journal'))).toEqual([]);
});

describe('progress', () => {
  const result = {
    id: 'a\u001b[2J',
    status: 'errored',
    error: { name: 'TimeoutError', message: 'too\nlate' },
  } as unknown as CaseResult;

  function shown(isTTY: boolean, env: NodeJS.ProcessEnv): string {
    let output = '';
    const stream = {
      isTTY,
      columns: 80,
      write: (chunk: string) => (output += chunk) !== '',
    } as unknown as NodeJS.WriteStream;
    {
      using progress = showProgress(stream, 2, env);
      progress.show({ type: 'resumed', finished: 1, tornLine: 3 });
      progress.show({ type: 'case', result, done: 2, total: 2 });
    }
    return output;
  }

  test('is a bar on a terminal, with what did not pass above it, and leaves no bar behind', () => {
    const output = shown(true, {});
    expect(output).toContain('\r\u001b[KERROR a [2J: TimeoutError: too late\n');
    expect(output).toContain('█'.repeat(30) + ' 2/2  0 passed, 0 failed, 1 without a verdict');
    expect(output.endsWith('\r\u001b[K')).toBe(true);
  });

  test('is plain lines in CI, also on a terminal', () => {
    const lines =
      'Resuming after 1 cases of an interrupted run; its line 3 was cut off and is skipped\nERROR 2/2 a [2J: TimeoutError: too late\n';
    expect(shown(true, { CI: 'true' })).toBe(lines);
    expect(shown(false, {})).toBe(lines);
  });
});
