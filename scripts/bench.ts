// Runs the benchmarks: `npm run bench` for all, `npm run bench -- http` for one, `--short` for those that CI looks at.
//
// The comment at the head of a benchmark is its help: `--help` lists them. Each prints tables and writes
// bench/results/<name>.json, which docs/performance.md is drawn from; a short one writes to .tmp/bench instead and fails
// only if a ratio is far from its target.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/** Benchmarks whose ratios a few seconds can show. */
const SHORT = ['http', 'stream', 'import', 'memory'];

const [first = '', ...rest] = process.argv.slice(2);
const names = readdirSync('bench')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

if (first === '--help' || first === '-h') {
  for (const name of names) console.log(`  ${name.padEnd(12)} ${summary(name)}`);
} else if (names.includes(first)) {
  if (rest.includes('--help')) console.log(summary(first));
  else run(first, rest);
} else if (first === '' || first === '--short') {
  for (const name of first === '--short' ? SHORT : names) {
    console.log(`\n== ${name}`);
    run(name, process.argv.slice(2));
  }
} else {
  console.error(`There is no bench/${first}.ts. Choose one of: ${names.join(', ')}`);
  process.exitCode = 2;
}

function summary(name: string): string {
  return /^\/\/ (.*)$/m.exec(readFileSync(`bench/${name}.ts`, 'utf8'))?.[1] ?? '';
}

function run(name: string, args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [`bench/${name}.ts`, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
