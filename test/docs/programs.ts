import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleConversations, startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { blocksOfMarkdown, markdownFiles, type Block } from './blocks.js';
import { buildPackage } from './package.js';

/** The programs of README and docs. */
export const programs: readonly Block[] = markdownFiles()
  .flatMap(blocksOfMarkdown)
  .filter(({ language }) => language === 'ts');

/** Pages whose programs `npm test` runs; `npm run test:full` runs all others. */
export const isFirstRead = ({ file }: Block): boolean => /^(?:README|docs\/getting-started)\.md$/.test(file);

// Inside the repository, so that programs find its packages; Git ignores it.
mkdirSync('.tmp', { recursive: true });
const folder = mkdtempSync('.tmp/code-blocks-');
let preload: string;

/** Builds the package for the programs of a test file, and removes what they wrote. */
export function preparePrograms(): void {
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    preload = await buildPackage(`${folder}/package`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
}

/** What a program did. */
export interface Result {
  readonly code: unknown;
  readonly output: string;
  readonly errors: string;
}

/** Starts a program that finds the tenant where its platform would be. */
export function start(code: string, name: string, tenant: Tenant): ChildProcessByStdio<null, Readable, Readable> {
  const home = `${folder}/${name}`;
  mkdirSync(home);
  writeFileSync(`${home}/program.ts`, code);
  return spawn(process.execPath, ['--import', preload, 'program.ts'], {
    cwd: home,
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      TENANT_ORIGIN: tenant.origin,
      AGENT_ASSIST_CLIENT_ID: tenant.credentials.clientId,
      AGENT_ASSIST_CLIENT_SECRET: tenant.credentials.clientSecret,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
}

/** Waits until a program has ended. */
export async function resultOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Result> {
  const ended = new Promise((resolve) => child.on('close', resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, output, errors };
}

/** Runs a program against a tenant of its own; one that runs until it is interrupted is shown a conversation first. */
async function run({ code }: Block, name: string): Promise<Result> {
  await using tenant = await startTenant();
  const child = start(code, name, tenant);
  const isService = code.includes("once(process, 'SIGINT')");
  if (isService) {
    // A signal would end a program at once that does not wait for it yet.
    child.stdout.once('data', () => setTimeout(() => child.kill('SIGINT'), 500));
    await tenant.stream.waitForConnections();
    for (const conversation of sampleConversations) await tenant.play(conversation, { speed: Infinity });
  }
  return await resultOf(child);
}

/** Runs programs; each must print what its page says, and nothing to stderr. */
export function testPrograms(title: string, blocks: readonly Block[]): void {
  describe(title, () => {
    it.concurrent.each(
      blocks
        .map((block, index) => [block.name, block, index] as const)
        .filter(([, { flags }]) => !flags.includes('no-run')),
    )('%s runs', { timeout: 90_000 }, async (_name, block, index) => {
      const result = await run(block, `${title.replaceAll(' ', '-')}-${index}`);
      expect(result).toMatchObject({ code: block.flags.includes('exit-1') ? 1 : 0, errors: '' });
      if (block.output !== undefined) expect(result.output).toBe(block.output);
    });
  });
}
