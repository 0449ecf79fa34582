import { execFile, type ExecFileException } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as testing from 'agent-assist-sdk/testing';
import { expect, inject } from 'vitest';
import { install } from '../../scripts/consumer.ts';

/** Compilers, bundlers and runtimes. */
export const tools: string = join(import.meta.dirname, 'tools', 'node_modules');

/** What a consumer's program prints when all is well. */
export const expected = { suggestion: 'string', transcript: 'I want a refund' };

/** A fresh project with the packed package, and the programs of `consumers`. */
export async function createProject(name: string, others: readonly string[] = []): Promise<string> {
  const folder = await install(inject('tarball'), name, others);
  await cp(join(import.meta.dirname, 'consumers'), folder, { recursive: true });
  return folder;
}

/** Runs a program and returns what it printed; fails with all that it printed. */
export async function run(
  program: string,
  args: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const done = (error: ExecFileException | null, stdout: string, stderr: string): void => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')} failed\n${stdout}\n${stderr}`));
    };
    execFile(program, args, { cwd: folder, env: { ...process.env, ...env }, timeout: 60_000 }, done);
  });
}

/** A tenant of the packed package, with an event for whoever connects to its stream. */
export async function withTenant<T>(
  project: string,
  options: { readonly allowOrigin?: string },
  work: (tenant: { readonly platform: object; readonly credentials: object }) => Promise<T>,
): Promise<T> {
  const file = join(project, 'node_modules/agent-assist-sdk/dist/testing/index.js');
  const { startTenant } = (await import(pathToFileURL(file).href)) as typeof testing;
  await using tenant = await startTenant(options);
  const { platform, credentials } = tenant;
  const greeting = tenant.stream.waitForConnections(1).then(() => {
    const payload = { interactionId: 'i-1', transcript: expected.transcript, sentimentScore: -0.6 };
    tenant.stream.send({ type: 'INTERACTION_UPDATE', payload });
  });
  const result = await work({ platform, credentials });
  await greeting;
  return result;
}

/** Runs a program that does what `smoke.mjs` does. */
export async function expectSmoke(project: string, program: string, args: readonly string[]): Promise<void> {
  const output = await withTenant(project, {}, (tenant) =>
    run(program, args, project, { TENANT: JSON.stringify(tenant) }),
  );
  expect(JSON.parse(output)).toEqual(expected);
}
