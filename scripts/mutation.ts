// Which changes of the code no test sees: `npm run mutation -- src/http src/auth [--sample 60] [--seed 1] [--workers 2]`.
//
// Stryker's instrumenter puts every mutant into the sources behind a switch. One run of the suite notes what each test
// reaches; then each mutant of the sample meets the tests that reach it, those of its own folder first. A mutant that
// survives and that the compiler refuses is not counted. Writes .tmp/mutation/<folder>.json and lists the survivors.
// Needs `npm ci --prefix scripts/mutation` once.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compiles } from './mutation/compiles.ts';
import { startHost, type Host } from './mutation/host-process.ts';
import type { Outcome, TestFile } from './mutation/host.ts';
import { instrument, sample, sourcesOf, type Mutant } from './mutation/mutants.ts';

const { values, positionals: paths } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    /** Only suites below these folders; all by default. */
    suites: { type: 'string', multiple: true, default: ['test'] },
    /** Ids or `file:line` of the only mutants to run. */
    only: { type: 'string', multiple: true },
  },
});
/** What the tests of other folders may take for one mutant, in ms of the first run. */
const OTHERS_MS = 15_000;
/** Suites that start programs or read documents, so that they reach no source in this process. */
const OUTSIDE_SUITES = /^test\/(?:docs|examples|contracts|package|vendors|redis)\//;

type Status = 'killed' | 'timeout' | 'survived' | 'not covered' | 'does not compile';

interface Result {
  readonly mutant: Mutant;
  readonly status: Status;
  /** The test that saw it, or how many did not. */
  readonly by: string;
}

/** What reaches a mutant: by file, the tests, or `undefined` where the file does so outside its tests. */
type Reach = Map<string, Set<string> | undefined>;

if (paths.length === 0) {
  console.error('Name the folders or files to change, e.g. src/http');
  process.exit(2);
}
mkdirSync('.tmp/mutation', { recursive: true });
const files = paths.flatMap(sourcesOf);
const { mutants, contents } = await instrument(files);
const contentsFile = `.tmp/mutation/contents-${process.pid}.json`;
writeFileSync(contentsFile, JSON.stringify(contents));
console.log(`${mutants.length} mutants in ${files.length} files`);

const suites = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((name) => `test/${name}`)
  .filter(
    (name) => /(?<!foreign|slow)\.test\.ts$/.test(name) && !OUTSIDE_SUITES.test(name) && !name.includes('node_modules'),
  )
  .filter((name) => values.suites.some((folder) => name.startsWith(`${folder}/`)))
  .sort();
const hosts = await Promise.all(Array.from({ length: Number(values.workers) }, () => startHost(contentsFile)));
const first = await firstRun(hosts);
const durations = new Map<string, number>();
for (const { file, durationMs } of first.passed) durations.set(file, (durations.get(file) ?? 0) + durationMs);
for (const { file, test, message } of first.failures)
  console.log(`fails without a mutant: ${file} ${test}: ${message.split('\n')[0]}`);
const { reaches, hits, filesOfSource } = readCoverage(first);

for (const path of paths) {
  const own = mutants.filter(({ file }) => file === path || file.startsWith(`${path}/`));
  const chosen =
    values.only === undefined
      ? sample(own, Number(values.sample), Number(values.seed))
      : own.filter(({ id, file, line }) => [id, `${file}:${line}`].some((name) => values.only?.includes(name)));
  const queue = chosen.values();
  const results: Result[] = [];
  await Promise.all(
    hosts.map(async (host) => {
      for (const mutant of queue) results.push(await judge(host, mutant));
    }),
  );
  report(path, own.length, results);
}
for (const host of hosts) host.stop();

/** All suites without a mutant, shared out among the hosts. */
async function firstRun(hosts: readonly Host[]): Promise<Outcome> {
  const queue = [...suites];
  const outcomes: Outcome[] = [];
  await Promise.all(
    hosts.map(async (host) => {
      // A few files a run: what one leaves behind disturbs few others. Where they do not end, each runs alone.
      for (;;) {
        const batch = queue.splice(0, 12);
        if (batch.length === 0) return;
        const together = await host.run({ tests: batch.map((file) => ({ file })) }, 600_000);
        if (together !== undefined) outcomes.push(together);
        else
          for (const file of batch) {
            const alone = await host.run({ tests: [{ file }] }, 120_000);
            if (alone === undefined) console.log(`${file} does not end and is left out`);
            else outcomes.push(alone);
          }
      }
    }),
  );
  return {
    passed: outcomes.flatMap(({ passed }) => passed),
    failures: outcomes.flatMap(({ failures }) => failures),
    outside: Object.assign({}, ...outcomes.map(({ outside }) => outside)) as Outcome['outside'],
  };
}

