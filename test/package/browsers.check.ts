// The packed package, bundled and run in Chromium.
import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { build } from 'esbuild';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requireProgram } from '../helpers/programs.js';
import { createProject, expected, tools, withTenant } from './project.ts';

const hasChromium = requireProgram('chromium-headless-shell', 'chromium-headless-shell');
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
};

/** What is used of it; it is not installed where the rest of the repository is checked. */
interface Vite {
  build(options: object): Promise<unknown>;
}

let project: string;
let browser: Browser | undefined;

beforeAll(async () => {
  project = await createProject('browsers');
  if (hasChromium)
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium-headless-shell', args: ['--no-sandbox'] });
});

afterAll(async () => {
  await browser?.close();
});

/** Serves a folder, and hands out its origin. */
async function serve(folder: string): Promise<{ readonly origin: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    const file = path === '/' ? '/index.html' : path;
    readFile(join(folder, file)).then(
      (content) =>
        response.writeHead(200, { 'content-type': contentTypes[extname(file)] ?? 'text/plain' }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function runInChromium(folder: string): Promise<unknown> {
  if (browser === undefined) throw new Error('Chromium is missing');
  const { origin, server } = await serve(folder);
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  try {
    await page.goto(origin);
    await page.waitForFunction('globalThis.runSmoke !== undefined');
    const result = await withTenant(project, { allowOrigin: origin }, (tenant) =>
      page.evaluate(`runSmoke(${JSON.stringify(tenant)})`),
    );
    expect(problems).toEqual([]);
    return result;
  } finally {
    await page.close();
    server.closeAllConnections();
    server.close();
  }
}

it.runIf(hasChromium)('runs when esbuild has bundled it', async () => {
  const outdir = join(project, 'by-esbuild');
  await build({
    entryPoints: [join(project, 'browser.mjs'), join(project, 'index.html')],
    loader: { '.html': 'copy' },
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    tsconfigRaw: {},
    outdir,
  });
  expect(await runInChromium(outdir)).toEqual(expected);
});

it.runIf(hasChromium)('runs when Vite has built it', async () => {
  const vite = createRequire(join(tools, 'x.js'))('vite') as Vite;
  await vite.build({ root: project, logLevel: 'warn', build: { outDir: 'by-vite' } });
  expect(await runInChromium(join(project, 'by-vite'))).toEqual(expected);
});
