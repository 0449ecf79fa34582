import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';

const folder = fileURLToPath(new URL(`../../.tmp/load-${process.pid}/`, import.meta.url));
const source = (file: string): string => fileURLToPath(new URL(`../../src/${file}`, import.meta.url));
const SUBPATHS = [
  'index',
  'http/index',
  'auth/index',
  'stream/index',
  'suggestions/index',
  'cognigy/index',
  'cxone/index',
];

beforeAll(async () => {
  await build({
    entryPoints: SUBPATHS.map((subpath) => source(`${subpath}.ts`)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    alias: {
      '#default-transport': source('http/runtimes/default-transport.ts'),
      '#runtime': source('http/runtimes/runtime.ts'),
    },
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Node creates these when they are first read, and its whole `fetch` with them. */
const LAZY_GLOBALS = ['fetch', 'Request', 'Response', 'Headers', 'FormData', 'WebSocket'];

const PROGRAM = `
const touched = [];
for (const name of ${JSON.stringify(LAZY_GLOBALS)}) {
  const lazy = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() {
      touched.push(name);
      Object.defineProperty(globalThis, name, lazy);
      return globalThis[name];
    },
  });
}
await import(process.argv[1]);
console.log(JSON.stringify(touched));`;

it.each(SUBPATHS)('loading %s touches no part of fetch', (subpath) => {
  const args = ['--input-type=module', '--eval', PROGRAM, `${folder}${subpath}.mjs`];
  expect(JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))).toEqual([]);
});
