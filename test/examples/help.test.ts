import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, readFileSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const examples = readdirSync('examples')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

const run = (...args: readonly string[]): string =>
  execFileSync(process.execPath, ['scripts/run.ts', 'examples', ...args], { encoding: 'utf8' });

const helps = new Map<string, string>();
beforeAll(() => {
  for (const example of examples) helps.set(example, run(example, '--help'));
});

/** The example's own code without the comment at its head. */
function codeOf(example: string): string {
  return [`examples/${example}.ts`, ...globSync(`examples/${example}/*.ts`)]
    .map((file) => readFileSync(file, 'utf8').replace(/^(\/\/.*\n)+/, ''))
    .join('\n');
}

/** Variables that all examples with a tenant read by the same function. */
const TENANT = ['BASE_URL', 'CLIENT_ID', 'CLIENT_SECRET', 'TOKEN_URL', 'SCOPES'].map((name) => `AGENT_ASSIST_${name}`);

/** Variables that the functions read which open real platforms. */
const SHARED: readonly (readonly [reader: string, names: readonly string[]])[] = [
  ['readPlatform(', ['AGENT_ASSIST_PLATFORM']],
  ['openCognigy(', ['COGNIGY_API_HOST', 'COGNIGY_ENDPOINT_HOST']],
  [
    'openBot(',
    [
      ...['COGNIGY_API_HOST', 'COGNIGY_ENDPOINT_HOST', 'COGNIGY_API_KEY', 'COGNIGY_PROJECT_ID'],
      ...['COGNIGY_FLOW_ID', 'COGNIGY_LOCALE_ID', 'COGNIGY_SNAPSHOT_ID'],
    ],
  ],
  [
    'openCxone(',
    [
      ...['CXONE_CLIENT_ID', 'CXONE_CLIENT_SECRET', 'CXONE_ACCESS_KEY_ID', 'CXONE_ACCESS_KEY_SECRET', 'CXONE_ISSUER'],
      ...['CXONE_API_URL', 'CXONE_STREAM_URL', 'CXONE_DFO_URL'],
    ],
  ],
];

describe('the help of the examples', () => {
  it('lists every example with one line when no name is given', () => {
    const lines = run().trimEnd().split('\n');
    expect(lines.map((line) => /^ {2}(\S+) +\S.*\.$/.exec(line)?.[1])).toEqual(examples);
  });

  it('says which examples there are when the name is wrong', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/run.ts', 'examples', 'nothing'], {
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    for (const example of examples) expect(stderr).toContain(example);
  });

  it.each(examples)('tells purpose, usage and environment of %s', (example) => {
    const help = helps.get(example) ?? '';
    expect(help).toMatch(/^[A-Z].*\.\n/);
    expect(help).toContain(`npm run example -- ${example}`);
    const code = codeOf(example);
    const read = new Set(
      code.match(
        /(?<=['"])((?:AGENT_ASSIST|COMPANY|ENRICH|COGNIGY|CXONE)_[A-Z_]+|HOST|CI)(?=['"])|\bCOGNIGY_[A-Z_]+(?=:)/g,
      ),
    );
    if (code.includes('readPort(')) read.add('PORT');
    if (code.includes('readConnection(')) for (const name of TENANT) read.add(name);
    if (code.includes('readConnection(') && code.includes('AssistStream(')) read.add('AGENT_ASSIST_STREAM_URL');
    for (const [reader, names] of SHARED) if (code.includes(reader)) for (const name of names) read.add(name);
    const variables = help
      .split(/^Environment.*:\n/m)
      .slice(1)
      .join('')
      // A long description goes on in the next line.
      .replaceAll(/\n {8,}/g, ' ');
    expect([...variables.matchAll(/^ {2}([A-Z_]+) {2,}\S/gm)].map(([, name]) => name).sort()).toEqual([...read].sort());
    // Each states its default, or what happens without it.
    for (const line of variables.split('\n').filter((text) => text !== ''))
      expect(line).toMatch(/default: |required |unset, |: a line/);
  });

  it.each(examples)('states the defaults that %s has', (example) => {
    const code = codeOf(example).replace(/(?<=\d)_(?=\d)/g, '');
    const help = helps.get(example) ?? '';
    for (const [, stated = ''] of help.matchAll(/default: (\d+|[a-z]+:[a-z:]+(?: [a-z:]+)*)/g)) {
      for (const value of stated.split(' ')) if (value !== '0' && value !== 'derived') expect(code).toContain(value);
    }
  });
});

describe('the help of the scripts that take arguments', () => {
  // Without the build before it.
  const commandOf = (script: keyof typeof manifest.scripts): string =>
    manifest.scripts[script].split('&& ').at(-1) ?? '';

  it.each([
    ['mutation', 'npm run mutation -- src/http'],
    ['pages', '--dates'],
    ['soak', '--short'],
    ['check:words', '--report'],
    ['check:commits', 'origin/main..HEAD'],
    ['demo', 'npm run example -- agent-assist-service'],
  ] as const)('npm run %s -- --help says how it is used, and does nothing else', (script, usage) => {
    for (const asked of ['--help', '-h']) {
      const { status, stdout, stderr } = spawnSync(`${commandOf(script)} ${asked}`, { encoding: 'utf8', shell: true });
      expect(stdout).toMatch(/^[A-Z].*\n/);
      expect(stdout).toContain(usage);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }
  });

  it.each([
    ['', /^ {2}soak +An hour of service .*\.$/m],
    ['--short', /^ {2}soak +An hour of service .*\.$/m],
    ['soak', /^An hour of service .*\.\n\n/],
  ])('npm run bench -- %s --help runs nothing', (name, help) => {
    for (const asked of ['--help', '-h']) {
      const args = ['scripts/bench.ts', ...name.split(' ').filter(Boolean), asked];
      const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect(stdout).toMatch(help);
      expect(status).toBe(0);
    }
  });

  it('says without a stack that no code was named to change', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/mutation.ts'], { encoding: 'utf8' });
    expect(stderr).toBe('Name the folders or files to change, e.g. src/http\n');
    expect(status).toBe(2);
  });
});
