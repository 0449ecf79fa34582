// Runs the benchmarks: `npm run bench` for all, `npm run bench -- http` for one, `--short` for those that CI looks at.
//
// The comment at the head of a benchmark is its help: `--help` lists them. Each prints tables and writes
// bench/results/<name>.json, which docs/performance.md is drawn from; a short one writes to .tmp/bench instead and fails
// only if a ratio is far from its target.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { asksForHelp, headComment } from './head-comment.ts';

/** Benchmarks whose ratios a few seconds can show. */
const SHORT = ['http', 'stream', 'import', 'memory'];

const args = process.argv.slice(2);
const [first = ''] = args;
const names = readdirSync('bench')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

if (names.includes(first)) {
  if (asksForHelp(args)) console.log(headComment(`bench/${first}.ts`).join('\n'));
  else run(first, args.slice(1));
} else if (asksForHelp(args)) {
  for (const name of names) console.log(`  ${name.padEnd(12)} ${headComment(`bench/${name}.ts`)[0] ?? ''}`);
} else if (first === '' || first === '--short') {
  for (const name of first === '--short' ? SHORT : names) {
    console.log(`\n== ${name}`);
    run(name, args);
  }
} else {
  console.error(`There is no bench/${first}.ts. Choose one of: ${names.join(', ')}`);
  process.exitCode = 2;
}

function run(name: string, args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [`bench/${name}.ts`, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
