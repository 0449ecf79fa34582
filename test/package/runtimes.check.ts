// The packed package in the runtimes that it is for.
import { beforeAll, describe, expect, it } from 'vitest';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { createProject, expectSmoke, expected, run, tools, withTenant } from './project.ts';

/** What is used of it; it is not installed where the rest of the repository is checked. */
interface MiniflareModule {
  readonly Miniflare: new (options: object) => {
    dispatchFetch(url: string, init: object): Promise<Response>;
    dispose(): Promise<void>;
  };
}

let project: string;

beforeAll(async () => {
  project = await createProject('runtimes', ['undici@8.12.4']);
});

describe.each(['22.12.0', '22', '24', '26'])('Node %s', (version) => {
  let node: string;

  beforeAll(async () => {
    const path = await run(
      'npx',
      ['-y', '--loglevel=error', '-p', `node@${version}`, 'node', '-p', 'process.execPath'],
      project,
    );
    node = path.trim();
  });

  it('imports ES modules', async () => {
    expect((await run(node, ['-p', 'process.versions.node'], project)).startsWith(version)).toBe(true);
    await expectSmoke(project, node, ['main.mjs']);
  });

  it('requires them from CommonJS', async () => {
    await expectSmoke(project, node, ['main.cjs']);
  });
});

it('calls over undici where that is installed', async () => {
  await expectSmoke(project, process.execPath, ['undici.mjs']);
});

it('runs under Bun', async () => {
  await expectSmoke(project, join(tools, '.bin/bun'), ['main.mjs']);
});

it('runs under Deno, with the network and the environment allowed', async () => {
  await expectSmoke(project, join(tools, '.bin/deno'), [
    'run',
    '--no-prompt',
    '--allow-net',
    '--allow-env',
    '--allow-read',
    'main.mjs',
  ]);
});

it('runs in workerd', async () => {
  const { outputFiles } = await build({
    entryPoints: [join(project, 'worker.mjs')],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    tsconfigRaw: {},
    write: false,
  });
  const { Miniflare } = createRequire(join(tools, 'x.js'))('miniflare') as MiniflareModule;
  const miniflare = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? '',
    compatibilityDate: '2026-07-01',
  });
  try {
    const result = await withTenant(project, {}, async (tenant) => {
      const ask = async (path: string): Promise<string> => {
        const init = { method: 'POST', body: JSON.stringify(tenant) };
        return (await miniflare.dispatchFetch(`http://worker/${path}`, init)).text();
      };
      // At first all of them wait for one token, which one of them fetches.
      const shared = await Promise.all(Array.from({ length: 5 }, () => ask('suggest')));
      expect(shared).toEqual(Array.from({ length: 5 }, () => '"suggested"'));
      return ask('');
    });
    expect(result).toBe(JSON.stringify(expected));
  } finally {
    await miniflare.dispose();
  }
});

it('installs the tenant as a program, for clients in other processes', async () => {
  const program = join(project, 'node_modules/.bin/agent-assist-tenant');
  const tenant = spawn(program, ['--json', '--play', '1', '--speed', '1000'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const lines = createInterface({ input: tenant.stdout });
    const [line] = (await once(lines, 'line')) as [string];
    const { baseUrl, tokenUrl, streamUrl, clientId, clientSecret } = JSON.parse(line) as Record<string, string>;
    const facts = {
      platform: { baseUrl, tokenUrl, streamUrl, streamToken: 'header' },
      credentials: { clientId, clientSecret },
    };
    const output = await run(process.execPath, ['main.mjs'], project, { TENANT: JSON.stringify(facts) });
    expect(JSON.parse(output)).toEqual({ suggestion: 'string', transcript: expect.any(String) as string });
  } finally {
    tenant.kill();
    await once(tenant, 'exit');
  }
});
