import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** Returns the files behind the `imports` of package.json, by their `#` names; packages are left out. */
async function aliases(): Promise<Map<string, string>> {
  const text = await readFile(join(src, '../package.json'), 'utf8');
  const named = text.matchAll(/"(#[\w-]+)": \{[^}]*?"default": "\.\/dist\/(.+?)\.js"/g);
  return new Map(Array.from(named, ([, name = '', file = '']) => [name, `${file}.ts`]));
}

/** Returns the files that each file of `src` imports, types included, which ESLint's rule leaves out. */
async function imports(): Promise<Map<string, string[]>> {
  const named = await aliases();
  expect(named.size).toBeGreaterThan(2);
  const files = (await readdir(src, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const entries = files.map(async (file): Promise<[string, string[]]> => {
    const text = await readFile(join(src, file), 'utf8');
    const found = text.matchAll(/^(?:import|export)\b[^;]*? from '(?:(\..+?)\.js|(#.+?))';$/gm);
    return [
      file,
      Array.from(found, ([, path, alias = '']) =>
        path === undefined ? (named.get(alias) ?? alias) : relative(src, join(src, dirname(file), `${path}.ts`)),
      ),
    ];
  });
  return new Map(await Promise.all(entries));
}

it('no file imports itself by way of others, for types neither', async () => {
  const graph = await imports();
  expect(graph.get('index.ts')?.length).toBeGreaterThan(10);
  // Takes away what imports nothing that is left; a circle never goes.
  for (let before = -1; graph.size !== before;) {
    before = graph.size;
    for (const [file, to] of graph) if (!to.some((each) => graph.has(each))) graph.delete(file);
  }
  expect([...graph.keys()]).toEqual([]);
});
