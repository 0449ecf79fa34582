// Writes the generated parts of docs/performance.md and docs/quality.md, and their pictures: `npm run pages`.
//
// Figures come from bench/results, which `npm run bench` and `npm run mutation` write. `--dates` asks the registry when
// the dependencies were released.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { published } from '../bench/harness/report.ts';
import { reportOf, withBlocks } from './pages/blocks.ts';
import { draw } from './pages/plot.ts';
import {
  dependencies,
  dependencyTable,
  mutationTable,
  propertyCases,
  releaseDates,
  type MutationScore,
} from './pages/quality.ts';

const DATES = 'bench/results/release-dates.json';
const PICTURES: Readonly<Record<string, string>> = {
  concurrency: 'docs/performance-concurrency.svg',
  growth: 'docs/performance-growth.svg',
  memory: 'docs/performance-memory.svg',
  replay: 'docs/performance-replay.svg',
  soak: 'docs/quality-soak.svg',
};
const reports = [
  'http',
  'concurrency',
  'stream',
  'import',
  'growth',
  'memory',
  'enrichment',
  'capacity',
  'soak',
  'replay',
];

if (process.argv.includes('--dates')) writeJson(DATES, releaseDates());
const known = reports.filter((name) => existsSync(`bench/results/${name}.json`)).map((name) => published(name));
for (const { bench, plots } of known) {
  const picture = PICTURES[bench];
  if (picture !== undefined && plots !== undefined) writeFileSync(picture, draw(plots));
}
const { properties, cases } = propertyCases();
const blocks = {
  ...Object.fromEntries(known.map((report) => [report.bench, reportOf(report)])),
  mutation: mutationTable(readJson('bench/results/mutation.json') as readonly MutationScore[]),
  properties: `${properties} properties in the tests try ${cases.toLocaleString('en-US')} cases a run.`,
  dependencies: dependencyTable(dependencies(readJson(DATES) as Record<string, string>)),
};
for (const file of ['docs/performance.md', 'docs/quality.md'])
  writeFileSync(file, withBlocks(readFileSync(file, 'utf8'), blocks));

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 1)}\n`);
}
