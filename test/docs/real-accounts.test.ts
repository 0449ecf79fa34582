// The programs of docs/real-tenants.md with the values of an account, which they take from the environment alone. The
// accounts are emulated in this process; the hosts of CXone are reached by their names.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startCognigy, startCxone } from 'agent-assist-sdk/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cognigyEnvironment, cxoneEnvironment, inherited } from '../examples/program.js';
import { blocksOfMarkdown } from './blocks.js';
import { buildPackage } from './package.js';

const programs = blocksOfMarkdown('docs/real-tenants.md').filter(({ language }) => language === 'ts');

mkdirSync('.tmp', { recursive: true });
const folder = mkdtempSync('.tmp/real-accounts-');
let preload: string;
beforeAll(async () => {
  preload = await buildPackage(`${folder}/package`);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts the program that contains this text. */
function start(
  part: string,
  env: Readonly<Record<string, string>>,
  imports: readonly string[] = [],
): { read: (until: RegExp) => Promise<void>; interrupt: () => void; ended: Promise<unknown> } {
  const home = mkdtempSync(`${folder}/program-`);
  writeFileSync(`${home}/program.ts`, programs.find(({ code }) => code.includes(part))?.code ?? '');
  const flags = [preload, ...imports].flatMap((module) => ['--import', module]);
  const child = spawn(process.execPath, [...flags, 'program.ts'], {
    cwd: home,
    env: { ...inherited, ...env },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    child.emit('output');
  });
  return {
    read: (until) =>
      new Promise((found, fail) => {
        const look = (): void => {
          if (until.test(output)) found();
        };
        child.on('output', look).on('close', () => fail(new Error(`ended: ${output}${errors}`)));
        look();
      }),
    interrupt: () => void child.kill('SIGINT'),
    ended: new Promise((settle) =>
      child.on('close', (code) => {
        const files = code === 0 && part === 'junitReport' ? readFileSync(`${home}/junit.xml`, 'utf8') : '';
        settle({ code, output, errors, files });
      }),
    ),
  };
}

/** Leads the names of an emulated CXone to this process, as DNS would. */
function namedHosts(origin: string): string {
  writeFileSync(
    `${folder}/named-socket.mjs`,
    `import WebSocket from 'ws';
    export default class extends WebSocket {
      constructor(url, protocols, options) {
        const { host, pathname, search } = new URL(url);
        const local = ${JSON.stringify(origin.replace('http', 'ws'))} + pathname + search;
        super(local, protocols, { ...options, headers: { ...options?.headers, 'x-forwarded-host': host } });
      }
    }`,
  );
  const module = resolve(folder, 'named-hosts.mjs');
  writeFileSync(
    module,
    `import { registerHooks } from 'node:module';
    const { fetch } = globalThis;
    globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      const { host, pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set('x-forwarded-host', host);
      const body = request.body === null ? null : await request.arrayBuffer();
      return fetch(${JSON.stringify(origin)} + pathname + search, { method: request.method, headers, body });
    };
    registerHooks({
      resolve: (specifier, context, next) =>
        specifier === 'isomorphic-ws'
          ? { url: new URL('named-socket.mjs', import.meta.url).href, shortCircuit: true }
          : next(specifier, context),
    });`,
  );
  return pathToFileURL(module).href;
}

describe('the programs of docs/real-tenants.md on an account of the environment', { timeout: 90_000 }, () => {
  it('suggest by its flow', async () => {
    await using cognigy = await startCognigy();
    cognigy.flow.answerWith(() => [{ text: 'Offer a voucher' }]);
    const { ended } = start('flowSuggestions', cognigyEnvironment(cognigy));
    expect(await ended).toMatchObject({ code: 0, output: 'fresh true\n', errors: '' });
    expect(cognigy.sessions.get('call-1')?.turns).toBe(1);
    const wrong = { ...cognigyEnvironment(cognigy), COGNIGY_URL_TOKEN: 'a'.repeat(64) };
    expect(await start('flowSuggestions', wrong).ended).toMatchObject({
      code: 0,
      output: 'fallback true\n',
      errors: expect.stringContaining('NotFoundError: POST /[redacted] returned 404') as string,
    });
  });

  it('follow its flow in test mode', async () => {
    await using cognigy = await startCognigy();
    const { ended } = start('flowProtocol', cognigyEnvironment(cognigy));
    expect(await ended).toMatchObject({ code: 0, output: 'true\n', errors: '' });
    expect([cognigy.requests.count('GET /socket.io/'), cognigy.sessions.billedInputs]).toEqual([1, 0]);
  });

  it('judge its bot, with the exit code of the gate and a report', async () => {
    await using cognigy = await startCognigy();
    const env = cognigyEnvironment(cognigy);
    expect(await start('junitReport', env).ended).toMatchObject({
      code: 0,
      errors: '',
      files: expect.stringContaining('change-a-seat') as string,
    });
    cognigy.flow.train([{ text: 'hello', intent: 'greeting' }]);
    expect(await start('junitReport', env).ended).toMatchObject({
      code: 1,
      errors: 'change-a-seat failed: see junit.xml\n',
    });
    expect(cognigy.requests.count('POST /playbooks/{id}/schedule')).toBe(2);
    expect(await start('junitReport', { ...env, COGNIGY_PROJECT_ID: 'f'.repeat(24) }).ended).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/^change-a-seat errored: POST \S+\/schedule returned 404/) as string,
    });
  });

  it('listen to its contacts and search its Expert site, until Ctrl+C', async () => {
    await using cxone = await startCxone();
    const { CXONE_API_URL, CXONE_STREAM_URL, CXONE_DFO_URL, ...login } = cxoneEnvironment(cxone);
    expect([CXONE_API_URL, CXONE_STREAM_URL, CXONE_DFO_URL]).not.toContain(undefined);
    const { issuer, expert } = cxone.namedHosts;
    const env = { ...login, CXONE_ISSUER: issuer, CXONE_EXPERT_SITE: expert, CXONE_CONTACT_IDS: '7,8' };
    const program = start('connectCxone', env, [namedHosts(cxone.origin)]);
    await Promise.all(['7_transcript', '8_transcript'].map((topic) => cxone.notifications.waitForTopic(topic)));
    cxone.feed.sendTranscript({ contactId: '7', text: 'I want a refund' });
    cxone.feed.sendTranscript({ contactId: '8', text: 'I was charged twice' });
    await program.read(/^7 1 [^]*^8 1 |^8 1 [^]*^7 1 /m);
    program.interrupt();
    expect(await program.ended).toMatchObject({ code: 0, errors: '' });
  });
});
