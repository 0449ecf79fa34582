import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { verifyAuditTrail } from 'agent-assist-sdk/audit';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { inherited } from './program.js';

const root = new URL('../../', import.meta.url);

interface Run {
  readonly code: number | null;
  readonly output: string;
}

async function run(env: Readonly<Record<string, string>>): Promise<Run> {
  if (!existsSync(new URL('dist/index.js', root)))
    throw new Error('dist/ is missing: the examples run on the built package; run npm run build');
  const child = spawn(process.execPath, ['examples/calibrate-sentiment.ts'], {
    cwd: root,
    env: { ...inherited, NO_COLOR: '1', PORT: '0', ...env },
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, output: out + err };
}

async function trailPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'calibrate-sentiment-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'audit.jsonl');
}

function environmentOf(tenant: Tenant): Record<string, string> {
  return {
    AGENT_ASSIST_BASE_URL: tenant.baseUrl,
    AGENT_ASSIST_TOKEN_URL: tenant.tokenUrl,
    AGENT_ASSIST_CLIENT_ID: tenant.credentials.clientId,
    AGENT_ASSIST_CLIENT_SECRET: tenant.credentials.clientSecret,
    AGENT_ASSIST_SCOPES: 'agentassist:write sentiment:calibrate webhook:manage audit:read',
  };
}

describe('examples/calibrate-sentiment.ts', () => {
  it('goes the whole way on the embedded tenant', async () => {
    const path = await trailPath();
    const { code, output } = await run({ AGENT_ASSIST_AUDIT_TRAIL: path });
    expect(output).toMatch(
      /429, retrying.*\n.*calibration-1 accepted[^]*event sentiment\.calibration\.updated.*calibration-1 completed/,
    );
    expect(output).toMatch(/all +0\.6667 +\(4 of 6; 95 % interval 0\.3000 to 0\.9032\)/);
    expect(output).toContain('121 entries from 3 pages');
    expect(code).toBe(0);
    expect(await verifyAuditTrail(path)).toMatchObject({ ok: true, head: { count: 135 } });
  });

  it('takes an empty variable of the trail for unset', async () => {
    const { code, output } = await run({ AGENT_ASSIST_AUDIT_TRAIL: '', TMPDIR: join(await trailPath(), '..') });
    expect(output).not.toContain('AuditTrailError');
    expect(code).toBe(0);
  });

  it('uses the tenant that the environment names, and goes on in the trail that it names', async () => {
    await using tenant = await startTenant();
    tenant.audit.seed(70);
    const path = await trailPath();
    const env = { ...environmentOf(tenant), AGENT_ASSIST_AUDIT_TRAIL: path };
    const first = await run(env);
    const second = await run(env);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(tenant.calibrations.jobs.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(tenant.calibrations.jobs[0]?.calibration.interaction_ids).toHaveLength(7);
    expect(tenant.webhooks.registered).toHaveLength(2);
    expect(tenant.webhooks.deliveries[0]).toMatchObject({ delivered: true, statuses: [204] });
    expect(await verifyAuditTrail(path)).toMatchObject({ ok: true, head: { count: 14 + 71 + 14 + 72 } });
    const secrets = tenant.requests
      .to('POST /agentassist/webhooks')
      .map(({ json }) => (json as { secret: string }).secret);
    for (const secret of [...secrets, tenant.credentials.clientSecret, tenant.issuedTokens[0]?.accessToken ?? '']) {
      expect(first.output + second.output).not.toContain(secret);
    }
  });

  it('ends with 1 when the calibration fails', async () => {
    await using tenant = await startTenant();
    tenant.calibrations.reweightDurationMs = Infinity;
    const running = run(environmentOf(tenant));
    await tenant.requests.waitFor('GET /agentassist/sentiment/calibration/jobs/{jobId}');
    tenant.calibrations.finish('calibration-1', 'failed');
    const { code, output } = await running;
    expect(output).toContain('the calibration ended as failed');
    expect(code).toBe(1);
  });

  it('says what is missing in the environment', async () => {
    const incomplete = await run({
      AGENT_ASSIST_BASE_URL: 'http://127.0.0.1:9/api/v1',
      AGENT_ASSIST_CLIENT_SECRET: 'canary',
    });
    expect(incomplete.code).toBe(1);
    expect(incomplete.output).toContain('Set AGENT_ASSIST_CLIENT_ID too');
    expect(incomplete.output).not.toContain('canary');
    const remote = await run({
      AGENT_ASSIST_BASE_URL: 'https://acme.example.com/api/v1',
      AGENT_ASSIST_CLIENT_ID: 'id',
      AGENT_ASSIST_CLIENT_SECRET: 'canary',
    });
    expect(remote.code).toBe(1);
    expect(remote.output).toContain('AGENT_ASSIST_WEBHOOK_URL');
  });
});