function readCoverage({ passed, outside }: Outcome): {
  readonly reaches: ReadonlyMap<string, Reach>;
  readonly hits: ReadonlyMap<string, number>;
  /** The suites that run code of a source, for mutants that only loading reaches. */
  readonly filesOfSource: ReadonlyMap<string, ReadonlySet<string>>;
} {
  const sourceOf = new Map(mutants.map(({ id, file }) => [id, file]));
  const reaches = new Map<string, Reach>();
  const hits = new Map<string, number>();
  const filesOfSource = new Map<string, Set<string>>();
  const reach = (id: string): Reach => {
    const known: Reach = reaches.get(id) ?? new Map<string, Set<string> | undefined>();
    reaches.set(id, known);
    return known;
  };
  for (const { file, id: test, mutants } of passed)
    for (const [id, count] of Object.entries(mutants)) {
      const tests = reach(id);
      if (!tests.has(file)) tests.set(file, new Set());
      tests.get(file)?.add(test);
      hits.set(id, Math.max(hits.get(id) ?? 0, count));
      const source = sourceOf.get(id) ?? '';
      filesOfSource.set(source, (filesOfSource.get(source) ?? new Set()).add(file));
    }
  for (const [file, ids] of Object.entries(outside))
    for (const [id, count] of Object.entries(ids)) {
      reach(id).set(file, undefined);
      hits.set(id, Math.max(hits.get(id) ?? 0, count));
    }
  return { reaches, hits, filesOfSource };
}

async function judge(host: Host, mutant: Mutant): Promise<Result> {
  const reach: Reach = new Map(reaches.get(mutant.id));
  // Only the first suite of a process sees what loading reaches; the others load it as well.
  if ([...reach.values()].includes(undefined))
    for (const file of filesOfSource.get(mutant.file) ?? []) reach.set(file, undefined);
  if (reach.size === 0) return { mutant, status: 'not covered', by: '' };
  const own = mutant.file.replace(/^src\/([^/]+)\/.*/, 'test/$1/');
  const tests = [...reach]
    .map(([file, ids]): TestFile & { readonly ms: number } => ({
      file,
      ...(ids !== undefined && { testIds: [...ids] }),
      ms: durations.get(file) ?? 0,
    }))
    .sort((a, b) => a.ms - b.ms);
  const near = tests.filter(({ file }) => file.startsWith(own));
  let spentMs = 0;
  const far = tests.filter(({ file, ms }) => !file.startsWith(own) && (spentMs += ms) <= OTHERS_MS);
  const hitLimit = 100 * (hits.get(mutant.id) ?? 1) + 10_000;
  let ran = 0;
  for (const group of [near, far]) {
    if (group.length === 0) continue;
    const ms = group.reduce((sum, { ms }) => sum + ms, 0);
    const outcome = await host.run({ mutant: mutant.id, hitLimit, tests: group }, 60_000 + 8 * ms);
    if (outcome === undefined) return { mutant, status: 'timeout', by: 'no end' };
    const [failure] = outcome.failures;
    if (failure !== undefined)
      return {
        mutant,
        status: /timed out in|Hit count limit/.test(failure.message) ? 'timeout' : 'killed',
        by: `${failure.file} ${failure.test}`,
      };
    ran += group.length;
  }
  if (!compiles(mutant)) return { mutant, status: 'does not compile', by: '' };
  return { mutant, status: 'survived', by: `${ran} of ${tests.length} files that reach it ran` };
}

function report(path: string, total: number, results: readonly Result[]): void {
  const count = (status: Status): number => results.filter((result) => result.status === status).length;
  const valid = results.length - count('does not compile');
  const detected = count('killed') + count('timeout');
  const score = (100 * detected) / valid;
  console.log(
    `\n${path}: ${score.toFixed(1)} % of ${valid} mutants seen (${total} in all; ${count('killed')} killed, ${count('timeout')} timeouts, ` +
      `${count('survived')} survived, ${count('not covered')} not covered, ${count('does not compile')} do not compile)`,
  );
  const left = results
    .filter(({ status }) => status === 'survived' || status === 'not covered')
    .sort((a, b) => a.mutant.file.localeCompare(b.mutant.file) || a.mutant.line - b.mutant.line);
  for (const { mutant, status, by } of left)
    console.log(
      `  ${status}: ${mutant.file}:${mutant.line} ${mutant.mutator} (${mutant.id}; ${by})\n    - ${short(mutant.original)}\n    + ${short(mutant.replacement)}`,
    );
  writeFileSync(
    `.tmp/mutation/${path.replaceAll('/', '-')}.json`,
    JSON.stringify(
      {
        path,
        mutants: total,
        sample: results.length,
        seed: Number(values.seed),
        killed: count('killed'),
        timeout: count('timeout'),
        survived: count('survived'),
        notCovered: count('not covered'),
        doesNotCompile: count('does not compile'),
        score: Math.round(score * 10) / 10,
        results: results.map(({ mutant, status, by }) => ({
          status,
          by,
          id: mutant.id,
          file: mutant.file,
          line: mutant.line,
          mutator: mutant.mutator,
          original: short(mutant.original),
          replacement: short(mutant.replacement),
        })),
      },
      null,
      1,
    ),
  );
}

function short(code: string): string {
  const line = code.replaceAll(/\s+/g, ' ');
  return line.length > 160 ? `${line.slice(0, 157)}…` : line;
}
