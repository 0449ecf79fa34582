import { globSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');
const realPresets = resolve(root, 'src/platforms/index.ts');

/** Presets that name no host lead to the tenant of the test. */
const localPlatforms: Plugin = {
  name: 'local-platforms',
  setup(builder) {
    builder.onResolve({ filter: /platforms\/index\.(?:js|ts)$/ }, ({ path, resolveDir, importer }) =>
      !importer.includes('local-platforms') && resolve(resolveDir, path.replace(/\.js$/, '.ts')) === realPresets
        ? { path: resolve(import.meta.dirname, 'local-platforms.ts') }
        : undefined,
    );
  },
};

/**
 * Builds the sources once for every program of the docs: a program then loads a few files instead of a few hundred.
 *
 * @returns a module for `--import` that leads the imports of `agent-assist-sdk` there.
 */
export async function buildPackage(folder: string): Promise<string> {
  const subpaths = globSync('{*,simulation/*}/index.ts', { cwd: resolve(root, 'src') }).map((file) =>
    file.replace('/index.ts', ''),
  );
  await build({
    absWorkingDir: root,
    entryPoints: {
      index: 'src/index.ts',
      errors: 'src/errors.ts',
      ...Object.fromEntries(subpaths.map((name) => [`${name}/index`, `src/${name}/index.ts`])),
    },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    alias: {
      '#default-transport': resolve(root, 'src/http/runtimes/default-transport.ts'),
      '#runtime': resolve(root, 'src/http/runtimes/runtime.ts'),
      '#web-socket': resolve(root, 'src/stream/connection/web-socket.ts'),
    },
    // Left to Node: CommonJS that requires built-in modules, and what an application may replace or share.
    external: ['ws', 'isomorphic-ws', 'undici', '@opentelemetry/api', 'yaml', 'proper-lockfile'],
    plugins: [localPlatforms],
    logLevel: 'error',
  });
  const preload = resolve(folder, 'preload.mjs');
  writeFileSync(preload, preloadText(folder));
  return pathToFileURL(preload).href;
}

const preloadText = (folder: string): string => `
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve(specifier, context, next) {
      const [name, ...subpath] = specifier.split('/');
      if (name !== 'agent-assist-sdk') return next(specifier, context);
      const file = subpath.length === 0 ? 'index' : subpath[0] === 'errors' ? 'errors' : [...subpath, 'index'].join('/');
      return next(new URL(file + '.mjs', ${JSON.stringify(pathToFileURL(`${resolve(folder)}/`).href)}).href, context);
    },
  });
`;
