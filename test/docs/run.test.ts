import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleConversations, startTenant, type Tenant } from 'agent-assist-sdk/testing';
import {
  blocksOfDocstrings,
  blocksOfMarkdown,
  markdownFiles,
  preludeNames,
  sourceFiles,
  type Block,
} from './blocks.js';
import { buildPackage } from './package.js';

/** Programs that are compiled and not run, each with the reason; their fences say `no-run`. */
const notRun: Readonly<Record<string, string>> = {};

const blocks = markdownFiles()
  .flatMap(blocksOfMarkdown)
  .filter(({ language }) => language === 'ts');

// Inside the repository, so that programs find its packages; Git ignores it.
mkdirSync('.tmp', { recursive: true });
const folder = mkdtempSync('.tmp/code-blocks-');
let preload: string;
beforeAll(async () => {
  preload = await buildPackage(`${folder}/package`);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Result {
  readonly code: unknown;
  readonly output: string;
  readonly errors: string;
}

/** Starts a program that finds the tenant where its platform would be. */
function start(code: string, name: string, tenant: Tenant): ChildProcessByStdio<null, Readable, Readable> {
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

async function resultOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Result> {
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

/** Examples in docstrings that need nothing but themselves: no collaborator of the prelude, no other machine, no file. */
const selfContained = sourceFiles()
  .flatMap(blocksOfDocstrings)
  .filter(({ language, code }) => {
    const usesPrelude = preludeNames().some((name) => new RegExp(`(?<![.'])\\b${name}\\b(?![':])`).test(code));
    const needsOthers =
      /example\.com|redis|'secret'|token: 'token'|https:\/\/|verifyAuditTrail\(|\.jsonl'|cognigyAi\(\{ (?:environment|company)|(?:discover|connect)Cxone\(/.test(
        code,
      );
    return language === 'ts' && !usesPrelude && !needsOthers;
  });

describe('programs of README and docs', () => {
  it.concurrent.each(
    blocks
      .map((block, index) => [block.name, block, index] as const)
      .filter(([, { flags }]) => !flags.includes('no-run')),
  )('%s runs', { timeout: 90_000 }, async (_name, block, index) => {
    const result = await run(block, `block-${index}`);
    expect(result).toMatchObject({ code: block.flags.includes('exit-1') ? 1 : 0, errors: '' });
    if (block.output !== undefined) expect(result.output).toBe(block.output);
  });

  it('say which call was refused, and why the stream ended', { timeout: 90_000 }, async () => {
    const [block] = blocksOfMarkdown('README.md').filter(({ code }) => code.includes('AssistStream'));
    await using tenant = await startTenant();
    const child = start(block?.code ?? '', 'failing', tenant);
    const result = resultOf(child);
    await tenant.stream.waitForConnections();
    tenant.inject({ route: 'POST /agentassist/suggest', fault: { kind: 'status', status: 403 } });
    const told = once(child.stderr, 'data');
    tenant.stream.send({
      type: 'INTERACTION_UPDATE',
      payload: { interactionId: 'i-1', transcript: 'refund', sentimentScore: 0 },
    });
    await told;
    tenant.stream.closeAll(1008, 'the client is blocked');
    const { code, errors } = await result;
    expect(errors).toMatch(/^PermissionDeniedError.*^StreamError.*1008/ms);
    expect(code).toBe(1);
  });

  it('that are not run have a reason', () => {
    const unrun = blocks
      .filter(({ flags }) => flags.includes('no-run'))
      .map(({ file, code }) => `${file}: ${code.split('\n')[0] ?? ''}`);
    expect(Object.keys(notRun).sort()).toEqual(unrun.sort());
  });
});

describe('examples in docstrings', () => {
  it.concurrent.each(selfContained.map((block, index) => [block.name, block, index] as const))(
    '%s runs',
    { timeout: 90_000 },
    async (_name, block, index) => {
      expect(await run(block, `docstring-${index}`)).toMatchObject({ code: 0, errors: '' });
    },
  );

  it('are run where that is possible', () => {
    expect(selfContained.length).toBeGreaterThan(10);
  });
});
