import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const suite = join(root, 'node_modules/svix/src/webhook.test.ts');

it('passes the test file that svix ships for its own verifier, unchanged', async () => {
  const folder = await mkdtemp(join(root, 'node_modules/.svix-suite-'));
  try {
    await build({
      entryPoints: { 'webhook.test': suite, 'verifier.worker': join(here, 'verifier.worker.ts') },
      outdir: folder,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      plugins: [
        {
          name: 'ours-for-theirs',
          setup: (bundle) => {
            bundle.onResolve({ filter: /^\.\/index$/ }, ({ importer }) =>
              importer === suite ? { path: join(here, 'adapter.ts') } : undefined,
            );
            bundle.onResolve({ filter: /^agent-assist-sdk/ }, ({ path }) => ({
              path: join(root, 'src', path.slice('agent-assist-sdk'.length), 'index.ts'),
            }));
            // A development dependency of svix that its package does not bring along.
            bundle.onResolve({ filter: /^@stablelib\/utf8$/ }, ({ path }) => ({ path, namespace: 'utf8' }));
            bundle.onLoad({ filter: /.*/, namespace: 'utf8' }, () => ({
              contents: 'export const encode = (text) => new TextEncoder().encode(text);',
            }));
            bundle.onResolve({ filter: /^(?:@stablelib\/base64|fast-sha256)$/ }, ({ path }) => ({
              path: createRequire(suite).resolve(path),
            }));
          },
        },
      ],
    });
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--test', '--test-reporter=tap', join(folder, 'webhook.test.js')],
      {
        encoding: 'utf8',
        env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: '' },
      },
    );
    const count = (await readFile(suite, 'utf8')).match(/^test\(/gm)?.length ?? 0;
    expect(count).toBeGreaterThan(10);
    expect(stdout).toContain(`# pass ${count}\n`);
    expect(stdout).toContain('# fail 0\n');
    expect(status).toBe(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
