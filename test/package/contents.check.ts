// What is in the tarball.
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createProject, run } from './project.ts';

const root = resolve(import.meta.dirname, '../..');
const tarball = inject('tarball');
let installed: string;

beforeAll(async () => {
  installed = join(
    await createProject('contents', ['undici@8.12.4', '@opentelemetry/api@1.9.1']),
    'node_modules/agent-assist-sdk',
  );
});

it('holds what was built and what a reader looks for, nothing else', () => {
  const paths = tarball.files.map(({ path }) => path);
  const others = paths.filter((path) => !path.startsWith('dist/'));
  expect(others).toEqual(expect.arrayContaining(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']));
  const forReaders =
    /^(?:(?:CHANGELOG|CONTRIBUTING|README|SECURITY)\.md|LICENSE|llms\.txt|package\.json|docs\/[\w-]+\.(?:md|json|svg))$/;
  expect(others.filter((path) => !forReaders.test(path))).toEqual([]);
  const built = paths.filter((path) => path.startsWith('dist/') && !/\.(?:js|js\.map|d\.ts)$/.test(path));
  expect(built).toEqual(['dist/LICENSES.txt']);
  expect(paths.filter((path) => /\.(?:test|check|test-d)\./.test(path))).toEqual([]);
});

it('has source maps with the sources as they are', async () => {
  const modules = tarball.files.map(({ path }) => path).filter((path) => path.endsWith('.js'));
  const sources = new Set<string>();
  for (const path of modules) {
    const map = JSON.parse(await readFile(join(installed, `${path}.map`), 'utf8')) as {
      sources: string[];
      sourcesContent: string[];
    };
    for (const [index, source] of map.sources.entries()) {
      // As a debugger resolves it: beside the map.
      const file = relative(installed, resolve(installed, dirname(path), source));
      expect(map.sourcesContent[index], file).toBe(await readFile(join(root, file), 'utf8'));
      sources.add(file);
    }
  }
  expect(sources).toContain('src/http/client.ts');
  expect([...sources].filter((file) => !/^(?:src|node_modules\/zod)\//.test(file))).toEqual([]);
});

it('brings AsyncDisposable along in each declaration that names it', async () => {
  const declarations = tarball.files.map(({ path }) => path).filter((path) => path.endsWith('.d.ts'));
  const naming: string[] = [];
  for (const path of declarations) {
    const text = await readFile(join(installed, path), 'utf8');
    if (!/asyncDispos/i.test(text)) continue;
    naming.push(path);
    expect(text, path).toMatch(/^\/{3} <reference lib="esnext\.disposable" \/>/);
  }
  expect(naming).toContain('dist/stream/assist-stream.d.ts');
});

it('has the license of the code that is not its own, and names its files', async () => {
  const text = await readFile(join(installed, 'dist/LICENSES.txt'), 'utf8');
  const [, files = ''] = /^(.*): parts of zod [\d.]+, under this license:\n\nMIT License/.exec(text) ?? [];
  const codes = await Promise.all(files.split(', ').map((file) => readFile(join(installed, 'dist', file), 'utf8')));
  expect(codes.filter((code) => code.includes('$ZodType'))).not.toEqual([]);
});

it('imports no chunk of which it uses nothing, since bundlers warn of that', async () => {
  const modules = tarball.files.map(({ path }) => path).filter((path) => path.endsWith('.js'));
  const codes = await Promise.all(modules.map((path) => readFile(join(installed, path), 'utf8')));
  expect(codes.flatMap((code) => code.match(/^import ".*$/gm) ?? [])).toEqual([]);
});

it('has each value once, under its own name, in all subpaths', async () => {
  const { exports } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as { exports: object };
  const subpaths = Object.keys(exports).filter((subpath) => subpath !== './package.json');
  const program = `
    const found = new Map();
    const problems = [];
    for (const subpath of ${JSON.stringify(subpaths)}) {
      for (const [name, value] of Object.entries(await import('agent-assist-sdk' + subpath.slice(1)))) {
        if (found.has(name) && found.get(name) !== value) problems.push(name + ' exists twice');
        if (typeof value === 'function' && value.name !== name) problems.push(name + ' is called ' + value.name);
        found.set(name, value);
      }
    }
    console.log(JSON.stringify({ count: found.size, problems }));`;
  const output = await run(process.execPath, ['--input-type=module', '--eval', program], dirname(dirname(installed)));
  const { count, problems } = JSON.parse(output) as { count: number; problems: string[] };
  expect(problems).toEqual([]);
  expect(count).toBeGreaterThan(100);
});

describe('a stack trace', () => {
  const program = `
    import { keywordTrigger } from 'agent-assist-sdk';
    try { keywordTrigger({ keywords: [' '] }); } catch (error) { console.log(error.stack); }`;
  const trace = (...flags: string[]): Promise<string> =>
    run(process.execPath, [...flags, '--input-type=module', '--eval', program], dirname(dirname(installed)));

  it('names the functions', async () => {
    expect(await trace()).toMatch(
      / at (?:Array\.map|termFinder) .* at keywordTrigger \(.*agent-assist-sdk\/dist\/chunks\//s,
    );
  });

  it('names the line of the TypeScript source, with --enable-source-maps', async () => {
    const lines = await trace('--enable-source-maps');
    const [, file = '', line = ''] = /agent-assist-sdk\/(src\/suggestions\/\w+\.ts):(\d+):/.exec(lines) ?? [];
    const source = await readFile(join(root, file), 'utf8');
    expect(source.split('\n')[Number(line) - 1]).toContain('termFinder(');
  });
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
