import { build } from 'esbuild';
import { expect, it } from 'vitest';

it('agent-assist-sdk/node needs no package, the optional undici neither', async () => {
  const { metafile } = await build({
    entryPoints: ['src/node/index.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    metafile: true,
    write: false,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  expect(imports).not.toEqual([]);
  expect(imports.filter((path) => !path.startsWith('node:'))).toEqual([]);
});
