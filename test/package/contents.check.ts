// What is in the tarball.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, inject, it } from 'vitest';
import { createProject } from './project.ts';

const tarball = inject('tarball');
let installed: string;

beforeAll(async () => {
  installed = join(await createProject('contents'), 'node_modules/agent-assist-sdk');
});

it('holds what was built and what a reader looks for, nothing else', () => {
  const paths = tarball.files.map(({ path }) => path);
  const others = paths.filter((path) => !path.startsWith('dist/'));
  expect(others).toEqual(expect.arrayContaining(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']));
  const forReaders = /^(?:CHANGELOG\.md|LICENSE|README\.md|llms\.txt|package\.json|docs\/[\w-]+\.(?:md|json|svg))$/;
  expect(others.filter((path) => !forReaders.test(path))).toEqual([]);
  expect(paths.filter((path) => path.startsWith('dist/') && !/\.(?:js|js\.map|d\.ts)$/.test(path))).toEqual([]);
  expect(paths.filter((path) => /\.(?:test|check|test-d)\./.test(path))).toEqual([]);
});

it('has a source map with its source for each module', async () => {
  const modules = tarball.files.map(({ path }) => path).filter((path) => path.endsWith('.js'));
  expect(modules.length).toBeGreaterThan(100);
  for (const path of modules) {
    const map = JSON.parse(await readFile(join(installed, `${path}.map`), 'utf8')) as {
      sources: string[];
      sourcesContent?: string[];
    };
    expect(map.sources, path).toHaveLength(1);
    expect(map.sourcesContent?.[0], path).toBeTypeOf('string');
  }
});

it('names only files that exist in its exports', async () => {
  const { exports, bin } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
    exports: Record<string, string | Record<string, string>>;
    bin: Record<string, string>;
  };
  const paths = new Set(tarball.files.map(({ path }) => `./${path}`));
  const named = [
    ...Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry))),
    ...Object.values(bin),
  ];
  expect(named.filter((path) => !paths.has(path))).toEqual([]);
});
