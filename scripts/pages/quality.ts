// Facts of docs/quality.md that the repository and the installed packages hold.
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tableOf } from './blocks.ts';

/** A folder's part of bench/results/mutation.json. */
export interface MutationScore {
  readonly path: string;
  readonly mutants: number;
  readonly sample: number;
  readonly killed: number;
  readonly timeout: number;
  readonly survived: number;
  readonly notCovered: number;
  readonly doesNotCompile: number;
  /** Survivors that no test can tell apart, each with the reason. */
  readonly equivalent?: readonly string[];
}

export interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly kilobytes: number;
  /** Date of the version's release. */
  readonly released: string;
}

export function mutationTable(scores: readonly MutationScore[]): string {
  return tableOf({
    columns: ['folder', 'mutants', 'sample', 'seen', 'survived', 'not covered', 'score'],
    rows: scores.map(({ path, mutants, sample, killed, timeout, survived, notCovered, doesNotCompile }) => [
      `\`${path}\``,
      mutants.toLocaleString('en-US'),
      String(sample - doesNotCompile),
      String(killed + timeout),
      String(survived),
      String(notCovered),
      `${((100 * (killed + timeout)) / (sample - doesNotCompile)).toFixed(0)} %`,
    ]),
  });
}

/** Properties in the tests, and the cases that one run of them tries. */
export function propertyCases(): { readonly properties: number; readonly cases: number } {
  let properties = 0;
  let cases = 0;
  for (const file of globSync('test/**/*.test.ts').filter((name) => !name.includes('node_modules'))) {
    for (const call of readFileSync(file, 'utf8').split('fc.assert(').slice(1)) {
      properties += 1;
      // fast-check's default is 100.
      cases += Number(/numRuns: ([\d_]+)/.exec(call)?.[1]?.replaceAll('_', '') ?? 100);
    }
  }
  return { properties, cases };
}

/** Dependencies that users install, with what is on the disk; only their dates come from the registry. */
export function dependencies(released: Readonly<Record<string, string>>): readonly Dependency[] {
  const { dependencies: own } = readJson('package.json') as { dependencies: Record<string, string> };
  return Object.keys(own).map((name) => {
    const { version, license } = readJson(`node_modules/${name}/package.json`) as { version: string; license: string };
    const id = `${name}@${version}`;
    return { name, version, license, kilobytes: sizeOf(`node_modules/${name}`) / 1000, released: released[id] ?? '' };
  });
}

/** Asks the registry when the installed versions were released. */
export function releaseDates(): Record<string, string> {
  return Object.fromEntries(
    dependencies({}).map(({ name, version }) => {
      const times = JSON.parse(execFileSync('npm', ['view', name, 'time', '--json'], { encoding: 'utf8' })) as Record<
        string,
        string
      >;
      return [`${name}@${version}`, (times[version] ?? '').slice(0, 10)];
    }),
  );
}

export function dependencyTable(list: readonly Dependency[]): string {
  return tableOf({
    columns: ['package', 'version', 'license', 'kB on disk', 'released'],
    rows: list.map(({ name, version, license, kilobytes, released }) => [
      `\`${name}\``,
      version,
      license,
      Math.round(kilobytes).toLocaleString('en-US'),
      released,
    ]),
  });
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .filter((entry) => entry.isFile())
    .reduce((sum, { size }) => sum + size, 0);
}
